"""Half-hourly demand and weather as a table of whole days, cut where the day is to begin.

A day begins at the same UTC hour all year, so each has 48 half-hours: at 0:00 UTC, say, or
at midnight of the zone's standard time. A calendar flag is the share of the day's half-hours
for which it holds by the local clock: a UTC day holds parts of two days in Melbourne.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from lab.calendar import in_zone
from lab.errors import DataError
from lab.forecast.checks import numbers
from lab.forecast.inputs import FLAGS, calendar_columns, cooling, heating
from lab.forecast.view import DayTable

TARGET = "demand_mw_halfhours"
HOT_ABOVE_C = 26.0
LAST_STEPS = 12
MEASURED = ("demand_mw", "temperature_c")
SLOTS = 48
DAYS_PER_YEAR = 365.25
PAST = (
    TARGET,
    "demand_last_6h_mw",
    "temperature_mean_c",
    "temperature_min_c",
    "temperature_last_6h_c",
    "temperature_latest_c",
    "cooling_k",
    "hot_k",
    "heating_k",
)


def daily_table(
    frame: pd.DataFrame,
    zone: str,
    holidays: Collection[date],
    day_zone: str = "UTC",
    history_days: int = 63,
) -> DayTable:
    """Return daily totals with what is known of each day, and when.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns `demand_mw`, `temperature_c`, half-hourly, UTC index.
    zone : str
        IANA zone of the people whose demand it is: holidays and working days follow it.
    holidays : collection of date
        Public holidays, known in advance.
    day_zone : str
        IANA zone at whose midnight a day begins, one whose clock never changes: `UTC`, or
        `Etc/GMT-10` for UTC+10 (the sign is that of POSIX).
    history_days : int
        Days of history in a view.

    Returns
    -------
    DayTable
        One row per whole day, target `demand_mw_halfhours` [MW half-hours, twice the MWh]:
        the sum of 48 values. A total with a missing half-hour is missing.

    Raises
    ------
    DataError
        If the table is not half-hourly, lacks a column, holds no whole day, or the clock of
        `day_zone` changes.
    """
    frame = numbers(frame, MEASURED)
    begins = in_zone(pd.DatetimeIndex(frame.index), day_zone).normalize().tz_convert("UTC")
    counts = begins.value_counts().sort_index()
    days = pd.DatetimeIndex(counts.index[counts == SLOTS], name="time")
    if not len(days) or counts.max() > SLOTS:
        raise DataError(
            f"Daily totals need whole days of {SLOTS} half-hours, got {len(frame)} rows of at "
            f"most {counts.max() if len(counts) else 0} a day in {day_zone}."
        )
    cut = frame[begins.isin(days)]
    halves = [cut[name].to_numpy().reshape(-1, SLOTS) for name in MEASURED]
    measured = _measured(*halves)
    local_days = days.tz_convert(day_zone)
    known = _calendar(pd.DatetimeIndex(cut.index), zone, holidays, local_days)
    return DayTable(
        pd.DataFrame(measured | known, index=days),
        zone=day_zone,
        target=TARGET,
        knowledge=dict.fromkeys(measured, "past") | dict.fromkeys(known, "known_future"),
        series_id="victoria",
        history_days=history_days,
    )


def _measured(demand: np.ndarray, temperature: np.ndarray) -> dict[str, np.ndarray]:
    """Return what is known of a day when it has ended, from arrays of shape (days, 48)."""
    return {
        TARGET: demand.sum(axis=1),
        "demand_last_6h_mw": demand[:, -LAST_STEPS:].mean(axis=1),
        "temperature_mean_c": temperature.mean(axis=1),
        "temperature_min_c": temperature.min(axis=1),
        "temperature_last_6h_c": temperature[:, -LAST_STEPS:].mean(axis=1),
        "temperature_latest_c": temperature[:, -1],
        "cooling_k": cooling(temperature).mean(axis=1),
        "hot_k": cooling(temperature, HOT_ABOVE_C).mean(axis=1),
        "heating_k": heating(temperature).mean(axis=1),
    }


def _calendar(
    index: pd.DatetimeIndex, zone: str, holidays: Collection[date], days: pd.DatetimeIndex
) -> dict[str, np.ndarray]:
    """Return what the calendar says of each day: weekday, shares of flags, season, type."""
    local = calendar_columns(index, zone, holidays)
    halves = {name: local[name].to_numpy().reshape(len(days), -1) for name in local}
    free = (halves["day_type"] == 2).mean(axis=1)
    saturday = (halves["day_type"] == 1).mean(axis=1)
    # The type of most of the day, for the simple rules.
    kind = np.where(free >= 0.5, 2, np.where(saturday >= 0.5, 1, 0))
    return {
        "weekday": np.asarray(days.day_of_week, dtype=float),
        "day_type": kind.astype(float),
        "year_angle": 2 * np.pi * np.asarray(days.day_of_year) / DAYS_PER_YEAR,
        **{name: halves[name].mean(axis=1) for name in FLAGS},
    }
