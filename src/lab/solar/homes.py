"""Many PV systems of one town: their planes and faults, without a clear-sky table."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from lab.errors import DataError
from lab.quality.rules import SiblingRule
from lab.quality.siblings import near_copies, weak_columns, yields
from lab.solar.ahead import Atmosphere, solis
from lab.solar.site import Place, Plane, expected, sun

PER_KELVIN = -0.004
# Hours with less clear-sky power than this share of the highest say little about a plane.
BRIGHT_SHARE = 0.15
HIGH = 0.9
COARSE = (6.0, 15.0)
FINE = ((3.0, 7.0), (1.0, 2.5))
# Dark in daylight: below 2 % of the clear sky while the middle system reaches 30 %.
DARK, LIT = 0.02, 0.3
# At the edges of the day a roof may lie in shade; above this share of the highest it does not.
LIGHT = 0.25


def middle_of_day(power: pd.DataFrame, standard: str) -> pd.DataFrame:
    """Return the hour of standard time around which each day's energy lies, by local day."""
    local = power.tz_convert(standard)
    index = pd.DatetimeIndex(local.index)
    hour = pd.Series(index.hour + index.minute / 60, index=index)
    total = local.groupby(index.date).sum()
    return local.mul(hour, axis=0).groupby(index.date).sum() / total.where(total > 0)


