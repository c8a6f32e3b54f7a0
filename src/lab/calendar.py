"""Local days, market days and holidays: the one place where UTC meets the local clock.

Tables are indexed in UTC. A local day has 23, 24 or 25 hours; a day of a `market24`
source always has 24. Everything that needs a local date, a position in the day or a
holiday asks here.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from lab.errors import DataError, UsageError
from lab.settings import check_zone

# Whatever pandas reads as a row of naive dates: an index, a column, ISO strings.
Dates = Any
DAY_TYPES = ("workday", "saturday", "sunday_or_holiday")
HOURS_OF_MARKET_DAY = 24
SATURDAY, SUNDAY = 5, 6


def check_utc(index: pd.Index) -> pd.DatetimeIndex:
    """Return `index` if it is a DatetimeIndex in UTC.

    Raises
    ------
    DataError
        If it holds anything else than time stamps, is naive, or is in another zone.
    """
    if not isinstance(index, pd.DatetimeIndex):
        raise DataError(
            f"The index must be a DatetimeIndex in UTC, got a {type(index).__name__} "
            f"of {index.dtype}."
        )
    if str(index.tz) != "UTC":
        got = "no time zone" if index.tz is None else str(index.tz)
        raise DataError(f"The index must be in UTC, got {got}; convert it with tz_convert('UTC').")
    return index


def in_zone(index: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """Return time stamps on the clock of a zone.

    Raises
    ------
    UsageError
        If there is no such zone.
    """
    return index.tz_convert(check_zone(zone))


def step_of(index: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the step of a time index: the most common distance between neighbours.

    A few missing rows do not change it; of two equally common distances the shorter
    counts.

    Raises
    ------
    DataError
        If the index has fewer than two stamps.
    """
    if len(index) < 2:
        raise DataError(
            f"A time step needs at least two time stamps, got {len(index)}; "
            "give a longer table or name the step."
        )
    distances, counts = np.unique(np.diff(index.asi8), return_counts=True)
    return pd.Timedelta(int(distances[np.argmax(counts)]), unit=index.unit).as_unit("ns")


def midnights(first: date | str, last: date | str, zone: str) -> pd.DatetimeIndex:
    """Return the UTC instants at which the local days `first` to `last` begin.

    Where the clock jumps over midnight (some zones do), the day begins at the first
    instant that exists; where midnight comes twice, at the first of the two.

    Parameters
    ----------
    first, last : date or ISO string
        Local dates, both included.
    zone : str
        IANA time zone.

    Returns
    -------
    pandas.DatetimeIndex
        UTC, one stamp per local day, 23, 24 or 25 hours apart.

    Examples
    --------
    >>> list(midnights("2016-03-26", "2016-03-28", "Europe/Brussels").strftime("%d %H:%M"))
    ['25 23:00', '26 23:00', '27 22:00']
    """
    return _begin(pd.date_range(first, last, freq="D"), check_zone(zone))


def local_days(
    index: pd.DatetimeIndex, zone: str, step: pd.Timedelta | str | None = None
) -> pd.DataFrame:
    """Return for each time stamp its local day and its place in it.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC time stamps (interval starts), in any order, gaps allowed.
    zone : str
        IANA time zone of the local clock.
    step : Timedelta or str, optional
        Length of a step such as "30min"; by default `step_of(index)`.

    Returns
    -------
    pandas.DataFrame
        Indexed by `index`, with the columns

        - `local_date`: naive midnight of the local date,
        - `clock_slot`: position by the wall clock, 0 to 47 for half-hours. In spring
          the skipped positions are missing, in autumn the repeated ones come twice,
        - `step_of_day`: steps elapsed since local midnight, 0 to 45, 47 or 49,
        - `steps_in_day`: steps the local day has by the zone's rules (46, 48 or 50),
          whether or not the index is complete.

    Raises
    ------
    DataError
        If the index is not UTC, or too short to tell its step.
    UsageError
        If the zone is unknown.

    Examples
    --------
    >>> index = pd.date_range("2016-10-29 22:00", periods=4, freq="h", tz="UTC")
    >>> local_days(index, "Europe/Brussels")["clock_slot"].tolist()
    [0, 1, 2, 2]
    """
    local = check_utc(index).tz_convert(check_zone(zone))
    width = pd.Timedelta(step) if step is not None else step_of(index)
    naive = local.tz_localize(None)
    dates = naive.normalize()
    begin, end = _begin(dates, zone), _begin(dates + pd.Timedelta(days=1), zone)
    return pd.DataFrame(
        {
            "local_date": dates,
            "clock_slot": (naive - dates) // width,
            "step_of_day": (index - begin) // width,
            "steps_in_day": (end - begin) // width,
        },
        index=index,
    )


