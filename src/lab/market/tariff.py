"""What a kWh costs at which hour: rules by cost, clock and congestion.

Hours are those of the clock on the wall. On days of 23 or 25 hours the hour that is skipped has no
price, and both passes of the hour that comes twice have the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lab.calendar import check_utc, in_zone
from lab.checks import each, finite, setting, whole, within
from lab.errors import UsageError

MARKUP = 1.1
CONGESTED = 0.5
ALL_YEAR = tuple(range(1, 13))
HOURS = 24


@dataclass(frozen=True)
class Block:
    """Hours of the local day with one multiplier; past midnight where the end comes first.

    Attributes
    ----------
    from_hour, to_hour : int
        First hour, and the first that is outside: 17 and 22 mean 17:00 to 21:59.
    multiplier : float
    """

    from_hour: int
    to_hour: int
    multiplier: float

    def __post_init__(self) -> None:
        setting(self.multiplier, "multiplier", 0)
        for hour, most in ((self.from_hour, HOURS - 1), (self.to_hour, HOURS)):
            whole(hour, "Hours of a block", 0, most)
        if self.from_hour == self.to_hour:
            raise UsageError(f"A block must hold at least one hour, got {self.from_hour} twice.")

    @property
    def hours(self) -> list[int]:
        """Hours of the block, in order."""
        length = (self.to_hour - self.from_hour) % HOURS or HOURS
        return [(self.from_hour + k) % HOURS for k in range(length)]


EVENING, NIGHT = Block(17, 22, 1.5), Block(22, 7, 0.7)


@dataclass(frozen=True)
class Season:
    """Months with blocks of their own; hours outside of all blocks have the multiplier 1."""

    months: tuple[int, ...] = ALL_YEAR
    blocks: tuple[Block, ...] = (EVENING, NIGHT)

    def __post_init__(self) -> None:
        if not self.months:
            raise UsageError("A season must hold at least one month, got none.")
        for month in self.months:
            whole(month, "Months of a season", ALL_YEAR[0], ALL_YEAR[-1])
        hours = [hour for block in self.blocks for hour in block.hours]
        if len(set(hours)) < len(hours):
            raise UsageError(f"Blocks of a season must not overlap, got the hours {sorted(hours)}.")

    @property
    def by_hour(self) -> np.ndarray:
        """Multiplier of the hours 0 to 23."""
        found = np.ones(HOURS)
        for block in self.blocks:
            found[block.hours] = block.multiplier
        return found


@dataclass(frozen=True)
class TimeOfUse:
    """Multipliers by hour of the local day and season.

    Attributes
    ----------
    seasons : tuple of Season
        Every month once.

    Examples
    --------
    >>> hours = pd.date_range("2020-07-01", periods=24, freq="h", tz="UTC")
    >>> TimeOfUse().multiplier(hours, "UTC")[[6, 7, 16, 17, 21, 22]].tolist()
    [0.7, 1.0, 1.0, 1.5, 1.5, 0.7]
    """

    seasons: tuple[Season, ...] = (Season(),)

    def __post_init__(self) -> None:
        months = sorted(month for season in self.seasons for month in season.months)
        if months != list(ALL_YEAR):
            raise UsageError(f"Seasons must hold each month from 1 to 12 once, got {months}.")

    def multiplier(self, index: pd.DatetimeIndex, zone: str) -> np.ndarray:
        """Return the multiplier of each time stamp (the start of an interval).

        Raises
        ------
        DataError
            If the index is not in UTC.
        UsageError
            If the zone is unknown.
        """
        local = in_zone(check_utc(index), zone)
        table = np.empty((len(ALL_YEAR), HOURS))
        for season in self.seasons:
            table[np.array(season.months) - 1] = season.by_hour
        return table[np.asarray(local.month) - 1, np.asarray(local.hour)]


def marginal_cost_price(marginal_cost_usd_per_kwh: Any, markup: float = MARKUP) -> np.ndarray:
    """Return marginal cost times a markup, element by element.

    A cost below 0 gives a price below 0 by the same factor: who is paid to use energy is paid
    more.

    Raises
    ------
    DataError
        If a cost is not finite.
    UsageError
        If the markup is not positive.

    Examples
    --------
    >>> marginal_cost_price([0.10, -0.02]).round(3).tolist()
    [0.11, -0.022]
    """
    setting(markup, "markup", 0, open_low=True)
    return finite(marginal_cost_usd_per_kwh, "Marginal costs [USD/kWh]") * markup


def congestion_multiplier(level: Any, slope: float = CONGESTED) -> np.ndarray:
    """Return 1 + slope x level, the level from 0 (free) to 1 (full).

    Raises
    ------
    DataError
        If a level lies outside 0 to 1 or is not finite.

    Examples
    --------
    >>> congestion_multiplier([0.0, 0.5, 1.0]).tolist()
    [1.0, 1.25, 1.5]
    """
    return 1 + setting(slope, "slope", 0) * within(level, "Congestion levels", 0, 1)


def tariff(
    index: pd.DatetimeIndex,
    marginal_cost_usd_per_kwh: Any,
    zone: str,
    *,
    time_of_use: TimeOfUse | None = None,
    congestion: Any = 0.0,
    markup: float = MARKUP,
) -> pd.Series:
    """Return cost with markup, times hour and season, times congestion.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC, starts of intervals.
    marginal_cost_usd_per_kwh : array-like or float
    zone : str
        IANA zone of the clock that the hours mean.
    time_of_use : TimeOfUse, optional
    congestion : array-like or float
        Level from 0 to 1.
    markup : float

    Returns
    -------
    pandas.Series
        [USD/kWh].

    Raises
    ------
    DataError
        If costs or levels are neither one nor as many as the time stamps, or not finite.
    """
    given = each(marginal_cost_usd_per_kwh, "Marginal costs [USD/kWh]", len(index))
    cost = marginal_cost_price(given, markup)
    by_hour = (time_of_use or TimeOfUse()).multiplier(index, zone)
    crowded = congestion_multiplier(each(congestion, "Congestion levels", len(index)))
    return pd.Series(cost * by_hour * crowded, index, name="price_usd_per_kwh")


def seasons(
    winter: Iterable[Block], summer: Iterable[Block], summer_months: Iterable[int]
) -> TimeOfUse:
    """Return a tariff of two seasons.

    Raises
    ------
    UsageError
        If one of them has no month: a tariff of one season is `TimeOfUse((Season(),))`.
    """
    warm = tuple(summer_months)
    cold = tuple(month for month in ALL_YEAR if month not in warm)
    return TimeOfUse((Season(cold, tuple(winter)), Season(warm, tuple(summer))))
