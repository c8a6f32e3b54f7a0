"""Where a PV system stands and which way it faces, inferred from its own measurements.

The cosine of the sun's zenith angle is hidden in any clear-sky table:
(GHI - DHI) / DNI. It is the scalar product of the sun's direction and the place's own
vertical, so three unknowns follow from linear least squares. Tilt, azimuth and the
offset of the power's stamps follow from power on clear days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.calendar import check_utc, in_zone
from lab.errors import DataError

CLEAR_COLUMNS = ("ghi_clear_w_per_m2", "dni_clear_w_per_m2", "dhi_clear_w_per_m2")
MIN_ROWS = 100
# Below this beam a cosine from values rounded to 1 W/m2 is worse than 0.5 %.
MIN_BEAM_W_PER_M2 = 300.0
CLEAR_DAY_SHARE = 0.97
GROUND_ALBEDO = 0.2
# Cells run warmer than the air by about 30 K at 1000 W/m2.
CELL_RISE_K_M2_PER_W = 0.03
REFERENCE_CELL_C = 25.0
# Residuals beyond this share of the highest power (shade, a passing cloud) count less.
ROBUST_SHARE = 0.03
START = (25.0, 180.0, 0.0, -0.004)
LIMITS = ((0.0, 90.0, -60.0, -0.02), (90.0, 270.0, 90.0, 0.01))


@dataclass(frozen=True)
class Place:
    """A place on Earth: latitude [deg, north], longitude [deg, east]."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Plane:
    """A tilted plane and what it turns into power.

    Attributes
    ----------
    tilt : float
        From the horizontal [deg].
    azimuth : float
        Where it faces [deg], 180 is south.
    offset_minutes : float
        Minutes from a power stamp to the moment of sun and weather that it belongs to:
        +15 for half-hour means stamped at their beginning.
    watts_per_w_per_m2 : float
        Power per irradiance in the plane at 25 degC cells.
    per_kelvin : float
        Relative change of power per kelvin of cell temperature.
    """

    tilt: float
    azimuth: float
    offset_minutes: float
    watts_per_w_per_m2: float
    per_kelvin: float


def sun(index: pd.DatetimeIndex, place: Place) -> pd.DataFrame:
    """Return the sun's place at each moment.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC.
    place : Place

    Returns
    -------
    pandas.DataFrame
        `elevation` (refracted) and `azimuth` [deg], `east`, `north`, `up`: the unit vector.
    """
    from pvlib import solarposition

    found = solarposition.get_solarposition(index, place.latitude, place.longitude)
    height = np.radians(found["apparent_elevation"].to_numpy())
    turn = np.radians(found["azimuth"].to_numpy())
    return pd.DataFrame(
        {
            "elevation": found["apparent_elevation"].to_numpy(),
            "azimuth": found["azimuth"].to_numpy(),
            "east": np.cos(height) * np.sin(turn),
            "north": np.cos(height) * np.cos(turn),
            "up": np.sin(height),
        },
        index=index,
    )


def locate(clear: pd.DataFrame) -> Place:
    """Return the place that a clear-sky table was computed for.

    Parameters
    ----------
    clear : pandas.DataFrame
        `CLEAR_COLUMNS` [W/m2], UTC index; a stamp is taken as the moment itself. A label
        15 minutes off would move the longitude by 3.75 degrees and the latitude not at all.

    Raises
    ------
    DataError
        If columns are missing, or fewer than 100 rows have a strong beam.

    Notes
    -----
    GHI = DNI cos(z) + DHI, and cos(z) = s . n with the sun's direction s in a frame fixed
    to the Earth and the place's vertical n.
    """
    require(clear, CLEAR_COLUMNS)
    bright = clear[clear["dni_clear_w_per_m2"] > MIN_BEAM_W_PER_M2]
    if len(bright) < MIN_ROWS:
        raise DataError(
            f"Locating a site needs at least {MIN_ROWS} rows with a clear-sky beam above "
            f"{MIN_BEAM_W_PER_M2:g} W/m2, got {len(bright)}."
        )
    beam = bright["ghi_clear_w_per_m2"] - bright["dhi_clear_w_per_m2"]
    cosine = (beam / bright["dni_clear_w_per_m2"]).to_numpy()
    vertical = np.linalg.lstsq(earth_fixed(pd.DatetimeIndex(bright.index)), cosine)[0]
    x, y, z = vertical / np.linalg.norm(vertical)
    return Place(float(np.degrees(np.arcsin(z))), float(np.degrees(np.arctan2(y, x))))


