"""Intervals from errors of the same season."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.forecast.daily.intervals import (
    SeasonalCalibration,
    calibrate_by_season,
    weighted_quantiles,
)
from lab.forecast.intervals import quantiles_of
from lab.forecast.table import QUANTILES, Forecasts

FLAT = SeasonalCalibration(season_days=1e9, min_days=3)


def daily(days, lead=1, median=100.0, start="2013-01-01"):
    """Return point forecasts of consecutive days."""
    midnights = pd.date_range(start, periods=days, freq="D", tz="UTC")
    return Forecasts(
        "m",
        "s",
        midnights - pd.Timedelta(days=lead - 1),
        midnights,
        np.arange(days),
        np.zeros(days, int),
        (0.5,),
        np.full((days, 1), median),
    )


def test_equal_weights_are_split_conformal():
    errors = np.random.default_rng(1).normal(0, 0.1, 30)
    actual = 100 * np.exp(errors)
    found = calibrate_by_season({1: daily(30)}, {1: actual}, FLAT)[1]
    expected = quantiles_of(np.repeat(errors[:25, None], 9, axis=1))
    expected[QUANTILES.index(0.5)] = 0
    assert found.values[25] == pytest.approx(100 * np.exp(expected))


def test_weights_move_the_quantile():
    ordered, levels = np.array([1.0, 2.0, 3.0]), np.array([0.5])
    # Places 1/8, 2/8 and 7/8: half lies 2/5 of the way from the second to the third.
    assert weighted_quantiles(ordered, np.array([1.0, 1, 5]), 1.0, levels) == pytest.approx([2.4])


def test_the_season_decides_whose_errors_count():
    # Days 1 to 90 of the first year are off by 30 %, all others by 1 %, up and down in turn.
    days = 365 + 200
    number = np.arange(days)
    size = np.where(number < 90, 0.30, 0.01) * np.where(number % 2, 1, -1)
    runs = {1: daily(days)}
    how = SeasonalCalibration(season_days=20, floor=0.0)
    found = calibrate_by_season(runs, {1: 100 * np.exp(size)}, how)[1]
    width = np.log(found.values[:, 6] / found.values[:, 2])
    assert width[200] == pytest.approx(0.02, abs=1e-6)
    # The next summer has the width of the last one, though the months between were calm.
    assert width[365 + 1] == pytest.approx(0.6, abs=0.05)


def test_leads_next_to_each_other_share_their_errors_but_not_with_the_first():
    rng = np.random.default_rng(2)
    runs = {lead: daily(60, lead) for lead in (1, 2, 3)}
    calm, wild = 100 * np.exp(rng.normal(0, 0.01, 60)), 100 * np.exp(rng.normal(0, 0.2, 60))
    how = SeasonalCalibration(season_days=1e9, min_days=20, neighbours=1)
    found = calibrate_by_season(runs, {1: calm, 2: calm, 3: wild}, how)
    width = {lead: np.log(f.values[-1, 6] / f.values[-1, 2]) for lead, f in found.items()}
    assert width[1] < 0.06
    assert width[2] == pytest.approx(width[3], rel=0.15)
    assert width[2] > 0.1


def test_newer_errors_count_more_with_a_half_life():
    size = np.where(np.arange(200) < 150, 0.3, 0.01) * np.where(np.arange(200) % 2, 1, -1)
    old, new = (
        calibrate_by_season(
            {1: daily(200)}, {1: 100 * np.exp(size)}, SeasonalCalibration(1e9, 0.0, half, 0, 10)
        )[1].values[-1]
        for half in (None, 10.0)
    )
    assert new[[2, 6]] == pytest.approx(100 * np.exp([-0.01, 0.01]))
    assert old[[2, 6]] == pytest.approx(100 * np.exp([-0.3, 0.3]))


def test_quantiles_wait_for_enough_errors_and_medians_do_not():
    found = calibrate_by_season({2: daily(10, lead=2)}, {2: np.full(10, 101.0)}, FLAT)[2]
    # Day 4 was issued when days 0 to 2 had ended.
    assert np.isnan(found.values[:4, 0]).all()
    assert np.isfinite(found.values[4:]).all()
    assert (found.median == 100).all()


errors = st.lists(st.floats(-0.5, 0.5), min_size=24, max_size=24)


@given(size=errors, lead=st.integers(1, 4), cut=st.integers(8, 23))
def test_what_was_not_known_moves_no_quantile(size, lead, cut):
    actual = 100 * np.exp(np.array(size))
    runs = {1: daily(24), lead: daily(24, lead)}
    before = calibrate_by_season(runs, dict.fromkeys(runs, actual), FLAT)[lead].values
    hidden = np.arange(24) >= cut - lead + 1
    for value in (np.nan, 1e4):
        changed = dict.fromkeys(runs, np.where(hidden, value, actual))
        after = calibrate_by_season(runs, changed, FLAT)[lead].values
        np.testing.assert_array_equal(after[: cut + 1], before[: cut + 1])


@given(size=errors)
def test_quantiles_never_cross(size):
    found = calibrate_by_season({1: daily(24)}, {1: 100 * np.exp(np.array(size))}, FLAT)[1]
    assert (np.diff(found.values[3:], axis=1) >= 0).all()


def test_missing_and_impossible_totals_are_no_errors():
    actual = np.full(12, 101.0)
    actual[[2, 5]] = np.nan, -1.0
    with_gaps = calibrate_by_season({1: daily(12)}, {1: actual}, FLAT)[1]
    # Day 4 would know enough without the gap.
    assert np.isnan(with_gaps.values[3, 0])
    assert np.isfinite(with_gaps.values[4, 0])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"season_days": 0}, "season_days above 0"),
        ({"floor": -1}, "floor of at least 0"),
        ({"half_life_days": 0}, "half_life_days must be above 0"),
        ({"neighbours": -1}, "at least 0 neighbours"),
        ({"min_days": 0}, "min_days of at least 1"),
    ],
)
def test_impossible_settings_are_refused(settings, words):
    with pytest.raises(UsageError, match=words):
        SeasonalCalibration(**settings)


def test_totals_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match="one measured total for each of the 5 rows"):
        calibrate_by_season({1: daily(5)}, {1: np.ones(4)}, FLAT)
