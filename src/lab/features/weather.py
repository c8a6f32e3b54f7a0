"""Observed weather and what follows from it: dew point, wind power, degree hours.

The family gives features for the roles that `weather_columns` names: all eight for the
four roles of the standard set, fewer when fewer are named. A column that is named and
absent is an error, never a silently shorter table.
"""

import numpy as np

from lab.features.feature import PAST, Feature
from lab.features.grid import Grid
from lab.features.spec import Spec

WINDOW_H = 24
# Magnus formula over water, as in Alduchov and Eskridge (1996),
# doi:10.1175/1520-0450(1996)035<0601:IMFAOS>2.0.CO;2.
MAGNUS_A, MAGNUS_B_C = 17.625, 243.04
DRIEST = 0.01


def dew_point_c(temperature_c: np.ndarray, humidity: np.ndarray) -> np.ndarray:
    """Return the dew point [degC] from temperature [degC] and relative humidity (0 to 1).

    Humidity below 0.01 counts as 0.01, because the logarithm of 0 is none.
    """
    log = np.log(np.maximum(humidity, DRIEST))
    gamma = log + MAGNUS_A * temperature_c / (MAGNUS_B_C + temperature_c)
    return np.asarray(MAGNUS_B_C * gamma / (MAGNUS_A - gamma))


def degree_hours(grid: Grid, excess_k: np.ndarray) -> np.ndarray:
    """Return the positive part of a temperature excess, summed over the last day [K h]."""
    return grid.roll(np.maximum(excess_k, 0), WINDOW_H, "mean") * WINDOW_H


def features(spec: Spec) -> list[Feature]:
    """Return the weather features of the roles that the spec names."""
    found: list[Feature] = []
    columns = spec.weather_columns
    if "temperature" in columns:
        found += [_observed(columns["temperature"], "degC"), *_degree_hours(spec)]
    if "humidity" in columns:
        found.append(_observed(columns["humidity"], "1"))
    if {"temperature", "humidity"} <= set(columns):
        found.append(_dew_point(columns["temperature"], columns["humidity"]))
    if "wind" in columns:
        found += [_observed(columns["wind"], "m/s"), _wind_cubed(columns["wind"])]
    if "irradiance" in columns:
        found.append(_observed(columns["irradiance"], "W/m2"))
    return found


def _observed(column: str, unit: str) -> Feature:
    """Return a column as it was measured."""
    return Feature(column, "weather", unit, PAST, "as measured", lambda grid: grid.values(column))


def _degree_hours(spec: Spec) -> list[Feature]:
    """Return heating and cooling degree hours of the last day."""
    column, cold, hot = (
        spec.weather_columns["temperature"],
        spec.heating_base_c,
        spec.cooling_base_c,
    )
    return [
        Feature(
            "heating_degree_hours_24h",
            "weather",
            "K h",
            PAST,
            f"below {cold:g} degC, summed over the last 24h",
            lambda grid: degree_hours(grid, cold - grid.values(column)),
            WINDOW_H,
        ),
        Feature(
            "cooling_degree_hours_24h",
            "weather",
            "K h",
            PAST,
            f"above {hot:g} degC, summed over the last 24h",
            lambda grid: degree_hours(grid, grid.values(column) - hot),
            WINDOW_H,
        ),
    ]


def _dew_point(temperature: str, humidity: str) -> Feature:
    """Return the dew point, the heat in the air's moisture."""
    return Feature(
        "dew_point_c",
        "weather",
        "degC",
        PAST,
        "Magnus formula from temperature and humidity",
        lambda grid: dew_point_c(grid.values(temperature), grid.values(humidity)),
    )


def _wind_cubed(column: str) -> Feature:
    """Return the cube of the wind speed, to which the power in the wind is proportional."""
    return Feature(
        "wind_speed_cubed_m3_per_s3",
        "weather",
        "m3/s3",
        PAST,
        "cube of the wind speed",
        lambda grid: grid.values(column) ** 3,
    )
