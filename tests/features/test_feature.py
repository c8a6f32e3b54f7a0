"""Names and units of features."""

import pytest

from lab.features.feature import hours_text, unit_of


@pytest.mark.parametrize(
    ("hours", "text"), [(1, "1h"), (168.0, "168h"), (0.5, "30min"), (1.5, "90min")]
)
def test_durations_read_well_in_names(hours, text):
    assert hours_text(hours) == text


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("price_hub_usd_per_mwh", "USD/MWh"),
        ("demand_mw", "MW"),
        ("temperature_c", "degC"),
        ("power_w", "W"),
        ("ghi_w_per_m2", "W/m2"),
        ("soc", "1"),
    ],
)
def test_units_are_read_from_names(column, unit):
    assert unit_of(column) == unit
