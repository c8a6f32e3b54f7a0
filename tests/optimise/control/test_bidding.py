from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.errors import SolveError, UsageError
from lab.optimise.control import bidding, worth
from lab.optimise.control.bidding import Days, Strategy, bid_day, fixed, grid
from lab.optimise.control.compare import Stage
from lab.optimise.control.forecasts import BLOCKS, Reversion
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


def positions(market, reversion, strategy, monkeypatch, battery=None):
    """Return what a bidder sells day ahead on each day of a season."""
    battery = battery or Battery(10, 5, soc_start=0.5)
    days, done = Days.of(Stage(market, battery, 0.03), reversion), []
    begin = bidding.bid_day
    with monkeypatch.context() as patch:
        patch.setattr(bidding, "bid_day", lambda *args: done.append(begin(*args)) or done[-1])
        fixed(days, strategy)
    return [day.position for day in done]


@pytest.mark.parametrize("strategy", [Strategy(0.0, 0.0), Strategy(0.0, planned=True)])
def test_what_is_sold_for_a_day_knows_nothing_of_prices_after_bids_close(strategy, monkeypatch):
    # Cheap in the evening: what is held at one o'clock is not sold by midnight.
    table, slow = noisy(5).table, Battery(80, 4, soc_start=0.5)
    market = market_of(*np.roll(table.to_numpy(), 720, axis=0).T)
    reversion = worth.fitted(market)
    known = positions(market, reversion, strategy, monkeypatch, slow)

    def same(hours, price, day):
        """Return whose positions stay, from day 1 on, with another price in hours of a day."""
        table = market.table.copy()
        table.loc[(market.day == day) & np.isin(market.hour, hours), "price"] = price
        changed = positions(Market(table), reversion, strategy, monkeypatch, slow)
        return [np.array_equal(*both) for both in zip(changed, known, strict=True)]

    for day in (1, 2):
        assert all(same(range(13, 24), 0.9, day)[: day + 1])
        # What happens before one o'clock counts.
        assert same(range(13), 0.0, day)[: day + 1] == [True] * day + [False]


def test_bids_are_accepted_on_what_is_held_when_they_close_and_what_is_traded_for_the_rest(days):
    # 10 kWh are bought day ahead at 0.02 and sold at 0.08 from noon to one.
    day = bid_day(days, 1, Strategy(0.0), 0.0)
    assert days.planned_kwh(1, day) == pytest.approx(0)
    # At margins that are never met the battery stands still, and cannot deliver what it sold.
    still = bid_day(days, 1, Strategy(0.0, real_time=0.95), 4.0)
    assert days.planned_kwh(1, still) == pytest.approx(4)
    # Sold in the last hour: it is full at one o'clock, and planned to be empty at midnight.
    last = bid_day(days, 1, Strategy(self_scheduled=True), 0.0)
    assert last.held[13 * 60 - 1] == pytest.approx(10)
    assert days.planned_kwh(1, last) == pytest.approx(0)
    kept = replace(last, held=np.full(1440, 7.0))
    assert days.planned_kwh(1, kept) == pytest.approx(0)
    # Empty in truth, planned to be full: 10 are sold that are not there.
    over = bid_day(days, 2, Strategy(self_scheduled=True), 0.0, 10.0)
    assert over.position[:60].sum() == pytest.approx(0)
    assert over.position.sum() == pytest.approx(10)
    assert over.given.sum() == 0


def test_steps_of_half_a_day_have_a_plan_for_midnight():
    market = market_of([0.02, 0.08] * 3, freq="12h")
    days = Days.of(
        Stage(market, Battery(24, 2), 0.0), Reversion((1,) * len(BLOCKS), (0.0,) * len(BLOCKS), 0.0)
    )
    assert fixed(days, Strategy(0.0)).profit.tolist() == pytest.approx([24 * 0.06] * 2)


def test_a_season_that_breaks_a_bound_is_refused(days, monkeypatch):
    monkeypatch.setattr(bidding, "violations", lambda *_: 3)
    with pytest.raises(SolveError, match="bidder breaks the energy balance or a bound in 3 steps"):
        fixed(days, Strategy())


def test_bad_bids_are_refused(days):
    with pytest.raises(UsageError, match="margin day_ahead must be from 0 to below 1, got 1"):
        Strategy(1.0)
    with pytest.raises(UsageError, match="margin real_time must be .* got -0.1"):
        Strategy(None, -0.1)
    with pytest.raises(UsageError, match="margin real_time must be a finite number, got 'high'"):
        Strategy(None, "high")
    with pytest.raises(UsageError, match="numbered 1 to 2, got 0"):
        bid_day(days, 0, Strategy(), 0.0)
    with pytest.raises(UsageError, match="forgetting must be above 0 and up to 1, got 0"):
        bidding.adaptive(days, {}, pd.DataFrame(), 3, 0.0)
    with pytest.raises(UsageError, match="numbered 1 to 2, got first 3"):
        fixed(days, Strategy(), 3)
    with pytest.raises(UsageError, match="first must be a whole number, got 1.5"):
        fixed(days, Strategy(), 1.5)
    with pytest.raises(UsageError, match="a day that is over when bids close, .* got 2"):
        bidding.adaptive(days, {}, pd.DataFrame(), 2, 0.9)


@pytest.mark.parametrize("begin", ["2024-11-02", "2024-03-09"], ids=["autumn", "spring"])
def test_the_heuristic_trades_as_much_on_the_day_of_a_clock_change(begin, monkeypatch):
    # Two hours fill the battery. Cheap are the hours 4 and 5, dear 18 and 19, on every day.
    index = pd.date_range(begin, periods=4 * 1440, freq="min", tz="America/Chicago")
    hour = index.hour.to_numpy()
    level = np.select([np.isin(hour, [4, 5]), np.isin(hour, [18, 19])], [0.01, 0.09], 0.05)
    market = market_of(level, begin=begin, zone="America/Chicago")
    sold = positions(market, worth.fitted(market), Strategy(self_scheduled=True), monkeypatch)
    for position in sold[:2]:
        # The battery begins half full: on the first day 5 kWh fit.
        assert position[position > 0].sum() == pytest.approx(10)
    assert sold[1][sold[1] < 0].sum() == pytest.approx(-10)


def test_a_clock_change_is_a_day_as_others_are():
    hours = 24 + 23 + 24
    level = np.full(hours * 60, 0.04)
    market = market_of(level, begin="2024-03-09", zone="America/Chicago")
    stage = Stage(market, Battery(10, 5, soc_start=0.5), 0.03)
    days = Days.of(stage, worth.fitted(market))
    assert [days.steps(k).stop - days.steps(k).start for k in range(3)] == [1440, 1380, 1440]
    assert np.isfinite(days.expected[1:]).all()
    assert len(fixed(days, Strategy(self_scheduled=True)).profit) == 2
