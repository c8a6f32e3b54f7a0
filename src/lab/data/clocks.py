"""From the stamps that a provider writes to UTC, by the clock that the register declares.

Each function returns instants; the first stamp that contradicts the clock is named by row.
A naive stamp is read only where the clock says what it means.
"""

import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lab.data.cells import first_false
from lab.data.records import Clock, shown
from lab.data.text import FIRST_DATA_ROW, fault

UNIT = "us"
FIRST_YEAR, LAST_YEAR = 1900, 2199
_NAIVE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_OFFSET = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$"
_UTC = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]00:?00)$"


def to_utc(cells: pa.ChunkedArray, clock: Clock, source: str, file: str) -> pd.Series:
    """Return the stamps of column `source` as UTC instants.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray
        ISO 8601 stamps such as 2012-01-01 00:30:00 or 2012-01-01T00:30:00Z.
    clock : Clock
        `utc` and `offset` want stamps that carry their offset; `local` and `local_standard`
        want naive ones.
    source, file : str
        Names for the message.

    Raises
    ------
    DataError
        If a stamp is malformed, lacks an offset or has one against the clock, does not
        exist on the local clock, or is one of two equal local hours and cannot be told apart.
    """
    if clock.kind == "offset" or (clock.kind == "utc" and not clock.naive):
        return aware(cells, clock, source, file)
    local = naive(cells, source, file, clock.kind)
    if clock.kind == "utc":
        return local.dt.tz_localize("UTC")
    if clock.kind == "local_standard":
        return local.dt.tz_localize(standard_time(clock.zone or "")).dt.tz_convert("UTC")
    zone = clock.zone or ""
    return local_to_utc(local, _second_of_two(local, zone, source, file), zone, source, file)


def aware(cells: pa.ChunkedArray, clock: Clock, source: str, file: str) -> pd.Series:
    """Return stamps that carry their own offset as UTC instants."""
    pattern = _UTC if clock.kind == "utc" else _OFFSET
    first = first_false(pc.match_substring_regex(cells, pattern))
    if first is not None:
        cell = cells[first].as_py()
        bare = pc.match_substring_regex(pa.scalar(cell), _NAIVE).as_py()
        wanted = "Z or +00:00" if clock.kind == "utc" else "its offset, such as -07:00"
        problem = (
            f"the time stamp {shown(cell)} says no time zone and the register declares none for "
            f"naive stamps; it must end in {wanted}."
            if bare
            else f"{shown(cell)} is not a time stamp such as 2012-01-01T00:30:00 with {wanted}."
        )
        raise fault(file, problem, source, FIRST_DATA_ROW + first)
    stamps = pd.to_datetime(cells.to_pandas(), format="ISO8601", utc=True, errors="coerce")
    return plausible(stamps, cells, source, file)


def naive(cells: pa.ChunkedArray, source: str, file: str, kind: str) -> pd.Series:
    """Return naive stamps as they stand, without a zone."""
    first = first_false(pc.match_substring_regex(cells, _NAIVE))
    if first is not None:
        problem = (
            f"{shown(cells[first].as_py())} is not a naive time stamp such as "
            f"2012-01-01 00:30:00, as the declared clock {kind!r} asks for."
        )
        raise fault(file, problem, source, FIRST_DATA_ROW + first)
    stamps = pd.to_datetime(cells.to_pandas(), format="ISO8601", errors="coerce")
    return plausible(stamps, cells, source, file)


def plausible(stamps: pd.Series, cells: pa.ChunkedArray, source: str, file: str) -> pd.Series:
    """Return `stamps` in microseconds if each is a date that exists, from 1900 to 2199."""
    good = stamps.dt.year.between(FIRST_YEAR, LAST_YEAR)
    if not good.all():
        row = int(good.to_numpy().argmin())
        problem = f"{shown(cells[row].as_py())} is no date from {FIRST_YEAR} to {LAST_YEAR}."
        raise fault(file, problem, source, FIRST_DATA_ROW + row)
    return stamps.dt.as_unit(UNIT)


def local_to_utc(
    local: pd.Series, second: pd.Series, zone: str, source: str, file: str
) -> pd.Series:
    """Return local wall-clock stamps as UTC instants.

    Parameters
    ----------
    local : pandas.Series of datetime64
        Wall-clock stamps, one per data row of the file.
    second : pandas.Series of bool
        True where an hour that comes twice is meant the second time (standard time).
    zone : str
        IANA name.

    Raises
    ------
    DataError
        If a stamp does not exist on that clock, or is called the second of two hours and
        comes only once.
    """
    summer = (~second).to_numpy()
    instants = local.dt.tz_localize(zone, ambiguous=summer, nonexistent="NaT").dt.tz_convert("UTC")
    for bad, problem in (
        (instants.isna(), f"this hour does not exist on the clock of {zone}."),
        (
            second & ~_comes_twice(local, zone),
            f"this hour comes only once on the clock of {zone}, not twice.",
        ),
    ):
        if bad.any():
            row = int(bad.to_numpy().argmax())
            raise fault(file, f"{local[row]}: {problem}", source, FIRST_DATA_ROW + row)
    return instants


def _second_of_two(local: pd.Series, zone: str, source: str, file: str) -> pd.Series:
    """Return which stamps of an ordered file are the later of two equal local ones."""
    alone = _comes_twice(local, zone) & ~local.duplicated(keep=False)
    if alone.any():
        row = int(alone.to_numpy().argmax())
        problem = f"{local[row]} comes twice on the clock of {zone} and only once here; which one?"
        raise fault(file, problem, source, FIRST_DATA_ROW + row)
    return local.duplicated()


def _comes_twice(local: pd.Series, zone: str) -> pd.Series:
    return local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward").isna()


def standard_time(zone: str) -> datetime.timezone:
    """Return the offset that the clock of `zone` keeps in winter, all year.

    Examples
    --------
    >>> standard_time("America/Los_Angeles")
    datetime.timezone(datetime.timedelta(days=-1, seconds=57600))
    """
    clock = ZoneInfo(zone)
    offsets = [datetime.datetime(2015, month, 1, tzinfo=clock).utcoffset() for month in (1, 7)]
    return datetime.timezone(min(offset for offset in offsets if offset is not None))
