import pytest

from lab.errors import SolveError
from lab.optimise.appliances import ConflictError, plan, planning, replan
from lab.optimise.appliances import conflict as conflict_module


def conflict(items, site):
    with pytest.raises(ConflictError) as caught:
        plan(items, site)
    assert isinstance(caught.value, SolveError)
    return caught.value.conflict


def test_the_limit_and_two_windows_and_nobody_else(hours, item):
    items = [item("x", power_kw=3.0, last=3), item("y", power_kw=2.0, last=3), item("z", last=6)]
    found = conflict(items, hours([1, 1, 1, 1, 1, 1], 4.0))
    assert found.appliances == ("x", "y")
    assert set(found.rules) == {("limit", ""), ("window", "x"), ("window", "y")}
    changes = found.relaxations.set_index("change")
    # Three hours hold only one of two runs of two hours: one of them ends an hour later.
    assert changes.loc["let 'x' end 1 h later", "amount"] == pytest.approx(1)
    assert changes.loc["let 'y' end 1 h later", "unit"] == "h"
    assert changes.loc["raise the limit by 1 kW", "amount"] == pytest.approx(1)
    assert {"leave out 'x'", "leave out 'y'"} <= set(changes.index)
    assert "'x' and 'y' are in conflict with the limit of the connection" in found.sentence


def test_a_window_may_have_to_open_earlier(hours, item):
    items = [item("x", first=2, last=4), item("y", first=2, last=4, group=None)]
    found = conflict(items, hours([1, 1, 1, 1], 1.0))
    assert "let 'x' start 2 h earlier" in found.relaxations["change"].tolist()


def test_an_order_that_does_not_fit(hours, item):
    items = [item("w", last=4, duration_h=2.0), item("d", last=3, after=["w"])]
    found = conflict(items, hours([1, 1, 1, 1, 1, 1]))
    assert set(found.rules) == {("order", "d"), ("window", "d")}
    assert found.relaxations["change"].tolist()[0] == "let 'd' end 1 h later"
    assert "do without what 'd' waits for" in found.relaxations["change"].tolist()


def test_a_group_and_least_times(hours, item):
    pair = [item("x", last=3, group="g"), item("y", last=3, group="g")]
    found = conflict(pair, hours([1, 1, 1, 1]))
    assert "do without the turns of group 'g'" in found.relaxations["change"].tolist()
    brief = [item("p", last=3, duration_h=2.0, kind="interruptible", min_on_h=3.0)]
    found = conflict(brief, hours([1, 1, 1, 1]))
    assert found.appliances == ("p",) and "'p' is in conflict with" in found.sentence
    assert "do without the least times and starts of 'p'" in found.relaxations["change"].tolist()


def test_an_adjustable_load_may_give_in_time(hours, item):
    heater = item("h", power_kw=2.0, energy_kwh=4.0, last=2)
    found = conflict([heater], hours([1, 1, 1, 1], 1.0))
    changes = found.relaxations.set_index("change")["amount"]
    assert changes["let 'h' end 2 h later"] == pytest.approx(2)
    assert changes["raise the limit by 1 kW"] == pytest.approx(1)


def test_where_no_single_change_helps_several_are_named_at_once(hours, item):
    # Two separate conflicts: each pair needs a change of its own, and the limit alone helps both.
    pairs = [
        item(f"{k}{n}", first=4 * k, last=4 * k + 3, group=f"g{k}") for k in (0, 1) for n in "xy"
    ]
    found = conflict(pairs, hours([1.0] * 8))
    assert len(found.appliances) == 2
    (only,) = found.relaxations["change"].tolist()
    assert " and " in only and "h " in only


def test_even_all_the_time_there_is_may_not_be_enough(hours, item):
    crowd = [item(name, group="g", last=3, duration_h=3.0) for name in "xy"]
    found = conflict(crowd, hours([1.0] * 4))
    assert "leave out 'x'" in found.relaxations["change"].tolist()
    assert not any("later" in change for change in found.relaxations["change"])


def test_of_a_crowd_only_that_it_cannot_be_planned(hours, item, monkeypatch):
    monkeypatch.setattr(planning, "EXPLAINED", 1)
    pair = [item("x", last=3), item("y", last=3)]
    with pytest.raises(SolveError, match="cannot be planned") as caught:
        plan(pair, hours([1, 1, 1, 1], 1.0))
    assert not isinstance(caught.value, ConflictError)


def test_a_solver_that_fails_is_no_proof_of_a_conflict(hours, item, monkeypatch):
    def late(*_, **__):
        raise SolveError("The schedule was not found: no schedule within 1 s; allow more time.")

    monkeypatch.setattr(conflict_module, "solve", late)
    with pytest.raises(SolveError, match="allow more time"):
        conflict_module.feasible(conflict_module.Case({"a": item()}, hours([1, 1, 1, 1])))


def test_a_relaxation_helps_even_if_it_leaves_no_immediate_execution(hours, item):
    # Without z, x would still begin at once and leave y no three hours in a row.
    trio = [item("x", first=1, duration_h=1.0, group="g"), item("y", duration_h=3.0, group="g"),
            item("z", duration_h=1.0, group="g")]  # fmt: skip
    found = conflict(trio, hours([1, 1, 1, 1]))
    assert "leave out 'z'" in found.relaxations["change"].tolist()
    assert plan(trio[:2], hours([1, 1, 1, 1])).schedule["x"].tolist() == [0, 0, 0, 1]


def test_with_two_weights_a_conflict_is_named_all_the_same(hours, item):
    site = hours([1, 1, 1, 1], carbon_kg_per_kwh=1.0)
    pair = [item("x", duration_h=3.0, group="g"), item("y", group="g")]
    with pytest.raises(ConflictError, match="'x' and 'y' are in conflict"):
        plan(pair, site, weights={"cost": 0.5, "carbon": 0.5})


@pytest.fixture
def car(item):
    return item("car", power_kw=3.0, duration_h=3.0, kind="interruptible", last=7)


def test_a_new_plan_under_a_lower_limit_says_whom_it_stops(hours, item, car):
    before = plan([car, item("lamp", last=7)], hours(range(8)))
    newer = hours(range(8), 2.0)
    with pytest.raises(ConflictError, match="'car' is in conflict with the limit") as caught:
        replan(before, newer, now=newer.index[1], penalty=0.1)
    changes = caught.value.conflict.relaxations["change"].tolist()
    # 3 kW of the car beside 1 kW of the lamp, which has begun, too.
    assert changes == ["raise the limit by 2 kW", "leave out 'car'"]


def test_what_has_begun_may_be_in_conflict(hours, item, car):
    before = plan([car], hours(range(8)))
    # The house now draws power in the slot that has passed; from then on there is room.
    newer = hours(range(8), 3.0, load_kw=[1.0] + [0.0] * 7)
    with pytest.raises(ConflictError, match="'car' is in conflict with .* and what has begun"):
        replan(before, newer, now=newer.index[1], penalty=0.1)
    assert replan(before, newer, now=newer.index[0], penalty=0.1).schedule["car"].iloc[0] == 0
