"""Adaptive conformal quantiles: from past misses alone, never crossing, right in the long run."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.forecast.adaptive import AdaptiveCalibration, calibrate_adaptively
from lab.forecast.intervals import Calibration, calibrate
from lab.forecast.table import QUANTILES, Forecasts

DAYS, SLOTS = 200, 4
HOW = AdaptiveCalibration(window_days=100, min_days=30, refresh_days=5, rate=0.05)
LOW, HIGH = QUANTILES.index(0.1), QUANTILES.index(0.9)


def forecasts(levels=(0.5,), days=DAYS, lead=1):
    rows = days * SLOTS
    times = pd.date_range("2014-01-01", periods=rows, freq="6h", tz="UTC")
    day, slot = np.divmod(np.arange(rows), SLOTS)
    issued = times[day * SLOTS] - pd.Timedelta(days=lead - 1)
    values = 100.0 + np.zeros((rows, len(levels)))
    return Forecasts("m", "s", issued, times, day, slot, levels, values)


def noise(seed=0, days=DAYS):
    return 100 + np.random.default_rng(seed).normal(0, 10, days * SLOTS)


def covered(fact, values):
    return np.mean((fact >= values[:, LOW]) & (fact <= values[:, HIGH]))


def test_without_a_rate_it_is_split_conformal():
    fixed = Calibration(window_days=100, min_days=30, refresh_days=5)
    found = calibrate_adaptively(forecasts(), noise(), replace(HOW, rate=0.0))
    expected = calibrate(forecasts(), noise(), fixed)
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-12)


@pytest.mark.parametrize("by_slot", [False, True], ids=["by day", "by slot"])
@pytest.mark.parametrize("lead", [1, 2, 7], ids=lambda lead: f"{lead} days ahead")
def test_an_issue_knows_the_days_that_had_ended(lead, by_slot):
    fact = noise()
    changed = fact.copy()
    changed[120 * SLOTS :] += 1000
    how = replace(HOW, refresh_days=1, by_slot=by_slot)
    before, after = (
        calibrate_adaptively(forecasts(lead=lead), f, how).values for f in (fact, changed)
    )
    known = (120 + lead) * SLOTS
    assert before[:known].tobytes() == after[:known].tobytes()
    assert (before[known, [LOW, HIGH]] != after[known, [LOW, HIGH]]).all()


def test_levels_move_by_the_misses_by_hand():
    # Errors are 0 for 30 days but for the pool's ends, then 5 every day: all at or below no
    # quantile, so each level grows by rate * p a day. Nothing is pooled, scaled or refreshed.
    days = 39
    fact = np.full((days, SLOTS), 100.0)
    fact[:30] = 100 + np.linspace(-29, 29, 30)[:, None]
    fact[30:] = 200
    how = AdaptiveCalibration(
        window_days=100, min_days=30, refresh_days=100, neighbours=0, strength=0.0, rate=0.01
    )
    found = calibrate_adaptively(forecasts(days=days), fact.ravel(), how).values
    shift = found[:, QUANTILES.index(0.25)].reshape(days, SLOTS)[30:, 0] - 100
    # Place (30 + 1) p - 1 in errors that rise by 2 from -29; p = 0.25 + 0.01 * 0.25 * days.
    level = 0.25 + 0.01 * 0.25 * np.arange(9)
    assert shift == pytest.approx(-29 + 2 * (31 * level - 1))


def test_coverage_recovers_where_errors_grow():
    rng = np.random.default_rng(3)
    days = 500
    size = np.where(np.arange(days) < 250, 10.0, 14.0).repeat(SLOTS)
    fact = 100 + size * rng.normal(size=days * SLOTS)
    how = replace(HOW, window_days=365, strength=0.0)
    late = np.arange(days * SLOTS) >= 270 * SLOTS
    found = {
        rate: covered(
            fact[late],
            calibrate_adaptively(forecasts(days=days), fact, replace(how, rate=rate)).values[late],
        )
        for rate in (0.0, 0.05)
    }
    # Standard error of a share of 0.8 in 920 rows: 0.013.
    assert found[0.0] < 0.76
    assert found[0.05] == pytest.approx(0.8, abs=0.03)


def test_each_slot_finds_its_own_level():
    rng = np.random.default_rng(4)
    days, slots = 600, np.tile(np.arange(SLOTS), 600)
    fact = 100 + np.where(slots == 0, 20, 10) * rng.normal(size=days * SLOTS)
    # Pooled over all slots, errors of the first are too small for it.
    how = replace(HOW, neighbours=2, window_days=365, strength=0.0, rate=0.02)
    late = np.arange(days * SLOTS) >= 200 * SLOTS
    first = late & (slots == 0)
    of_day, of_slot = (
        calibrate_adaptively(forecasts(days=days), fact, replace(how, by_slot=choice)).values[first]
        for choice in (False, True)
    )
    assert covered(fact[first], of_day) < 0.72
    assert covered(fact[first], of_slot) == pytest.approx(0.8, abs=0.05)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(0, 0.9), st.booleans(), st.sampled_from([1, 3]))
def test_quantiles_never_cross_and_keep_the_median(seed, rate, by_slot, lead):
    fact = noise(seed, 60)
    fact[np.random.default_rng(seed).random(len(fact)) < 0.2] = np.nan
    how = replace(HOW, rate=rate, by_slot=by_slot)
    found = calibrate_adaptively(forecasts(QUANTILES, 60, lead), fact, how)
    late = found.values[(29 + lead) * SLOTS :]
    assert np.isfinite(late).all()
    assert (np.diff(late, axis=1) >= 0).all()
    assert (found.median == 100).all()
    early = np.delete(found.values[: (29 + lead) * SLOTS], QUANTILES.index(0.5), axis=1)
    assert np.isnan(early).all()


def test_days_without_values_teach_nothing():
    fact = noise()
    fact[100 * SLOTS : 110 * SLOTS] = np.nan
    how = replace(HOW, refresh_days=1000, strength=0.0)
    found = calibrate_adaptively(forecasts(), fact, how).values.reshape(DAYS, SLOTS, -1)
    assert (found[110] == found[101]).all()
    assert (found[112] != found[111])[0].any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"rate": -0.1}, "rate from 0"), ({"rate": 1.0}, "got 1.0"), ({"min_days": 0}, "min_days")],
    ids=str,
)
def test_impossible_calibrations_are_refused(changes, message):
    with pytest.raises(UsageError, match=message):
        replace(HOW, **changes)


def test_measured_values_must_fit_the_rows():
    with pytest.raises(UsageError, match="one measured value for each of the 800 rows"):
        calibrate_adaptively(forecasts(), np.zeros(3), HOW)
