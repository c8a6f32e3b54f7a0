"""The band of one issue is what the calibration of all issues does for it."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.forecast.band import Band, band_at
from lab.forecast.difficulty import Announced, Difficulty
from lab.forecast.intervals import Calibration, calibrate
from lab.forecast.table import QUANTILES, Forecasts

DAYS, SLOTS = 60, 4
HOW = Calibration(min_days=20, window_days=30, refresh_days=7)
TOLD = Calibration(
    min_days=20, window_days=30, refresh_days=7, difficulty=Difficulty(1.0, 25, refresh_days=3)
)
ANNOUNCED = Announced(np.array([1.0]), np.array([2.0]), np.array([np.log(2)]))


def case(levels=(0.5,)):
    """Return forecasts, measured values and one sign for each issue."""
    rng = np.random.default_rng(8)
    times = pd.date_range("2014-01-01", periods=DAYS * SLOTS, freq="6h", tz="UTC")
    day, slot = np.divmod(np.arange(DAYS * SLOTS), SLOTS)
    sign = rng.uniform(0, 2, DAYS)
    actual = 100 + rng.normal(0, 5, len(day)) * np.exp(sign[day])
    values = np.full((len(day), len(levels)), 100.0)
    return (
        Forecasts("m", "s", times[day * SLOTS], times, day, slot, levels, values),
        actual,
        sign[:, None],
    )


@pytest.mark.parametrize("how", [HOW, TOLD], ids=["plain", "difficulty"])
@pytest.mark.parametrize("issue", [20, 23, 26, 59])
def test_it_gives_what_calibrate_gives(how, issue):
    forecasts, actual, signs = case()
    rows = forecasts.day == issue
    every = calibrate(forecasts, actual, how, signs).values[rows]
    band = band_at(forecasts, actual, how, issue, signs)
    own = band.around(
        forecasts.median[rows], forecasts.slot[rows], np.zeros(SLOTS, int), signs[[issue]]
    )
    # Difficulty knows enough from the 25th day on.
    assert (band.announced is not None) == (how is TOLD and issue >= 25)
    assert np.isfinite(own).all()
    assert own.tobytes() == every.tobytes()


def test_nothing_later_is_in_it():
    forecasts, actual, signs = case()
    changed = np.where(forecasts.day < 40, actual, np.nan)
    before, after = (band_at(forecasts, a, TOLD, 40, signs) for a in (actual, changed))
    assert before.quantiles.tobytes() == after.quantiles.tobytes()
    assert (before.recent, before.announced.weight) == (after.recent, after.announced.weight)


def test_a_band_by_hand():
    quantiles = np.linspace(-4, 4, 9)[None]
    around = Band(quantiles, 0.5, ANNOUNCED).around(
        np.array([100.0]), np.array([0]), np.array([0]), np.array([[3.0]])
    )
    # One standard deviation of the sign doubles the error size, which of late was one half.
    assert around[0] == pytest.approx(100 + np.linspace(-4, 4, 9))


def without_signs():
    zero = np.zeros(1, dtype=int)
    return Band(np.zeros((1, 9)), 1.0, ANNOUNCED).around(np.ones(1), zero, zero)


def unmeasured():
    forecasts, actual, _ = case()
    return band_at(forecasts, np.where(forecasts.slot == 2, np.nan, actual), BARE, 30)


BARE = Calibration(min_days=20, window_days=30, neighbours=0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: band_at(*case()[:2], HOW, 19), "knows 20 days, got number 19 of 60"),
        (lambda: band_at(*case()[:2], HOW, 60), "got number 60 of 60"),
        (unmeasured, "got none at some"),
        (lambda: band_at(*case(QUANTILES)[:2], HOW, 30), "got m with the levels 0.025, 0.05"),
        (lambda: band_at(*case()[:2], TOLD, 30), "needs the signs of each issue, got none"),
        (without_signs, "needs the signs of each issue, got none"),
    ],
    ids=["too early", "too late", "no errors", "quantiles", "no signs to learn", "no signs"],
)
def test_what_has_no_band_is_refused(make, words):
    with pytest.raises(UsageError, match=words):
        make()
