"""Weather as measured, dew point, wind power and degree hours."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import DataError, UsageError
from lab.features.weather import dew_point_c

ZONE = "Europe/Brussels"


def weather(columns: dict, roles: dict | None = None, **spec) -> pd.DataFrame:
    """Return the weather family of hourly columns."""
    rows = len(next(iter(columns.values())))
    index = pd.date_range("2016-01-01", periods=rows, freq="h", tz="UTC")
    if roles is not None:
        spec["weather_columns"] = roles
    return features.build(
        pd.DataFrame(columns, index=index), {"families": ["weather"], **spec}, zone=ZONE
    )


def test_the_standard_eight(simulated):
    table = features.build(simulated(50), {"families": ["weather"]}, zone=ZONE)
    assert list(table) == [
        "temperature_c",
        "heating_degree_hours_24h",
        "cooling_degree_hours_24h",
        "humidity",
        "dew_point_c",
        "wind_speed_m_per_s",
        "wind_speed_cubed_m3_per_s3",
        "ghi_w_per_m2",
    ]


def test_degree_hours_add_up_over_a_day():
    # Twelve hours at 5.5 degC are 10 K below 15.5, twelve at 25 degC are 3 K above 22.
    table = weather({"t": [5.5] * 12 + [25.0] * 12}, {"temperature": "t"})
    assert table["heating_degree_hours_24h"].iloc[-1] == pytest.approx(120)
    assert table["cooling_degree_hours_24h"].iloc[-1] == pytest.approx(36)
    assert table["heating_degree_hours_24h"].iloc[:21].isna().all()


def test_degree_hours_do_not_depend_on_the_step():
    index = pd.date_range("2016-01-01", periods=96, freq="15min", tz="UTC")
    table = features.build(
        pd.DataFrame({"t": 5.5}, index=index),
        {"families": ["weather"], "weather_columns": {"temperature": "t"}},
        zone=ZONE,
    )
    assert table["heating_degree_hours_24h"].iloc[-1] == pytest.approx(240)


def test_the_bases_are_parameters():
    table = weather(
        {"t": [10.0] * 24}, {"temperature": "t"}, heating_base_c=12.0, cooling_base_c=9.0
    )
    assert table["heating_degree_hours_24h"].iloc[-1] == pytest.approx(48)
    assert table["cooling_degree_hours_24h"].iloc[-1] == pytest.approx(24)


def test_dew_point_equals_temperature_in_saturated_air():
    dew = dew_point_c(np.array([20.0, 20.0, np.nan, 20.0]), np.array([1.0, 0.5, 0.5, 0.0]))
    assert dew[0] == pytest.approx(20)
    assert dew[1] == pytest.approx(9.27, abs=0.05)  # psychrometric tables: 9.3 degC
    assert np.isnan(dew[2])
    assert np.isfinite(dew[3])


def test_power_in_the_wind_grows_with_the_cube():
    table = weather({"w": [0.0, 2.0, np.nan]}, {"wind": "w"})
    np.testing.assert_array_equal(table["wind_speed_cubed_m3_per_s3"], [0, 8, np.nan])


def test_only_the_named_roles_give_features():
    table = weather({"t": [1.0, 2.0], "other": [3.0, 4.0]}, {"temperature": "t"})
    assert list(table) == ["t", "heating_degree_hours_24h", "cooling_degree_hours_24h"]


def test_a_named_column_that_is_missing_is_one_sentence():
    with pytest.raises(DataError, match="no column 'humidity'; it has temperature_c"):
        weather(
            {"temperature_c": [1.0, 2.0]},
            {"temperature": "temperature_c", "humidity": "humidity"},
        )


@pytest.mark.parametrize("roles", [{"rain": "r"}, {}, ["t"]])
def test_unknown_roles_are_refused(roles):
    with pytest.raises(UsageError, match="must map some of temperature, humidity"):
        weather({"t": [1.0, 2.0]}, roles)
