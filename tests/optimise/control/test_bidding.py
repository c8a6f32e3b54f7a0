import numpy as np
import pandas as pd
import pytest

from lab.errors import SolveError, UsageError
from lab.optimise.control import bidding, worth
from lab.optimise.control.bidding import Days, Strategy, bid_day, fixed, grid
from lab.optimise.control.compare import Stage
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


def test_the_adaptive_bidder_follows_the_leader_of_the_past_only(days):
    strategies = {one.name: one for one in (Strategy(), Strategy(0.0))}
    names = list(strategies)
    earned = pd.DataFrame({names[0]: [0.0, 9.0], names[1]: [1.0, -9.0]})
    season = bidding.adaptive(days, strategies, earned, 2, 0.9)
    assert season.followed.tolist() == [names[1]]
    swapped = pd.DataFrame({names[0]: [2.0, -9.0], names[1]: [1.0, 9.0]})
    assert bidding.adaptive(days, strategies, swapped, 2, 0.9).followed.tolist() == [names[0]]


@pytest.mark.parametrize(("forgetting", "follows"), [(1.0, 0), (0.1, 1)], ids=["all", "lately"])
def test_older_days_count_less(forgetting, follows):
    stage = Stage(noisy(4), Battery(10, 5, soc_start=0.5), 0.03)
    days = Days.of(stage, worth.fitted(stage.market))
    strategies = {one.name: one for one in (Strategy(), Strategy(0.0))}
    earned = pd.DataFrame(dict(zip(strategies, ([9.0, 0.0, 0.0], [0.0, 2.0, 0.0]), strict=True)))
    season = bidding.adaptive(days, strategies, earned, 3, forgetting)
    assert season.followed.tolist() == [list(strategies)[follows]]


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
        bidding.adaptive(days, {}, pd.DataFrame(), 2, 0.0)
    with pytest.raises(UsageError, match="needs a day to learn from, got first = 1"):
        bidding.adaptive(days, {}, pd.DataFrame(), 1, 0.9)


def test_a_clock_change_is_a_day_as_others_are():
    hours = 24 + 23 + 24
    level = np.full(hours * 60, 0.04)
    market = market_of(level, begin="2024-03-09", zone="America/Chicago")
    stage = Stage(market, Battery(10, 5, soc_start=0.5), 0.03)
    days = Days.of(stage, worth.fitted(market))
    assert [days.steps(k).stop - days.steps(k).start for k in range(3)] == [1440, 1380, 1440]
    assert np.isfinite(days.expected[1:]).all()
    assert len(fixed(days, Strategy(self_scheduled=True)).profit) == 2
