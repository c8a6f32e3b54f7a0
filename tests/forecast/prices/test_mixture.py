"""Mixtures of families: weights by hour, what all missed, nothing from the future, refusals."""

from dataclasses import replace

import numpy as np
import pytest

from lab.errors import DataError, UsageError
from lab.forecast.naive import Naive
from lab.forecast.prices.mixture import Recent, mixed, weights
from lab.forecast.prices.stacking import Stacking

from .conftest import PRICE

HOW = Recent(window_days=10, min_days=5, correction_days=10)
PLAIN = Recent(power=0, correction_share=0, min_days=5)


@pytest.fixture(scope="module")
def actual(period):
    return period.actual()


@pytest.fixture(scope="module")
def off(period, actual):
    """A function that makes forecasts off by so much, drawn anew for each seed."""
    base = period.run(Naive("last_week", PRICE)).forecasts

    def make(size, seed, bias=0.0):
        noise = np.random.default_rng(seed).normal(bias, size, len(actual))
        return replace(base, levels=(0.5,), values=(actual + noise)[:, None])

    return make


def test_families_weigh_the_same_whatever_their_size(off, actual):
    one, two, three = off(1, 1), off(1, 2), off(1, 3)
    found = mixed({"a": [one], "b": [two, three]}, actual, PLAIN, "mixture")
    expected = one.median / 2 + two.median / 4 + three.median / 4
    np.testing.assert_allclose(found.median, expected)
    assert (found.model, found.levels) == ("mixture", (0.5,))


def test_who_was_right_of_late_at_an_hour_weighs_more_there(off, actual):
    sharp, blunt = off(1, 1), off(4, 2)
    night = sharp.slot < 12
    first = replace(sharp, values=np.where(night[:, None], sharp.values, blunt.values))
    second = replace(sharp, values=np.where(night[:, None], blunt.values, sharp.values))
    found = weights({"a": [first], "b": [second]}, actual, HOW)
    np.testing.assert_array_equal(found[:, :5], 0.5)
    assert found[0, 6:, 2:10].min() > 0.8
    assert found[0, 6:, 14:22].max() < 0.2
    np.testing.assert_allclose(found.sum(axis=0), 1)


def test_what_all_missed_is_put_right_in_part(off, actual):
    low = off(0.1, 1, bias=-10.0)
    how = Recent(power=0, correction_share=0.3, correction_days=10, min_days=5)
    found = mixed({"a": [low]}, actual, how, "mixture")
    late = low.day >= 12
    assert (found.median - actual)[late].mean() == pytest.approx(-7, abs=0.1)
    np.testing.assert_array_equal(found.median[low.day < 5], low.median[low.day < 5])


def test_a_day_knows_only_days_that_had_ended(off, actual):
    families = {"a": [off(1, 1)], "b": [off(3, 2)]}
    day = families["a"][0].day
    other = np.where(day >= 20, actual + 50, actual)
    before, after = (mixed(families, y, HOW, "m").median for y in (actual, other))
    np.testing.assert_array_equal(before[day <= 20], after[day <= 20])
    assert np.abs(before - after)[day == 21].max() > 0.1


def test_a_perfect_member_takes_all_and_its_like_share(off, actual):
    perfect = off(0, 1)
    found = weights({"a": [perfect, perfect], "b": [off(1, 2)]}, actual, HOW)[:, 10]
    np.testing.assert_allclose(found, [[0.5] * 24, [0.5] * 24, [0.0] * 24])


@pytest.mark.parametrize(
    "wrong", [{"power": -1}, {"correction_share": 1.1}, {"window_days": 0}, {"min_days": 0}]
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(UsageError, match="A mixture of families needs"):
        Recent(**wrong)


def test_there_must_be_members_and_measured_values(off, actual):
    with pytest.raises(DataError):
        mixed({}, actual, HOW, "m")
    with pytest.raises(UsageError, match="one measured value"):
        mixed({"a": [off(1, 1)]}, actual[:5], HOW, "m")


def test_a_regression_leads_out_of_the_members_range(off, actual):
    near = off(3, 1)
    far = replace(near, values=2 * near.values - actual[:, None])
    families = {"a": [near], "b": [far]}
    plain = mixed(families, actual, PLAIN, "m")
    stacked = mixed(
        families, actual, replace(PLAIN, stacking=Stacking(penalty=1e-9, min_days=5)), "m"
    )
    late = near.day >= 12
    assert np.abs(near.median - actual)[late].mean() > 1
    assert np.abs(stacked.median - actual)[late].max() < 1e-3
    np.testing.assert_array_equal(stacked.median[near.day < 5], plain.median[near.day < 5])
