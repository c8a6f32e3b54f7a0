"""Outcomes by hand, and back."""

import numpy as np
import pytest

from lab.forecast.networks.outcomes import Deviation, LogDeviation, RootDeviation

BASE = np.array([[1.0, 2.0]])
CASES = {
    "log": (LogDeviation(), {"base": BASE}, [[np.e**2, np.e**1.5]], [[1.0, -0.5]]),
    "plain": (Deviation(), {"base": BASE}, [[-30.0, 2.0]], [[-31.0, 0.0]]),
    "root": (RootDeviation(), {"base": BASE, "level": np.array([[2.0]])}, [[8, 0]], [[1.0, -2.0]]),
}


@pytest.mark.parametrize("name", CASES)
def test_there_and_back(name):
    outcome, inputs, target, learned = CASES[name]
    target = np.array(target, dtype=float)
    found = outcome.forward(target, inputs)
    assert found == pytest.approx(np.array(learned))
    assert outcome.back(found[:, :, None], inputs)[:, :, 0] == pytest.approx(target)
    assert set(outcome.aside) == set(inputs)


def test_no_logarithm_of_what_is_not_positive():
    found = LogDeviation().forward(np.array([[0.0, -1.0]]), {"base": BASE})
    assert np.isnan(found).all()


def test_a_root_does_not_fall_below_its_least():
    inputs = {"base": np.zeros((1, 1)), "level": np.ones((1, 1))}
    below = np.array([[[-2.0]]])
    assert RootDeviation().back(below, inputs).item() == 0
    assert RootDeviation(least=-np.inf).back(below, inputs).item() == -4
