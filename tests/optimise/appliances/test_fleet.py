import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError, SolveError, UsageError
from lab.optimise.appliances import fleet
from lab.optimise.appliances.stays import clean, spread

BEGIN = pd.Timestamp("2019-10-01 08:00", tz="UTC")
INDEX = pd.date_range(BEGIN, periods=6, freq="h")


def sessions(*rows):
    """Sessions from arrival and departure in hours, requested and delivered energy."""
    table = pd.DataFrame(
        rows, columns=["begin", "end", "requested_kwh", "delivered_kwh"], dtype=float
    )
    for name, column in (("arrival", "begin"), ("departure", "end")):
        table[name] = BEGIN + pd.to_timedelta(table[column], unit="h")
    return table.drop(columns=["begin", "end"])


def stays(*rows, power_kw=2.0):
    return spread(clean(sessions(*rows), power_kw)[0], INDEX)


def test_a_car_needs_no_more_than_was_asked_for():
    found, counts = clean(sessions((0, 3, 4, 6), (0, 2, 9, 8), (1, 1, 2, 2), (0, 1, 1, 0)), 2.0)
    assert found["need_kwh"].tolist() == [4, 8]
    # The second took 8 kWh in two hours: it keeps its 4 kW.
    assert found["power_kw"].tolist() == [2, 4]
    assert counts == {
        "sessions": 4,
        "over_delivered": 1,
        "left_out_kwh": 2,
        "powerful": 1,
        "dropped": 2,
    }


def test_a_slot_counts_for_as_long_as_the_car_is_there():
    found = stays((0.5, 2.25, 3, 3))
    assert found.slot.tolist() == [0, 1, 2]
    assert found.most_kwh.tolist() == pytest.approx([1.0, 2.0, 0.5])


def test_at_once_from_the_arrival_on():
    charging = fleet.at_once(stays((0, 6, 3, 3), (1, 6, 2, 2)))
    assert charging.load_kw.tolist() == pytest.approx([2, 3, 0, 0, 0, 0])
    sums = charging.sums(np.arange(6.0), np.ones(6))
    assert sums == pytest.approx(
        {"energy_kwh": 5, "missing_kwh": 0, "peak_kw": 3, "cost": 3, "carbon_kg": 5}
    )


def test_the_car_that_leaves_first_comes_first():
    charging = fleet.first_to_leave(stays((0, 6, 4, 4), (0, 2, 4, 4)), limit_kw=2.0)
    assert charging.energy_kwh.tolist() == pytest.approx([0, 0, 2, 2, 0, 0, 2, 2])
    scarce = fleet.first_to_leave(stays((0, 1, 2, 2), (0, 1, 2, 2)), limit_kw=3.0)
    assert scarce.sums(np.ones(6), np.ones(6))["missing_kwh"] == pytest.approx(1)


def test_smart_takes_the_cheapest_slots_and_keeps_the_limit():
    price = np.array([5.0, 1, 2, 9, 9, 9])
    both = stays((0, 6, 2, 2), (0, 3, 2, 2))
    free = fleet.smart(both, price)
    assert free.load_kw.tolist() == pytest.approx([0, 4, 0, 0, 0, 0]) and free.solved == 0
    tight = fleet.smart(both, price, limit_kw=2.0)
    assert tight.load_kw.tolist() == pytest.approx([0, 2, 2, 0, 0, 0]) and tight.solved == 1
    wide = fleet.smart(both, price, limit_kw=4.0)
    assert wide.solved == 0 and np.array_equal(wide.energy_kwh, free.energy_kwh)


def test_prices_in_a_list_are_prices():
    both, price = stays((0, 6, 2, 2), (0, 3, 2, 2)), [5.0, 1, 2, 9, 9, 9]
    made = fleet.smart(both, price)
    assert made.load_kw.tolist() == pytest.approx([0, 4, 0, 0, 0, 0])
    assert made.sums(price, [0.5] * 6)["cost"] == pytest.approx(4.0)
    assert fleet.combined(price, price, {"cost": 1.0}, {"cost": 1.0, "carbon_kg": 1.0})[0] == 5.0


def test_what_cannot_be_delivered_is_missing_and_as_little_as_possible():
    charging = fleet.smart(stays((0, 1, 2, 2), (0, 2, 2, 2)), np.ones(6), limit_kw=1.5)
    fleet.verify(charging, 1.5)
    assert charging.sums(np.ones(6), np.ones(6))["missing_kwh"] == pytest.approx(1.0)


@settings(max_examples=40, deadline=None)
@given(
    cars=st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 5)), min_size=1, max_size=5
    ),
    price=st.lists(st.integers(-3, 9), min_size=6, max_size=6),
    limit=st.sampled_from([2.0, 3.0, 5.0]),
)
def test_smart_is_never_dearer_than_the_rule_that_delivers_as_much(cars, price, limit):
    found = stays(*[(a, a + d, e, e) for a, d, e in cars])
    price = np.asarray(price, float)
    smart, rule = fleet.smart(found, price, limit), fleet.first_to_leave(found, limit)
    for charging in (smart, rule):
        fleet.verify(charging, limit)
    ours, theirs = (c.sums(price, price) for c in (smart, rule))
    assert ours["missing_kwh"] <= theirs["missing_kwh"] + 1e-6
    if theirs["missing_kwh"] < 1e-9:
        assert ours["cost"] <= theirs["cost"] + 1e-6
    free = fleet.smart(found, price)
    assert free.sums(price, price)["cost"] <= fleet.at_once(found).sums(price, price)["cost"] + 1e-9


