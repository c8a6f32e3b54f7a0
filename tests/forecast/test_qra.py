"""Quantile regression averaging."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError, UsageError
from lab.forecast.qra import Regression, average_by_regression, quantile_regression
from lab.forecast.table import QUANTILES, Forecasts
from lab.metrics import pinball


def daily(medians, model="a", lead_days=1):
    """Return one forecast a day."""
    midnights = pd.date_range("2014-01-05", periods=len(medians), freq="D", tz="UTC")
    return Forecasts(
        model,
        "s",
        midnights - pd.Timedelta(days=lead_days - 1),
        midnights,
        np.arange(len(medians)),
        np.zeros(len(medians), int),
        (0.5,),
        np.asarray(medians, dtype=float)[:, None],
    )


def test_the_intercept_alone_is_the_quantile():
    # No input varies: the quantiles of 1 to 9 are values of the sample.
    y = np.arange(1.0, 10.0)
    found = quantile_regression(np.zeros((9, 1)), y, (0.15, 0.5, 0.85))
    assert found[:, 0] == pytest.approx([2, 5, 8])


def test_a_line_through_all_points_is_found_at_every_level():
    x = np.array([[0.0], [1.0], [2.0], [5.0]])
    found = quantile_regression(x, 3 + 2 * x[:, 0], (0.1, 0.5, 0.9))
    assert found == pytest.approx(np.array([[3.0, 2.0]] * 3))


def test_a_fan_opens_by_level():
    # At each x the values are x times 0.9, 1 and 1.1: the outer lines are their own quantiles.
    x = np.repeat([1.0, 2.0, 4.0], 3)[:, None]
    y = x[:, 0] * np.tile([0.9, 1.0, 1.1], 3)
    found = quantile_regression(x, y, (0.1, 0.5, 0.9))
    assert found[:, 1] == pytest.approx([0.9, 1.0, 1.1])
    assert found[:, 0] == pytest.approx([0, 0, 0], abs=1e-9)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1000),
    level=st.sampled_from([0.1, 0.5, 0.9]),
    scale=st.sampled_from([1e-3, 1, 1e6]),
)
def test_no_other_line_has_a_smaller_loss(seed, level, scale):
    rng = np.random.default_rng(seed)
    x = rng.normal(5, 1, (30, 2))
    y = scale * (x @ [0.4, 0.6] + rng.normal(0, 1, 30))
    (best,) = quantile_regression(x, y, (level,))
    loss = pinball(y, best[0] + x @ best[1:], level).mean()
    for _ in range(20):
        other = best + scale * rng.normal(0, 0.1, 3)
        assert pinball(y, other[0] + x @ other[1:], level).mean() >= loss - 1e-9 * scale


def simulated(days=80, lead_days=1):
    rng = np.random.default_rng(1)
    level = 100 + 10 * rng.normal(size=days)
    members = [
        daily(level + rng.normal(size=days), "a", lead_days),
        daily(level + 5, "b", lead_days),
    ]
    return members, level + rng.normal(size=days)


def test_biased_members_are_put_right():
    members, actual = simulated()
    found = average_by_regression(members, actual, Regression(60, 40, 5), "qra")
    assert found.levels == QUANTILES
    assert np.isnan(found.values[:40, [0, 3, 5, 8]]).all()
    assert found.median[:40] == pytest.approx((members[0].median + members[1].median)[:40] / 2)
    late = slice(40, None)
    assert np.abs(found.median[late] - actual[late]).mean() < 1.2
    inside = (actual >= found.values[:, 2]) & (actual <= found.values[:, 6])
    assert 0.6 <= inside[late].mean() <= 0.95


@pytest.mark.parametrize("lead_days", [1, 4])
def test_what_was_not_known_moves_no_quantile(lead_days):
    members, actual = simulated(lead_days=lead_days)
    how = Regression(60, 40, 3)
    before = average_by_regression(members, actual, how, "qra").values
    issue = 52
    hidden = np.arange(len(actual)) >= issue - lead_days + 1
    noise = np.random.default_rng(2).normal(1000, 50, len(actual))
    for replaced in (np.where(hidden, np.nan, actual), np.where(hidden, noise, actual)):
        after = average_by_regression(members, replaced, how, "qra").values
        np.testing.assert_array_equal(after[: issue + 1], before[: issue + 1])


def test_quantiles_never_cross_and_gaps_stay_gaps():
    members, actual = simulated()
    gap = members[0].values.copy()
    gap[70] = np.nan
    members[0] = Forecasts(**{**vars(members[0]), "values": gap})
    found = average_by_regression(members, actual, Regression(60, 40, 7), "qra").values
    assert np.isnan(found[70]).all()
    assert (np.diff(found[40:70], axis=1) >= 0).all()


def test_bad_input_is_refused():
    members, actual = simulated(days=5)
    with pytest.raises(UsageError, match="one measured value"):
        average_by_regression(members, actual[:-1], Regression(), "x")
    with pytest.raises(UsageError, match="at least 1"):
        Regression(refresh_days=0)
    with pytest.raises(DataError, match="2 rows of 2 inputs"):
        quantile_regression(np.ones((2, 2)), np.ones(2), (0.5,))
    with pytest.raises(DataError, match="finite values"):
        quantile_regression(np.full((3, 1), np.nan), np.ones(3), (0.5,))
