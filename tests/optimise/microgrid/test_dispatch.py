"""Plans whose numbers can be found by hand, and what holds for every plan."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.errors import InfeasibleError, SolveError, UsageError
from lab.optimise.microgrid import (
    FlexibleDemand,
    Generator,
    GridConnection,
    Line,
    Microgrid,
    Node,
    Store,
    Weights,
    check,
    dispatch,
    feeder,
    idle,
    outcomes,
    solving,
)
from lab.optimise.microgrid.dispatch import relaxed
from lab.optimise.microgrid.model import table_of
from lab.solver import Solved

CHEAP = Weights(1.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def one_day():
    return feeder.case(24)


def used(plan, quantity, part):
    return np.round(plan.schedule[quantity, part].to_numpy(), 6).tolist()


def test_a_battery_charges_cheap_and_discharges_dear(make, battery):
    grid = make([0.1, 0.5, 0.1], [2.0, 2.0, 2.0], stores=[battery()])
    plan = dispatch(grid, CHEAP)
    assert used(plan, "charge_kw", "battery") == [2, 0, 0]
    assert used(plan, "discharge_kw", "battery") == [0, 2, 0]
    assert used(plan, "import_kw", "grid") == [4, 0, 2]
    assert plan.terms.loc["cost", ["value", "nothing"]].tolist() == pytest.approx([0.6, 1.4])
    assert plan.solved.objective == pytest.approx(0.6 / 1.4)
    assert plan.violations == 0


def test_power_is_held_to_a_fifth_of_the_capacity_an_hour(make, battery):
    plan = dispatch(make([0.1, 0.5], [0.0, 9.0], stores=[battery()]), CHEAP)
    assert used(plan, "charge_kw", "battery") == [2, 0]


def test_efficiencies_and_self_discharge_are_paid_for(make, battery):
    store = battery(charge_efficiency=0.8, discharge_efficiency=0.5, kept_per_hour=0.9)
    plan = dispatch(make([0.0, 0.5], [0.0, 9.0], stores=[store]), CHEAP)
    assert used(plan, "stored_kwh", "battery") == [1.6, 0]
    assert used(plan, "discharge_kw", "battery") == [0, round(1.6 * 0.9 * 0.5, 6)]


def test_wear_keeps_a_battery_idle_when_the_spread_is_too_small(make, battery):
    grid = make([0.1, 0.15], [1.0, 1.0], stores=[battery(wear_usd_per_kwh=0.06)])
    assert used(dispatch(grid, CHEAP), "charge_kw", "battery") == [0, 0]


def test_a_store_ends_as_full_as_it_should(make, battery):
    grid = make([0.1, 0.5], [2.0, 2.0], stores=[battery(initial_soc=0.5, final_soc=0.4)])
    plan = dispatch(grid, CHEAP)
    assert plan.schedule["stored_kwh", "battery"].iloc[-1] == pytest.approx(4.0)


def test_flexible_demand_moves_and_is_given_back_in_its_window(make):
    demand = FlexibleDemand("f", "a", [1.0] * 4, 0.5, 3.0, 0.01, window_hours=2)
    plan = dispatch(make([0.5, 0.1, 0.1, 0.1], demands=[demand]), CHEAP)
    assert used(plan, "less_kw", "f") == [0.5, 0, 0, 0]
    assert used(plan, "more_kw", "f") == [0, 0.5, 0, 0]
    assert plan.terms.loc["cost", "value"] == pytest.approx(0.25 + 0.15 + 0.2 + 0.005)


def test_moving_that_costs_more_than_it_saves_does_not_happen(make):
    demand = FlexibleDemand("f", "a", [1.0, 1.0], 0.5, 3.0, 0.5)
    assert used(dispatch(make([0.5, 0.1], demands=[demand]), CHEAP), "less_kw", "f") == [0, 0]


def test_the_cheaper_generator_runs_first_and_sun_is_curtailed_only_when_it_must(make):
    sun = Generator("sun", "a", [5.0, 0.0], renewable=True)
    diesel = Generator("diesel", "a", 2.0, 0.3)
    connections = [GridConnection("grid", "a", 10, 1, [0.4, 0.4], [0.05, 0.05])]
    grid = make([0.4, 0.4], [3.0, 3.0], generators=[sun, diesel], connections=connections)
    plan = dispatch(grid, CHEAP)
    assert used(plan, "generation_kw", "sun") == [4, 0]
    assert used(plan, "generation_kw", "diesel") == [0, 2]
    assert used(plan, "export_kw", "grid") == [1, 0]
    assert outcomes.energies(grid, plan.schedule)["curtailed_kwh"] == pytest.approx(1.0)


# Prices of nodes.


def test_prices_of_nodes_part_where_a_line_is_full(two_nodes):
    local = Generator("local", "b", 10.0, 0.5)
    plan = dispatch(two_nodes([0.2, 0.2], [4.0, 8.0], capacity_kw=5.0, generators=[local]), CHEAP)
    np.testing.assert_allclose(
        plan.prices_usd_per_kwh[["a", "b"]], [[0.2, 0.2], [0.2, 0.5]], atol=1e-7
    )


def test_losses_raise_the_price_behind_a_line(two_nodes):
    plan = dispatch(two_nodes([0.18, 0.36], [4.0, 8.0], loss_share=0.1), CHEAP)
    np.testing.assert_allclose(plan.prices_usd_per_kwh["b"], [0.2, 0.4], atol=1e-7)
    assert used(plan, "forward_kw", "ab") == [round(4 / 0.9, 6), round(8 / 0.9, 6)]
    assert outcomes.energies(plan.grid, plan.schedule)["line_losses_kwh"] == pytest.approx(12 / 9)


@pytest.mark.parametrize(
    "weights", [CHEAP, Weights(), Weights(0.2, 0.0, 0.8)], ids=["cost", "all", "stability"]
)
def test_a_price_is_what_one_kwh_of_sun_more_is_worth(two_nodes, weights):
    def scaled(extra):
        roof = Generator("roof", "b", [1.0 + extra, 6.0], renewable=True)
        grid = two_nodes([0.2, 0.3], [4.0, 2.0], loss_share=0.1, generators=[roof])
        return dispatch(grid, weights, base)

    base = None
    plan = scaled(0.0)
    base = idle(plan.grid)
    saved = scaled(0.0).solved.objective - scaled(0.001).solved.objective
    rate = weights.cost / plan.terms.loc["cost", "nothing"]
    assert scaled(0.0).prices_usd_per_kwh["b"].iloc[0] == pytest.approx(
        saved / 0.001 / rate, rel=1e-4
    )


def test_prices_are_per_kwh_whatever_the_step(make):
    index = pd.date_range("2016", periods=2, freq="30min", tz="UTC")
    plan = dispatch(make([0.2, 0.3], [4.0, 4.0], index=index), CHEAP)
    np.testing.assert_allclose(plan.prices_usd_per_kwh["a"], [0.2, 0.3], atol=1e-9)
    assert plan.terms.loc["cost", "value"] == pytest.approx(1.0)


def test_without_a_weight_of_cost_there_are_no_prices_in_money(make, battery):
    grid = make([0.1, 0.5], [2.0, 4.0], stores=[battery()])
    plan = dispatch(grid, Weights(0, 0, 0, peak=1))
    assert plan.prices_usd_per_kwh.isna().all(axis=None)
    assert plan.solved.objective == pytest.approx(3 / 4)


# Islands.


def test_an_island_sheds_what_nothing_can_serve(make, battery):
    grid = make(
        [0.2] * 3, nodes=[Node("a", [1.0, 3.0, 1.0], 5.0)], stores=[battery()],
        islanded=[False, True, False],
    )  # fmt: skip
    plan = dispatch(grid, CHEAP)
    assert used(plan, "discharge_kw", "battery") == [0, 2, 0]
    assert used(plan, "shed_kw", "a") == [0, 1, 0]
    assert used(plan, "import_kw", "grid") == [3, 0, 1]
    assert plan.prices_usd_per_kwh["a"].iloc[1] == pytest.approx(5.0)
    assert outcomes.costs(grid, plan.schedule)["lost_load"] == pytest.approx(5.0)


def test_the_node_that_values_it_least_goes_without(two_nodes):
    grid = two_nodes([0.2], [2.0]).with_parts(
        nodes=[Node("a", [2.0], 9.0), Node("b", [2.0], 3.0)],
        generators=[Generator("sun", "b", [3.0], renewable=True)],
        islanded=[True],
    )
    plan = dispatch(grid, Weights(1, 1, 0))
    assert [used(plan, "shed_kw", node) for node in "ab"] == [[0], [1]]


def test_no_more_is_shed_than_is_there_once_demand_has_moved(make):
    demand = FlexibleDemand("f", "a", [1.0, 1.0], 1.0, 1.0, window_hours=2)
    nodes = [Node("a", [0.0, 0.0], 5.0)]
    grid = make([0.2, 0.2], nodes=nodes, demands=[demand], islanded=[True, False])
    plan = dispatch(grid, CHEAP)
    assert plan.schedule["shed_kw", "a"].sum() == pytest.approx(0.0)
    assert used(plan, "import_kw", "grid") == [0, 2]


def test_what_was_done_before_an_event_stays(make, battery):
    nodes = [Node("a", [2.0, 2.0, 2.0], 5.0)]
    calm = make([0.2, 0.3, 0.3], nodes=nodes, stores=[battery()])
    planned = dispatch(calm, Weights(1, 0, 0))
    event = calm.with_parts(islanded=[False, False, True])
    idle_before = planned.schedule.iloc[:2].copy()
    idle_before.loc[:, ["charge_kw", "discharge_kw"]] = 0.0
    known, surprised = dispatch(event, CHEAP), dispatch(event, CHEAP, past=idle_before)
    assert known.schedule["shed_kw", "a"].sum() == pytest.approx(0.0)
    assert surprised.schedule["shed_kw", "a"].sum() == pytest.approx(2.0)


def test_what_has_no_plan_is_said_in_one_sentence(make):
    connections = [GridConnection("grid", "a", 1.0, 1.0, [0.2], [0.1])]
    grid = make([0.2], [2.0], connections=connections)
    with pytest.raises(
        InfeasibleError, match="^The plan of the microgrid cannot be planned: no schedule"
    ):
        dispatch(grid, CHEAP)
    with pytest.raises(InfeasibleError, match="^Doing nothing in the microgrid cannot be planned"):
        idle(grid)


@pytest.mark.parametrize(
    ("prices", "lost"), [([0.1, 0.1, 0.3], 5.0), ([0.1, 0.1, 4.0], 8.0)], ids=["usual", "dear"]
)
def test_a_plan_is_found_where_doing_nothing_cannot_serve_all(two_nodes, battery, prices, lost):
    store = battery(node="b")
    grid = two_nodes(prices, [0.0, 0.0, 2.0], capacity_kw=1.0, stores=[store])
    plan = dispatch(grid, CHEAP)
    assert used(plan, "shed_kw", "b") == [0, 0, 0]
    assert sum(used(plan, "discharge_kw", "battery")) >= 1
    # Doing nothing: 1 kWh through the line in the last hour, 1 kWh lost.
    assert plan.terms.loc["cost", "nothing"] == pytest.approx(prices[2] + lost)
    assert plan.terms.loc["cost", "value"] == pytest.approx(0.2)
    assert dispatch(grid, Weights(0.5, 0.0, 0.5)).violations == 0
    assert relaxed(grid, CHEAP).solved.objective == pytest.approx(plan.solved.objective)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"final_soc": 0.9}, "'battery' cannot reach its final_soc of 0.9: from 0, with at most "
                             "2 kW in 2 h, it comes to 0.4"),
        ({"initial_soc": 0.5, "kept_per_hour": 0.5, "hourly_share": 0.1},
         r"final_soc of 0.5 \(as much as at the start\): .* it comes to 0.275"),
        ({"charge_efficiency": 0.5, "final_soc": 0.3}, "it comes to 0.2"),
    ],
    ids=["power", "self-discharge", "efficiency"],
)  # fmt: skip
def test_a_store_that_cannot_end_as_it_should_is_named(make, battery, changed, said):
    grid = make([0.1, 0.5], [2.0, 2.0], stores=[battery(name="other"), battery(**changed)])
    for way in (dispatch, relaxed):
        with pytest.raises(InfeasibleError, match=said):
            way(grid, CHEAP)


def test_an_end_that_can_just_be_reached_is_reached(make, battery):
    grid = make([0.1, 0.5], [2.0, 2.0], stores=[battery(final_soc=0.4)])
    assert used(dispatch(grid, CHEAP), "stored_kwh", "battery") == [2, 4]


def test_an_end_that_the_past_has_put_out_of_reach_is_named(make, battery):
    grid = make([0.1, 0.1, 0.5], [2.0, 2.0, 2.0], stores=[battery(final_soc=0.4)])
    past = dispatch(grid, CHEAP).schedule.iloc[:2].copy()
    dispatch(grid, CHEAP, past=past)
    past.loc[:, "charge_kw"] = 0.0
    with pytest.raises(InfeasibleError, match="Store 'battery' cannot reach .* comes to 0.2"):
        dispatch(grid, CHEAP, past=past)


def test_a_connection_that_carries_nothing_has_no_stability(make):
    sun = [Generator("sun", "a", [2.0, 2.0], renewable=True)]
    grid = make([0.1, 0.2], [2.0, 2.0], generators=sun, connections=[connection_of(0.0)])
    assert dispatch(grid, CHEAP).violations == 0
    with pytest.raises(UsageError, match="Grid connection 'thin' is rated 0 kW, so there is no"):
        dispatch(grid, Weights(0.5, 0.0, 0.5), idle_of_more(grid))


def connection_of(limit):
    return GridConnection("thin", "a", limit, limit, [0.1, 0.2], [0.0, 0.0])


def idle_of_more(grid):
    """Doing nothing with a connection and a load that have a size."""
    nodes = [Node("a", [4.0, 4.0])]
    return idle(grid.with_parts(nodes=nodes, connections=[connection_of(5.0)]))


def stopping(monkeypatch, *, linear=False, share=float("nan")):
    """Let the time end in every choice of directions, with a bound at a share of its objective."""
    real = solving.solve

    def stopped(problem, what, **options):
        found = real(problem, what, **options)
        if problem.is_mixed_integer():
            return Solved(found.objective, "stopped", 0.0, False, share * found.objective)
        return Solved(found.objective, "stopped", float("nan"), False) if linear else found

    monkeypatch.setattr(solving, "solve", stopped)


def burning(two_nodes):
    """A line whose loss pays: the linear model would use it in both directions."""
    connections = [GridConnection("grid", "a", 20.0, 20.0, [-0.1, 0.4], [-0.2, 0.1])]
    return two_nodes([-0.1, 0.4], [4.0, 4.0], loss_share=0.5, connections=connections)


def test_after_a_time_out_the_gap_is_to_the_bound_of_the_linear_model(two_nodes, monkeypatch):
    grid = burning(two_nodes)
    bound, best = relaxed(grid, CHEAP).solved.objective, dispatch(grid, CHEAP).solved
    assert best.proven and best.objective > bound + 0.01
    stopping(monkeypatch)
    plan = dispatch(grid, CHEAP)
    assert plan.both_ways == 1
    assert (plan.solved.status, plan.solved.proven) == ("stopped", False)
    assert plan.solved.gap == pytest.approx((best.objective - bound) / abs(best.objective))
    assert plan.solved.bound == pytest.approx(bound)


def test_after_a_time_out_the_highest_bound_counts(two_nodes, monkeypatch):
    stopping(monkeypatch, share=0.99)
    assert dispatch(burning(two_nodes), CHEAP).solved.gap == pytest.approx(0.01)


def test_without_a_proven_bound_there_is_no_gap_and_no_price(two_nodes, monkeypatch):
    grid = burning(two_nodes)
    nothing = idle(grid)
    stopping(monkeypatch, linear=True)
    plan = dispatch(grid, CHEAP, nothing)
    assert np.isnan(plan.solved.gap) and not plan.solved.proven
    assert plan.prices_usd_per_kwh.isna().all(axis=None)
    assert plan.violations == 0


def test_out_of_time_before_any_plan_nothing_is_done(one_day):
    base = idle(one_day)
    plan = dispatch(one_day, limit_s=1e-6)
    assert (plan.solved.proven, plan.solved.status) == (False, "stopped")
    assert np.isnan(plan.solved.gap)
    assert plan.violations == 0
    for name in ("cost", "renewables", "stability"):
        assert plan.terms.loc[name, "value"] == pytest.approx(base.terms.loc[name, "value"])
    # Cost is 1 of 1 and counts 0.6; the others are raised.
    assert plan.solved.objective == pytest.approx(0.6 - 0.3 - 0.1)
    assert plan.prices_usd_per_kwh.isna().all(axis=None)


def test_out_of_time_what_was_done_stays_and_then_nothing_is_done(one_day):
    store = replace(one_day.stores[0], final_soc=0.0)
    grid = one_day.with_parts(stores=[store, *one_day.stores[1:]])
    past = table_of(grid, {})[["charge_kw", "discharge_kw"]].iloc[:2].copy()
    past["charge_kw", store.name] = [1.0, 0.5]
    plan = dispatch(grid, past=past, limit_s=1e-6)
    charged = plan.schedule["charge_kw", store.name]
    assert charged.iloc[:3].tolist() == [1.0, 0.5, 0.0]
    assert charged.sum() == 1.5
    assert (plan.violations, plan.solved.proven) == (0, False)


def test_a_solver_out_of_time_says_so_where_doing_nothing_is_no_plan(one_day):
    grid = one_day.with_parts(stores=[replace(s, final_soc=0.4) for s in one_day.stores])
    said = "^The plan of the microgrid was not found: no schedule within 1e-06 s; allow more time.$"
    with pytest.raises(SolveError, match=said):
        dispatch(grid, limit_s=1e-6)


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), "5"])
def test_a_limit_that_is_no_time_is_refused(make, limit):
    with pytest.raises(UsageError, match="limit_s must be"):
        dispatch(make([0.1], [2.0]), CHEAP, limit_s=limit)


def test_all_solves_share_the_time(two_nodes, monkeypatch):
    limits, real = [], solving.solve

    def timed(problem, what, *, limit_s, **options):
        limits.append((problem.is_mixed_integer(), limit_s))
        return real(problem, what, limit_s=limit_s, **options)

    grid = burning(two_nodes)
    nothing = idle(grid)
    monkeypatch.setattr(solving, "solve", timed)
    dispatch(grid, CHEAP, nothing, limit_s=30.0)
    assert [mixed for mixed, _ in limits] == [False, True, False]
    first, search, last = (limit for _, limit in limits)
    assert 30 >= first > last > search > 0
    assert search <= 15


def test_a_search_that_finds_nothing_leaves_the_directions_of_the_linear_model(
    two_nodes, monkeypatch
):
    grid = burning(two_nodes)
    nothing, best, real = idle(grid), dispatch(grid, CHEAP), solving.solve

    def stopped(problem, what, **options):
        if problem.is_mixed_integer():
            raise SolveError("The time ended.")
        return real(problem, what, **options)

    monkeypatch.setattr(solving, "solve", stopped)
    plan = dispatch(grid, CHEAP, nothing)
    assert (plan.solved.proven, plan.violations, plan.both_ways) == (False, 0, 1)
    assert plan.terms.loc["cost", "value"] == pytest.approx(best.terms.loc["cost", "value"])
    assert plan.solved.bound == pytest.approx(relaxed(grid, CHEAP, nothing).solved.objective)


def test_an_error_that_is_not_of_time_is_told(make, battery, monkeypatch):
    grid = make([0.1, 0.5], [2.0, 2.0], stores=[battery()])
    nothing = idle(grid)

    def broken(problem, what, **options):
        raise SolveError("The solver broke.")

    monkeypatch.setattr(solving, "solve", broken)
    with pytest.raises(SolveError, match=r"The solver broke\."):
        dispatch(grid, CHEAP, nothing)


# Both directions at once.


def test_energy_is_not_burnt_in_a_line_where_its_price_is_negative(two_nodes):
    connections = [GridConnection("grid", "a", 20.0, 20.0, [-0.1, 0.2], [-0.2, 0.1])]
    grid = two_nodes([-0.1, 0.2], [4.0, 4.0], loss_share=0.5, connections=connections)
    loose = relaxed(grid, CHEAP)
    assert np.minimum(loose.values["forward_kw"], loose.values["backward_kw"])[0].tolist() == [
        pytest.approx(1.0), 0.0,
    ]  # fmt: skip
    plan = dispatch(grid, CHEAP)
    assert plan.both_ways == 1
    assert used(plan, "forward_kw", "ab") == [8, 8]
    assert used(plan, "backward_kw", "ab") == [0, 0]
    assert plan.solved.objective >= loose.solved.objective


def test_a_store_does_not_burn_energy_where_its_price_is_negative(make, battery):
    store = battery(charge_efficiency=0.5, discharge_efficiency=0.5, soc_max=0.0)
    plan = dispatch(make([-0.1, -0.1], [1.0, 1.0], stores=[store]), CHEAP)
    assert plan.both_ways == 2
    assert plan.violations == 0
    both = np.minimum(plan.schedule["charge_kw"], plan.schedule["discharge_kw"])
    assert both.to_numpy().max() == 0


@st.composite
def microgrids(draw):
    """Draw two to four nodes on a random tree, with sun, a battery and prices of any sign."""
    count, size = draw(st.integers(2, 6)), draw(st.integers(2, 4))
    powers = st.lists(st.integers(0, 8), min_size=count, max_size=count)
    names = [f"n{i}" for i in range(size)]
    lines = [
        Line(
            f"l{i}",
            names[draw(st.integers(0, i - 1))],
            names[i],
            draw(st.integers(2, 12)),
            draw(st.sampled_from([0.0, 0.05, 0.3])),
        )
        for i in range(1, size)
    ]
    price = np.array(draw(st.lists(st.integers(-3, 6), min_size=count, max_size=count))) / 10
    connection = GridConnection(
        "grid", "n0", 15, 15, price, price - draw(st.sampled_from([0.01, 0.1]))
    )
    node = st.sampled_from(names)
    return Microgrid(
        pd.date_range("2016-03-13", periods=count, freq="h", tz="UTC"),
        [Node(name, draw(powers), 8.0) for name in names],
        lines,
        [
            Generator("sun", draw(node), draw(powers), renewable=True),
            Generator("diesel", draw(node), 3.0, 0.35),
        ],
        [Store("s", draw(node), 10.0, 0.2, 0.9, 0.8, initial_soc=0.3)],
        [FlexibleDemand("f", draw(node), draw(powers), 0.5, 2.0, 0.02)],
        [connection],
    )


SOME = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@SOME
@given(microgrids())
def test_every_plan_is_sound_and_no_worse_than_doing_nothing(grid):
    base = idle(grid)
    plan = dispatch(grid, CHEAP, base)
    assert plan.violations == 0
    assert (
        plan.terms.loc["cost", "value"] <= base.terms.loc["cost", "value"] + 1e-6 or plan.both_ways
    )
    size = abs(base.terms.loc["cost", "value"])
    assert plan.solved.objective * size == pytest.approx(plan.terms.loc["cost", "value"], abs=1e-6)


@SOME
@given(microgrids())
def test_both_directions_at_once_pay_only_where_power_is_worth_less_than_nothing(grid):
    found = relaxed(grid, CHEAP)
    names = grid.node_names
    for i, line in enumerate(grid.lines):
        both = np.minimum(found.values["forward_kw"][i], found.values["backward_kw"][i]) > 1e-6
        ends = [names.index(line.start), names.index(line.end)]
        worth = found.prices_usd_per_kwh[ends].sum(axis=0)
        assert (worth[both & (line.loss_share > 0)] <= 1e-6).all()
    for i, store in enumerate(grid.stores):
        both = np.minimum(found.values["charge_kw"][i], found.values["discharge_kw"][i]) > 1e-6
        assert (found.prices_usd_per_kwh[names.index(store.node)][both] <= 1e-6).all()


@SOME
@given(microgrids())
def test_a_battery_of_no_capacity_changes_nothing(grid):
    none = grid.with_parts(stores=[Store("s", grid.stores[0].node, 0.0)], demands=())
    base = idle(none)
    assert dispatch(none, CHEAP, base).terms.loc["cost", "value"] == pytest.approx(
        base.terms.loc["cost", "value"], abs=1e-6
    )


def test_the_case_that_is_timed_is_sound():
    plan = dispatch(feeder.case(48))
    assert (len(plan.grid.nodes), plan.violations, plan.both_ways) == (18, 0, 0)
    assert check.count(plan.grid, plan.schedule) == 0
    assert plan.terms.loc["cost", "scaled"] < 1 < plan.terms.loc["renewables", "scaled"]


def test_a_term_that_is_0_when_nothing_is_done_has_no_scale(make, battery):
    grid = make([0.1, 0.5], [2.0, 2.0], stores=[battery()])
    with pytest.raises(UsageError, match="The term renewables is not above 0 when nothing is done"):
        dispatch(grid)