def market24_to_utc(delivery_date: Dates, hour: Iterable[int], zone: str) -> pd.DatetimeIndex:
    """Map delivery date and hour of a 24-hour market day to UTC.

    A `market24` table gives every delivery day the hours 0 to 23, whatever the sun
    does. The hour is read as the local wall clock. So on every day but two a year
    the 24 hours are the 24 hours of the local day, and on the two others:

    - **Spring (23 h).** One hour, 2 in the European Union, does not exist on the
      local clock: the source made its value up. It maps to **NaT**; drop that row. No
      other hour moves, nothing collides.
    - **Autumn (25 h).** One hour happens twice and the table has it once (the source
      averaged or dropped one). It maps to its **first** occurrence (summer time); the
      second stays without a row. Nothing is invented: whoever needs a gapless hourly
      table fills that hour and marks it.

    The map is injective and strictly increasing on the rows that exist in local time.

    Parameters
    ----------
    delivery_date : sequence of dates, datetimes or ISO strings
        Local delivery day, without time of day.
    hour : sequence of int
        Hour of the delivery day, 0 to 23, as long as `delivery_date`.
    zone : str
        IANA time zone of the market.

    Returns
    -------
    pandas.DatetimeIndex
        UTC start of each delivery hour, NaT for the hour that spring skips.

    Raises
    ------
    DataError
        If an hour is not a whole number from 0 to 23, a date is missing or carries a
        time zone, or the lengths differ.
    UsageError
        If the zone is unknown.

    Examples
    --------
    >>> stamps = market24_to_utc(["2016-03-27"] * 3, [1, 2, 3], "Europe/Brussels")
    >>> [str(stamp) for stamp in stamps]
    ['2016-03-27 00:00:00+00:00', 'NaT', '2016-03-27 01:00:00+00:00']
    """
    dates = pd.DatetimeIndex(pd.to_datetime(list(delivery_date)))
    hours = np.asarray(list(hour))
    _check_market_hours(dates, hours)
    naive = dates.normalize() + pd.to_timedelta(hours, unit="h")
    local = naive.tz_localize(
        check_zone(zone), ambiguous=np.ones(len(naive), dtype=bool), nonexistent="NaT"
    )
    return local.tz_convert("UTC")


def utc_to_market24(index: pd.DatetimeIndex, zone: str) -> pd.DataFrame:
    """Return the delivery date and hour (0 to 23) of UTC stamps: the way back.

    Both passes of autumn's repeated hour get the same date and hour; spring's skipped
    hour never comes out. So `utc_to_market24(market24_to_utc(...))` gives every row
    back that has a UTC stamp.

    Returns
    -------
    pandas.DataFrame
        Indexed by `index`, columns `delivery_date` (naive midnight) and `hour`.
    """
    naive = check_utc(index).tz_convert(check_zone(zone)).tz_localize(None)
    return pd.DataFrame({"delivery_date": naive.normalize(), "hour": naive.hour}, index=index)


def holidays_of(country: str, subdiv: str | None, years: Iterable[int]) -> dict[date, str]:
    """Return the public holidays of a country, from the `holidays` package.

    Parameters
    ----------
    country : str
        ISO 3166 code such as "BE".
    subdiv : str or None
        State or province such as "VIC" for "AU".
    years : iterable of int
        Calendar years.

    Returns
    -------
    dict
        Date to name (English where the package has it), in order of date.

    Raises
    ------
    UsageError
        If the country or the subdivision is unknown.
    """
    import holidays

    try:
        found = holidays.country_holidays(
            country, subdiv=subdiv, years=sorted(set(years)), language="en_US"
        )
    except NotImplementedError as error:
        place = country if subdiv is None else f"{country}, {subdiv}"
        raise UsageError(
            f"No public holidays known for {place!r}; give an ISO 3166 code such as 'BE', "
            "with a subdivision such as 'VIC' for 'AU'."
        ) from error
    return dict(sorted(found.items()))


def day_types(dates: Dates, holidays: Collection[date] | Mapping[date, str] = ()) -> pd.Categorical:
    """Sort local dates into workday, saturday and sunday_or_holiday.

    A holiday counts as a Sunday, on whatever weekday it falls.

    Parameters
    ----------
    dates : sequence of naive dates
        Local dates, such as `local_days(...)["local_date"]`.
    holidays : collection of date, optional
        For instance what `holidays_of` returns.

    Returns
    -------
    pandas.Categorical
        One of `DAY_TYPES` for each date.

    Examples
    --------
    >>> list(day_types(["2016-12-23", "2016-12-24"], {date(2016, 12, 23)}))
    ['sunday_or_holiday', 'saturday']
    """
    days = pd.DatetimeIndex(dates).normalize()
    rest = (days.day_of_week == SUNDAY) | is_holiday(days, holidays)
    codes = np.where(rest, 2, np.where(days.day_of_week == SATURDAY, 1, 0))
    return pd.Categorical(np.array(DAY_TYPES)[codes], categories=list(DAY_TYPES))


def is_holiday(
    dates: Dates,
    holidays: Collection[date] | Mapping[date, str],
    offset_days: int = 0,
) -> np.ndarray:
    """Tell which dates are holidays, or lie `offset_days` before one.

    `offset_days=1` marks the day before a holiday, `-1` the day after.

    Returns
    -------
    numpy.ndarray of bool
        One value for each date.
    """
    days = pd.DatetimeIndex(dates).normalize() + pd.Timedelta(days=offset_days)
    return np.asarray(days.isin(pd.DatetimeIndex([pd.Timestamp(day) for day in holidays])))


def _begin(dates: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """Return the UTC start of naive local dates; each distinct date is looked up once."""
    days, position = np.unique(dates.asi8, return_inverse=True)
    starts = pd.DatetimeIndex(days.astype(f"datetime64[{dates.unit}]")).tz_localize(
        zone, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward"
    )
    return starts.tz_convert("UTC")[position]


def _check_market_hours(dates: pd.DatetimeIndex, hours: np.ndarray) -> None:
    """Refuse hours outside 0 to 23, missing or zoned dates and unequal lengths."""
    if len(dates) != len(hours):
        raise DataError(
            f"Delivery dates and hours must be equally many, got {len(dates)} and {len(hours)}."
        )
    if dates.tz is not None or dates.hasnans:
        raise DataError("Delivery dates must be plain local dates, got a time zone or a gap.")
    if len(hours) and not (
        np.issubdtype(hours.dtype, np.integer)
        and hours.min() >= 0
        and hours.max() < HOURS_OF_MARKET_DAY
    ):
        raise DataError(
            f"Hours of a delivery day must be whole numbers from 0 to 23, got "
            f"{hours.min()} to {hours.max()} ({hours.dtype})."
        )
