import matplotlib.pyplot as plt
import numpy as np
import pytest

from lab.optimise.microgrid import dispatch, feeder, figures
from lab.optimise.microgrid.stability import Score


@pytest.fixture(scope="module")
def plan():
    return dispatch(feeder.case(24))


@pytest.fixture
def axis():
    _, made = plt.subplots()
    yield made
    plt.close("all")


def test_what_nodes_send_adds_up_to_the_losses(plan):
    hour = plan.schedule.iloc[18]
    sent = figures.surplus_kw(plan.grid, hour)
    flows = sum(hour["forward_kw"]) + sum(hour["backward_kw"])
    assert sum(sent.values()) == pytest.approx(0.005 * flows)
    net = hour["import_kw", "grid"] - hour["export_kw", "grid"]
    assert sent["transformer"] == pytest.approx(net)


def test_the_map_names_every_node_and_flow(plan, axis):
    figures.draw_street(axis, plan, plan.grid.index[18])
    said = [text.get_text() for text in axis.texts]
    sent = figures.surplus_kw(plan.grid, plan.schedule.iloc[18])
    homes = [name for name in sent if name != "transformer"]
    assert {f"{figures.short(name)}: {sent[name]:+.1f}" for name in homes} <= set(said)
    assert f"transformer\n{abs(sent['transformer']):.1f} kW" in said
    flows = plan.schedule["forward_kw"].iloc[18] + plan.schedule["backward_kw"].iloc[18]
    assert {f"{flow:.1f}" for flow in flows} <= set(said)


def test_homes_left_out_are_hollow(plan, axis):
    table = feeder.case(24)
    emptied = table.with_parts(
        nodes=[n if n.name != "home_3" else type(n)(n.name, np.zeros(24)) for n in table.nodes],
        generators=[g for g in table.generators if g.node != "home_3"],
        stores=[s for s in table.stores if s.node != "home_3"],
        demands=[d for d in table.demands if d.node != "home_3"],
    )
    made = dispatch(emptied)
    figures.draw_street(axis, made, made.grid.index[18])
    hollow = [points for points in axis.collections if not len(points.get_facecolors())]
    assert len(hollow) == 1
    assert "3" in [text.get_text() for text in axis.texts]


def test_prices_fill_a_map_of_hours_and_nodes(plan, axis):
    figures.draw_prices(axis, plan.prices_usd_per_kwh, "America/Los_Angeles", "price [USD/kWh]")
    assert axis.collections[0].get_array().shape == (18, 24)
    assert [text.get_text() for text in axis.get_yticklabels()][:2] == ["transformer", "1"]


def test_net_loads_have_names_and_colours(plan, axis):
    figures.draw_net_loads(axis, {"together": plan.net_load_kw}, "America/Los_Angeles")
    figures.legend_above(axis)
    assert axis.lines[0].get_color() == figures.COLOURS["together"]
    assert axis.get_legend().get_texts()[0].get_text() == "together, planned"


def test_the_score_falls_to_both_sides(axis):
    figures.draw_score(axis, Score(75.0))
    x, y = axis.lines[0].get_data()
    assert (x[0], x[-1], y.max()) == (-75.0, 75.0, 1.0)