def test_cost_and_carbon_are_shares_of_immediate_charging():
    sums = {"cost": 10.0, "carbon_kg": 2.0}
    price = fleet.combined(np.ones(2), np.ones(2), {"cost": 0.5, "carbon": 0.5}, sums)
    assert price.tolist() == pytest.approx([0.3, 0.3])
    with pytest.raises(UsageError, match="costs or emits nothing"):
        fleet.combined(np.ones(2), np.ones(2), {"cost": 1.0}, {"cost": 0.0, "carbon_kg": 1.0})


@pytest.mark.parametrize(
    ("energy", "said"),
    [
        ([2.5, 0], "power outside of its bounds"),
        ([2, 2], "more than is needed"),
        ([-1, 0], "power outside of its bounds, by 1 kWh"),
        ([0, 0], "less than is needed although there is room, by 2 kWh"),
        ([2, 0.5], "less than is needed although there is room, by 0.5 kWh"),
        ([np.nan, np.nan], "power outside of its bounds"),
        ([2, np.nan], "breaks a rule"),
    ],
)
def test_charging_that_breaks_a_rule_is_refused(energy, said):
    wrong = fleet.Charging(stays((0, 2, 3, 3)), np.array(energy, float))
    with pytest.raises(SolveError, match=said):
        fleet.verify(wrong, None)


def test_charging_above_the_limit_is_refused():
    with pytest.raises(SolveError, match="more than the limit, by 1 kW"):
        fleet.verify(fleet.at_once(stays((0, 2, 3, 3))), 1.0)


def test_less_than_is_needed_is_sound_only_where_the_limit_leaves_no_room():
    found = stays((0, 1, 2, 2), (0, 2, 2, 2))
    fleet.verify(fleet.Charging(found, np.array([1.5, 0.0, 1.5])), 1.5)
    with pytest.raises(SolveError, match="less than is needed although there is room, by 0.5 kWh"):
        fleet.verify(fleet.Charging(found, np.array([1.5, 0.0, 1.0])), 1.5)
    with pytest.raises(SolveError, match="although there is room"):
        fleet.verify(fleet.Charging(found, np.zeros(3)), 1.5)
    with pytest.raises(SolveError, match="more than the limit, by 1.5 kW"):
        fleet.verify(fleet.Charging(found, np.array([1.5, 0.0, 1.5])), 0.0)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"costs": 1}, "Weights are of cost and carbon, got 'costs'"),
        ({"cost": -1.0, "carbon": 2.0}, "Weights must be 0 or more .* got cost -1.0"),
        ({"cost": float("nan")}, "Weights must be 0 or more"),
        ({"cost": float("inf")}, "Weights must be 0 or more"),
        ({"cost": "1"}, "Weights must be 0 or more"),
        ({}, "not all 0, got cost 0.0 and carbon 0.0"),
    ],
)
def test_weights_of_a_fleet_that_say_nothing_are_refused(weights, said):
    with pytest.raises(UsageError, match=said):
        fleet.combined(np.ones(2), np.ones(2), weights, {"cost": 1.0, "carbon_kg": 1.0})


@pytest.mark.parametrize(
    ("table", "power", "fault", "said"),
    [
        (sessions((0, 1, 1, 1)).drop(columns="arrival"), 2.0, DataError, "arrival missing"),
        (
            sessions((0, 1, 1, -1)),
            2.0,
            DataError,
            "delivered_kwh must be 0 or more .* got -1.0 in session 0",
        ),
        (sessions((0, 1, np.nan, 1)), 2.0, DataError, "requested_kwh must be 0 or more .* got nan"),
        (
            sessions((0, 1, 1, 1)).assign(requested_kwh="all"),
            2.0,
            DataError,
            "requested_kwh must be finite numbers, got others",
        ),
        (
            sessions((0, 1, 1, 1)).assign(arrival="early"),
            2.0,
            DataError,
            "arrival must be time stamps with a time zone",
        ),
        (sessions((0, 1, 1, 1)), 0.0, UsageError, "charging power must be above 0, got 0"),
    ],
)
def test_sessions_that_say_too_little_are_refused(table, power, fault, said):
    with pytest.raises(fault, match=said):
        clean(table, power)


def test_prices_and_slots_must_cover_the_stays():
    with pytest.raises(DataError, match="the prices only from"):
        stays((4, 7, 1, 1))
    with pytest.raises(DataError, match="at least one session"):
        stays((1, 1, 1, 1))
    with pytest.raises(DataError, match="prices of a fleet must be finite .* nan at slot 1"):
        fleet.smart(stays((0, 1, 1, 1)), np.array([1.0, np.nan, 1, 1, 1, 1]))
    with pytest.raises(DataError, match="one price in each of its 6 slots, got the shape .5,."):
        fleet.smart(stays((0, 1, 1, 1)), np.ones(5))
    with pytest.raises(DataError, match="slots of a fleet must be two or more, in equal steps"):
        spread(clean(sessions((0, 1, 1, 1)), 2.0)[0], INDEX[:1])
    naive = clean(sessions((0, 1, 1, 1)), 2.0)[0]
    naive["departure"] = naive["departure"].dt.tz_localize(None)
    with pytest.raises(DataError, match="departure must be time stamps with a time zone"):
        spread(naive, INDEX)
    with pytest.raises(UsageError, match="limit must be above 0, got -1"):
        fleet.smart(stays((0, 1, 1, 1)), np.ones(6), -1)
