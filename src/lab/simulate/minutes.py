"""The clock of a simulated market of one-minute prices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.errors import UsageError

ZONE = "America/Chicago"


@dataclass(frozen=True)
class Clock:
    """Local time of every minute.

    Attributes
    ----------
    index : pandas.DatetimeIndex
        UTC, from a local midnight on.
    local_h : numpy.ndarray
        Hours on the wall clock, 0 to 24.
    day, hour : numpy.ndarray of int
        Number of the local day, and of the hour since the beginning.
    weekend : numpy.ndarray of bool
    """

    index: pd.DatetimeIndex
    local_h: np.ndarray
    day: np.ndarray
    hour: np.ndarray
    weekend: np.ndarray

    @classmethod
    def of(cls, first: str, days: int) -> "Clock":
        """Return the clock of whole local days, of 23 to 25 hours.

        Raises
        ------
        UsageError
            If there is not at least one day.
        """
        if days < 1:
            raise UsageError(f"Simulated prices need at least one day, got {days}.")
        begin = pd.Timestamp(first, tz=ZONE)
        end = begin + pd.DateOffset(days=days)
        span = pd.date_range(begin.tz_convert("UTC"), end.tz_convert("UTC"), freq="min")
        index = pd.DatetimeIndex(span[:-1], name="time").as_unit("ns")
        local = index.tz_convert(ZONE)
        day = np.unique(local.date, return_inverse=True)[1]
        local_h = np.asarray(local.hour + local.minute / 60)
        return cls(index, local_h, day, np.arange(len(index)) // 60, np.asarray(local.weekday >= 5))