def town_sky(
    index: pd.DatetimeIndex, place: Place, air: Atmosphere, offset_minutes: float = 30.0
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return the sun's place, and what `expected` needs of a clear sky, for each stamp.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC; hours stamped at their beginning have an offset of 30 minutes.
    place, air
    offset_minutes : float
    """
    sky = sun(index + pd.Timedelta(minutes=offset_minutes), place).set_axis(index)
    light = solis(sky["elevation"], air)
    fields = {name: sky[name].to_numpy() for name in ("east", "north", "up")}
    fields |= {name: light[name].to_numpy() for name in light}
    return sky, fields | {"temperature": np.full(len(index), 15.0)}


def upper_plane(power: np.ndarray, fields: dict[str, np.ndarray], offset: float = 30.0) -> Plane:
    """Return the plane whose clear-sky power bounds the measured from above.

    Nine of ten kilowatt-hours' worth of bright hours lie below it: the pinball loss of
    level 0.9 is least over a grid of tilts and azimuths, refined twice.

    Parameters
    ----------
    power : numpy.ndarray, shape (rows,)
        Per kW or in W; NaN is passed over.
    fields : dict
        From `town_sky`.
    offset : float
        Minutes that `fields` were moved by; kept in the plane.

    Raises
    ------
    DataError
        If there is no power above 0.

    References
    ----------
    Koenker, Bassett, Regression quantiles (1978), doi:10.2307/1913643.
    """
    if not (np.nan_to_num(power) > 0).any():
        raise DataError("A plane needs measured power above 0, got none.")
    known = np.isfinite(power)
    fields = {name: values[known] for name, values in fields.items()}
    loss = _loss(power[known], fields)
    tilts, turns = np.arange(0, 67, COARSE[0]), np.arange(75, 287, COARSE[1])
    grid = [(float(t), float(a)) for t in tilts for a in turns]
    for step in (*FINE, None):
        tilt, azimuth = min(grid, key=lambda one: loss(*one)[0])
        if step:
            around = [(i * step[0], j * step[1]) for i in (-1, 0, 1) for j in (-1, 0, 1)]
            grid = [(max(0.0, tilt + i), azimuth + j) for i, j in around]
    return Plane(tilt, azimuth, offset, loss(tilt, azimuth)[1], PER_KELVIN)


def _loss(
    power: np.ndarray, fields: dict[str, np.ndarray]
) -> Callable[[float, float], tuple[float, float]]:
    """Return a function from tilt and azimuth to the pinball loss and the best efficiency."""

    def loss(tilt: float, azimuth: float) -> tuple[float, float]:
        unit = expected(fields, Plane(tilt, azimuth, 0.0, 1.0, PER_KELVIN))
        bright = unit > BRIGHT_SHARE * unit.max()
        measured, unit = power[bright], unit[bright]
        order = np.argsort(measured / unit)
        weight = np.cumsum(unit[order])
        best = (measured / unit)[order][np.searchsorted(weight, HIGH * weight[-1])]
        away = measured - best * unit
        return float(np.mean(np.maximum(HIGH * away, (HIGH - 1) * away))), float(best)

    return loss


def faults(power: pd.DataFrame, rule: SiblingRule) -> pd.Series:
    """Return why each system is no sound, independent witness; "" where it is one.

    Parameters
    ----------
    power : pandas.DataFrame
        One column a system, per kW, over the days on which the verdict may rest.
    rule : lab.quality.rules.SiblingRule
        That of the study on data quality.

    Returns
    -------
    pandas.Series
        `dead`, `weak`, `copy of <column>` or "", by column. The first of a group of near
        copies stands for it.
    """
    share = yields(power)
    found = pd.Series("", index=power.columns, name="fault")
    found[weak_columns(power, rule).index] = "weak"
    found[share[share < rule.dead_share].index] = "dead"
    for group, _ in near_copies(power, rule):
        first = next((name for name in group if not found[name]), group[0])
        others = [name for name in group if name != first and not found[name]]
        found[others] = f"copy of {first}"
    return found


def dark_in_daylight(
    power: pd.DataFrame, clear: pd.DataFrame, sound: Sequence[str]
) -> pd.DataFrame:
    """Return which hours give nothing while the middle of the sound systems works.

    Parameters
    ----------
    power, clear : pandas.DataFrame
        Measured and clear-sky power, same rows and columns.
    sound : sequence of str
        Columns whose middle index tells what the sky gives.
    """
    bright = clear > LIGHT * clear.max()
    index = (power / clear.where(bright))[list(sound)].median(axis=1)
    dark = (power < DARK * clear) & bright
    return dark & np.repeat((index > LIT).to_numpy()[:, None], power.shape[1], axis=1)


def others_index(power: pd.DataFrame, clear: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Return for each system the clear-sky index of the others together.

    Parameters
    ----------
    power, clear : pandas.DataFrame
        Measured (NaN where not usable) and clear-sky power.
    groups : pandas.Series
        By column, the group of near copies; "" for a system that is no witness. Others
        are those of another group, so that no copy of a system speaks for it.

    Returns
    -------
    pandas.DataFrame
        NaN where the others' sky is faint.
    """
    result = {}
    for name in power:
        witnesses = [c for c in power if groups[c] and groups[c] != groups[name]]
        known = power[witnesses].notna()
        total = clear[witnesses].where(known).sum(axis=1)
        faint = total <= 0.03 * total.max()
        index = power[witnesses].sum(axis=1) / total.mask(faint)
        result[name] = index.clip(lower=0.0, upper=1.5)
    return pd.DataFrame(result, index=power.index)


def witnesses(fault: pd.Series) -> pd.Series:
    """Return each system's group of near copies by its first member, "" for dead and weak ones."""
    own = pd.Series(fault.index, fault.index)
    group = fault.str.removeprefix("copy of ").where(fault != "", own)
    return group.mask(fault.isin(["dead", "weak"]), "")


def inputs_frame(
    power: pd.Series, clear: pd.Series, others: pd.Series, sky: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return one system's table for forecasts, and when each column is known.

    Parameters
    ----------
    power : pandas.Series
        Measured [W per kW], NaN where flagged.
    clear, others : pandas.Series
        Clear-sky power, and the index of the other systems.
    sky : pandas.DataFrame
        From `town_sky`.
    """
    angle = 2 * np.pi * np.asarray(pd.DatetimeIndex(power.index).day_of_year) / 365.25
    ahead = sky[["elevation", "azimuth"]].assign(
        clear_w=clear, year_sin=np.sin(angle), year_cos=np.cos(angle), day_type=0.0
    )
    past = {"power_w": power, "others": others}
    knowledge = dict.fromkeys(past, "past") | dict.fromkeys(ahead.columns, "known_future")
    return pd.DataFrame(past).join(ahead), knowledge


def same_hour(
    clear: pd.Series, plane: Plane, sky: pd.DataFrame, seen: Mapping[str, pd.Series]
) -> pd.DataFrame:
    """Return inputs of `physics.Boosted` for a bound that knows the hour's own weather.

    Parameters
    ----------
    clear : pandas.Series
        The system's clear-sky power, which the model adjusts.
    plane : Plane
    sky : pandas.DataFrame
        From `town_sky`.
    seen : mapping of pandas.Series
        What was measured in that hour; its neighbours in time are added.
    """
    table = sky[["elevation", "azimuth"]].assign(
        physics_w=clear, day=sky["elevation"] > 0, tilt=plane.tilt, facing=plane.azimuth
    )
    for name, values in seen.items():
        around = {
            name: values,
            f"{name}_before": values.shift(1),
            f"{name}_after": values.shift(-1),
        }
        table = table.assign(**around)
    return table
