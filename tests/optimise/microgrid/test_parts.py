import numpy as np
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.microgrid import FlexibleDemand, Generator, GridConnection, Line, Node, Store

NAN = float("nan")


def grid(**changed):
    given = {
        "name": "grid", "node": "a", "import_kw": 5.0, "export_kw": 7.0,
        "import_price_usd_per_kwh": [0.2, 0.3], "export_price_usd_per_kwh": [0.1, 0.1],
    }  # fmt: skip
    return GridConnection(**given | changed)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        pytest.param(
            lambda: Store("s", "a", -2.0),
            UsageError,
            r"Store 's': capacity_kwh must be at least 0, got -2\.",
            id="capacity",
        ),
        pytest.param(
            lambda: Store("s", "a", NAN),
            UsageError,
            "capacity_kwh must be a finite number, got nan",
            id="no capacity",
        ),
        pytest.param(
            lambda: Store("s", "a", 1.0, charge_efficiency=1.2),
            UsageError,
            r"Store 's': charge_efficiency must be above 0 and up to 1, got 1\.2\.",
            id="efficiency",
        ),
        pytest.param(
            lambda: Store("s", "a", 1.0, discharge_efficiency=0.0),
            UsageError,
            "discharge_efficiency must be above 0 and up to 1, got 0",
            id="efficiency of 0",
        ),
        pytest.param(
            lambda: Store("s", "a", 1.0, soc_min=0.2, initial_soc=0.1),
            UsageError,
            r"initial_soc must be from 0\.2 to 1, got 0\.1",
            id="initial soc",
        ),
        pytest.param(
            lambda: Store("s", "a", "10"),
            UsageError,
            "Store 's': capacity_kwh must be a finite number, got '10'",
            id="text",
        ),
        pytest.param(
            lambda: Store("s", "a", 1.0, soc_min=0.8, soc_max=0.2),
            UsageError,
            r"Store 's': soc_min must not lie above soc_max, got 0\.8 above 0\.2",
            id="limits crossed",
        ),
        pytest.param(
            lambda: Store("s", "a", 1.0, final_soc="1"),
            UsageError,
            "Store 's': final_soc must be a finite number, got '1'",
            id="final soc of text",
        ),
        pytest.param(
            lambda: Line("l", "a", "b", None),
            UsageError,
            "Line 'l': capacity_kw must be a finite number, got None",
            id="no line capacity",
        ),
        pytest.param(
            lambda: Node("n", ["one", 2.0]),
            DataError,
            "Node 'n': load_kw must hold numbers alone",
            id="load of text",
        ),
        pytest.param(
            lambda: FlexibleDemand("f", "a", [1.0], window_hours="24"),
            UsageError,
            "Flexible demand 'f': window_hours must be a finite number, got '24'",
            id="window of text",
        ),
        pytest.param(
            lambda: Store("s", "a", 1.0, soc_max=0.8, final_soc=0.9),
            UsageError,
            r"final_soc must be from 0 to 0\.8, got 0\.9",
            id="final soc",
        ),
        pytest.param(
            lambda: Line("l", "a", "b", -1.0),
            UsageError,
            "Line 'l': capacity_kw must be at least 0, got -1",
            id="line",
        ),
        pytest.param(
            lambda: Line("l", "a", "b", 1.0, 1.5),
            UsageError,
            r"Line 'l': loss_share must be from 0 to below 1, got 1\.5",
            id="loss",
        ),
        pytest.param(
            lambda: Line("l", "a", "b", 1.0, 1.0),
            UsageError,
            "loss_share must be from 0 to below 1",
            id="total loss",
        ),
        pytest.param(
            lambda: Line("l", "a", "a", 1.0),
            UsageError,
            "Line 'l' must join two nodes, got 'a' twice",
            id="loop",
        ),
        pytest.param(
            lambda: Generator("g", "a", -3.0),
            UsageError,
            "Generator 'g': available_kw must be at least 0, got -3",
            id="generator",
        ),
        pytest.param(
            lambda: Generator("g", "a", [1.0, -3.0]),
            DataError,
            "available_kw must be 0 or more, got -3 in hour 1",
            id="generator's series",
        ),
        pytest.param(
            lambda: Generator("g", "a", 1.0, NAN),
            UsageError,
            "cost_usd_per_kwh must be a finite number, got nan",
            id="generator's cost",
        ),
        pytest.param(
            lambda: Node("n", [1.0, NAN, NAN]),
            DataError,
            "Node 'n': load_kw must be a number .* 2 of 3 are missing, the first in hour 1",
            id="load",
        ),
        pytest.param(
            lambda: Node("n", [[1.0]]),
            DataError,
            "load_kw must be one row of hours, got 2 axes",
            id="table of loads",
        ),
        pytest.param(
            lambda: Node("n", [1.0], -4.0),
            UsageError,
            "value_of_lost_load_usd_per_kwh must be at least 0, got -4",
            id="lost load",
        ),
        pytest.param(
            lambda: FlexibleDemand("f", "a", [1.0], less_share=2.0),
            UsageError,
            "Flexible demand 'f': less_share must be from 0 to 1, got 2",
            id="flexible",
        ),
        pytest.param(
            lambda: FlexibleDemand("f", "a", [1.0], window_hours=0.0),
            UsageError,
            "window_hours must be above 0, got 0",
            id="window",
        ),
        pytest.param(
            lambda: grid(import_price_usd_per_kwh=[0.2, NAN]),
            DataError,
            "connection 'grid': import_price_usd_per_kwh must be a number .* 1 of 2 are",
            id="price",
        ),
        pytest.param(
            lambda: grid(export_price_usd_per_kwh=[0.1, 0.4]),
            UsageError,
            r"'grid' cannot pay more for export .* got 0\.4 above 0\.3 USD/kWh in hour 1",
            id="arbitrage",
        ),
        pytest.param(
            lambda: grid(export_kw=-1.0),
            UsageError,
            "export_kw must be at least 0, got -1",
            id="limit",
        ),
    ],
)
def test_nonsense_is_refused_by_name(make, error, said):
    with pytest.raises(error, match=said) as caught:
        make()
    assert str(caught.value).endswith((".", "nothing arrives.", "comes out."))
    assert "\n" not in str(caught.value)


def test_negative_prices_are_allowed():
    assert grid(
        import_price_usd_per_kwh=[-0.2, 0.3], export_price_usd_per_kwh=[-0.3, 0.1]
    ).import_price_usd_per_kwh.tolist() == [-0.2, 0.3]


def test_power_is_a_fifth_of_the_capacity_unless_told():
    assert Store("s", "a", 6.4).power_kw == pytest.approx(1.28)
    assert Store("s", "a", 6.4, 0.5).power_kw == pytest.approx(3.2)


def test_a_store_ends_as_full_as_it_began_unless_told():
    assert Store("s", "a", 1.0, initial_soc=0.3).last_soc == 0.3
    assert Store("s", "a", 1.0, initial_soc=0.3, final_soc=0.0).last_soc == 0.0


def test_rating_is_the_larger_limit_and_carbon_is_none_when_omitted():
    assert grid().rating_kw == 7.0
    assert np.asarray(grid().carbon_kg_per_kwh).tolist() == [0.0, 0.0]


def test_series_are_kept_from_change_and_apart_from_what_was_given():
    given = np.array([1.0, 2.0])
    node = Node("n", given)
    given[0] = 9.0
    assert node.load_kw.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        node.load_kw[0] = 3.0
