import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.optimise.control import planning, worth
from lab.optimise.control.compare import Stage, by_foresight, by_plans
from lab.optimise.control.dynamics import limits
from lab.optimise.storage.battery import Battery

from .conftest import market_of  # isort: skip


def earned(prices, battery, end_worth=0.0, hours=1.0):
    of = limits(battery, hours)
    start = battery.soc_start * battery.capacity_kwh
    return planning.foresight(np.asarray(prices, float), start, end_worth, of) - end_worth * start


HANDS = {
    "buy low, sell high": ([10, 50, 10], Battery(4, 4), 160.0),
    "nothing to earn": ([10, 10, 10], Battery(4, 4), 0.0),
    "losses eat the spread": ([10, 12], Battery(4, 4, charge_efficiency=0.8), 0.0),
    "losses": ([10, 50], Battery(4, 8, charge_efficiency=0.5), 4 * 50 - 8 * 10.0),
    "two hours to fill": ([10, 20, 50], Battery(4, 2, 4), 4 * 50 - 2 * 10 - 2 * 20.0),
    "wear": ([10, 50], Battery(4, 4, wear_per_kwh=5), 4 * 30.0),
    "what is there is sold": ([7], Battery(4, 4, soc_start=1), 28.0),
    "reserve stays": ([7], Battery(4, 4, soc_min=0.5, soc_start=1), 14.0),
    "half leaks": ([10, 50], Battery(4, 4, self_discharge_per_hour=0.5), 60.0),
}


@pytest.mark.parametrize(("prices", "battery", "wanted"), HANDS.values(), ids=HANDS)
def test_what_a_hand_finds(prices, battery, wanted):
    assert earned(prices, battery) == pytest.approx(wanted)


batteries = st.builds(
    Battery,
    capacity_kwh=st.just(10.0),
    charge_kw=st.floats(1, 9),
    discharge_kw=st.floats(1, 9),
    charge_efficiency=st.floats(0.6, 1),
    discharge_efficiency=st.floats(0.6, 1),
    soc_min=st.just(0.1),
    soc_max=st.just(0.9),
    soc_start=st.floats(0.1, 0.9),
    wear_per_kwh=st.sampled_from([0.0, 0.01]),
)
prices_over_0 = st.lists(st.floats(0, 0.3), min_size=2, max_size=12)


@settings(max_examples=15, deadline=None)
@given(prices=prices_over_0, battery=batteries, end_worth=st.floats(0, 0.2))
def test_the_value_built_backwards_is_the_linear_programmes(prices, battery, end_worth):
    stage = Stage(market_of(prices, freq="h"), battery, end_worth)
    found = by_foresight("all known", stage).profit
    assert found == pytest.approx(earned(prices, battery, end_worth), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(prices=st.lists(st.floats(-0.2, 0.3), min_size=2, max_size=30), battery=batteries)
def test_slopes_fall_and_span_the_battery(prices, battery):
    of = limits(battery, 1.0)
    value = planning.blank(80)
    planning.begin(value, 0.05, of)
    for price in prices:
        planning.one_step_back(value, price, 1.0, of)
        pieces = value.pieces[0]
        assert (np.diff(value.slope[:pieces]) <= 1e-12).all()
        assert value.width[:pieces].sum() == pytest.approx(8.0)
        assert (value.width[:pieces] > -1e-9).all()


def test_self_discharge_costs_what_it_costs_in_the_programme():
    battery = Battery(10, 4, self_discharge_per_hour=0.1, soc_min=0.2, soc_start=0.5)
    prices = [0.1, 0.05, 0.3, 0.02, 0.2]
    found = by_foresight("all known", Stage(market_of(prices, freq="h"), battery, 0.0)).profit
    assert found == pytest.approx(earned(prices, battery), abs=1e-6)


def test_plans_on_true_prices_earn_what_foresight_earns(battery):
    # Without deviations from published levels forecasts are true while tomorrow is published.
    hour = np.arange(2 * 1440) // 60 % 24
    market = market_of(0.04 + 0.02 * np.sin(2 * np.pi * hour / 24))
    stage = Stage(market, battery, 0.03)
    run = by_plans("MPC", stage, worth.fitted(market))
    best = by_foresight("all known", stage)
    assert 0.97 < run.profit / best.profit <= 1 + 1e-9


def test_a_plan_made_less_often_is_kept_in_between(stage):
    often, rarely = (by_plans("MPC", stage, worth.fitted(stage.market), k) for k in (1, 60))
    assert often.profit > rarely.profit > 0


def test_worth_is_the_slope_of_the_plan():
    # One hour ahead sells 4 kWh at 0.05; what is left behind it is worth 0.02.
    plans = planning.Plans(np.array([[0.05]]), np.ones(1), np.array([0.02]), 1)
    of = limits(Battery(8, 4), 1.0)
    assert planning.worth_in_plans(plans, of, 4)[0].tolist() == pytest.approx(
        [0.05, 0.05, 0.02, 0.02]
    )


def test_worth_at_the_mean_is_the_coming_days_price_less_the_loss():
    market = market_of(np.full(2 * 1440, 0.04))
    battery = Battery(8, 4, discharge_efficiency=0.5)
    found = worth.at_mean(market, worth.fitted(market), limits(battery, 1 / 60), 3)
    assert found.shape == (2880, 3)
    assert found == pytest.approx(0.02)
    planned = worth.in_plan(market, worth.fitted(market), limits(battery, 1 / 60), 3)
    assert planned == pytest.approx(0.02)
    assert not worth.nothing(market, 3).any()


def test_a_frame_of_prices_below_zero_is_an_upper_bound():
    battery = Battery(10, 5, charge_efficiency=0.9, discharge_efficiency=0.9, soc_start=0.5)
    prices = [-0.1, 0.2, -0.05, 0.1]
    stage = Stage(market_of(prices, freq="h"), battery, 0.0)
    run = by_foresight("all known", stage)
    assert run.profit <= earned(prices, battery) + 1e-9
    assert isinstance(run.schedule, pd.DataFrame)
