"""Medians moved by past errors, by hand."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.forecast.correction import corrected
from lab.forecast.table import Forecasts

DAYS = 6


def forecasts(value=100.0, lead=1):
    """Return two steps a day, issued `lead` - 1 days before the midnight of their day."""
    index = pd.date_range("2014-01-01", periods=2 * DAYS, freq="12h", tz="UTC")
    day = np.repeat(np.arange(DAYS), 2)
    return Forecasts(
        model="m",
        series_id="s",
        issued_at=index[2 * day] - pd.Timedelta(days=lead - 1),
        valid_at=index,
        day=day,
        slot=np.tile([0, 1], DAYS),
        levels=(0.5,),
        values=np.full((2 * DAYS, 1), value),
    )


def test_a_share_of_the_usual_error_is_multiplied_on():
    actual = np.tile([121.0, 100.0], DAYS)
    moved = corrected(forecasts(), actual, share=0.5, days=2).median.reshape(DAYS, 2)
    assert moved[0].tolist() == [100, 100]
    assert moved[1:, 0] == pytest.approx(110)
    assert moved[:, 1] == pytest.approx(100)


def test_share_zero_changes_nothing():
    actual = np.linspace(80, 120, 2 * DAYS)
    assert corrected(forecasts(), actual, share=0).median.tolist() == [100.0] * 12


@pytest.mark.parametrize("lead", [1, 3])
def test_what_had_not_ended_at_the_issue_moves_nothing(lead):
    rng = np.random.default_rng(1)
    actual = rng.uniform(80, 120, 2 * DAYS)
    made = forecasts(lead=lead)
    before = corrected(made, actual, 1.0, 2).median.reshape(DAYS, 2)
    for day in range(DAYS):
        changed = actual.copy()
        changed[2 * max(0, day - lead + 1) :] = np.nan
        after = corrected(made, changed, 1.0, 2).median.reshape(DAYS, 2)
        assert after[day].tolist() == before[day].tolist()
    assert (before[:lead] == 100).all()
    assert (before[lead:] != 100).all()


@pytest.mark.parametrize(("share", "days"), [(-0.1, 3), (1.1, 3), (0.5, 0)])
def test_impossible_settings_are_refused(share, days):
    with pytest.raises(UsageError, match="share from 0 to 1"):
        corrected(forecasts(), np.full(2 * DAYS, 100.0), share, days)
