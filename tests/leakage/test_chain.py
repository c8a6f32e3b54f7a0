"""What is made of forecasts: cheats are caught, their honest twins pass."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab import leakage
from lab.errors import DataError, UsageError
from lab.forecast.adaptive import AdaptiveCalibration, calibrate_adaptively
from lab.forecast.combination import Trailing, average_quantiles, weighted, weighted_by_errors
from lab.forecast.correction import corrected
from lab.forecast.difficulty import Difficulty, disagreement
from lab.forecast.intervals import Calibration, calibrate
from lab.forecast.nowcast.intervals import calibrate_hourly
from lab.forecast.profile_intervals import calibrate_scaled
from lab.forecast.qra import Regression, average_by_regression
from lab.forecast.table import Forecasts, mean_of
from lab.leakage import check_chain

DAYS, SLOTS, BEFORE = 60, 4, 30
PLAIN = {"window_days": 20, "min_days": 10, "refresh_days": 1}
HOW = Calibration(**PLAIN)
TOLD = replace(HOW, difficulty=Difficulty(1.0, min_days=10, refresh_days=1))
ADAPTIVE = AdaptiveCalibration(**PLAIN, rate=0.1)


def material(lead=1, seed=7):
    """Return two members that err by a few percent, and what was measured."""
    rng = np.random.default_rng(seed)
    times = pd.date_range("2014-01-01", periods=DAYS * SLOTS, freq="6h", tz="UTC")
    day, slot = np.divmod(np.arange(DAYS * SLOTS), SLOTS)
    issued = times[day * SLOTS] - pd.Timedelta(days=lead - 1)
    actual = 100 + 10 * slot + rng.normal(0, 5, len(day))
    members = [
        Forecasts(n, "s", issued, times, day, slot, (0.5,), actual[:, None] + error[:, None])
        for n, error in (("a", rng.normal(0, 4, len(day))), ("b", rng.normal(2, 4, len(day))))
    ]
    return members, actual


def both(members):
    return mean_of(members, "published")


def by_difficulty(members, actual, weather):
    apart = disagreement([one.median for one in members], members[0].day)
    return calibrate(both(members), actual, TOLD, np.column_stack([apart, weather]))


def early(forecasts, days):
    """Return forecasts that claim to be issued some days later than they were."""
    return replace(forecasts, issued_at=forecasts.issued_at + pd.Timedelta(days=days))


def up_to_the_day_before(members, actual):
    """Calibrate a forecast of two days ahead with errors up to the day before its target."""
    found = calibrate(early(both(members), 1), actual, HOW)
    return early(found, -1)


def weighted_by_all(members, actual):
    losses = [np.nanmean((actual - one.median) ** 2) for one in members]
    return weighted(members, [1 / one for one in losses], "published")


def corrected_by_its_own_day(members, actual):
    ahead = np.roll(actual / both(members).median, -SLOTS) * both(members).median
    return corrected(both(members), ahead, 0.5, 7)


def corrected_as_if_a_day_ahead(members, actual):
    return early(corrected(early(both(members), 1), actual, 0.5, 7), -1)


def smoothed_members(members, actual):
    """Take the mean with the next issue's forecast, which nobody has yet."""
    first = members[0]
    return replace(first, values=(first.values + np.roll(first.values, -SLOTS, axis=0)) / 2)


