"""The Giacomini-White test: its size, its power, its formula by hand, its edges."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from lab.errors import UsageError
from lab.evaluation.diebold_mariano import diebold_mariano
from lab.evaluation.giacomini_white import giacomini_white, p_values


def test_by_hand():
    d = np.array([1.0, -2.0, 3.0, 1.0, -1.0, 2.0, 0.0, 1.0, 1.0, -1.0, 2.0])
    z = np.column_stack([d[1:], d[1:] * d[:-1]])
    mean, spread = z.mean(axis=0), z.T @ z / 10
    expected = 10 * mean @ np.linalg.inv(spread) @ mean
    found = giacomini_white(d + 5, np.full(11, 5.0))
    assert found.statistic == pytest.approx(expected)
    assert found.p_differs == pytest.approx(chi2.sf(expected, 2))
    assert found.issues == 10
    assert found.mean_difference == pytest.approx(d.mean())


def test_equal_models_are_called_different_as_often_as_the_level_says():
    rng = np.random.default_rng(5)
    p = [giacomini_white(rng.normal(size=300), rng.normal(size=300)).p_differs for _ in range(600)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.08


def test_models_that_take_turns_differ_though_not_on_average():
    rng = np.random.default_rng(5)
    turns = np.repeat(np.tile([1.0, -1.0], 10), 20)
    first, second = 5 + 0.5 * turns + rng.normal(size=400), np.full(400, 5.0)
    assert giacomini_white(first, second).p_differs < 0.01
    assert diebold_mariano(first, second).p_differs > 0.1


def test_the_unit_does_not_matter():
    rng = np.random.default_rng(5)
    first, second = rng.gamma(2, size=100), rng.gamma(2, size=100)
    small = giacomini_white(first, second).statistic
    assert giacomini_white(first * 1e5, second * 1e5).statistic == pytest.approx(small)


def test_edges():
    same = np.arange(20.0)
    assert giacomini_white(same, same).p_differs == 1.0
    assert np.isnan(giacomini_white(same[:5], same[:5] + 1).p_differs)
    gap = np.where(np.arange(20) == 7, np.nan, same)
    assert giacomini_white(gap, same[::-1]).issues == 17
    with pytest.raises(UsageError, match="one loss per issue"):
        giacomini_white(same, same[:3])


def test_one_model_against_the_others():
    rng = np.random.default_rng(5)
    losses = pd.DataFrame({"a": rng.gamma(2, size=99), "b": rng.gamma(2, size=99)})
    losses["c"] = losses["a"] + 1
    found = p_values(losses, "a")
    assert list(found.index) == ["b", "c"]
    assert found["b"] == giacomini_white(losses["b"], losses["a"]).p_differs
    assert found["c"] < 1e-6