def earth_fixed(index: pd.DatetimeIndex) -> np.ndarray:
    """Return the sun's direction seen from the centre of the Earth, shape (rows, 3).

    Axes point to latitude and longitude (0, 0), (0, 90) and the north pole.
    """
    from pvlib import solarposition

    axes = [(0.0, 0.0), (0.0, 90.0), (90.0, 0.0)]
    zenith = [solarposition.get_solarposition(index, *axis)["zenith"].to_numpy() for axis in axes]
    return np.cos(np.radians(np.stack(zenith, axis=1)))


def clear_rows(frame: pd.DataFrame, zone: str) -> np.ndarray:
    """Return which rows belong to clear days and have power, shape (rows,).

    A day is clear if its measured GHI reaches 97 % of the clear sky's.
    """
    require(frame, ("power_w", "ghi_w_per_m2", "ghi_clear_w_per_m2"))
    day = in_zone(pd.DatetimeIndex(frame.index), zone).date
    total = frame[["ghi_w_per_m2", "ghi_clear_w_per_m2"]].groupby(day).transform("sum")
    clear = total["ghi_w_per_m2"] > CLEAR_DAY_SHARE * total["ghi_clear_w_per_m2"]
    return (clear & frame["power_w"].notna()).to_numpy()


def orient(frame: pd.DataFrame, keep: np.ndarray, place: Place) -> Plane:
    """Return tilt, azimuth, stamp offset and efficiency that explain power under a clear sky.

    Parameters
    ----------
    frame : pandas.DataFrame
        `power_w`, `temperature_c` and `CLEAR_COLUMNS`, regular UTC index.
    keep : numpy.ndarray of bool
        Rows of clear days, or their numbers (a bootstrap may repeat them).
    place : Place

    Raises
    ------
    DataError
        If columns are missing, the stamps are irregular, or fewer than 100 rows are left.
    """
    from scipy.optimize import least_squares

    require(frame, ("power_w", "temperature_c", *CLEAR_COLUMNS))
    rows = np.flatnonzero(keep) if keep.dtype == bool else keep
    if len(rows) < MIN_ROWS:
        raise DataError(
            f"Orienting a plane needs at least {MIN_ROWS} rows of clear days, got {len(rows)}."
        )
    moved = _moving(frame, place)
    power = frame["power_w"].to_numpy(dtype=float)[rows]

    def misfit(unknown: np.ndarray) -> np.ndarray:
        tilt, azimuth, offset, per_kelvin, watts = unknown
        plane = Plane(tilt, azimuth, offset, watts, per_kelvin)
        return expected(moved(rows, plane.offset_minutes), plane) - power

    peak = float(np.nanmax(power))
    low, high = ([*side, scale * peak] for side, scale in zip(LIMITS, (0.0, 0.01), strict=True))
    start = [*START, peak / 1000]
    found = least_squares(
        misfit,
        start,
        bounds=(low, high),
        loss="soft_l1",
        f_scale=ROBUST_SHARE * peak,
        x_scale=[10, 10, 10, 0.001, start[-1]],
    ).x
    tilt, azimuth, offset, per_kelvin, watts = map(float, found)
    return Plane(tilt, azimuth, offset, watts, per_kelvin)


def in_plane(sky: Mapping[str, np.ndarray], tilt: float, azimuth: float) -> np.ndarray:
    """Return the irradiance in a tilted plane [W/m2], isotropic diffuse light.

    Parameters
    ----------
    sky : mapping
        `east, north, up` of the sun, `dni, dhi, ghi` [W/m2].

    References
    ----------
    Liu, Jordan, The long-term average performance of flat-plate solar energy collectors
    (1963), doi:10.1016/0038-092X(63)90006-9.
    """
    lean, turn = np.radians(tilt), np.radians(azimuth)
    facing = sky["east"] * np.sin(lean) * np.sin(turn) + sky["north"] * np.sin(lean) * np.cos(turn)
    facing = np.maximum(facing + sky["up"] * np.cos(lean), 0) * (sky["up"] > 0)
    around = sky["dhi"] * (1 + np.cos(lean)) / 2
    return facing * sky["dni"] + around + sky["ghi"] * GROUND_ALBEDO * (1 - np.cos(lean)) / 2