CHEATS = {
    "calibrated up to the day before": (up_to_the_day_before, 2),
    "weighted by the whole period": (weighted_by_all, 1),
    "corrected by the same day's error": (corrected_by_its_own_day, 1),
    "corrected as if a day ahead": (corrected_as_if_a_day_ahead, 2),
    "members of the next issue": (smoothed_members, 1),
}
HONEST = {
    "mean": lambda m, a, _: both(m),
    "average of quantiles": lambda m, a, _: average_quantiles(m, "published"),
    "correction": lambda m, a, _: corrected(both(m), a, 0.5, 7),
    "calibration": lambda m, a, _: calibrate(both(m), a, HOW),
    "corrected and calibrated": lambda m, a, _: calibrate(corrected(both(m), a, 0.5, 7), a, HOW),
    "difficulty": by_difficulty,
    "weights from past errors": lambda m, a, _: weighted_by_errors(m, a, Trailing(20, 5), "w"),
    "regression": lambda m, a, _: average_by_regression(m, a, Regression(10, 8, 10), "r"),
    "adaptive": lambda m, a, _: calibrate_adaptively(both(m), a, ADAPTIVE),
    "scaled": lambda m, a, w: calibrate_scaled(
        both(m), a, ADAPTIVE, np.repeat(np.abs(w) + 50, SLOTS)
    ),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_caught(name):
    chain, lead = CHEATS[name]
    result = check_chain(chain, *material(lead), days=BEFORE)
    assert result.moved is not None
    assert np.float64(result.moved.old).tobytes() != np.float64(result.moved.new).tobytes()
    with pytest.raises(leakage.LeakError, match="leaks: its forecast for 2014-0"):
        leakage.require(result)


@pytest.mark.parametrize("lead", [1, 2])
@pytest.mark.parametrize("name", HONEST)
def test_the_honest_twin_passes(name, lead):
    weather = np.random.default_rng(2).normal(20, 5, DAYS)
    result = check_chain(HONEST[name], *material(lead), weather, days=BEFORE)
    assert result.moved is None
    assert (result.checks, result.lead_days) == (6, lead)
    # Three issues of four values under two fillings, of one level or of nine.
    assert result.forecasts in (24, 216)
    assert leakage.require(result) == (
        f"{result.forecasts} forecasts of 1 model compared after everything unknown was replaced "
        "by noise and NaN; none moved."
    )


def test_signs_of_later_issues_are_hidden_too():
    members, actual = material()

    def by_rank(members, actual, weather):
        rank = np.argsort(np.argsort(weather))
        return calibrate(both(members), actual, TOLD, rank[:, None].astype(float))

    weather = np.random.default_rng(3).normal(20, 5, DAYS)
    assert check_chain(by_rank, members, actual, weather, days=BEFORE).moved is not None


@pytest.mark.parametrize("peeks", [False, True])
def test_hourly_issues(peeks):
    rng = np.random.default_rng(5)
    issues, steps = 24 * 14, 3
    number, step = np.divmod(np.arange(issues * steps), steps)
    begin = pd.Timestamp("2014-01-01", tz="UTC")
    issued = begin + pd.to_timedelta(number, unit="h")
    valid = issued + pd.to_timedelta(step, unit="h")
    one = Forecasts(
        "hourly", "s", issued, valid, number, step, (0.5,), rng.normal(50, 5, (len(number), 1))
    )
    actual = rng.normal(50, 5, len(number))
    how = Calibration(5, 2, refresh_days=1, neighbours=12)

    def chain(members, actual):
        known = np.roll(actual, -24 * steps) if peeks else actual
        return calibrate_hourly(members[0], known, how, "UTC")

    result = check_chain(chain, [one], actual, days=6)
    assert (result.moved is not None) == peeks
    assert result.lead_days == 1


def test_a_chain_that_fails_without_the_future_is_caught():
    def strict(members, actual):
        if np.isnan(actual).any():
            raise DataError("A value is missing.")
        return both(members)

    moved = check_chain(strict, *material(), days=BEFORE).moved
    assert "failed (DataError: A value is missing.)" in moved.sentence()


def test_a_chain_that_drops_rows_is_caught():
    def dropping(members, actual):
        return both(members).rows(np.isfinite(actual) | (members[0].slot > 0))

    assert "it forecast other times" in check_chain(dropping, *material(), days=BEFORE).moved.error


def test_a_chain_that_draws_lots_cannot_be_checked():
    rng = np.random.default_rng(1)

    def drawing(members, actual):
        found = both(members)
        return replace(found, values=found.values + rng.normal(size=found.values.shape))

    with pytest.raises(leakage.LeakError, match="made twice of the same values"):
        check_chain(drawing, *material(), days=BEFORE)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"days": 200}, "got 3 issues with 200 days before, of 60 from 2014-01-01"),
        ({"days": 30, "issues": 0}, "got 0 issues"),
        ({"days": 5}, "got none of published; give it more days"),
    ],
    ids=["too many days", "no issue", "no quantiles yet"],
)
def test_what_cannot_be_checked(options, words):
    def bands(members, actual):
        found = calibrate(both(members), actual, HOW)
        return replace(found, values=np.delete(found.values, 4, 1)[:, :1], levels=(0.025,))

    with pytest.raises(UsageError, match=words):
        check_chain(bands, *material(), **options)


def test_what_was_known_must_fit():
    with pytest.raises(UsageError, match="240 rows or 60 issues, got 7"):
        check_chain(lambda m, a, w: both(m), *material(), np.zeros(7), days=BEFORE)
