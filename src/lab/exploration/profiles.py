"""The usual day: means by local hour and type of day."""

from collections.abc import Collection, Mapping
from datetime import date

import pandas as pd

from lab import calendar

Holidays = Collection[date] | Mapping[date, str]


def calendar_keys(index: pd.DatetimeIndex, zone: str, holidays: Holidays = ()) -> pd.DataFrame:
    """Return hour, type of day, month, week and date of UTC stamps on the local clock.

    Returns
    -------
    pandas.DataFrame
        Indexed by `index`: `hour` 0 to 23, `day_type` (see `lab.calendar.DAY_TYPES`; a
        holiday counts as a Sunday), `month` 1 to 12, `week` (weeks since 1970, from Monday
        on), `date` (naive midnight).
    """
    local = calendar.check_utc(index).tz_convert(calendar.check_zone(zone)).tz_localize(None)
    days = local.normalize()
    since_monday = (days - pd.Timestamp("1969-12-29")).days
    columns = {
        "hour": local.hour,
        "day_type": calendar.day_types(days, holidays),
        "month": local.month,
        "week": since_monday // 7,
        "date": days,
    }
    return pd.DataFrame(columns, index=index)


def day_profile(series: pd.Series, keys: pd.DataFrame) -> pd.DataFrame:
    """Return the mean by local hour (rows 0 to 23) and type of day, as share of the overall mean.

    Parameters
    ----------
    series : pandas.Series
        Hourly, indexed like `keys`; NaN is skipped.
    keys : pandas.DataFrame
        From `calendar_keys`.

    Returns
    -------
    pandas.DataFrame, shape (24, types of day)
        1 is the mean of all hours.
    """
    means = series.groupby([keys["hour"], keys["day_type"]], observed=True).mean()
    return means.unstack() / series.mean()


def month_profile(series: pd.Series, keys: pd.DataFrame) -> pd.DataFrame:
    """Return the mean by month (rows) and local hour (columns) in the unit of the series."""
    return series.groupby([keys["month"], keys["hour"]]).mean().unstack()
