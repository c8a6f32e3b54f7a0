"""What a day's whole weather says of each stamp: an upper bound may look at it, no forecast."""

import numpy as np
import pandas as pd

from lab.calendar import in_zone
from lab.solar.ahead import Atmosphere, solis
from lab.solar.physics import WEATHER, moved, plane_power
from lab.solar.site import CLEAR_COLUMNS, Place, Plane, require, require_regular, sun

# Below this clear-sky GHI a clearness is noise [W/m2].
FAINT_W_PER_M2 = 20.0
SMOOTHED = (3, 5, 9)
FARTHER = (3, 4)
OF_WHOLE_DAY = (
    *(f"clearness_mean_{stamps}" for stamps in SMOOTHED),
    *(f"clearness_{steps}_{side}" for steps in FARTHER for side in ("before", "after")),
    "physics_smooth_w",
    "physics_clear_w",
    *(f"sky_{part}{of}" for of in ("", "_day") for part in ("ghi", "dni", "dhi")),
    "day_clearness",
    "day_roughness",
    "day_coldest",
    "day_warmest",
    "day_before_clearness",
    "day_after_clearness",
)
OF_PAST_POWER = ("performance_1", "performance_3", "performance_7", "performance_28", "energy_1")


def add_whole_day(
    table: pd.DataFrame,
    frame: pd.DataFrame,
    place: Place,
    plane: Plane,
    air: Atmosphere,
    *,
    zone: str,
) -> pd.DataFrame:
    """Return the inputs with the columns `OF_WHOLE_DAY` beside them.

    Parameters
    ----------
    table : pandas.DataFrame
        From `physics.weather_inputs`.
    frame : pandas.DataFrame
        `WEATHER` and `CLEAR_COLUMNS`, regular UTC index.
    place, plane, air
        The typical atmosphere is that of the training period: the measured clear sky over
        it says how hazy the day is, or whether snow on the ground brightens it.
    zone : str
        Whose days are meant.

    Raises
    ------
    DataError
        If a column is missing, empty or infinite somewhere, or the index is no regular UTC one.
    """
    require(frame, (*WEATHER, *CLEAR_COLUMNS))
    require_regular(frame)
    minutes = pd.Timedelta(minutes=plane.offset_minutes)
    sky = sun(pd.DatetimeIndex(frame.index) + minutes, place).set_axis(frame.index)
    clear = np.maximum(frame["ghi_clear_w_per_m2"], FAINT_W_PER_M2)
    around = frame["ghi_w_per_m2"] / clear
    found = table.copy()
    for steps in FARTHER:
        found[f"clearness_{steps}_before"] = around.shift(steps)
        found[f"clearness_{steps}_after"] = around.shift(-steps)
    for stamps in SMOOTHED:
        smooth = around.rolling(stamps, center=True, min_periods=1).mean()
        found[f"clearness_mean_{stamps}"] = moved(smooth, minutes)
    for name, share in (("smooth", found["clearness_mean_3"].clip(upper=1.3)), ("clear", 1.0)):
        light = table[["temperature"]].assign(ghi=share * table["ghi_clear"])
        found[f"physics_{name}_w"] = plane_power(light, sky, plane)
    return _days(found, frame, solis(sky["elevation"], air), minutes, zone)


def _days(
    found: pd.DataFrame,
    frame: pd.DataFrame,
    typical: pd.DataFrame,
    minutes: pd.Timedelta,
    zone: str,
) -> pd.DataFrame:
    """Add the figures of local days, and the clear sky over a typical one."""
    day = in_zone(pd.DatetimeIndex(frame.index), zone).date
    total = frame[["ghi_w_per_m2", *CLEAR_COLUMNS]].groupby(day).sum()
    usual = typical.groupby(day).sum()
    for part in ("ghi", "dni", "dhi"):
        clear = frame[f"{part}_clear_w_per_m2"]
        over = moved(clear, minutes) / np.maximum(typical[part], FAINT_W_PER_M2)
        found[f"sky_{part}"] = over.clip(upper=5.0)
        found[f"sky_{part}_day"] = (total[clear.name] / usual[part]).reindex(day).to_numpy()
    bright = frame["ghi_clear_w_per_m2"] > 2 * FAINT_W_PER_M2
    index = (frame["ghi_w_per_m2"] / frame["ghi_clear_w_per_m2"]).where(bright)
    clearness = total["ghi_w_per_m2"] / total["ghi_clear_w_per_m2"]
    days = {
        "day_clearness": clearness,
        "day_before_clearness": clearness.shift(1),
        "day_after_clearness": clearness.shift(-1),
        "day_roughness": index.groupby(day).std(),
        "day_coldest": frame["temperature_c"].groupby(day).min(),
        "day_warmest": frame["temperature_c"].groupby(day).max(),
    }
    return found.assign(**{n: values.reindex(day).to_numpy() for n, values in days.items()})


def add_past_power(table: pd.DataFrame, power: pd.Series, zone: str) -> pd.DataFrame:
    """Return the inputs with `OF_PAST_POWER`: measured over physical energy of days that ended.

    Parameters
    ----------
    table : pandas.DataFrame
        With `physics_w` and `day`.
    power : pandas.Series
        Measured [W], same index. A day's own power is in the figures of later days alone.
    zone : str
    """
    day = in_zone(pd.DatetimeIndex(table.index), zone).date
    known = table["day"].to_numpy() & np.isfinite(power.to_numpy(dtype=float))
    both = pd.DataFrame({"power": power, "physics": table["physics_w"]})
    both.loc[~known] = np.nan
    total = both.groupby(day).sum()
    found = table.copy()
    for days in (1, 3, 7, 28):
        past = total.rolling(days).sum().shift(1)
        share = (past["power"] / past["physics"].where(past["physics"] > 0)).clip(upper=2.0)
        found[f"performance_{days}"] = share.reindex(day).to_numpy()
    found["energy_1"] = total["physics"].shift(1).reindex(day).to_numpy()
    return found
