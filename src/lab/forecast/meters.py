"""Household meters as tables of local days, flagged hours left out."""

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np
import pandas as pd

from lab.errors import DataError
from lab.forecast.checks import numbers
from lab.forecast.inputs import calendar_columns
from lab.forecast.meter_inputs import CALENDAR
from lab.forecast.view import DayTable

PREFIX, UNIT, MARK = "meter_", "_w", "_imputed"
TARGET = "load_w"
HISTORY_DAYS = 63


def measured_loads(table: pd.DataFrame) -> pd.DataFrame:
    """Return the loads as measured, NaN in every flagged hour.

    Parameters
    ----------
    table : pandas.DataFrame
        As the study `data_quality` leaves it: columns `meter_<id>_w` in which flagged values
        are blank, or filled and then marked in `meter_<id>_w_imputed`.

    Returns
    -------
    pandas.DataFrame
        One column a meter, named by its id [W]. What was filled is blank again: a filled
        value is neither learnt from nor scored.

    Raises
    ------
    DataError
        If there is no meter.
    """
    names = [str(c) for c in table if str(c).startswith(PREFIX) and str(c).endswith(UNIT)]
    if not names:
        raise DataError(
            f"The table has no column {PREFIX}<id>{UNIT}; it has {', '.join(map(str, table))}."
        )
    loads = {name.removeprefix(PREFIX).removesuffix(UNIT): _measured(table, name) for name in names}
    return pd.DataFrame(loads, index=table.index)


def day_tables(
    loads: pd.DataFrame,
    weather: pd.DataFrame,
    zone: str,
    holidays: Collection[date],
    columns: Sequence[str] = (),
) -> dict[str, DayTable]:
    """Return one table a meter: its load and the weather so far, and the calendar.

    Parameters
    ----------
    loads : pandas.DataFrame
        One column a meter [W], UTC index.
    weather : pandas.DataFrame
        Measured weather by the same index: known up to the issue, never beyond.
    zone : str
        IANA zone.
    holidays : collection of date
        Public holidays, one day beyond the table's ends included.
    columns : sequence of str
        Those of `weather` that a model may see.

    Raises
    ------
    DataError
        If a column is missing or holds no numbers, or the index is no regular UTC one.
    """
    whole = calendar_columns(pd.DatetimeIndex(loads.index), zone, holidays)
    calendar = whole[list(CALENDAR)]
    past = numbers(weather, columns).reindex(loads.index)
    knowledge = dict.fromkeys([TARGET, *columns], "past")
    knowledge |= dict.fromkeys(calendar.columns, "known_future")
    return {
        str(name): DayTable(
            numbers(loads, [name]).set_axis([TARGET], axis=1).join(past).join(calendar),
            zone=zone,
            target=TARGET,
            knowledge=knowledge,
            series_id=str(name),
            history_days=HISTORY_DAYS,
        )
        for name in loads
    }


def flagged_hours(loads: pd.DataFrame, zone: str, first: str, last: str) -> pd.Series:
    """Return how many hours of the local days `first` to `last` are flagged, by meter."""
    local = pd.DatetimeIndex(loads.index).tz_convert(zone).tz_localize(None).normalize()
    rows = (local >= pd.Timestamp(first)) & (local <= pd.Timestamp(last))
    return loads[rows].isna().sum().rename("flagged_h")


def _measured(table: pd.DataFrame, name: str) -> pd.Series:
    """Return one column without what was filled."""
    mark = name + MARK
    filled = table[mark].to_numpy(dtype=bool) if mark in table else np.zeros(len(table), dtype=bool)
    return table[name].astype(float).mask(filled)
