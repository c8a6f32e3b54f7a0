from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.optimise.microgrid import (
    FlexibleDemand,
    Generator,
    GridConnection,
    Node,
    Weights,
    dispatch,
    idle,
)
from lab.optimise.microgrid.objectives import UNITS, sizes


def only(**weights):
    return Weights(**{**dict.fromkeys(UNITS, 0.0), **weights})


def test_weights_are_those_of_the_project_unless_told():
    assert (Weights().cost, Weights().renewables, Weights().stability) == (0.6, 0.3, 0.1)
    assert Weights().peak == Weights().valley == Weights().levelling == 0


def test_scales_divide_by_doing_nothing_and_raise_what_is_good():
    nothing = pd.Series({**dict.fromkeys(UNITS, 2.0), "cost": -4.0})
    scales = Weights().scales(sizes(nothing, 10.0))
    assert scales[["cost", "renewables", "stability"]].tolist() == pytest.approx(
        [0.15, -0.15, -0.05]
    )


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        pytest.param(
            {"cost": -1.0}, "The weight of cost must be at least 0, got -1", id="negative"
        ),
        pytest.param(
            {"peak": float("nan")}, "The weight of peak must be a finite number", id="none"
        ),
        pytest.param({"cost": "a"}, "The weight of cost must be a finite number", id="text"),
        pytest.param(dict.fromkeys(UNITS, 0.0), "An objective needs a weight above 0", id="zeros"),
    ],
)
def test_weights_that_mean_nothing_are_refused(weights, said):
    with pytest.raises(UsageError, match=said):
        Weights(**weights)


def test_a_weighted_term_of_0_is_refused_unless_it_stands_alone():
    nothing = sizes(pd.Series(dict.fromkeys(UNITS, 1.0)) * [0, 1, 1, 1, 1, 1, 1], 1.0)
    with pytest.raises(UsageError, match="The term cost is 0 when nothing is done"):
        Weights().scales(nothing)
    assert only(cost=1.0).scales(nothing)["cost"] == 1.0


def rising(two_nodes, battery, *, loss_share, roof_kw=0.0):
    """A day of a load behind a line, a battery beside it, and power that is dear in the evening."""
    roof = Generator("roof", "b", [roof_kw] * 24, renewable=True)
    return two_nodes(
        np.repeat([0.1, 0.5], 12),
        np.ones(24),
        loss_share=loss_share,
        stores=[battery(node="b", hourly_share=0.5)],
        generators=[roof] if roof_kw else [],
    )


def test_losses_alone_are_no_measure_of_renewables(two_nodes, battery):
    grid = rising(two_nodes, battery, loss_share=1e-4)
    assert idle(grid).terms.loc["renewables", "value"] == pytest.approx(-0.0024, rel=1e-3)
    with pytest.raises(UsageError, match="The term renewables is not above 0 when nothing is done"):
        dispatch(grid)
    assert dispatch(grid, only(renewables=1.0)).violations == 0


@pytest.mark.parametrize("efficiency", [1.0, 0.95])
def test_a_tiny_roof_does_not_outweigh_money(two_nodes, battery, efficiency):
    grid = rising(two_nodes, battery, loss_share=1e-4, roof_kw=0.001)
    (store,) = grid.stores
    lossy = replace(store, charge_efficiency=efficiency, discharge_efficiency=efficiency)
    grid = grid.with_parts(stores=(lossy,))
    best, all_terms = dispatch(grid, only(cost=1.0)), dispatch(grid)
    assert best.terms.loc["cost", "value"] < 4
    assert all_terms.terms.loc["cost", "value"] == pytest.approx(best.terms.loc["cost", "value"])
    # 24 kWh are asked for, and a tenth of them is what renewables are divided by.
    told = all_terms.terms.loc["renewables"]
    assert told["nothing"] == pytest.approx(0.024 - 0.0024, rel=1e-2)
    assert told["scaled"] == pytest.approx(told["value"] / 2.4)


def test_renewables_of_some_size_are_measured_by_themselves():
    nothing = pd.Series({"cost": 3.0, "renewables": 2.0})
    assert sizes(nothing, 10.0).tolist() == [3.0, 2.0]
    assert sizes(nothing, 50.0).tolist() == [3.0, 5.0]


def test_peaks_are_shaved_by_hand(make, battery):
    grid = make([0.2] * 4, [1.0, 1.0, 5.0, 1.0], stores=[battery()])
    plan = dispatch(grid, only(peak=1.0))
    assert plan.terms.loc["peak", ["value", "nothing"]].tolist() == pytest.approx([3.0, 5.0])


