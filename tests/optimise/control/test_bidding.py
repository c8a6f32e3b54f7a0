import numpy as np
import pandas as pd
import pytest

from lab.errors import SolveError, UsageError
from lab.optimise.control import bidding, worth
from lab.optimise.control.bidding import Days, Strategy, bid_day, fixed, grid
from lab.optimise.control.compare import Stage
from lab.optimise.control.market import Market
from lab.optimise.storage.battery import Battery

from .conftest import market_of, noisy  # isort: skip


@pytest.fixture
def square():
    """Three days, cheap before noon and dear behind it; real time pays 0.01 more in the evening."""
    hour = np.tile(np.arange(24), 3).repeat(60)
    level = np.where(hour < 12, 0.02, 0.08)
    market = market_of(level + np.where(hour >= 20, 0.01, 0.0), level)
    return Stage(market, Battery(10, 10, soc_start=0.0), 0.0)


@pytest.fixture
def days(square):
    return Days.of(square, worth.fitted(square.market))


def test_what_is_expected_is_the_mean_of_the_days_before(days):
    assert np.isnan(days.expected[0]).all()
    assert days.expected[1].tolist() == pytest.approx([0.02] * 12 + [0.08] * 12)
    assert len(days) == 3


def test_truthful_bids_buy_below_and_sell_above_what_energy_is_worth(days):
    day = bid_day(days, 1, Strategy(0.0), 0.0)
    # One hour fills the battery, one empties it; what is sold is delivered.
    assert day.profit == pytest.approx(10 * (0.08 - 0.02))
    assert day.position.sum() == pytest.approx(0)
    assert np.abs(day.given - day.taken - day.position).max() < 1e-12


def test_the_heuristic_takes_the_cheapest_and_the_dearest_hour(days):
    day = bid_day(days, 1, Strategy(self_scheduled=True), 0.0)
    assert day.profit == pytest.approx(10 * (0.08 - 0.02))
    assert np.flatnonzero(day.taken)[[0, -1]].tolist() == [0, 59]
    assert np.flatnonzero(day.given)[[0, -1]].tolist() == [23 * 60, 23 * 60 + 59]


def test_what_is_not_delivered_is_settled_at_the_real_time_price(days):
    # Sold day ahead at noon for 0.08, held for real time by a margin that is never met.
    day = bid_day(days, 1, Strategy(0.0, real_time=0.95), 0.0)
    assert day.taken.sum() == day.given.sum() == 0
    # Bought 10 at 0.02 and sold 10 at 0.08 day ahead, bought back and sold back at the same.
    assert day.profit == pytest.approx(0, abs=1e-12)
    evening = bid_day(days, 1, Strategy(None, planned=True), 0.0)
    assert evening.position.any() == 0
    assert evening.profit == pytest.approx(10 * (0.09 - 0.02), rel=0.02)


def test_staying_out_earns_nothing(days):
    assert fixed(days, Strategy()).profit.tolist() == [0, 0]


def test_names_tell_what_a_strategy_does():
    names = list(grid([0.0, 0.2]))
    assert len(names) == len(set(names)) == 16
    assert Strategy(None, 0.2).name == "no day ahead, real time 20 %"
    assert Strategy(None, None, True, True).name == "self-scheduled, real time planned"


def test_a_season_goes_on_from_day_to_day_and_is_checked(square):
    stage = Stage(noisy(4), Battery(10, 5, charge_efficiency=0.9, soc_start=0.5), 0.03)
    days = Days.of(stage, worth.fitted(stage.market))
    for name, strategy in grid([0.0]).items():
        season = fixed(days, strategy)
        assert season.violations == 0
        assert len(season.profit) == 3
        assert (season.followed == name).all()
    assert fixed(days, Strategy(0.0)).short_kwh == pytest.approx(0, abs=1e-9)
    assert fixed(days, Strategy(0.0, 0.0)).short_kwh > 0


@pytest.fixture
def weeks():
    stage = Stage(noisy(6), Battery(10, 5, soc_start=0.5), 0.03)
    return Days.of(stage, worth.fitted(stage.market))


