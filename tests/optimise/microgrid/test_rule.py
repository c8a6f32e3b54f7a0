import numpy as np
import pytest

from lab.errors import UsageError
from lab.optimise.microgrid import (
    Generator,
    GridConnection,
    Line,
    Node,
    Weights,
    check,
    dispatch,
    outcomes,
)
from lab.optimise.microgrid.rule import pooled_consumption, self_consumption


@pytest.fixture
def home(make, battery):
    def made(sun, load, **more):
        roof = Generator("roof", "a", sun, renewable=True)
        stores = more.pop("stores", [battery(charge_efficiency=0.5)])
        return make([0.2] * len(sun), load, generators=[roof], stores=stores, **more)

    return made


def test_surplus_goes_in_and_comes_out_when_it_is_short(home):
    grid = home([5.0, 3.0, 0.0, 0.0], [1.0, 2.0, 1.0, 1.0])
    made = self_consumption(grid)
    assert made["charge_kw", "battery"].tolist() == [2.0, 1.0, 0.0, 0.0]
    assert made["stored_kwh", "battery"].tolist() == [1.0, 1.5, 0.5, 0.0]
    assert made["discharge_kw", "battery"].tolist() == [0.0, 0.0, 1.0, 0.5]
    assert made["export_kw", "grid"].tolist() == [2.0, 0.0, 0.0, 0.0]
    assert made["import_kw", "grid"].tolist() == [0.0, 0.0, 0.0, 0.5]
    assert check.count(grid, made) == 0


def test_a_full_store_takes_no_more(home, battery):
    made = self_consumption(
        home([9.0] * 3, [0.0] * 3, stores=[battery(capacity_kwh=5.0, hourly_share=0.5)])
    )
    assert made["stored_kwh", "battery"].tolist() == [2.5, 5.0, 5.0]


def test_stores_of_neighbours_take_what_all_leave_over_and_serve_whoever_is_short(
    two_nodes, battery
):
    roof = Generator("roof", "a", [5.0, 0.0, 0.0], renewable=True)
    stores = [battery(name="small", node="a"), battery(name="large", node="b", capacity_kwh=30.0)]
    grid = two_nodes([0.2] * 3, [1.0, 3.0, 3.0], generators=[roof], stores=stores)
    made = pooled_consumption(grid)
    assert made["charge_kw"].to_numpy().tolist() == [[1.0, 3.0], [0.0, 0.0], [0.0, 0.0]]
    assert made["discharge_kw"].to_numpy().tolist() == [[0.0, 0.0], [0.75, 2.25], [0.25, 0.75]]
    plan = dispatch(grid, Weights(1, 0, 0), past=made)
    assert plan.schedule["import_kw", "grid"].to_numpy() == pytest.approx([0.0, 0.0, 2.0])


def test_a_rule_for_neighbours_without_stores_decides_nothing(two_nodes):
    assert pooled_consumption(two_nodes([0.2], [1.0])).empty


def test_on_an_island_it_sheds_and_curtails(home):
    grid = home(
        [4.0, 0.0], [1.0, 5.0], nodes=[Node("a", [1.0, 5.0], 3.0)], islanded=[True, True],
    )  # fmt: skip
    made = self_consumption(grid)
    assert made["generation_kw", "roof"].tolist() == [3.0, 0.0]
    assert made["shed_kw", "a"].tolist() == [0.0, 4.0]
    assert check.count(grid, made) == 0


def test_a_store_that_should_end_fuller_is_a_violation(home, battery):
    grid = home([0.0], [1.0], stores=[battery(initial_soc=0.5)])
    assert check.violations(grid, self_consumption(grid))["state of charge"] == pytest.approx(1.0)


def test_the_plan_is_never_dearer_than_the_rule(home):
    random = np.random.default_rng(1)
    grid = home(random.uniform(0, 4, 48), random.uniform(0, 3, 48))
    made = self_consumption(grid)
    plan = dispatch(grid, Weights(1, 0, 0))
    assert plan.terms.loc["cost", "value"] <= outcomes.costs(grid, made).sum() + 1e-9


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param(
            {"nodes": [Node("a", [1.0]), Node("b", [1.0])], "lines": [Line("ab", "a", "b", 1)]},
            "The rule knows no lines, got 1",
            id="lines",
        ),
        pytest.param(
            {"generators": [Generator("diesel", "a", 1.0)]},
            "renewables only, got generator 'diesel'",
            id="diesel",
        ),
        pytest.param(
            {"connections": [GridConnection(n, "a", 1, 1, [0.2], [0.1]) for n in "xy"]},
            "one of the connections a node, got several at 'a'",
            id="two connections",
        ),
    ],
)
def test_what_a_rule_cannot_is_refused(make, more, said):
    with pytest.raises(UsageError, match=said):
        self_consumption(make([0.2], [1.0], **more))


def test_a_rule_for_neighbours_refuses_diesel(make):
    with pytest.raises(UsageError, match="renewables only, got generator 'diesel'"):
        pooled_consumption(make([0.2], [1.0], generators=[Generator("diesel", "a", 1.0)]))
