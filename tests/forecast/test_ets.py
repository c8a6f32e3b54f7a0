"""Double seasonal smoothing against its recursion written out, and by hand."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.ets import Ets, Smoothing, errors, first_state, forecasts, week_position
from lab.forecast.history import DAY_TYPE, WEEKDAY, Series
from lab.forecast.inputs import CALENDAR


def calendar(days, free=()):
    """Days from a Monday on; those of `free` are public holidays."""
    found = np.zeros((days, len(CALENDAR)))
    found[:, WEEKDAY] = np.arange(days) % 7
    found[list(free), DAY_TYPE] = 2
    return found


def past(log, free=()):
    return Series(log, np.full_like(log, np.nan), calendar(len(log), free))


def written_out(log, kinds, shares):
    """Taylor's recursion, value by value; the forecast of the day after the last."""
    level, day, week = first_state(log, kinds)
    last = 0.0
    for number, values in enumerate(log):
        for slot, value in enumerate(values):
            error = value - (level + day[slot] + week[kinds[number], slot])
            level += shares.level * error
            day[slot] += shares.day * error
            week[kinds[number], slot] += shares.week * error
            last = error
    ahead = kinds[-1] + 1
    fading = shares.carry ** np.arange(1, log.shape[1] + 1)
    return level + day + week[ahead] + last * fading


def test_days_at_once_are_the_recursion_step_by_step():
    log = np.random.default_rng(0).normal(size=(40, 6))
    shares = Smoothing(0.1, 0.2, 0.3, 0.6)
    found = forecasts(past(log), shares, calendar(41)[-1:], lead=1)
    assert found[-1] == pytest.approx(written_out(log, np.arange(40) % 7, shares))
    assert found[30] == pytest.approx(written_out(log[:30], np.arange(30) % 7, shares))


def test_a_series_that_repeats_itself_is_forecast_exactly():
    week = np.random.default_rng(1).normal(size=(7, 4))
    log = np.tile(week, (6, 1))
    for lead in (1, 3):
        missed = errors(past(log), Smoothing(0.1, 0.1, 0.1, 0.5), lead)
        assert missed == pytest.approx(np.zeros((42 - 21 - lead + 1, 4)), abs=1e-12)
        found = forecasts(past(log), Smoothing(0.1, 0.1, 0.1, 0.5), calendar(42 + lead)[-1:], lead)
        assert found[-1] == pytest.approx(week[lead - 1])


def test_a_later_day_is_forecast_from_the_same_state():
    log = np.random.default_rng(0).normal(size=(40, 6))
    shares = Smoothing(0.1, 0.2, 0.3, 0.0)
    near = forecasts(past(log), shares, calendar(48)[-1:], lead=1)[-1]
    assert forecasts(past(log), shares, calendar(48)[-1:], lead=8)[-1] == pytest.approx(near)


def test_a_missing_value_is_what_the_day_expected():
    log = np.tile(np.arange(7.0)[:, None], (6, 4))
    log[30, 2] = np.nan
    found = forecasts(past(log), Smoothing(0.5, 0.2, 0.2, 0.5), calendar(43)[-1:], lead=1)
    assert found[-1] == pytest.approx(np.zeros(4), abs=1e-12)


def test_a_holiday_is_a_sunday():
    assert week_position(calendar(8, free=[2])).tolist() == [0, 1, 6, 3, 4, 5, 6, 0]


def test_short_windows_are_refused():
    with pytest.raises(UsageError, match="at least 36 days, got history_days 20"):
        Ets(history_days=20)
