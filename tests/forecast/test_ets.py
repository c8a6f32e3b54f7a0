"""Double seasonal smoothing against its recursion written out, and by hand."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast import ets
from lab.forecast.ets import Ets, Smoothing, first_state, first_states, forecasts, week_position
from lab.forecast.history import DAY_TYPE, WEEKDAY
from lab.forecast.inputs import CALENDAR


def issues(log, lead=1, free=(), count=1):
    """Issues after the first days from a Monday on, the last of them after all; log values."""
    calendar = np.zeros((len(log) + lead, len(CALENDAR)))
    calendar[:, WEEKDAY] = np.arange(len(calendar)) % 7
    calendar[list(free), DAY_TYPE] = 2
    days = len(log) - count + 1
    begins = range(count)
    return {
        "values": np.stack([np.exp(log[b : b + days]) for b in begins]),
        "calendar": np.stack([calendar[b : b + days] for b in begins]),
        "ahead": np.stack([calendar[b + days + lead - 1] for b in begins]),
        "lead": np.full(count, lead),
        "last": np.array(begins) + days,
    }


def forecast(log, shares, lead=1, free=(), count=1):
    inputs = issues(log, lead, free, count)
    return forecasts(inputs, first_states(inputs), shares)


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
    fading = shares.carry ** np.arange(1, log.shape[1] + 1)
    return level + day + week[(kinds[-1] + 1) % 7] + last * fading


def test_many_issues_at_once_are_the_recursion_step_by_step():
    log = np.random.default_rng(0).normal(size=(42, 6))
    shares = Smoothing(0.1, 0.2, 0.3, 0.6)
    found = forecast(log, shares, count=3)
    for number in range(3):
        kinds = (number + np.arange(40)) % 7
        expected = written_out(log[number : number + 40], kinds, shares)
        assert found[number] == pytest.approx(expected)


@pytest.mark.parametrize("lead", [1, 3, 8])
def test_a_series_that_repeats_itself_is_forecast_exactly(lead):
    week = np.random.default_rng(1).normal(size=(7, 4))
    found = forecast(np.tile(week, (6, 1)), Smoothing(0.1, 0.1, 0.1, 0.5), lead)
    assert found[0] == pytest.approx(week[(lead - 1) % 7])


def test_the_last_error_fades_from_step_to_step_and_day_to_day():
    log = np.zeros((35, 2))
    log[-1, -1] = 1.0
    shares = Smoothing(0.0, 0.0, 0.0, 0.5)
    assert forecast(log, shares)[0] == pytest.approx([0.5, 0.25])
    assert forecast(log, shares, lead=2)[0] == pytest.approx([0.125, 0.0625])


def test_a_missing_value_is_what_the_day_expected():
    log = np.tile(np.arange(7.0)[:, None], (6, 4))
    log[30, 2], log[33] = np.nan, np.nan
    found = forecast(log, Smoothing(0.5, 0.2, 0.2, 0.5))
    assert found[0] == pytest.approx(np.zeros(4), abs=1e-12)


def test_days_before_the_first_value_change_nothing():
    log = np.random.default_rng(0).normal(size=(42, 6))
    padded = log.copy()
    padded[:7] = np.nan
    shares = Smoothing(0.1, 0.2, 0.3, 0.6)
    assert forecast(padded, shares)[0] == pytest.approx(forecast(log[7:], shares)[0])


def test_a_holiday_is_a_sunday():
    inputs = issues(np.zeros((8, 1)), free=[2])
    assert week_position(inputs["calendar"]).tolist() == [[0, 1, 6, 3, 4, 5, 6, 0]]


def test_a_fit_learns_from_the_latest_issues_of_all_weekdays():
    inputs = issues(np.random.default_rng(0).normal(size=(1040, 2)), count=1000)
    model = Ets(window_days=850)
    found = model._learnable(inputs, np.ones((1000, 2)))
    assert found[0] == 999
    assert len(found) <= ets.MOST_ISSUES
    assert set(found % 7) == set(range(7))
    assert found.min() >= 150


def test_a_fit_without_a_measured_target_day_is_refused():
    inputs = issues(np.random.default_rng(0).normal(size=(60, 2)), count=5)
    with pytest.raises(UsageError, match="more than 21 known days .* got 5 issues without"):
        Ets().fit(inputs | {"temperature": inputs["values"]}, np.full((5, 2), np.nan))


def test_short_windows_are_refused():
    with pytest.raises(UsageError, match="of at least 36, got 20 and 365"):
        Ets(history_days=20)
