"""The best price: closed form, solver, grid and by hand."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from lab.errors import DataError, SolveError, UsageError
from lab.market import dynamic
from lab.market.dynamic import Forecasts, PriceRule, dynamic_price
from lab.market.dynamic_check import by_solver

RULE = PriceRule()
KW = st.floats(1.0, 1000.0)
LEVEL = st.floats(0, 1)


def test_at_the_base_price_the_sum_of_weights_comes_out():
    found = dynamic.valued(0.15, Forecasts([100.0], [120.0], 0.2), RULE)
    assert found.objective == pytest.approx([1.0])
    for term in dynamic.TERMS:
        assert found.components[f"{term}_scaled"] == pytest.approx([1.0])
        assert found.components[term] == found.components[f"{term}_base"]


def test_terms_by_hand():
    # 100 kW, elasticity -0.3: demand ends at 0.15 (1 + 1 / 0.3) = 0.65. Offers rise from 0 to the
    # base price at 200 kW, so 100 kW cost 0.15 x 100 x 0.25 = 3.75 USD an hour.
    found = dynamic.terms(0.15, Forecasts([100.0], [200.0], 0.0), RULE)
    assert found["consumer_surplus"] == pytest.approx([(0.65 - 0.15) * 100 / 2])
    assert found["producer_surplus"] == pytest.approx([15.0 - 3.75])
    assert found["stability"] == pytest.approx([1 - (100 / 300) ** 2])


@settings(deadline=None, max_examples=60)
@given(KW, KW, LEVEL, st.floats(-0.42, -0.01), st.floats(1.0, 4.0))
def test_closed_form_is_what_a_search_finds(demand, supply, level, elasticity, steep):
    rule = PriceRule(elasticity=elasticity, supply_elasticity=steep)
    forecasts = Forecasts([demand], [supply], level)
    found = dynamic_price(forecasts, rule)
    assert 0.05 <= found.price_usd_per_kwh[0] <= 0.50
    searched = minimize_scalar(
        lambda p: -dynamic.objective(p, forecasts, rule)[0],
        bounds=(0.05, 0.50),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert found.objective[0] >= -searched.fun - 1e-9
    assert found.price_usd_per_kwh[0] == pytest.approx(searched.x, abs=2e-4)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**31))
def test_closed_form_is_what_the_solver_finds(seed):
    draw = np.random.default_rng(seed)
    kw = draw.uniform(50, 500, (2, 20))
    forecasts = Forecasts(kw[0], kw[1], draw.random(20))
    closed, convex = dynamic_price(forecasts, RULE), by_solver(forecasts, RULE)
    assert convex.price_usd_per_kwh == pytest.approx(closed.price_usd_per_kwh, abs=1e-6)
    assert convex.objective == pytest.approx(closed.objective, abs=1e-8)


def test_scarcity_and_congestion_raise_the_price():
    plenty, scarce, full = (
        dynamic_price(Forecasts([100.0], [supply], level), RULE).price_usd_per_kwh[0]
        for supply, level in ((150.0, 0.0), (60.0, 0.0), (150.0, 1.0))
    )
    assert plenty < scarce and plenty < full


def test_weak_demand_is_held_by_the_upper_bound():
    found = dynamic_price(Forecasts([100.0], [80.0], 0.0), PriceRule(elasticity=-0.05))
    assert found.bound.tolist() == ["high"]
    assert found.price_usd_per_kwh.tolist() == [0.50]


def test_plenty_is_held_by_the_lower_bound_where_stability_counts():
    found = dynamic_price(Forecasts([100.0], [900.0], 0.0), PriceRule(weights=(0.0, 0.01, 0.99)))
    assert found.bound.tolist() == ["low"]
    assert found.price_usd_per_kwh.tolist() == [0.05]


@pytest.mark.parametrize(
    ("find", "message"),
    [(dynamic_price, "position 0 is no convex problem"), (by_solver, "bends upwards")],
)
def test_consumers_alone_are_no_convex_problem(find, message):
    with pytest.raises(SolveError, match=message):
        find(Forecasts([100.0], [100.0], 0.0), PriceRule(weights=(1.0, 0.0, 0.0)))


def test_a_loss_of_producers_stays_a_loss():
    forecasts = Forecasts([100.0], [20.0], 0.0)
    found = dynamic.valued(0.15, forecasts, RULE)
    assert found.components["producer_surplus"][0] < 0
    assert found.components["producer_surplus_scaled"][0] == pytest.approx(-1)


def test_supply_is_read_off_the_cost_of_the_last_kwh():
    supply = RULE.supply_kw(100.0, [0.15, 0.30, 0.075])
    assert supply == pytest.approx([100.0, 50.0, 200.0])
    steep = PriceRule(supply_elasticity=2.0)
    forecasts = Forecasts([100.0], np.atleast_1d(steep.supply_kw(100.0, 0.2)), 0.0)
    rise = dynamic.cost_usd_per_h(np.array([100.0 + 1e-6]), forecasts, steep)
    cost = (rise - dynamic.cost_usd_per_h(np.array([100.0]), forecasts, steep)) / 1e-6
    assert cost == pytest.approx([0.2], rel=1e-4)


@settings(deadline=None, max_examples=40)
@given(KW, KW, LEVEL)
def test_pricing_at_cost_has_the_largest_plain_surplus(demand, supply, level):
    forecasts = Forecasts([demand], [supply], level)
    best = dynamic.marginal_cost_pricing(forecasts, RULE)

    def plain(price):
        found = dynamic.terms(price, forecasts, RULE)
        return found["consumer_surplus"] + found["producer_surplus"]

    others = np.linspace(0.05, 0.50, 30)[:, None]
    assert (plain(others) <= plain(best) + 1e-9 * demand).all()


def test_the_answer_holds_everything_by_interval():
    found = dynamic_price(Forecasts([100.0, 90.0], [80.0, 99.0], [0.0, 0.5]), RULE)
    table = found.table()
    assert table["congestion"].tolist() == [0.0, 0.5]
    assert table["demand_forecast_kw"].tolist() == [100.0, 90.0]
    assert len(table.columns) == 7 + 3 * len(dynamic.TERMS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.rule = None


@pytest.mark.parametrize("field", ["price_usd_per_kwh", "objective"])
def test_what_is_no_number_fails_the_check(field):
    found = dynamic_price(Forecasts([100.0, 90.0], [120.0, 80.0], 0.2), RULE)
    values = getattr(found, field).copy()
    values[1] = np.nan
    with pytest.raises(SolveError, match="left its bounds: nan|position 1 is not the best"):
        dynamic.check_price(dataclasses.replace(found, **{field: values}))


def test_the_check_finds_what_is_wrong():
    forecasts = Forecasts([100.0], [100.0], 0.0)
    with pytest.raises(SolveError, match="position 0 is not the best: .* USD/kWh is better"):
        dynamic.priced(0.15, forecasts, RULE)
    with pytest.raises(SolveError, match="left its bounds: 0.6 to 0.6"):
        dynamic.priced(0.6, forecasts, RULE)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: PriceRule(elasticity=0.3),
            UsageError,
            "elasticity must lie from -0.429 to below 0.* got 0.3",
        ),
        (lambda: PriceRule(elasticity=-0.5), UsageError, "does not end below 0.5 USD/kWh"),
        (lambda: PriceRule(elasticity=np.nan), UsageError, "elasticity must be a finite number"),
        (lambda: PriceRule(elasticity="weak"), UsageError, "elasticity must be a finite number"),
        (
            lambda: PriceRule(low_usd_per_kwh=0.6),
            UsageError,
            "a lower and a higher bound, got 0.6 and 0.5",
        ),
        (
            lambda: PriceRule(base_usd_per_kwh=0.7),
            UsageError,
            "base_usd_per_kwh must be above 0.05",
        ),
        (lambda: PriceRule(weights=(1.0, 1.0)), UsageError, "weights must be three"),
        (
            lambda: PriceRule(weights=(np.nan, 0.4, 0.2)),
            UsageError,
            "Each of the weights must be a finite number, got nan",
        ),
        (
            lambda: PriceRule(weights=(0.4, np.inf, 0.2)),
            UsageError,
            "Each of the weights must be a finite number, got inf",
        ),
        (
            lambda: PriceRule(weights=(1.0, -1.0, 0.0)),
            UsageError,
            "Each of the weights must be at least 0, got -1",
        ),
        (
            lambda: PriceRule(supply_elasticity=0.5),
            UsageError,
            "supply_elasticity must be at least 1",
        ),
        (
            lambda: Forecasts([1.0, np.nan], [1.0, 1.0], 0.0),
            DataError,
            "Demand forecasts .* position 1",
        ),
        (
            lambda: Forecasts([1.0], [0.0], 0.0),
            DataError,
            r"Supply forecasts \[kW\] must be above 0, got 0",
        ),
        (lambda: Forecasts([1.0], [1.0], 1.5), DataError, "Congestion levels must be from 0 to 1"),
        (
            lambda: Forecasts([1.0], [1.0, 2.0], 0.0),
            DataError,
            "as many for demand, supply and congestion",
        ),
        (lambda: RULE.supply_kw(1.0, 0.0), DataError, r"Costs \[USD/kWh\] must be above 0, got 0"),
        (
            lambda: dynamic.valued(np.nan, Forecasts([1.0], [1.0], 0), RULE),
            DataError,
            r"Prices \[USD/kWh\] must be finite",
        ),
        (lambda: PriceRule(weights=None), UsageError, "Each of the weights .* got None"),
        (lambda: PriceRule(weights=(0.0, 0.0, 0.0)), UsageError, "three of at least 0, one above"),
        (
            lambda: dynamic.valued([0.1, 0.2, 0.3], Forecasts([1.0, 1.0], [1.0, 1.0], 0), RULE),
            DataError,
            r"Prices \[USD/kWh\] must be one or 2 in a row",
        ),
    ],
    ids=[
        "sign",
        "ends",
        "nan",
        "text",
        "bounds",
        "base",
        "two",
        "nan weight",
        "infinite weight",
        "negative",
        "supply",
        "demand",
        "no supply",
        "level",
        "lengths",
        "cost",
        "price",
        "no weights",
        "weights of 0",
        "prices",
    ],
)
def test_bad_input_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_no_forecasts_are_refused():
    with pytest.raises(DataError, match="Forecasts must tell at least one interval, got none"):
        Forecasts([], [], 0.0)
