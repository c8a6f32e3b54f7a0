"""The dynamic programme against the mixed-integer model: they share the prices, not the method."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import SolveError, UsageError
from lab.optimise.storage import dynamic, model, piecewise
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights
from lab.optimise.storage.plan import perfect_foresight
from lab.optimise.storage.rules import self_consumption

COST = Weights(1, 0, 0)


@st.composite
def cases(draw):
    n = draw(st.integers(2, 14))
    values = lambda low, high: draw(  # noqa: E731
        st.lists(st.floats(low, high).map(lambda x: round(x, 2)), min_size=n, max_size=n)
    )
    low = draw(st.sampled_from([0.0, 0.1]))
    start = draw(st.floats(low, 0.9))
    battery = Battery(
        capacity_kwh=draw(st.floats(1, 10)),
        charge_kw=draw(st.floats(0.5, 5)),
        discharge_kw=draw(st.floats(0.5, 5)),
        charge_efficiency=draw(st.floats(0.5, 1)),
        discharge_efficiency=draw(st.floats(0.5, 1)),
        self_discharge_per_hour=draw(st.sampled_from([0.0, 0.01, 0.05])),
        soc_min=low,
        soc_max=0.9,
        soc_start=start,
        soc_end=draw(st.sampled_from([None, low])),
        wear_per_kwh=draw(st.sampled_from([0.0, 0.05])),
    )
    return values(-1, 2), values(0, 3), values(0, 3), battery, draw(st.booleans())


@settings(max_examples=40, deadline=None)
@given(cases())
def test_finds_what_the_mixed_integer_model_finds(site, case):
    prices, load, pv, battery, at_home = case
    if at_home:
        imported = np.abs(prices)
        one = site(imported, export_price=0.4 * imported, load_kw=load, pv_kw=pv)
    else:
        one = site(prices)
    try:
        exact = perfect_foresight(one, battery, COST, method="highs")
    except SolveError:  # soc_end may be out of reach
        with pytest.raises(SolveError, match="cannot get from a state of charge of"):
            perfect_foresight(one, battery, COST, method="dynamic")
        return
    fast = perfect_foresight(one, battery, COST, method="dynamic")
    assert fast.bill.cost == pytest.approx(exact.bill.cost, abs=2e-6)
    assert fast.violations == exact.violations == 0


def test_at_the_reserve_with_self_discharge(site):
    one = site([0.5, -0.2, -0.2, 0.3])
    losing = Battery(
        10, 5, charge_efficiency=0.8, discharge_efficiency=0.8, self_discharge_per_hour=0.05,
        soc_min=0.2, soc_max=0.6, soc_start=0.4,
    )  # fmt: skip
    found = {m: perfect_foresight(one, losing, COST, method=m) for m in ("highs", "dynamic")}
    assert found["highs"].bill.cost == pytest.approx(found["dynamic"].bill.cost)


def test_by_hand(site):
    fast = perfect_foresight(site([10, 50, 10]), Battery(1, 1), COST, method="dynamic")
    assert fast.held["battery"]["charge_kw"].tolist() == [1, 0, 0]
    assert fast.held["battery"]["discharge_kw"].tolist() == [0, 1, 0]
    assert fast.saving == 40


def test_burns_nothing_at_negative_prices(site):
    one = site([-1.0, -1.0, -1.0])
    full = Battery(1, 1, charge_efficiency=0.5, soc_start=1.0)
    assert perfect_foresight(one, full, COST).saving == pytest.approx(1.0)  # out 1, in 2: 2 - 1


@pytest.mark.parametrize(
    ("battery", "limits", "weights"),
    [
        (Battery(1, 1, cycles_per_day=1), {}, COST),
        (Battery(1, 1), {"import_limit_kw": 5}, COST),
        (Battery(1, 1), {"export_limit_kw": 5}, COST),
        (Battery(1, 1), {"demand_charge_per_kw": 5}, COST),
        (Battery(1, 1), {"load_kw": [1.0, 2.0]}, Weights(0, 0, 1)),
        (Battery(1, 1), {"export_price": [3.0, 3.0]}, COST),
    ],
    ids=["cycles", "import limit", "export limit", "demand charge", "peak", "export above import"],
)
def test_says_where_it_does_not_apply(site, battery, limits, weights):
    one = site([1.0, 2.0], **limits)
    with pytest.raises(UsageError, match="choose 'highs' otherwise"):
        perfect_foresight(one, battery, weights, method="dynamic")


def test_unknown_method(site):
    with pytest.raises(UsageError, match="method must be one of auto, highs, dynamic, got 'lp'"):
        perfect_foresight(site([1.0]), Battery(1, 1), COST, method="lp")


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.floats(-3, 3).map(lambda x: round(x, 2)), min_size=2, max_size=7),
    st.floats(0.05, 3),
    st.floats(-2, 2),
)
def test_convolution_with_a_piece_is_the_least_over_the_piece(values, length, slope):
    x, y = np.arange(len(values), dtype=float), np.array(values)
    u, v = piecewise.reached_from_below(x, y, length, slope)
    assert u[0] == x[0]
    assert u[-1] == pytest.approx(x[-1] + length)
    for p in np.linspace(u[0], u[-1], 23):
        low, high = max(0.0, p - x[-1]), min(length, p - x[0])
        # The least lies at an end or where f has a corner.
        tries = [low, high, *(p - c for c in x if low <= p - c <= high)]
        least = min(piecewise.at(x, y, p - t) + slope * t for t in tries)
        assert piecewise.at(u, v, p) == pytest.approx(least, abs=1e-9)


def test_convex_and_general_convolution_agree():
    x, y = np.array([0.0, 1.0, 3.0]), np.array([2.0, 0.0, 1.0])
    for slope in (-3.0, -1.0, 0.2, 2.0):
        one = piecewise.reached_from_below(x, y, 1.5, slope)
        two = piecewise.slid_if_convex(x, y, 1.5, slope)
        for p in np.linspace(0, 4.5, 19):
            assert piecewise.at(*one, p) == pytest.approx(piecewise.at(*two, p))


def test_the_lower_of_two_functions():
    x, y = piecewise.lesser(
        np.array([0.0, 2.0]), np.array([0.0, 2.0]), np.array([1.0, 3.0]), np.array([2.0, 0.0])
    )
    got = [piecewise.at(x, y, p) for p in (0.0, 0.5, 1.5, 2.0, 3.0)]
    assert got == pytest.approx([0, 0.5, 1.5, 1.0, 0])


def test_a_month_of_a_home_equals_the_linear_model(site):
    draws = np.random.default_rng(3)
    hours = np.arange(24 * 30)
    load = draws.gamma(2, 0.5, len(hours))
    pv = (
        4 * np.maximum(np.sin(np.pi * (hours % 24 - 6) / 12), 0) * draws.uniform(0.2, 1, len(hours))
    )
    price = np.where((hours % 24 >= 16) & (hours % 24 < 21), 0.5, 0.2)
    one = site(price, export_price=0.05, load_kw=load, pv_kw=pv, carbon_kg_per_kwh=draws.uniform(
        0.1, 0.4, len(hours)))  # fmt: skip
    battery = Battery(6.4, 5, charge_efficiency=0.95, discharge_efficiency=0.95, soc_end=0.0)
    fast = perfect_foresight(one, battery)
    slow = perfect_foresight(one, battery, method="highs")
    assert fast.objective == pytest.approx(slow.objective, abs=1e-9)
    assert fast.objective < self_consumption(one, battery).objective < 1


def test_needs_one_battery(site):
    one = site([1.0, 2.0])
    pays = model.objective(one, (1, 0, 0))
    assert not dynamic.applies(one, [Battery(1, 1), Battery(1, 1, name="b")], pays)
