"""The day-ahead table of Victoria's demand: which column is known when."""

from collections.abc import Collection
from datetime import date

import pandas as pd

from lab.calendar import holidays_of, local_days
from lab.forecast.checks import numbers
from lab.forecast.inputs import calendar_columns
from lab.forecast.view import DayTable

MEASURED = ("demand_mw", "temperature_c")


def holiday_dates(
    frame: pd.DataFrame, zone: str, country: str, subdivision: str | None
) -> set[date]:
    """Return the public holidays: the table's own calendar, and the law's beyond its ends.

    Parameters
    ----------
    frame : pandas.DataFrame
        Column `holiday` (bool), UTC index.
    zone : str
        IANA zone.
    country, subdivision : str
        Whose holidays hold in the year before and the year after the table.

    Returns
    -------
    set of datetime.date
    """
    days = pd.DatetimeIndex(local_days(pd.DatetimeIndex(frame.index), zone)["local_date"])
    own = {day.date() for day in days[frame["holiday"].to_numpy(dtype=bool)].unique()}
    first, last = days.min().date(), days.max().date()
    law = holidays_of(country, subdivision, range(first.year - 1, last.year + 2))
    return own | {day for day in law if not first <= day <= last}


def day_table(
    frame: pd.DataFrame,
    zone: str,
    holidays: Collection[date],
    observe_temperature: bool = False,
) -> DayTable:
    """Return demand, temperature and calendar as local days with their knowledge times.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns `demand_mw`, `temperature_c`, UTC index.
    zone : str
        IANA zone.
    holidays : collection of date
        Public holidays, known in advance.
    observe_temperature : bool
        True declares the target day's temperature known. Nobody knows it at midnight:
        what comes out is an upper bound for what a weather forecast could give.

    Returns
    -------
    DayTable
        Target `demand_mw`, series `victoria`.

    Raises
    ------
    DataError
        If a column is missing or holds no numbers, or the index is no regular UTC one.
    """
    measured = numbers(frame, MEASURED)
    calendar = calendar_columns(pd.DatetimeIndex(frame.index), zone, holidays)
    knowledge = dict.fromkeys(calendar.columns, "known_future")
    knowledge |= {
        "demand_mw": "past",
        "temperature_c": "known_future" if observe_temperature else "past",
    }
    return DayTable(
        measured.join(calendar),
        zone=zone,
        target="demand_mw",
        knowledge=knowledge,
        series_id="victoria",
    )
