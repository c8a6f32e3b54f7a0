import pandas as pd
import pytest

from lab.quality.roles import families, measured, middle_panel, role, sunlight


@pytest.mark.parametrize(
    ("column", "table", "expected"),
    [
        pytest.param("home_3_pv_w_per_kw", "", "solar", id="PV by its name"),
        pytest.param("power_w", "pv_nrel", "solar", id="PV by its table"),
        pytest.param("power_w", "be_house_minute", "load", id="power elsewhere"),
        pytest.param("meter_81fb_w", "", "load", id="meter"),
        pytest.param("ghi_w_per_m2", "", "irradiance", id="irradiance"),
        pytest.param("battery_power_kw", "", "signed", id="battery"),
        pytest.param("net_load_kwh", "", "signed", id="net load"),
        pytest.param("price_eur_per_mwh", "", "other", id="price per energy is no energy"),
        pytest.param("carbon_kg_per_kwh", "", "other", id="carbon per energy"),
        pytest.param("temperature_c", "pv_nrel", "other", id="temperature beside PV"),
    ],
)
def test_role_follows_the_unit(column, table, expected):
    assert role(column, table) == expected


def test_families_differ_in_a_number_or_a_hex_id():
    columns = ["home_1_load_kwh", "home_12_load_kwh", "meter_81fb_w", "meter_0668_w", "humidity"]
    assert families([*columns, "home_1_pv_w_per_kw"]) == {
        "home_*_load_kwh": ["home_1_load_kwh", "home_12_load_kwh"],
        "meter_*_w": ["meter_81fb_w", "meter_0668_w"],
    }


def test_measured_leaves_flags_texts_and_markers_out():
    table = pd.DataFrame(
        {"load_kw": [1.0], "holiday": [True], "site": ["a"], "load_kw_imputed": [False]}
    )
    assert measured(table) == ["load_kw"]


def test_sunlight_prefers_the_clear_sky():
    table = pd.DataFrame({"ghi_w_per_m2": [1.0, 2], "ghi_clear_w_per_m2": [3.0, 4]})
    assert sunlight(table).tolist() == [3, 4]


def test_sunlight_sums_what_is_measured():
    table = pd.DataFrame({"direct_w_per_m2": [0.0, 2], "diffuse_w_per_m2": [3.0, 4]})
    assert sunlight(table).tolist() == [3, 6]


def test_without_irradiance_nobody_knows_about_the_sun():
    assert sunlight(pd.DataFrame({"load_kw": [1.0]})) is None


def test_the_middle_panel_needs_three():
    table = pd.DataFrame({f"home_{n}_pv_w_per_kw": [float(n), 0.0] for n in (1, 2, 9)})
    assert middle_panel(table).tolist() == [2, 0]
    assert middle_panel(table.iloc[:, :2]) is None
