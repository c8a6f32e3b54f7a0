"""Weekly issues picked from daily ones."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.forecast.daily.weekly import issues_every
from lab.forecast.table import Forecasts


def lead(days, number=30):
    """Return forecasts of one lead whose value tells day and lead."""
    valid = pd.date_range("2014-03-01", periods=number, freq="D", tz="UTC")
    return Forecasts(
        "m",
        "s",
        valid - pd.Timedelta(days=days - 1),
        valid,
        np.arange(number),
        np.zeros(number, int),
        (0.5,),
        (100 * valid.day.to_numpy() + days)[:, None].astype(float),
    )


RUNS = {days: lead(days) for days in (1, 2, 3)}


def at(day):
    return pd.Timestamp(day, tz="UTC")


def test_each_day_comes_from_the_lead_of_its_issue():
    found = issues_every(RUNS, at("2014-03-04"), at("2014-03-09"), 3)
    assert found.median.tolist() == [401, 502, 603, 701, 802, 903]
    assert found.day.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.issued_at.day.tolist() == [4, 4, 4, 7, 7, 7]
    assert found.valid_at.day.tolist() == [4, 5, 6, 7, 8, 9]


def test_days_after_the_last_are_left_out():
    found = issues_every(RUNS, at("2014-03-04"), at("2014-03-08"), 3)
    assert found.median.tolist() == [401, 502, 603, 701, 802]


def test_gaps_between_issues_are_allowed_and_overlaps_are_not():
    assert len(issues_every(RUNS, at("2014-03-04"), at("2014-03-20"), 7).day) == 9
    with pytest.raises(UsageError, match="Issues every 2 days need leads from 1 on"):
        issues_every(RUNS, at("2014-03-04"), at("2014-03-20"), 2)
    with pytest.raises(UsageError, match="got 1, 3"):
        issues_every({1: RUNS[1], 3: RUNS[3]}, at("2014-03-04"), at("2014-03-20"), 7)
    with pytest.raises(UsageError, match="No issue lies between"):
        issues_every(RUNS, at("2015-03-04"), at("2015-03-20"), 7)
