"""The wall clock of a table's local days: whole days, and grids of days by slots.

An hour that the clock skips is interpolated between its neighbours, one that comes twice is
averaged; missing values stay missing.
"""

import numpy as np
import pandas as pd

from lab.calendar import local_days
from lab.errors import DataError, UsageError


def day_of(date: object) -> np.datetime64:
    """Return a date, or what names one, as a day.

    Raises
    ------
    UsageError
        If it is no date.
    """
    found = pd.to_datetime(str(date), errors="coerce")
    if pd.isna(found):
        raise UsageError(f"A day must be a date such as 2014-01-31, got {date!r}.")
    return np.datetime64(str(found.date()), "D")


def whole_days(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Return the local days of the rows that belong to complete days.

    Raises
    ------
    DataError
        If the index is irregular.
    """
    index = frame.index
    place = local_days(pd.DatetimeIndex(index), zone)
    if len(index) > 1 and len(np.unique(np.diff(pd.DatetimeIndex(index).asi8))) > 1:
        raise DataError(
            "The time stamps must be evenly spaced, without gaps or duplicates; "
            "reindex the table and leave what is missing as NaN."
        )
    count = place.groupby("local_date")["step_of_day"].transform("size")
    return place[count == place["steps_in_day"]]


def clock_days(
    values: np.ndarray, day: np.ndarray, slot: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Return values of rows as wall-clock days.

    Parameters
    ----------
    values, day, slot : numpy.ndarray, shape (rows,)
        Values, and the day and wall-clock position of each.
    shape : tuple of int
        Days and slots of the result.
    """
    total, count, rows = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    known = np.isfinite(values)
    np.add.at(rows, (day, slot), 1)
    np.add.at(total, (day[known], slot[known]), values[known])
    np.add.at(count, (day[known], slot[known]), 1)
    grid = np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)
    for number in np.flatnonzero((rows == 0).any(axis=1)):
        _bridge(grid[number], rows[number] == 0)
    return grid


def begun_day(values: np.ndarray, slot: np.ndarray, slots: int) -> np.ndarray:
    """Return the rows of a day that has begun by the wall clock, shape (slots,), read-only."""
    day = np.full(slots, np.nan)
    if len(slot) and len(slot) == slot[-1] + 1:
        day[: len(slot)] = values
    elif len(slot):
        known = np.isfinite(values)
        rows = np.bincount(slot, minlength=slots)
        count = np.bincount(slot[known], minlength=slots)
        total = np.bincount(slot[known], values[known], slots)
        np.divide(total, count, out=day, where=count > 0)
        last = slot.max() + 1
        _bridge(day[:last], rows[:last] == 0)
    day.flags.writeable = False
    return day


def _bridge(day: np.ndarray, skipped: np.ndarray) -> None:
    """Interpolate, in place, the positions of one day that the clock skipped."""
    present = np.flatnonzero(~skipped)
    day[skipped] = np.interp(np.flatnonzero(skipped), present, day[present])
