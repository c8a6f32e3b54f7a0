"""The clear sky of days to come: geometry and a typical atmosphere, no weather of the day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.errors import DataError
from lab.solar.site import CLEAR_COLUMNS, Place, Plane, expected, require, sun

SAMPLE_ROWS = 2000
# Turbidity at 700 nm and water in the column [cm]: clean dry air to a hazy tropical sky.
AEROSOL_RANGE, WATER_RANGE_CM = (0.01, 0.45), (0.2, 8.0)


@dataclass(frozen=True)
class Atmosphere:
    """A typical clear atmosphere: aerosol depth at 700 nm [1], water [cm], pressure [Pa]."""

    aerosol: float
    water_cm: float
    pressure_pa: float = 101325.0


def typical_atmosphere(clear: pd.DataFrame, place: Place) -> Atmosphere:
    """Return the constant atmosphere nearest to a clear-sky table of the past.

    Parameters
    ----------
    clear : pandas.DataFrame
        `CLEAR_COLUMNS` [W/m2], UTC index, of the training period.
    place : Place

    Raises
    ------
    DataError
        If columns are missing or the sun never shines.
    """
    from scipy.optimize import least_squares

    require(clear, CLEAR_COLUMNS)
    bright = clear[clear["ghi_clear_w_per_m2"] > 0]
    if bright.empty:
        raise DataError("A typical atmosphere needs hours with a clear-sky GHI above 0, got none.")
    bright = bright.iloc[:: max(1, len(bright) // SAMPLE_ROWS)]
    elevation = sun(pd.DatetimeIndex(bright.index), place)["elevation"]
    measured = bright[["ghi_clear_w_per_m2", "dni_clear_w_per_m2"]].to_numpy(dtype=float)

    def misfit(unknown: np.ndarray) -> np.ndarray:
        sky = solis(elevation, Atmosphere(*unknown))
        return np.ravel(sky[["ghi", "dni"]].to_numpy() - measured)

    low, high = zip(AEROSOL_RANGE, WATER_RANGE_CM, strict=True)
    found = least_squares(misfit, [0.1, 1.5], bounds=(low, high)).x
    return Atmosphere(float(found[0]), float(found[1]))


def solis(elevation: pd.Series, air: Atmosphere) -> pd.DataFrame:
    """Return ghi, dni and dhi [W/m2] under a clear sky; zero below the horizon.

    References
    ----------
    Ineichen, A broadband simplified version of the Solis clear sky model (2008),
    doi:10.1016/j.solener.2007.12.006.
    """
    from pvlib import clearsky

    sky = clearsky.simplified_solis(
        elevation, aod700=air.aerosol, precipitable_water=air.water_cm, pressure=air.pressure_pa
    )
    light = pd.DataFrame({name: sky[name] for name in ("ghi", "dni", "dhi")}, index=elevation.index)
    return light.where(elevation > 0, 0.0).clip(lower=0)


def clear_power(
    index: pd.DatetimeIndex,
    place: Place,
    plane: Plane,
    air: Atmosphere,
    temperature_c: float = 15.0,
) -> pd.DataFrame:
    """Return what is known of the sun for any stamp, however far ahead.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        Power stamps, UTC; the plane's offset is added.
    place, plane, air
        Inferred from the training period.
    temperature_c : float
        Typical air temperature by day.

    Returns
    -------
    pandas.DataFrame
        `clear_w` [W], `elevation`, `azimuth` [deg], year as `year_sin`, `year_cos`.
    """
    sky = sun(index + pd.Timedelta(minutes=plane.offset_minutes), place).set_axis(index)
    light = solis(sky["elevation"], air)
    fields = {name: sky[name].to_numpy() for name in ("east", "north", "up")}
    fields |= {name: light[name].to_numpy() for name in light}
    power = expected(fields | {"temperature": np.full(len(index), temperature_c)}, plane)
    angle = 2 * np.pi * np.asarray(index.dayofyear) / 365.25
    return sky[["elevation", "azimuth"]].assign(
        clear_w=power, year_sin=np.sin(angle), year_cos=np.cos(angle)
    )