def test_valleys_are_filled_by_hand(make, battery):
    grid = make([0.2] * 3, [4.0, 0.0, 2.0], stores=[battery()])
    plan = dispatch(grid, only(valley=1.0))
    assert plan.terms.loc["valley", ["value", "nothing"]].tolist() == pytest.approx([0.0, 2.0])


def test_valleys_are_not_filled_by_burning_energy(make, battery):
    store = battery(charge_efficiency=0.5, discharge_efficiency=0.5)
    plan = dispatch(make([0.2] * 3, [4.0, 0.0, 2.0], stores=[store]), only(valley=1.0))
    assert plan.terms.loc["valley", "value"] == pytest.approx(2.0 - 1.0)
    assert plan.net_load_kw.iloc[1] == pytest.approx(2.0)
    assert plan.violations == 0


def test_valleys_are_not_filled_by_curtailing_the_sun(make):
    sun = Generator("sun", "a", [0.0, 3.0], renewable=True)
    grid = make(
        [0.2] * 2,
        [2.0, 2.0],
        generators=[sun],
        connections=[GridConnection("grid", "a", 9, 9, [0.2, 0.2], [0.1, 0.1])],
    )
    plan = dispatch(grid, only(cost=0.1, valley=0.9))
    assert plan.schedule["generation_kw", "sun"].tolist() == pytest.approx([0.0, 3.0])
    assert plan.terms.loc["valley", ["value", "nothing"]].tolist() == pytest.approx([1.5, 1.5])


def test_load_is_shifted_to_the_mean_of_the_day_by_hand(make):
    demand = FlexibleDemand("f", "a", [0.0, 2.0], 1.0, 2.0)
    grid = make([0.2, 0.2], [1.0, 1.0], demands=[demand])
    plan = dispatch(grid, only(levelling=1.0))
    assert plan.terms.loc["levelling", ["value", "nothing"]].tolist() == pytest.approx([0.0, 2.0])
    assert plan.terms.loc["moving", "value"] == pytest.approx(1.0)


def test_moving_has_a_weight_of_its_own(make):
    demand = FlexibleDemand("f", "a", [2.0, 2.0], 1.0, 2.0)
    grid = make([0.2, 0.3], demands=[demand])
    free = dispatch(grid, only(cost=1.0))
    held = dispatch(grid, only(cost=1.0, moving=9.0))
    assert free.terms.loc["moving", "value"] == pytest.approx(2.0)
    assert held.terms.loc["moving", ["value", "nothing"]].tolist() == pytest.approx([0.0, 4.0])


def test_a_steadier_net_load_raises_stability(make, battery):
    grid = make([0.2] * 2, [0.0, 4.0], stores=[battery()], connections=[
        GridConnection("grid", "a", 4.0, 4.0, [0.2, 0.2], [0.1, 0.1])
    ])  # fmt: skip
    plan = dispatch(grid, only(stability=1.0))
    assert plan.net_load_kw.tolist() == pytest.approx([2.0, 2.0])
    assert plan.terms.loc["stability", ["value", "nothing"]].tolist() == pytest.approx([0.75, 0.5])


def test_an_income_is_weighed_by_its_size(make, battery):
    paid = GridConnection("grid", "a", 9, 9, [0.2, 0.6], [0.1, 0.5])
    base = idle(make([0.2, 0.6], connections=[paid], nodes=[Node("a", [1.0, 0.0])]))
    grid = make([0.2, 0.6], connections=[paid], stores=[battery()], nodes=[Node("a", [1.0, 0.0])])
    plan = dispatch(grid, only(cost=1.0), base)
    assert plan.terms.loc["cost", "value"] == pytest.approx(0.2 + 0.4 - 1.0)


def test_a_scale_may_come_from_a_street_with_other_connections(make, battery):
    nodes = [Node("a", [1.0, 3.0]), Node("b", [1.0, 1.0])]
    connections = [
        GridConnection(f"grid {n.name}", n.name, 9, 9, [0.2, 0.6], [0.1, 0.1]) for n in nodes
    ]
    apart = make([0.2, 0.6], nodes=nodes, connections=connections)
    whole = make([0.2, 0.6], [2.0, 4.0], stores=[battery()])
    plan = dispatch(whole, only(valley=1.0), idle(apart))
    assert plan.terms.loc["valley", "nothing"] == pytest.approx(1.0)
    assert np.isfinite(plan.terms.loc["valley", "value"])
