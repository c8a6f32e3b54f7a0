"""What physics forbids, power in the dark, loads of exactly nothing, clipped sensors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.quality.roles import role
from lab.quality.rules import BoundsRule
from lab.quality.timing import edges


def limits_of(column: str, rule: BoundsRule, table: str = "") -> tuple[float | None, float | None]:
    """Return the lowest and highest value that the unit of `column` allows, None where open.

    The longest ending in `rule.limits` that fits decides, so that `diffuse_w_per_m2` may
    be narrower than `w_per_m2`. Power that may flow both ways has no lower limit.
    """
    fitting = [ending for ending in rule.limits if f"_{column}".endswith(f"_{ending}")]
    if not fitting:
        return None, None
    low, high = rule.limits[max(fitting, key=len)]
    return (None if role(column, table) == "signed" else low), high


def outside(series: pd.Series, rule: BoundsRule, table: str = "") -> pd.Series:
    """Return the values of one column that its unit forbids; missing values are not among them."""
    low, high = limits_of(str(series.name), rule, table)
    below = series < low if low is not None else pd.Series(False, series.index)
    above = series > high if high is not None else pd.Series(False, series.index)
    return series[below | above]


@dataclass(frozen=True)
class DarkPower:
    """PV power while the sun is down.

    Attributes
    ----------
    samples : pandas.Series
        The values, in the unit of the column.
    before_sunrise, after_sunset : int
        How many of them are nearer to the next sunrise, and to the last sunset.
    """

    samples: pd.Series
    before_sunrise: int
    after_sunset: int


def dark_power(power: pd.Series, light: pd.Series, rule: BoundsRule) -> DarkPower:
    """Find PV power worth the name while there is no light.

    Parameters
    ----------
    power : pandas.Series
        PV power in any unit; more than `dark_power_share` of its maximum counts.
    light : pandas.Series
        Zero while the sun is down (see `roles.sunlight`), same index.
    """
    found = power[(light == 0) & (power > rule.dark_power_share * power.max())]
    position = pd.Series(np.arange(len(light)), light.index, dtype=float)
    lit = position.where(light > 0)
    since = (position - lit.ffill())[found.index]
    until = (lit.bfill() - position)[found.index]
    early = int((until.fillna(np.inf) < since.fillna(np.inf)).sum())
    return DarkPower(found, early, len(found) - early)


@dataclass(frozen=True)
class Zeros:
    """How often a load is exactly zero (shares from 0 to 1; NaN where the sun is unknown)."""

    samples: int
    share: float
    days_share: float
    share_by_day: float
    share_by_night: float


def zeros(load: pd.Series, light: pd.Series | None) -> Zeros:
    """Count the samples in which a load is exactly zero, by day and by night."""
    none = load == 0
    days_share = float(none.groupby(load.index.floor("D")).any().mean())
    by_day = by_night = float("nan")
    if light is not None:
        by_day, by_night = float(none[light > 0].mean()), float(none[light == 0].mean())
    return Zeros(int(none.sum()), float(none.mean()), days_share, by_day, by_night)


def clipped_at(series: pd.Series, rule: BoundsRule) -> float | None:
    """Return the extreme at which a sensor is cut off, None if it is not.

    A column without a physical limit at its lowest or highest value has no reason to dwell
    there: a temperature that is often exactly 0 and never below was cut off at 0.
    """
    low, high = limits_of(str(series.name), rule)
    levels = np.sort(series.dropna().unique())
    if len(levels) < 3:
        return None
    for extreme, natural in ((levels[0], low), (levels[-1], high)):
        there = (series == extreme).to_numpy()
        often = there.mean() >= rule.clipped_share
        if extreme != natural and often and len(edges(there)[0]) >= rule.clipped_stretches:
            return float(extreme)
    return None
