"""Moving a mean out of its members' range: what is found, what stays, what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.prices.stacking import Stacking, moved

DAYS, SLOTS = 120, 24
KNOWN = np.maximum(np.arange(DAYS) - 1, 0)
HOW = Stacking(window_days=60, half_life_days=1e6, penalty=1e-9, min_days=10)


@pytest.fixture(scope="module")
def members():
    """Two members, off by noise that they share in part: the mean leaves two thirds of it."""
    rng = np.random.default_rng(5)
    actual, noise = rng.normal(40, 10, (DAYS, SLOTS)), rng.normal(0, 3, (DAYS, SLOTS))
    medians = np.stack([actual + noise, actual + noise / 3])
    return medians, medians.mean(axis=0), actual


def test_what_lies_outside_of_the_members_is_found(members):
    medians, mean, actual = members
    found = mean + moved(medians, mean, actual, KNOWN, HOW)
    np.testing.assert_allclose(found[12:], actual[12:], atol=1e-5)
    assert np.abs(medians - actual).mean(axis=(1, 2)).min() > 0.5


def test_few_days_and_equal_members_move_nothing(members):
    medians, mean, actual = members
    assert not moved(medians, mean, actual, KNOWN, HOW)[:11].any()
    same = np.stack([mean, mean])
    assert not moved(same, mean, actual, KNOWN, HOW).any()


@pytest.mark.parametrize("penalty", [0.3, 1.0, 100.0])
def test_the_penalty_counts_in_units_of_how_members_differ(members, penalty):
    # Two members differ in one direction, which holds twice their mean squared difference.
    medians, mean, actual = members
    full, held = (
        moved(medians, mean, actual, KNOWN, replace(HOW, penalty=p)) for p in (1e-12, penalty)
    )
    np.testing.assert_allclose(held[20:], full[20:] * 2 / (2 + penalty), rtol=1e-6, atol=1e-9)


def test_a_day_learns_only_from_its_window_of_days_that_had_ended(members):
    medians, mean, actual = members
    other = actual.copy()
    other[:30], other[90:] = 500.0, -500.0
    before, after = (moved(medians, mean, y, KNOWN, HOW) for y in (actual, other))
    np.testing.assert_array_equal(before[91], after[91])
    assert np.abs(before - after)[92].max() > 1e-3
    assert np.abs(before - after)[90].max() > 1e-3, "day 29 is in its window"


def test_old_days_fade(members):
    medians, mean, actual = members
    other = actual.copy()
    other[:60] = 2 * mean[:60] - actual[:60]
    slow, fast = (
        np.abs(
            mean + moved(medians, mean, other, KNOWN, replace(HOW, half_life_days=days)) - actual
        )
        for days in (1e6, 5.0)
    )
    assert fast[85].mean() < 0.3 * slow[85].mean()


def test_days_with_gaps_are_left_out(members):
    medians, mean, actual = members
    gaps, partly = actual.copy(), medians.copy()
    gaps[40, 3], partly[1, 45, 7] = np.nan, np.nan
    found = moved(partly, mean, gaps, KNOWN, HOW)
    assert np.isnan(found[45, 7])
    found[45] = 0
    np.testing.assert_allclose((mean + found)[50:], actual[50:], atol=1e-5)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"window_days": 0}, "window_days"),
        ({"min_days": 0}, "min_days"),
        ({"half_life_days": 0}, "a half-life and a penalty above 0, got 0 and"),
        ({"penalty": -1}, "got 91.0 and -1"),
    ],
)
def test_impossible_settings_are_refused(wrong, words):
    with pytest.raises(UsageError, match=words):
        Stacking(**wrong)
