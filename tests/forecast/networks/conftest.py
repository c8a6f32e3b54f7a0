"""Small named arrays in place of views, and networks that compute step by step."""

import numpy as np
import pytest


@pytest.fixture
def eager():
    """Let TensorFlow compute step by step: a graph takes longer to build than to run once."""
    import tensorflow

    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


def issues(count=24, slots=4, seed=2):
    """Return inputs and target of issues: the target rests on a sequence and a vector."""
    rng = np.random.default_rng(seed)
    sequence, vector = rng.normal(size=(count, 4, 2)), rng.normal(size=(count, 3))
    base = np.full((count, slots), 7.0)
    learned = sequence[:, -1, :1] - vector[:, 1:2] + np.arange(slots)
    inputs = {"sequence": sequence, "vector": vector, "season": vector[:, 0], "base": base}
    return inputs, base + learned


@pytest.fixture(scope="session")
def examples():
    return issues


def some(inputs, rows):
    return {name: values[rows] for name, values in inputs.items()}


@pytest.fixture(scope="session")
def of_issues():
    return some
