"""The check finds every kind of damage, one by one."""

import numpy as np
import pytest

from lab.errors import SolveError
from lab.optimise.microgrid import (
    FlexibleDemand,
    Generator,
    GridConnection,
    Line,
    Microgrid,
    Node,
    Weights,
    check,
    dispatch,
)


@pytest.fixture
def plan(make, battery):
    nodes = [Node("a", [1.0] * 4, 5.0), Node("b", [2.0] * 4)]
    price = [0.1, 0.5, 0.1, 0.5]
    return dispatch(
        make(
            price,
            nodes=nodes,
            lines=[Line("ab", "a", "b", 6.0, 0.1)],
            generators=[Generator("sun", "b", [1.0] * 4, renewable=True)],
            stores=[battery()],
            demands=[FlexibleDemand("f", "b", [1.0] * 4, 0.5, 1.0, window_hours=2)],
            connections=[GridConnection("grid", "a", 12, 12, price, [0.0] * 4)],
        ),
        Weights(1, 0, 0),
    )


def test_a_plan_breaks_nothing(plan):
    assert check.count(plan.grid, plan.schedule) == 0
    assert (check.require(plan.grid, plan.schedule, "The plan") <= check.TOLERANCE).all()


@pytest.mark.parametrize(
    ("where", "hour", "by", "rule"),
    [
        pytest.param(("import_kw", "grid"), 0, 0.5, "balance of every node", id="balance"),
        pytest.param(("export_kw", "grid"), 1, -0.5, "nothing is negative", id="negative"),
        pytest.param(("generation_kw", "sun"), 0, 0.5, "generators", id="more than the sun"),
        pytest.param(("charge_kw", "battery"), 0, 0.5, "store power", id="charge"),
        pytest.param(("discharge_kw", "battery"), 1, 0.5, "store power", id="discharge"),
        pytest.param(("stored_kwh", "battery"), 2, 0.5, "stored energy", id="stored"),
        pytest.param(("stored_kwh", "battery"), 3, -0.5, "state of charge", id="empty"),
        pytest.param(("stored_kwh", "battery"), 1, 99.0, "state of charge", id="full"),
        pytest.param(("less_kw", "f"), 1, 0.5, "flexible demand", id="less"),
        pytest.param(("more_kw", "f"), 0, 1.5, "flexible demand", id="more"),
        pytest.param(("more_kw", "f"), 0, -0.2, "given back", id="not given back"),
        pytest.param(("forward_kw", "ab"), 0, 9.0, "lines", id="line"),
        pytest.param(("import_kw", "grid"), 0, 9.0, "grid connections", id="connection"),
        pytest.param(("shed_kw", "a"), 0, 1.5, "shedding", id="more shed than asked"),
        pytest.param(("shed_kw", "b"), 0, 0.5, "shedding", id="shed without a value"),
        pytest.param(("backward_kw", "ab"), 0, 0.5, "one way at a time", id="both ways"),
        pytest.param(("export_kw", "grid"), 0, 0.5, "one way at a time", id="in and out"),
    ],
)
def test_damage_is_found(plan, where, hour, by, rule):
    damaged = plan.schedule.copy()
    damaged.iloc[hour, damaged.columns.get_loc(where)] += by
    assert check.violations(plan.grid, damaged)[rule] > check.TOLERANCE
    with pytest.raises(SolveError, match=r"^The schedule breaks \d+ of 12 rules, worst '"):
        check.require(plan.grid, damaged, "The schedule")


def test_import_on_an_island_is_found(plan):
    nodes = [Node(node.name, node.load_kw, 5.0) for node in plan.grid.nodes]
    island = plan.grid.with_parts(nodes=nodes, islanded=[True, False, False, False])
    assert check.violations(island, plan.schedule)["grid connections"] > 1


def test_missing_numbers_are_violations(plan):
    damaged = plan.schedule.copy()
    damaged.loc[:, ("import_kw", "grid")] = np.nan
    assert check.count(plan.grid, damaged) > 0


def test_a_microgrid_of_nodes_alone_is_checked_too():
    import pandas as pd

    index = pd.date_range("2016", periods=2, freq="h", tz="UTC")
    grid = Microgrid(index, [Node("a", [1.0, 0.0], 3.0)])
    plan = dispatch(grid, Weights(1, 0, 0))
    assert plan.schedule["shed_kw", "a"].tolist() == [1.0, 0.0]
    assert plan.net_load_kw.tolist() == [0.0, 0.0]
