"""Which hours are planned, by the local calendar, and in which of them the grid is away."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lab.calendar import in_zone, midnights
from lab.errors import DataError, UsageError


def first_full_weeks(
    index: pd.DatetimeIndex, starts: Mapping[str, str], zone: str, days: int = 7
) -> dict[str, pd.DatetimeIndex]:
    """Return for each start the hours of the first whole week, Monday to Sunday, from it on.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC.
    starts : mapping of str to str
        Name of a season, and its first local date.
    zone : str
    days : int
        Days of the week that are taken, from Monday on.

    Returns
    -------
    dict of str to DatetimeIndex
        A week with a clock change has 167 or 169 hours.

    Raises
    ------
    DataError
        If the index does not hold such a week.
    """
    weeks = {}
    for season, start in starts.items():
        first = pd.Timestamp(start)
        monday = first + pd.Timedelta(days=(7 - first.weekday()) % 7)
        last = monday + pd.Timedelta(days=days)
        begin, end = midnights(str(monday.date()), str(last.date()), zone)[[0, -1]]
        own = index[(index >= begin) & (index < end)]
        if not len(own) or own[0] != begin or len(own) != (end - begin) // pd.Timedelta(hours=1):
            raise DataError(
                f"The week of {season} from {monday.date()} on must be whole, but the table has "
                f"{len(own)} of its {(end - begin) // pd.Timedelta(hours=1)} hours."
            )
        weeks[season] = own
    return weeks


def island(index: pd.DatetimeIndex, day: int, hour: int, hours: int, zone: str) -> np.ndarray:
    """Return the mask of hours in which the grid is away.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC.
    day, hour : int
        Local day of the index, 0 the first, and hour of the local clock at which it begins.
    hours : int
        How long it lasts.
    zone : str

    Raises
    ------
    UsageError
        If it does not lie within the index.
    """
    local = in_zone(index, zone)
    days = pd.Index(local.date).unique()
    begin = (
        np.flatnonzero((local.date == days[day]) & (local.hour == hour))
        if 0 <= day < len(days)
        else np.array([], dtype=int)
    )
    if not len(begin) or begin[0] + hours > len(index):
        raise UsageError(
            f"The island of {hours} hours from hour {hour} of day {day} on does not lie within "
            f"the {len(index)} hours of the plan."
        )
    mask = np.zeros(len(index), dtype=bool)
    mask[begin[0] : begin[0] + hours] = True
    return mask
