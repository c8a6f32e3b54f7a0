"""Permuted inputs: what a model uses costs accuracy, what it does not use costs none."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.evaluation.importance import by_permutation

RNG = np.random.default_rng(4)
X = RNG.normal(size=(200, 3, 3))
ACTUAL = 3 * X[..., 0] + X[..., 1] + RNG.normal(0, 0.1, (200, 3))


class Sum:
    """Three times the first input plus the second; the third is not used."""

    levels = (0.1, 0.5, 0.9)

    def predict(self, inputs):
        middle = 3 * inputs["x"][..., 0] + inputs["x"][..., 1] + inputs["base"]
        return np.stack([middle - 1, middle, middle + 1], axis=-1)


def test_error_rises_by_what_an_input_is_worth():
    inputs = {"x": X, "base": np.zeros((200, 3))}
    found = by_permutation(Sum(), inputs, ACTUAL, ["heavy", "light", "unused"], seed=1)
    assert list(found.index) == ["heavy", "light", "unused"]
    assert found["heavy"] > 2 * found["light"] > 0
    assert found["unused"] == 0
    np.testing.assert_array_equal(inputs["x"], X)


def test_missing_measurements_count_for_nothing():
    known = ACTUAL.copy()
    known[::2, 0] = np.nan
    found = by_permutation(Sum(), {"x": X, "base": np.zeros((200, 3))}, known, list("abc"), seed=1)
    assert np.isfinite(found).all()


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match="3 inputs need as many names, got 2"):
        by_permutation(Sum(), {"x": X, "base": np.zeros((200, 3))}, ACTUAL, ["a", "b"], seed=1)
