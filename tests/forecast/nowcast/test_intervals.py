"""Quantiles of hourly issues: past errors only, by step and hour of issue."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.forecast.intervals import Calibration
from lab.forecast.nowcast.intervals import ALL_HOURS, calibrate_hourly
from lab.forecast.table import QUANTILES, Forecasts

ZONE = "Australia/Melbourne"
HOW = Calibration(window_days=30, min_days=5, strength=0.0, neighbours=0, refresh_days=1)


def issues(days=12, steps=4, first="2014-05-01"):
    """Return hourly issues that all say 100, in half-hours."""
    begin = pd.Timestamp(first, tz=ZONE)
    edges = [begin.tz_convert("UTC"), (begin + pd.DateOffset(days=days)).tz_convert("UTC")]
    issued = pd.date_range(*edges, freq="h", inclusive="left")
    ahead = pd.to_timedelta(np.tile(np.arange(steps) * 30, len(issued)), unit="min")
    return Forecasts(
        model="flat",
        series_id="x",
        issued_at=issued.repeat(steps),
        valid_at=issued.repeat(steps) + ahead,
        day=np.repeat(np.arange(len(issued)), steps),
        slot=np.zeros(len(issued) * steps, dtype=int),
        levels=(0.5,),
        values=np.full((len(issued) * steps, 1), 100.0),
    )


def errors_of(forecasts, of_step, of_hour, steps=4):
    hour = forecasts.issued_at.tz_convert(ZONE).hour.to_numpy()
    step = np.arange(len(hour)) % steps
    return 100.0 + of_step * (step + 1) + of_hour * hour


def test_bands_grow_with_the_step_and_know_the_hour():
    forecasts = issues()
    sign = np.where(np.random.default_rng(0).random(len(forecasts.day)) < 0.5, -1, 1)
    actual = 100 + sign * (errors_of(forecasts, 1.0, 10.0) - 100)
    found = calibrate_hourly(forecasts, actual, HOW, ZONE)
    top = found.values[:, -1].reshape(-1, 4)
    last_day = top[-24:]
    # With so few days the outermost quantile is the largest error of its hour and step.
    assert last_day[3].tolist() == [131.0, 132.0, 133.0, 134.0]
    assert last_day[9].tolist() == [191.0, 192.0, 193.0, 194.0]
    assert (found.median == 100).all()
    assert (np.diff(found.values[-96:], axis=1) >= 0).all()


def test_neighbouring_hours_are_pooled_around_midnight():
    forecasts = issues()
    actual = errors_of(forecasts, 0.0, 1.0)
    near = calibrate_hourly(forecasts, actual, replace(HOW, neighbours=1), ZONE)
    top = near.values[:, -1].reshape(-1, 4)[-24:, 0]
    assert top[5] == 106.0
    assert top[0] == 123.0
    every = calibrate_hourly(forecasts, actual, replace(HOW, neighbours=ALL_HOURS), ZONE)
    assert set(every.values[-96:, -1]) == {123.0}


def test_an_issue_knows_days_up_to_two_before_its_own():
    forecasts = issues()
    day = (np.arange(len(forecasts.day)) // 4) // 24
    actual = 100.0 + day
    found = calibrate_hourly(forecasts, actual, HOW, ZONE)
    top = found.values[:, -1].reshape(-1, 24, 4)
    assert np.isnan(top[:6]).all()
    # Day 6 knows days 0 to 4, day 11 up to 9.
    assert (top[6] == 104.0).all()
    assert (top[11] == 109.0).all()


@pytest.mark.parametrize("start", ["2014-04-01", "2014-10-01"])
def test_what_comes_later_moves_nothing(start):
    forecasts = issues(10, first=start)
    rng = np.random.default_rng(1)
    actual = 100 + rng.normal(0, 5, len(forecasts.day))
    how = replace(HOW, strength=0.7, neighbours=1, min_days=2)
    old = calibrate_hourly(forecasts, actual, how, ZONE).values
    for row in range(4 * 24 * 5, len(actual), 4 * 17):
        known = forecasts.valid_at + pd.Timedelta("30min") <= forecasts.issued_at[row]
        twin = np.where(known, actual, 1e6)
        new = calibrate_hourly(forecasts, twin, how, ZONE).values
        assert new[row].tobytes() == old[row].tobytes()


def test_recent_errors_widen_the_bands():
    forecasts = issues(20)
    rng = np.random.default_rng(2)
    day = (np.arange(len(forecasts.day)) // 4) // 24
    actual = 100 + rng.normal(0, np.where(day < 12, 1.0, 6.0))
    how = replace(HOW, half_life_days=2.0, neighbours=ALL_HOURS)
    widths = {}
    for strength in (0.0, 1.0):
        found = calibrate_hourly(forecasts, actual, replace(how, strength=strength), ZONE)
        widths[strength] = (found.values[-96:, -2] - found.values[-96:, 1]).mean()
    assert widths[1.0] > 1.2 * widths[0.0]


def test_independent_errors_are_covered():
    forecasts = issues(60)
    actual = 100 + np.random.default_rng(3).normal(0, 5, len(forecasts.day))
    how = replace(HOW, min_days=20, neighbours=2, window_days=60)
    found = calibrate_hourly(forecasts, actual, how, ZONE)
    rows = np.isfinite(found.values[:, 0])
    for low, high in ((0.1, 0.9), (0.025, 0.975)):
        inside = (actual >= found.values[:, QUANTILES.index(low)]) & (
            actual <= found.values[:, QUANTILES.index(high)]
        )
        assert inside[rows].mean() == pytest.approx(high - low, abs=0.015)


def test_missing_measurements_are_passed_over():
    forecasts = issues()
    actual = errors_of(forecasts, 1.0, 0.0)
    actual[4 * 24 * 2 : 4 * 24 * 3] = np.nan
    found = calibrate_hourly(forecasts, actual, HOW, ZONE)
    assert np.isfinite(found.values[-96:]).all()


def test_rows_that_do_not_fit_are_refused():
    forecasts = issues(3)
    with pytest.raises(UsageError, match="each of the 288 rows"):
        calibrate_hourly(forecasts, np.ones(5), HOW, ZONE)
    uneven = forecasts.rows(np.arange(288) != 7)
    with pytest.raises(UsageError, match="the same number of steps"):
        calibrate_hourly(uneven, np.ones(287), HOW, ZONE)
