"""Weights by hours ahead."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.forecast.nowcast.combine import weighted, weights_by_lead
from lab.forecast.table import Forecasts


def test_each_lead_takes_the_weight_that_errs_least():
    actual = np.array([[10.0, 10.0, 10.0, 10.0], [20.0, 20.0, 20.0, np.nan]])
    near = actual + np.array([0.0, 0.0, 4.0, 4.0])
    far = actual + np.array([4.0, 4.0, 0.0, -4.0])
    found = weights_by_lead(near, far, actual, (0.0, 0.25, 0.5, 1.0), 2)
    # Of the last two steps the first wants 0 and the second one half.
    assert found.tolist() == [1.0, 1.0, 0.0, 0.0]
    assert weights_by_lead(near, far, actual, (0.0, 0.5, 1.0), 1).tolist() == [1, 1, 0, 0.5]


@pytest.mark.parametrize(
    ("grid", "group"), [((0.0, 1.2), 1), ((-0.1,), 1), ((), 1), ((0.5,), 3), ((0.5,), 0)]
)
def test_impossible_weights_are_refused(grid, group):
    with pytest.raises(UsageError, match="among 2 steps"):
        weights_by_lead(np.ones((1, 2)), np.ones((1, 2)), np.ones((1, 2)), grid, group)


@pytest.fixture
def members():
    issued = pd.date_range("2014-05-01", periods=2, freq="h", tz="UTC").repeat(2)
    ahead = pd.to_timedelta([0, 30, 0, 30], unit="min")
    first = Forecasts(
        model="a",
        series_id="x",
        issued_at=issued,
        valid_at=issued + ahead,
        day=np.array([0, 0, 1, 1]),
        slot=np.zeros(4, dtype=int),
        levels=(0.5,),
        values=np.array([[10.0], [10.0], [20.0], [20.0]]),
    )
    return first, replace(first, model="b", values=first.values + 8.0)


def test_a_weighted_mean_changes_with_the_step(members):
    found = weighted(*members, np.array([1.0, 0.25]), "both")
    assert found.model == "both"
    assert found.median.tolist() == [10.0, 16.0, 20.0, 26.0]


def test_members_over_other_rows_are_refused(members):
    first, second = members
    later = replace(second, issued_at=second.issued_at + pd.Timedelta("1h"))
    with pytest.raises(DataError, match="a and b do not"):
        weighted(first, later, np.ones(2), "both")
    with pytest.raises(DataError, match="3 steps an issue"):
        weighted(first, second, np.ones(3), "both")