def followed(days, earned, forgetting=0.9, first=3):
    """Return whom the adaptive bidder follows of two that earned what is told on days 1, 2, ..."""
    strategies = {one.name: one for one in (Strategy(), Strategy(0.0))}
    table = pd.DataFrame(dict(zip(strategies, earned, strict=True)))
    names = list(strategies)
    found = bidding.adaptive(days, strategies, table, first, forgetting).followed
    return [names.index(name) for name in found]


def test_the_adaptive_bidder_follows_the_leader_of_days_that_are_over_when_bids_close(weeks):
    # Day 2 runs until midnight and day 3 is bid for at noon: day 1 alone counts.
    assert followed(weeks, ([0.0, 9.0, 9.0, 0, 0], [1.0, -9.0, -9.0, 0, 0])) == [1, 0, 0]
    assert followed(weeks, ([2.0, -9.0, 9.0, 0, 0], [1.0, 9.0, -9.0, 0, 0])) == [0, 1, 0]


@pytest.mark.parametrize(("forgetting", "follows"), [(1.0, 0), (0.1, 1)], ids=["all", "lately"])
def test_older_days_count_less(weeks, forgetting, follows):
    earned = [9.0, 0.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0, 0.0]
    assert followed(weeks, earned, forgetting, first=4)[0] == follows


def choices(market, reversion):
    """Return what the adaptive bidder follows on the days 3, 4, ... of a market."""
    days = Days.of(Stage(market, Battery(10, 5, soc_start=0.5), 0.03), reversion)
    # The last one acts on spikes alone.
    mixes = Strategy(), Strategy(0.0), Strategy(real_time=0.9)
    strategies = {one.name: one for one in mixes}
    earned = pd.DataFrame({name: fixed(days, one).profit for name, one in strategies.items()})
    return bidding.adaptive(days, strategies, earned, 3, 0.5).followed.tolist()


def test_the_hours_after_bids_close_change_no_choice_for_the_next_day():
    market = noisy(6)
    reversion = worth.fitted(market.days(1, 2))
    known = choices(market, reversion)
    assert set(known) == {Strategy(0.0).name}
    for day in range(3, 6):
        # In the last 11 hours before the day spikes come.
        late = (market.day == day - 1) & (market.hour >= 13)
        table = market.table.copy()
        table.loc[late, "price"] = np.where(market.hour[late] % 2, 0.9, -0.9)
        changed = choices(Market(table), reversion)
        assert changed[: day - 2] == known[: day - 2]
        # They do count for the days behind it.
        assert set(changed[day - 2 :]) <= {Strategy(real_time=0.9).name}


def test_a_season_that_breaks_a_bound_is_refused(days, monkeypatch):
    monkeypatch.setattr(bidding, "violations", lambda *_: 3)
    with pytest.raises(SolveError, match="bidder breaks the energy balance or a bound in 3 steps"):
        fixed(days, Strategy())


def test_bad_bids_are_refused(days):
    with pytest.raises(UsageError, match="margin day_ahead must lie from 0 to below 1, got 1"):
        Strategy(1.0)
    with pytest.raises(UsageError, match="margin real_time must lie .* got -0.1"):
        Strategy(None, -0.1)
    with pytest.raises(UsageError, match="numbered 1 to 2, got 0"):
        bid_day(days, 0, Strategy(), 0.0)
    with pytest.raises(UsageError, match="forgetting must lie over 0 and up to 1, got 0"):
        bidding.adaptive(days, {}, pd.DataFrame(), 3, 0.0)
    with pytest.raises(UsageError, match="a day that is over when bids close, .* got 2"):
        bidding.adaptive(days, {}, pd.DataFrame(), 2, 0.9)


def test_a_clock_change_is_a_day_as_others_are():
    hours = 24 + 23 + 24
    level = np.full(hours * 60, 0.04)
    market = market_of(level, begin="2024-03-09", zone="America/Chicago")
    stage = Stage(market, Battery(10, 5, soc_start=0.5), 0.03)
    days = Days.of(stage, worth.fitted(market))
    assert [days.steps(k).stop - days.steps(k).start for k in range(3)] == [1440, 1380, 1440]
    assert np.isfinite(days.expected[1:]).all()
    assert len(fixed(days, Strategy(self_scheduled=True)).profit) == 2