def expected(sky: Mapping[str, np.ndarray], plane: Plane) -> np.ndarray:
    """Return the power of a plane [W] under a sky with `temperature`, never negative."""
    light = in_plane(sky, plane.tilt, plane.azimuth)
    warm = sky["temperature"] + CELL_RISE_K_M2_PER_W * light - REFERENCE_CELL_C
    return np.maximum(plane.watts_per_w_per_m2 * light * (1 + plane.per_kelvin * warm), 0)


def bootstrap(
    fit: Callable[[np.ndarray], np.ndarray],
    rows: np.ndarray,
    block: np.ndarray,
    draws: int,
    seed: int,
) -> np.ndarray:
    """Return the standard error of what `fit` gives, by drawing whole blocks of rows.

    Parameters
    ----------
    fit : callable
        From row numbers (with repeats) to estimates, shape (k,).
    rows : numpy.ndarray of int
        Rows to draw from.
    block : numpy.ndarray
        The block of each of them, such as its month.
    draws, seed : int

    References
    ----------
    Kuensch, The jackknife and the bootstrap for general stationary observations (1989),
    doi:10.1214/aos/1176347265.
    """
    random = np.random.default_rng(seed)
    groups = [rows[block == name] for name in np.unique(block)]
    found = []
    for _ in range(draws):
        drawn = random.integers(0, len(groups), len(groups))
        found.append(fit(np.concatenate([groups[i] for i in drawn])))
    return np.std(found, axis=0, ddof=1)


def require(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Refuse a table without the columns, with none of their values, or with infinite ones.

    Raises
    ------
    DataError
        Naming the columns.
    """
    if missing := [name for name in columns if name not in frame.columns]:
        raise DataError(
            f"The solar table needs the columns {', '.join(columns)}; {', '.join(missing)} missing."
        )
    if empty := [name for name in columns if not np.isfinite(frame[name].astype(float)).any()]:
        raise DataError(f"The solar columns {', '.join(empty)} hold no finite value.")
    if endless := [name for name in columns if np.isinf(frame[name].astype(float)).any()]:
        raise DataError(f"The solar columns {', '.join(endless)} hold infinite values.")


def require_regular(frame: pd.DataFrame) -> None:
    """Refuse a table whose rows do not follow each other at one distance of time, in UTC.

    Raises
    ------
    DataError
    """
    index = check_utc(frame.index)
    if len(np.unique(np.diff(index.asi8))) > 1:
        raise DataError(
            "The rows of a solar table must be evenly spaced, without gaps or duplicates; "
            "reindex it and leave what is missing as NaN."
        )


def _moving(
    frame: pd.DataFrame, place: Place
) -> Callable[[np.ndarray, float], dict[str, np.ndarray]]:
    """Return a function that gives the sky at rows, moved by minutes, linear between stamps."""
    index = pd.DatetimeIndex(frame.index)
    steps = np.diff(index.asi8)
    if len(np.unique(steps)) != 1:
        raise DataError("Orienting a plane needs a regular table, got several distances of time.")
    step = float((index[1] - index[0]) / pd.Timedelta(minutes=1))
    position = sun(index, place)
    sky = {name: position[name].to_numpy() for name in ("east", "north", "up")}
    for short, name in zip(("ghi", "dni", "dhi"), CLEAR_COLUMNS, strict=True):
        sky[short] = frame[name].to_numpy(dtype=float)
    sky["temperature"] = frame["temperature_c"].to_numpy(dtype=float)

    def at(rows: np.ndarray, minutes: float) -> dict[str, np.ndarray]:
        whole = int(np.floor(minutes / step))
        share = minutes / step - whole
        low = np.clip(rows + whole, 0, len(frame) - 1)
        high = np.clip(low + 1, 0, len(frame) - 1)
        return {name: (1 - share) * v[low] + share * v[high] for name, v in sky.items()}

    return at
