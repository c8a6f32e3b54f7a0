"""Conformal quantiles: never crossing, from the past alone, nominal where errors are alike."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lab.errors import UsageError
from lab.forecast.intervals import (
    Calibration,
    ascending,
    calibrate,
    known_days,
    quantiles_of,
    recent_error_size,
)
from lab.forecast.table import QUANTILES, Forecasts

DAYS, SLOTS = 200, 4
HOW = Calibration(window_days=100, min_days=30, strength=0.5, refresh_days=5)


def forecasts(levels=(0.5,), days=DAYS, lead=1):
    rows = days * SLOTS
    times = pd.date_range("2014-01-01", periods=rows, freq="6h", tz="UTC")
    day, slot = np.divmod(np.arange(rows), SLOTS)
    values = 100.0 + np.zeros((rows, len(levels)))
    issued = times[day * SLOTS] - pd.Timedelta(days=lead - 1)
    return Forecasts("m", "s", issued, times, day, slot, levels, values)


def noise(seed=0, rows=DAYS * SLOTS):
    return 100 + np.random.default_rng(seed).normal(0, 10, rows)


@pytest.mark.parametrize("levels", [(0.5,), QUANTILES], ids=["point", "quantiles"])
def test_quantiles_do_not_cross_and_keep_the_median(levels):
    found = calibrate(forecasts(levels), noise(), HOW)
    late = found.values[30 * SLOTS :]
    assert found.levels == QUANTILES
    assert (np.diff(late, axis=1) >= 0).all()
    assert (found.median == 100).all()


def test_coverage_is_nominal_for_errors_that_stay_alike():
    fact = noise()
    found = calibrate(forecasts(), fact, HOW).values[30 * SLOTS :]
    fact = fact[30 * SLOTS :]
    inside = np.mean((fact >= found[:, 2]) & (fact <= found[:, 6]))
    # 680 half-days: the standard error of a share of 0.8 is 0.015.
    assert inside == pytest.approx(0.8, abs=0.05)


def test_early_issues_have_a_median_only():
    early = calibrate(forecasts(), noise(), HOW).values[: 30 * SLOTS]
    assert np.isnan(np.delete(early, 4, axis=1)).all()
    assert (early[:, 4] == 100).all()


def test_intervals_use_the_past_alone():
    fact = noise()
    changed = fact.copy()
    changed[120 * SLOTS :] = np.nan
    before, after = (calibrate(forecasts(), f, HOW).values for f in (fact, changed))
    known = 121 * SLOTS
    assert before[:known].tobytes() == after[:known].tobytes()
    assert before[known:].tobytes() != after[known:].tobytes()


@pytest.mark.parametrize("lead", [1, 2, 7], ids=lambda lead: f"{lead} days ahead")
def test_an_issue_knows_the_days_that_had_ended(lead):
    fact = noise()
    changed = fact.copy()
    changed[120 * SLOTS :] += 1000
    before, after = (calibrate(forecasts(lead=lead), f, replace(HOW, refresh_days=1)).values
                     for f in (fact, changed))  # fmt: skip
    # Day 120 had ended when day 120 + lead was issued, and no sooner.
    known = (120 + lead) * SLOTS
    assert before[:known].tobytes() == after[:known].tobytes()
    assert (before[known, [0, 8]] != after[known, [0, 8]]).all()


@pytest.mark.parametrize("lead", [1, 3], ids=lambda lead: f"{lead} days ahead")
def test_known_days_by_hand(lead):
    found = known_days(forecasts(days=5, lead=lead))
    assert found.tolist() == {1: [0, 1, 2, 3, 4], 3: [0, 0, 0, 1, 2]}[lead]


def test_the_last_step_of_a_day_ends_after_its_stamp():
    early = forecasts(days=3)
    # Issued an hour before midnight: the last six hours of the day before are not over.
    hour_before = replace(early, issued_at=early.issued_at - pd.Timedelta(hours=1))
    assert known_days(hour_before).tolist() == [0, 0, 1]


def test_known_days_of_a_single_row():
    assert known_days(forecasts(days=1).rows(np.arange(SLOTS) == 0)).tolist() == [0]


def test_early_issues_with_a_lead_wait_for_their_days():
    found = calibrate(forecasts(lead=3), noise(), HOW).values[:, 0]
    assert np.flatnonzero(np.isfinite(found))[0] == 32 * SLOTS


def test_measured_values_must_fit_the_rows():
    with pytest.raises(UsageError, match=r"each of the 800 rows, got an array of shape \(3,\)"):
        calibrate(forecasts(), np.zeros(3), HOW)


def test_bands_widen_after_bad_days():
    fact = noise()
    fact[140 * SLOTS : 150 * SLOTS] += 80
    width = np.diff(calibrate(forecasts(), fact, HOW).values[:, [0, 8]], axis=1).ravel()
    assert width[150 * SLOTS] > 1.5 * width[139 * SLOTS]


@given(hnp.arrays(float, (5, 9), elements=st.floats(-1e3, 1e3)))
def test_ascending_never_crosses_and_keeps_the_median(values):
    found = ascending(values, QUANTILES)
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found[:, 4] == values[:, 4]).all()


def test_quantiles_by_hand():
    pool = np.repeat(np.arange(1.0, 40)[:, None], 9, axis=1)  # 39 samples: place (n + 1) p
    pool[5] = np.nan
    pool = np.vstack([pool, np.full((1, 9), 6.0)])
    assert quantiles_of(pool) == pytest.approx([1, 2, 4, 10, 20, 30, 36, 38, 39])
    assert np.isnan(quantiles_of(np.full((3, 9), np.nan))).all()


def test_recent_error_size_by_hand():
    how = Calibration(half_life_days=1.0, strength=1.0)
    # Recent: 2, then halfway to 4: 3; ever: 2, then 3. NaN is passed over.
    assert recent_error_size(np.array([2.0, 4.0, np.nan, 1.0]), how) == pytest.approx([1, 1, 1, 1])
    rising = recent_error_size(np.array([1.0, 1.0, 4.0, 0.0]), how)
    assert rising == pytest.approx([1, 1, 1, 2.5 / 2])
    assert (recent_error_size(np.zeros(3), how) == 1).all()
    late = recent_error_size(np.array([1.0, 1.0, 4.0, 0.0, 0.0]), how, np.array([0, 0, 1, 2, 3]))
    assert late == pytest.approx([1, 1, 1, 1, 2.5 / 2])


@pytest.mark.parametrize(
    "changes",
    [{"strength": 1.5}, {"half_life_days": 0.0}, {"min_days": 0}, {"refresh_days": 0}],
    ids=str,
)
def test_impossible_calibrations_are_refused(changes):
    with pytest.raises(UsageError, match="Calibration needs"):
        replace(HOW, **changes)
