"""Calendar features: twelve facts about the local clock, known for all time ahead."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from lab import calendar
from lab.features.feature import KNOWN_FUTURE, Feature
from lab.features.grid import NS_PER_HOUR, Grid
from lab.features.spec import Spec

# A fact about each local date of an index: one number or flag per date.
Fact = Callable[[pd.DatetimeIndex], Any]
NS_PER_DAY = 24 * NS_PER_HOUR
# Winter 0 is December to February, as in meteorology; in the south the seasons turn round.
SEASON_OF_MONTH = np.array([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 0])


def clock_hour(grid: Grid) -> np.ndarray:
    """Return the wall clock as hours since local midnight: 13.5 at half past one."""
    return np.asarray((grid.local_ns % NS_PER_DAY) / NS_PER_HOUR)


def daily(grid: Grid, fact: Fact) -> np.ndarray:
    """Compute a fact once for each local date and hand it to every step of that date."""
    day = grid.local_ns // NS_PER_DAY
    first, last = int(day.min()), int(day.max())
    dates = pd.DatetimeIndex(np.arange(first, last + 1) * NS_PER_DAY)
    return np.asarray(fact(dates), dtype="float64")[day - first]


def holiday(grid: Grid, offset_days: int = 0) -> np.ndarray:
    """Flag holidays (0), the days before (1) or the days after (-1) one."""

    def fact(dates: pd.DatetimeIndex) -> np.ndarray:
        return calendar.is_holiday(dates, _holidays(grid, dates), offset_days)

    return daily(grid, fact)


def day_type(grid: Grid) -> np.ndarray:
    """Return the type of the day: workday 0, Saturday 1, Sunday or holiday 2."""
    return daily(
        grid, lambda dates: calendar.day_types(dates, _holidays(grid, dates)).codes.astype(float)
    )


def features(spec: Spec) -> list[Feature]:
    """Return the twelve calendar features."""
    begin, end = spec.peak_hours

    def peak_hours(grid: Grid) -> np.ndarray:
        hour = clock_hour(grid)
        return np.asarray((hour >= begin) & (hour < end))

    rows: list[tuple[str, str, str, Callable[[Grid], np.ndarray]]] = [
        ("hour", "h", "wall clock, hours since midnight", clock_hour),
        ("weekday", "1", "0 is Monday", lambda g: daily(g, lambda d: d.day_of_week)),
        ("month", "1", "1 is January", lambda g: daily(g, lambda d: d.month)),
        (
            "season",
            "1",
            "0 is December to February",
            lambda g: daily(g, lambda d: SEASON_OF_MONTH[d.month - 1]),
        ),
        ("day_of_year", "d", "1 is 1 January", lambda g: daily(g, lambda d: d.day_of_year)),
        (
            "is_weekend",
            "1",
            "Saturday or Sunday",
            lambda g: daily(g, lambda d: d.day_of_week >= calendar.SATURDAY),
        ),
        ("is_holiday", "1", "public holiday", holiday),
        ("is_day_before_holiday", "1", "eve of a public holiday", lambda g: holiday(g, 1)),
        ("is_day_after_holiday", "1", "day after a public holiday", lambda g: holiday(g, -1)),
        ("day_type", "1", "0 workday, 1 Saturday, 2 Sunday or holiday", day_type),
        (
            "is_peak",
            "1",
            f"{begin} to {end} h on a workday",
            lambda g: peak_hours(g) & (day_type(g) == 0),
        ),
        ("is_off_peak", "1", f"before {begin} or after {end} h, any day", lambda g: ~peak_hours(g)),
    ]
    return [
        Feature(name, "temporal", unit, KNOWN_FUTURE, meaning, compute)
        for name, unit, meaning, compute in rows
    ]


def _holidays(grid: Grid, dates: pd.DatetimeIndex) -> tuple[date, ...]:
    """Return the holidays around the dates; none without a country."""
    if grid.country is None:
        return ()
    return _holidays_between(grid.country, grid.subdiv, dates[0].year - 1, dates[-1].year + 1)


@lru_cache(maxsize=16)
def _holidays_between(country: str, subdiv: str | None, first: int, last: int) -> tuple[date, ...]:
    """Ask for the holidays of the years `first` to `last` once."""
    return tuple(calendar.holidays_of(country, subdiv, range(first, last + 1)))
