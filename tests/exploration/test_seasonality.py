"""What the calendar explains, on weeks that it was not learned on."""

import numpy as np
import pandas as pd
import pytest

from lab.exploration.profiles import calendar_keys
from lab.exploration.seasonality import autocorrelation, explained_shares, seasonal_strength

# Twenty whole weeks from a Monday on; UTC, so that every hour is as frequent.
INDEX = pd.date_range("2016-01-04", periods=20 * 168, freq="h", tz="UTC")
KEYS = calendar_keys(INDEX, "UTC")
NOISE = pd.Series(np.random.default_rng(0).normal(size=len(INDEX)), index=INDEX)


def test_a_series_of_hours_is_explained_by_the_hour():
    found = explained_shares(KEYS["hour"].astype(float), KEYS)
    assert found["hour"] == pytest.approx(1)
    assert found["calendar"] == pytest.approx(1)
    assert found["day_type"] == pytest.approx(0, abs=1e-12)


def test_hour_and_type_of_day_share_the_variance():
    hour = KEYS["hour"].isin(range(12)) * 2.0
    # A week has 5 of 7 workdays: variance of the indicator is 10 / 49.
    found = explained_shares(hour + (KEYS["day_type"] == "workday") * 1.0, KEYS)
    assert found["hour"] == pytest.approx(1 / (1 + 10 / 49))
    assert found["day_type"] == pytest.approx((10 / 49) / (1 + 10 / 49))


def test_months_come_last():
    found = explained_shares((KEYS["month"] == 3) * 1.0, KEYS)
    assert found["hour"] == pytest.approx(0, abs=0.02)
    assert found["season"] > 0.9


def test_noise_is_not_explained():
    found = explained_shares(NOISE, KEYS)
    assert found["calendar"] < 0


def test_the_weeks_that_are_told_are_not_learned_from():
    wild = NOISE.copy()
    wild[KEYS["week"] == KEYS["week"].iloc[0]] += 100 * KEYS["hour"]
    # One week with a shape of its own: means that had seen it would explain some of it.
    assert explained_shares(wild, KEYS)["hour"] < 0


@pytest.mark.parametrize(
    ("weeks", "missing"),
    [
        pytest.param(1, ["hour", "day_type", "season", "calendar"], id="one week"),
        pytest.param(4, ["day_type", "season"], id="four weeks"),
        pytest.param(8, ["season"], id="eight weeks"),
        pytest.param(20, [], id="twenty weeks"),
    ],
)
def test_layers_need_time(weeks, missing):
    part = slice(0, weeks * 168)
    found = explained_shares(NOISE.iloc[part], KEYS.iloc[part])
    assert found.index[found.isna()].tolist() == missing


def test_a_constant_or_empty_series_has_no_shares():
    assert explained_shares(NOISE * 0 + 3, KEYS).isna().all()
    assert explained_shares(NOISE * np.nan, KEYS).isna().all()


def test_gaps_are_skipped():
    values = KEYS["hour"].astype(float)
    values.iloc[::7] = np.nan
    assert explained_shares(values, KEYS)["hour"] == pytest.approx(1)


def test_autocorrelation_uses_the_pairs_that_exist():
    values = pd.Series([1.0, 2.0, np.nan, 1.0, 2.0, 3.0, 1.0])
    # Three steps apart: (1, 1), (2, 2), (1, 1); the pair with the gap is left out.
    assert autocorrelation(values, 3) == pytest.approx(1)
    assert np.isnan(autocorrelation(values, 5))
    assert np.isnan(autocorrelation(values * 0, 1))


def test_strength_tells_a_season_from_noise():
    wave = np.sin(2 * np.pi * KEYS["hour"] / 24)
    found = seasonal_strength(10 * wave + 0.1 * NOISE, last=6 * 168)
    assert found[24] > 0.99
    assert found[168] < 0.6


def test_strength_needs_two_periods_and_some_change():
    short = seasonal_strength(NOISE.iloc[:100], last=168)
    assert short[24] >= 0
    assert np.isnan(short[168])
    assert all(np.isnan(list(seasonal_strength(NOISE * 0).values())))
    assert all(np.isnan(list(seasonal_strength(NOISE * np.nan).values())))
