import numpy as np
import pandas as pd
import pytest

from lab.optimise.microgrid import (
    FlexibleDemand,
    Generator,
    GridConnection,
    Weights,
    dispatch,
    idle,
    outcomes,
)
from lab.optimise.microgrid.objectives import UNITS

ALL = Weights(1, 1, 1, 1, 1, 1, 1)


@pytest.fixture
def sunny(make, battery):
    """Two nodes of numbers: load 2, sun 5 in the first hour, a battery of 2 kW, dear evenings."""
    connections = [GridConnection("grid", "a", 10, 10, [0.2, 0.2, 0.4], [0.1, 0.1, 0.1], [0.3] * 3)]
    sun = Generator("sun", "a", [5.0, 0.0, 0.0], renewable=True)
    return make(
        [0.2] * 3,
        [2.0, 2.0, 2.0],
        generators=[sun],
        stores=[battery()],
        connections=connections,
    )


def test_energies_and_costs_by_hand(sunny):
    plan = dispatch(sunny, Weights(1, 0, 0))
    energy = outcomes.energies(sunny, plan.schedule)
    assert energy["renewable_available_kwh"] == 5.0
    assert energy["export_kwh"] == pytest.approx(1.0)
    assert energy["import_kwh"] == pytest.approx(2.0)
    assert energy["renewable_to_demand_kwh"] == pytest.approx(4.0)
    assert energy["carbon_kg"] == pytest.approx(0.6)
    cost = outcomes.costs(sunny, plan.schedule)
    assert cost[["import", "export"]].tolist() == pytest.approx([0.4, -0.1])
    assert cost.sum() == pytest.approx(plan.terms.loc["cost", "value"])


def test_summary_by_hand(sunny):
    base = idle(sunny)
    told = outcomes.summary(sunny, base.schedule, rating_kw=4.0)
    assert told["cost_usd"] == pytest.approx(-0.3 + 0.4 + 0.8)
    assert told[["peak_kw", "valley_kw"]].tolist() == pytest.approx([2.0, -3.0])
    assert told["ramping_kw"] == pytest.approx(2.5)
    assert told["stability"] == pytest.approx((7 / 16 + 0.75 + 0.75) / 3)
    assert told["renewable_utilisation"] == pytest.approx(2 / 5)
    assert told["self_sufficiency"] == pytest.approx(2 / 6)


def test_terms_by_hand(sunny):
    found = outcomes.terms(sunny, idle(sunny).schedule)
    mean = 1 / 3
    assert found["peak"] == pytest.approx(2.0)
    assert found["valley"] == pytest.approx(mean + 3)
    assert found["levelling"] == pytest.approx(3 + mean + 2 * (2 - mean))
    assert found["moving"] == 0.0
    assert list(found.index) == list(UNITS)


def test_what_the_solver_says_is_what_the_schedule_gives(sunny):
    demand = FlexibleDemand("f", "a", [1.0, 1.0, 2.0], 0.5, 2.0, 0.01)
    grid = sunny.with_parts(demands=[demand])
    plan = dispatch(grid, ALL)
    signs = np.array([-1.0 if name in ("renewables", "stability") else 1.0 for name in UNITS])
    told = (signs * plan.terms["weight"] * plan.terms["scaled"]).sum()
    assert plan.solved.objective == pytest.approx(told, abs=1e-7)


def test_the_solver_and_the_schedule_agree_behind_lines_too(two_nodes, battery):
    connection = GridConnection("grid", "a", 9, 9, [0.2, 0.2, 0.4], [0.1, 0.1, 0.1])
    grid = two_nodes(
        [0.2] * 3,
        [2.0, 0.5, 3.0],
        loss_share=0.1,
        generators=[Generator("sun", "b", [0.0, 6.0, 0.0], renewable=True)],
        stores=[battery(node="b", charge_efficiency=0.8, discharge_efficiency=0.7)],
        demands=[FlexibleDemand("f", "b", [1.0, 1.0, 2.0], 0.5, 2.0, 0.01)],
        connections=[connection],
    )
    plan = dispatch(grid, ALL)
    signs = np.array([-1.0 if name in ("renewables", "stability") else 1.0 for name in UNITS])
    told = (signs * plan.terms["weight"] * plan.terms["scaled"]).sum()
    assert plan.solved.objective == pytest.approx(told, abs=1e-7)


def test_useful_load_by_hand(two_nodes, battery):
    grid = two_nodes([0.2, 0.2], [9.0, 0.9], loss_share=0.1)
    base = idle(grid)
    assert base.net_load_kw.tolist() == pytest.approx([10.0, 1.0])
    assert outcomes.useful_loads(grid, base.schedule)[:, 0].tolist() == pytest.approx([9.0, 0.9])


@pytest.mark.parametrize("name", list(UNITS))
def test_a_term_alone_is_at_its_best(sunny, name):
    demand = FlexibleDemand("f", "a", [1.0, 1.0, 2.0], 0.5, 2.0, 0.01)
    grid = sunny.with_parts(demands=[demand])
    best = dispatch(grid, Weights(**{**dict.fromkeys(UNITS, 0.0), name: 1.0}))
    both = dispatch(grid, ALL)
    sign = -1 if name in ("renewables", "stability") else 1
    assert sign * best.terms.loc[name, "value"] <= sign * both.terms.loc[name, "value"] + 1e-9


def test_burnt_sunshine_is_not_used_sunshine(make, battery):
    store = battery(charge_efficiency=0.5, discharge_efficiency=0.5)
    sun = Generator("sun", "a", [4.0, 4.0], renewable=True)
    grid = make([0.2, 0.2], [1.0, 1.0], generators=[sun], stores=[store])
    plan = dispatch(grid, Weights(0, 1, 0))
    assert plan.terms.loc["renewables", "value"] == pytest.approx(2.0)


def test_an_island_has_no_score_in_its_hours(make):
    grid = make([0.2, 0.2], [0.0, 0.0], islanded=[True, True])
    told = outcomes.summary(grid, idle(grid).schedule, 4.0)
    assert np.isnan(told["stability"])
    assert np.isnan(told["self_sufficiency"])
    assert outcomes.terms(grid, idle(grid).schedule)["stability"] == 0.0


def test_levels_are_of_local_days_also_when_the_clock_changes(make):
    index = pd.date_range("2017-03-12 08:00", periods=47, freq="h", tz="UTC")
    load = np.where(np.arange(47) < 23, 1.0, 3.0)
    grid = make([0.2] * 47, load, index=index, zone="America/Los_Angeles")
    assert outcomes.terms(grid, idle(grid).schedule)["levelling"] == pytest.approx(0.0)
    plan = dispatch(grid, Weights(1, 0, 0, levelling=0), idle(grid))
    assert plan.violations == 0
