"""Requests written as clock times of a local day."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from lab.errors import UsageError
from lab.optimise.appliances.appliance import Appliance
from lab.settings import check_zone

DAY = pd.Timedelta(days=1)
NEEDED = ("name", "power_kw", "start", "end")
NEEDS = ("duration_h", "energy_kwh", "kind", "min_power_kw", "value")
OPTIONS = (*NEEDS, "min_on_h", "min_off_h", "max_starts", "after", "group")
# Days later, hours and minutes of `18:00` or `+1 08:00`.
CLOCK = re.compile(r"(?:\+(\d{1,3}) )?([01]?\d|2[0-3]):([0-5]\d)")


def requests(
    wishes: Iterable[Mapping[str, Any]], day: pd.Timestamp | str, zone: str
) -> tuple[Appliance, ...]:
    """Return the appliances that are asked for on a local day.

    Parameters
    ----------
    wishes : iterable of mapping
        Each with `name`, `power_kw`, `start` and `end` as clock times such as `18:00`, with
        `+1 08:00` for the next day, and any other attribute of `Appliance`.
    day : date
        Local date of the request.
    zone : str
        Zone of the clock. A time that spring skips is the first after it, one that comes
        twice in autumn the first of the two.

    Raises
    ------
    UsageError
        When a key is missing or unknown, a day, a clock time or a zone cannot be read, or an
        appliance is impossible.

    Examples
    --------
    >>> wish = {"name": "dryer", "power_kw": 3.0, "duration_h": 1.0}
    >>> wish |= {"start": "18:00", "end": "+1 08:00"}
    >>> requests([wish], "2016-05-02", "Europe/Brussels")[0].window_h
    14.0
    """
    made = []
    for wish in wishes:
        _check_keys(wish)
        begin, end = (at_clock(wish[key], day, zone) for key in ("start", "end"))
        rest = {key: value for key, value in wish.items() if key not in NEEDED}
        made.append(Appliance(wish["name"], wish["power_kw"], begin, end, **rest))
    return tuple(made)


def at_clock(text: str, day: pd.Timestamp | str, zone: str) -> pd.Timestamp:
    """Return a clock time of a local day, or of one after it, in UTC.

    Examples
    --------
    >>> at_clock("+1 08:00", "2016-03-26", "Europe/Brussels").isoformat()
    '2016-03-27T06:00:00+00:00'
    """
    read = CLOCK.fullmatch(text) if isinstance(text, str) else None
    if read is None:
        raise UsageError(
            f"A clock time is written '18:00', or '+1 08:00' on the next day; got {text!r}."
        )
    days, hours, minutes = (int(part or 0) for part in read.groups())
    naive = _date(day) + days * DAY + pd.Timedelta(hours=hours, minutes=minutes)
    local = naive.tz_localize(check_zone(zone), ambiguous=True, nonexistent="shift_forward")
    return local.tz_convert("UTC")


def _check_keys(wish: Mapping[str, Any]) -> None:
    """Refuse a wish that lacks a key, or has one that says nothing."""
    who = repr(wish["name"]) if "name" in wish else "A wish"
    if missing := [key for key in NEEDED if key not in wish]:
        raise UsageError(f"{who} lacks the key {missing[0]!r}; needed are {', '.join(NEEDED)}.")
    if unknown := [key for key in wish if key not in (*NEEDED, *OPTIONS)]:
        raise UsageError(
            f"{who} has the unknown key {unknown[0]!r}; known are {', '.join(OPTIONS)}."
        )


def _date(day: pd.Timestamp | str) -> pd.Timestamp:
    """Return the midnight of a date, without a zone."""
    try:
        date = pd.Timestamp(day)
    except (TypeError, ValueError):
        date = pd.NaT
    if pd.isna(date) or date.tz is not None:
        raise UsageError(f"The day of a request must be a local date, got {day!r}.")
    return date.normalize()
