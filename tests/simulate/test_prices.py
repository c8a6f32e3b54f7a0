import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.simulate.minutes import ZONE, Clock
from lab.simulate.prices import (
    CAP,
    DAY_AHEAD,
    FLOOR,
    PRICE,
    REGIONS,
    Chance,
    _held,
    _spikes,
    informed,
    offers,
    real_time_prices,
)

SEED = 42


@pytest.fixture(scope="module")
def month():
    """Thirty simulated days."""
    return real_time_prices(30, SEED)


def of(table, kind):
    return table[[kind + region for region in REGIONS]].set_axis(list(REGIONS), axis=1)


def test_a_table_says_what_it_is(month):
    assert all(name.startswith("simulated_") for name in month)
    assert list(month) == [kind + region for kind in (PRICE, DAY_AHEAD) for region in REGIONS]
    assert month.shape == (30 * 1440, 8)
    assert str(month.index.tz) == "UTC" and month.index.name == "time"
    assert (np.diff(month.index.asi8) == 60 * 10**9).all()
    assert month.index[0] == pd.Timestamp("2023-04-10", tz=ZONE)
    assert month.notna().all(axis=None)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**40), days=st.integers(1, 3), more=st.integers(1, 2))
def test_the_first_days_are_the_same_however_many_follow(seed, days, more):
    few = real_time_prices(days, seed)
    many = real_time_prices(days + more, seed)
    pd.testing.assert_frame_equal(few, many.iloc[: len(few)], check_exact=True)


def test_another_seed_is_another_market():
    assert not real_time_prices(1, 1).equals(real_time_prices(1, 2))


def test_days_of_23_and_25_hours_are_whole():
    assert len(real_time_prices(1, SEED, first="2023-03-12")) == 23 * 60
    autumn = real_time_prices(1, SEED, first="2023-11-05")
    assert len(autumn) == 25 * 60
    assert len(of(autumn, DAY_AHEAD)["north"].groupby(autumn.index.floor("h")).first()) == 25


def test_the_day_ahead_level_follows_demand_and_sun(month):
    hour = month.index.tz_convert(ZONE).hour
    level = of(month, DAY_AHEAD).mean(axis=1).groupby(hour).mean()
    assert level.idxmax() in (18, 19, 20) and level[10:15].mean() < 0.5 * level[19]
    assert level[7] > level[3] + 5 and level[7] > level[12] + 5
    weekend = month.index.tz_convert(ZONE).weekday >= 5
    mean = of(month, DAY_AHEAD).mean(axis=1)
    assert mean[weekend].mean() < mean[~weekend].mean()


def test_the_day_ahead_level_is_one_for_the_hour(month):
    level = of(month, DAY_AHEAD)
    assert (level.groupby(level.index.floor("h")).nunique() == 1).all(axis=None)


def test_prices_revert_to_the_day_ahead_level(month):
    away = of(month, PRICE) - of(month, DAY_AHEAD)
    for region in REGIONS:
        one = away[region]
        assert 0.5 < one.autocorr(30) / one.autocorr(10) < 0.95
        assert abs(one.mean()) < 4 and 5 < one.std() < 20
        assert abs(one.autocorr(1440)) < 0.35


def test_prices_are_negative_now_and_then(month):
    share = (of(month, PRICE) < 0).mean()
    assert 0.005 < share.mean() < 0.05
    assert share.idxmax() in ("south", "west")


def test_spikes_rise_at_once_and_come_in_clusters(month):
    north = of(month, PRICE)["north"]
    rise = north.diff()
    assert rise.skew() > 2 and rise.max() > 40
    clock = Clock.of("2023-04-10", 200)
    chance = Chance.of(SEED, clock)
    added = _spikes(np.full(len(clock.index), 0.45), chance)
    times = np.flatnonzero(np.diff(added.max(axis=1)) > 20)
    gaps = np.diff(times)
    assert 4 < len(times) / 200 < 8, "three first ones a day and as many that follow"
    assert np.mean(gaps < 30) > 2 * (1 - np.exp(-30 / gaps.mean()))


def test_spikes_follow_scarcity():
    chance = Chance.of(SEED, Clock.of("2023-04-10", 60))
    scarce = np.abs(_spikes(np.full(len(chance.spike), 0.9), chance)).sum()
    assert scarce > 2 * np.abs(_spikes(np.full(len(chance.spike), 0.45), chance)).sum()
    assert _spikes(np.full(len(chance.spike), 0.0), chance).max() == 0


def test_a_full_line_keeps_what_was_drawn_as_it_filled():
    full = np.array([False, True, True, False, True, True])
    drawn = np.array([9.0, 10.0, 99.0, 99.0, 20.0, 99.0])
    assert _held(full, drawn).tolist() == [0, 10, 10, 0, 20, 20]


def test_who_sees_through_the_simulation_knows_the_present(month):
    now = informed(2, SEED, 0)
    given_now = of(month, PRICE).iloc[: len(now)]
    pd.testing.assert_frame_equal(now, given_now, atol=0.0051, check_names=False, rtol=0)


def test_who_sees_through_the_simulation_errs_less_than_both_simple_rules(month):
    prices, level = (of(month, kind).iloc[: 5 * 1440].to_numpy() for kind in (PRICE, DAY_AHEAD))
    for ahead in (1, 15, 60):
        known = informed(5, SEED, ahead).to_numpy()
        truth = prices[ahead:]
        error = np.abs(truth - known).mean()
        assert error < np.abs(truth - prices[:-ahead]).mean()
        assert error < np.abs(truth - level[ahead:]).mean()


def test_spreads_last_longer_than_dispatch(month):
    prices = of(month, PRICE)
    for region, sign in (("east", 1), ("south", -1), ("west", -1)):
        spread = prices[region] - prices["north"]
        assert spread.clip(-25, 25).autocorr(15) > 0.5, "without what spikes add"
        assert sign * spread.mean() > 0
    assert prices.corr().min(axis=None) > 0.7, "coupled"


def test_the_curve_of_offers_is_steeper_where_supply_is_scarce():
    step = np.diff(offers(np.linspace(-0.2, 1.0, 13)))
    assert (step > 0).all() and (np.diff(step) > 0).all()
    assert offers(np.array([-0.05])) < 0 < offers(np.array([0.0]))


def test_offers_have_a_cap_and_a_floor(month):
    assert month.min(axis=None) >= FLOOR and month.max(axis=None) <= CAP


@pytest.mark.parametrize(("days", "seed", "word"), [(0, 1, "at least one day"), (1, -1, "-1")])
def test_impossible_simulations_are_refused(days, seed, word):
    with pytest.raises(UsageError, match=word):
        real_time_prices(days, seed)
