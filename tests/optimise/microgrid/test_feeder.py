import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.microgrid import Weights, dispatch, feeder, idle, outcomes

ZONE = "America/Los_Angeles"


def homes(hours=48, count=4, start="2016-09-05 07:00"):
    """Return a table as california_homes has it, of homes with an evening peak and a roof."""
    index = pd.date_range(start, periods=hours, freq="h", tz="UTC")
    local = index.tz_convert(ZONE).hour.to_numpy()
    columns = {}
    for i in range(1, count + 1):
        columns[f"home_{i}_load_kwh"] = 0.5 + 0.1 * i + 1.0 * (local >= 17)
        columns[f"home_{i}_pv_w_per_kw"] = 600.0 * np.isin(local, range(10, 15)) * (i > 1)
    peak = (local >= 16) & (local < 21)
    columns["price_usd_per_kwh"] = np.where(peak, 0.5, 0.2)
    columns["carbon_kg_per_kwh"] = np.full(hours, 0.15)
    return pd.DataFrame(columns, index=index)


@pytest.fixture
def street():
    return feeder.Street({f"home_{i}": 4.0 for i in range(1, 5)}, laterals=2)


def test_homes_stand_on_laterals_in_turn(street):
    grid = feeder.together(homes(), street)
    assert [(line.start, line.end) for line in grid.lines] == [
        ("transformer", "home_1"),
        ("home_1", "home_3"),
        ("transformer", "home_2"),
        ("home_2", "home_4"),
    ]
    assert [c.node for c in grid.connections] == ["transformer"]


def test_alone_every_home_has_its_own_connection(street):
    grid = feeder.alone(homes(), street)
    assert [c.node for c in grid.connections] == grid.node_names
    assert not grid.lines


def test_the_parts_of_a_home(street):
    grid = feeder.alone(homes(), street)
    load = homes()["home_2_load_kwh"]
    assert grid.nodes[1].load_kw + grid.demands[1].baseline_kw == pytest.approx(load.to_numpy())
    assert grid.generators[1].available_kw.max() == pytest.approx(2.4)
    store = grid.stores[1]
    assert store.charge_efficiency * store.discharge_efficiency == pytest.approx(0.9)
    assert store.power_kw == pytest.approx(0.2 * 6.4)


def test_homes_left_out_keep_their_place_and_nothing_else(street):
    grid = feeder.together(homes(), street, without=["home_3"])
    assert "home_3" in grid.node_names
    assert not grid.load_kw[grid.node_names.index("home_3")].any()
    assert {p.node for p in (*grid.stores, *grid.generators, *grid.demands)} == {
        "home_1",
        "home_2",
        "home_4",
    }


def test_neighbours_without_a_roof_are_why_cooperation_pays(street):
    table = homes()
    lone, shared = feeder.alone(table, street), feeder.together(table, street)
    base = idle(lone)
    apart, joint = dispatch(lone, nothing=base), dispatch(shared, nothing=base)
    assert joint.terms.loc["cost", "value"] < apart.terms.loc["cost", "value"]
    assert apart.terms.loc["cost", "value"] < base.terms.loc["cost", "value"]
    assert joint.terms.loc["renewables", "value"] > apart.terms.loc["renewables", "value"]


def test_lines_without_loss_and_limit_never_make_a_street_dearer(street):
    wide = feeder.Street(street.pv_kw, line_kw=1e3, line_loss_share=0.0)
    table = homes()
    cheap = Weights(1, 0, 0)
    apart, joint = (dispatch(f(table, wide), cheap) for f in (feeder.alone, feeder.together))
    assert joint.terms.loc["cost", "value"] <= apart.terms.loc["cost", "value"] + 1e-6
    assert outcomes.energies(joint.grid, joint.schedule)["line_losses_kwh"] == 0


def test_nothing_in_a_table_without_homes(street):
    with pytest.raises(DataError, match="Homes need a column of load"):
        feeder.alone(homes()[["price_usd_per_kwh", "carbon_kg_per_kwh"]], street)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(
            lambda: feeder.Street({}, laterals=0),
            "laterals of a street must be at least 1, got 0",
            id="laterals",
        ),
        pytest.param(
            lambda: feeder.Street({}, flexible_share=1.5),
            r"flexible_share of a street must be from 0 to 1, got 1\.5",
            id="share",
        ),
        pytest.param(
            lambda: feeder.alone(homes(), feeder.Street({"home_1": 4.0})),
            "pv_kw of a street must name 'home_2', got home_1",
            id="pv",
        ),
        pytest.param(
            lambda: feeder.alone(homes(count=1), feeder.Street({"home_1": 1.0}, battery_kwh=-1.0)),
            "battery_kwh of a street must be at least 0, got -1",
            id="battery",
        ),
    ],
)
def test_nonsense_is_refused_by_name(make, said):
    with pytest.raises(UsageError, match=said):
        make()


# The case that is timed.


def test_the_timed_case_takes_the_rows_as_they_are():
    from lab import data

    given = data.load("california_homes").iloc[864:888]
    grid = feeder.case(24)
    assert list(grid.index) == list(given.index)
    assert grid.generators[0].name == "roof home_1"
    roof = given["home_1_pv_w_per_kw"].to_numpy()
    assert roof.max() > 0
    np.testing.assert_allclose(grid.available_kw[0], feeder.USUAL_PV_KW * roof / 1000)
    np.testing.assert_allclose(feeder.case(24, pv_kw=9.0).available_kw, 2 * grid.available_kw)


def test_doing_nothing_is_scored_where_the_plan_is(street):
    table = homes()
    lone, shared = feeder.alone(table, street), feeder.together(table, street)
    base = idle(lone)
    apart, joint = (dispatch(grid, nothing=base).terms["nothing"] for grid in (lone, shared))
    at_transformer = base.net_load_kw.to_numpy() / street.transformer_kw
    knots = np.linspace(0, 1, 5)
    score = np.interp(np.abs(at_transformer), knots, 1 - knots**2).mean()
    assert joint["stability"] == pytest.approx(score)
    assert apart["stability"] != pytest.approx(score, rel=1e-3)
    for term in ("cost", "renewables"):
        assert joint[term] == apart[term]
