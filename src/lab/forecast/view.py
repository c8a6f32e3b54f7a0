"""What a model may know: a table cut into local days, and the view at one issue time.

Every column declares its knowledge time: `past` (known up to the issue time),
`known_future` (calendar, published plans: known for the target day too) or `static`.
A `View` holds copies of what was known when the forecast was issued: at the midnight at
which the target day begins, or, with a lead of n days, at the midnight n - 1 days earlier.
The future of a `past` column is not in it. An `HourView` is issued within a day: it holds the
view of that day's midnight and what has become known since.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.calendar import step_of
from lab.errors import DataError, UsageError
from lab.forecast import clock

KNOWLEDGE = ("past", "known_future", "static")
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class View:
    """What was known at `issued_at`, a local midnight not after the target day's first.

    Attributes
    ----------
    issued_at : pandas.Timestamp
        Issue time, UTC.
    date : numpy.datetime64
        Local target day.
    valid_at : pandas.DatetimeIndex
        The target day's time stamps, UTC: 46, 48 or 50 half-hours.
    slot : numpy.ndarray, shape (steps,)
        Position of each by the wall clock, 0 to 47.
    past_dates : numpy.ndarray, shape (days,)
        Local days of the history, oldest first.
    past, past_days : mapping of arrays, shapes (rows,) and (days, slots)
        History of every column that is not static, flat by elapsed time and as
        wall-clock days.
    future, future_days : mapping of arrays, shapes (steps,) and (slots,)
        The target day of the `known_future` columns alone.
    static : mapping of float
        The `static` columns.
    lead_days : int
        1 if the target day begins at the issue time, 2 if it is the day after, and so on.
    gap : int
        Rows between the issue time and the target day: 0 with a lead of one day.
    """

    issued_at: pd.Timestamp
    date: np.datetime64
    valid_at: pd.DatetimeIndex
    slot: np.ndarray
    past_dates: np.ndarray
    past: Mapping[str, np.ndarray]
    past_days: Mapping[str, np.ndarray]
    future: Mapping[str, np.ndarray]
    future_days: Mapping[str, np.ndarray]
    static: Mapping[str, float]
    lead_days: int = 1
    gap: int = 0


@dataclass(frozen=True)
class HourView:
    """What was known at `issued_at`, a whole hour within a local day.

    Attributes
    ----------
    start : View
        What was known at the midnight at which the issue's local day began, the calendar of
        that whole day included. The issues of a day may share it.
    issued_at : pandas.Timestamp
        Issue time, UTC; `valid_at` begins here.
    valid_at : pandas.DatetimeIndex
        UTC, one per step ahead.
    slot, ahead : numpy.ndarray of int, shape (steps,)
        Position of each by the wall clock, and its local day: 0 the issue's, 1 the next.
    since : mapping of arrays, shape (rows,)
        `past` columns from midnight up to the issue, by elapsed time.
    today : mapping of arrays, shape (slots,)
        The same by the wall clock, as in `DayTable.days`; NaN beyond what is known.
    future : mapping of arrays, shape (steps,)
        The `known_future` columns at `valid_at`.
    """

    start: View
    issued_at: pd.Timestamp
    valid_at: pd.DatetimeIndex
    slot: np.ndarray
    ahead: np.ndarray
    since: Mapping[str, np.ndarray]
    today: Mapping[str, np.ndarray]
    future: Mapping[str, np.ndarray]


class DayTable:
    """A regular UTC table, cut into whole local days.

    Parameters
    ----------
    frame : pandas.DataFrame
        Numeric or boolean columns, regular UTC index; days at either end that are not
        complete are left out.
    zone : str
        IANA zone of the local clock.
    target : str
        The column to forecast; its knowledge is `past`.
    knowledge : mapping
        Column to `past`, `known_future` or `static`, for every column.
    series_id : str
        Name of the series in the forecast table.
    history_days : int
        Days of history in a view, at most.

    Attributes
    ----------
    dates : numpy.ndarray of datetime64[D], shape (days,)
    index : pandas.DatetimeIndex
        Time stamps of the whole days.
    start : numpy.ndarray, shape (days + 1,)
        First row of each day.
    slot : numpy.ndarray
        Wall-clock position of every row.
    days : dict of arrays, shape (days, slots)
        Wall-clock days: an hour that the clock skips is interpolated between its
        neighbours, one that comes twice is averaged; missing values stay missing.

    Raises
    ------
    DataError
        If the index is irregular, or a column stands twice, is not real or infinite somewhere.
    UsageError
        If a column's knowledge is not declared, or is not one of the three.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        zone: str,
        target: str,
        knowledge: Mapping[str, str],
        series_id: str = "series",
        history_days: int = 63,
    ) -> None:
        _check_columns(frame, target, knowledge)
        whole = clock.whole_days(frame, zone)
        frame = frame.loc[whole.index]
        self.target, self.series_id, self.history_days = target, series_id, history_days
        self.knowledge = {column: knowledge[column] for column in frame.columns}
        self.index = pd.DatetimeIndex(frame.index)
        self.step = step_of(self.index)
        self.slots = int(DAY / self.step)
        self.slot = whole["clock_slot"].to_numpy()
        dates, first = np.unique(whole["local_date"].to_numpy("datetime64[D]"), return_index=True)
        self.dates = dates
        self.start = np.append(first, len(frame))
        self.flat = {str(name): frame[name].to_numpy(dtype=float) for name in frame.columns}
        _check_finite(self)
        self.day = np.repeat(np.arange(len(dates)), np.diff(self.start))
        self.days = {name: self.clock_days(values) for name, values in self.flat.items()}

    def __len__(self) -> int:
        return len(self.dates)

    def clock_days(self, values: np.ndarray) -> np.ndarray:
        """Return values of the rows, shape (rows,), as wall-clock days, (days, slots)."""
        shape = (len(self.dates), self.slots)
        return clock.clock_days(values, self.day, self.slot, shape)

    def position(self, date: object) -> int:
        """Return the number of the local day `date`.

        Raises
        ------
        UsageError
            If it is no date, or the day is not in the table.
        """
        day = clock.day_of(date)
        found = int(np.searchsorted(self.dates, day))
        if found == len(self.dates) or self.dates[found] != day:
            raise UsageError(
                f"The day {day} is not in the table, which holds {self.dates[0]} to "
                f"{self.dates[-1]}."
            )
        return found

    def view(self, number: int, lead_days: int = 1) -> View:
        """Return what was known of day `number` at its issue, as read-only copies.

        Parameters
        ----------
        number : int
            The target day.
        lead_days : int
            The issue is the midnight `lead_days` - 1 days before the target day begins.
        """
        today = number - lead_days + 1
        issue, begin, end = self.start[today], self.start[number], self.start[number + 1]
        first = max(0, today - self.history_days)
        ahead = [name for name, kind in self.knowledge.items() if kind == "known_future"]
        moving = [name for name, kind in self.knowledge.items() if kind != "static"]
        return View(
            issued_at=self.index[issue],
            date=self.dates[number],
            valid_at=self.index[begin:end],
            slot=_copy(self.slot[begin:end]),
            past_dates=_copy(self.dates[first:today]),
            past={n: _copy(self.flat[n][self.start[first] : issue]) for n in moving},
            past_days={n: _copy(self.days[n][first:today]) for n in moving},
            future={n: _copy(self.flat[n][begin:end]) for n in ahead},
            future_days={n: _copy(self.days[n][number]) for n in ahead},
            static={n: float(self.flat[n][0]) for n, k in self.knowledge.items() if k == "static"},
            lead_days=lead_days,
            gap=int(begin - issue),
        )

    def view_at(self, row: int, steps: int, start: View | None = None) -> HourView:
        """Return what was known before row `row`, of the `steps` rows from there on.

        Parameters
        ----------
        row : int
            The first row that is not known yet: the issue time.
        steps : int
            Rows to forecast.
        start : View, optional
            `view` of the row's day, if it is at hand: it is the same for all of the day.

        Raises
        ------
        UsageError
            If the table ends before the last step.
        """
        if not 0 <= row <= len(self.index) - steps:
            raise UsageError(
                f"A view of {steps} steps must lie within the {len(self.index)} rows of the "
                f"table, got one from row {row} on."
            )
        number = int(self.day[row])
        known, coming = slice(int(self.start[number]), row), slice(row, row + steps)
        past = [name for name, kind in self.knowledge.items() if kind == "past"]
        ahead = [name for name, kind in self.knowledge.items() if kind == "known_future"]
        return HourView(
            start=self.view(number) if start is None else start,
            issued_at=self.index[row],
            valid_at=self.index[coming],
            slot=_copy(self.slot[coming]),
            ahead=_copy(self.day[coming] - number),
            since={n: _copy(self.flat[n][known]) for n in past},
            today={
                n: clock.begun_day(self.flat[n][known], self.slot[known], self.slots) for n in past
            },
            future={n: _copy(self.flat[n][coming]) for n in ahead},
        )


def _copy(values: np.ndarray) -> np.ndarray:
    """Return a read-only copy that shares no memory with the table."""
    copied = values.copy()
    copied.flags.writeable = False
    return copied


def _check_finite(table: DayTable) -> None:
    """Refuse infinite values."""
    for column, values in table.flat.items():
        if np.isinf(values).any():
            raise DataError(
                f"Values must be finite or missing; column {column!r} of series "
                f"{table.series_id!r} is infinite at {table.index[np.isinf(values)][0]}."
            )


def check_numbers(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Refuse columns that stand twice or hold no real numbers.

    Raises
    ------
    DataError
    """
    kind = pd.api.types
    for name in columns:
        found = frame[name]
        if isinstance(found, pd.DataFrame):
            raise DataError(f"Column {name!r} must stand once in the table, got it twice.")
        if not kind.is_numeric_dtype(found):
            raise DataError(f"Column {name!r} must be numeric, got {found.dtype}.")
        if kind.is_complex_dtype(found):
            raise DataError(f"Column {name!r} must hold real numbers, got {found.dtype}.")


def _check_columns(frame: pd.DataFrame, target: str, knowledge: Mapping[str, str]) -> None:
    """Refuse undeclared and wrongly declared columns, and those of no real numbers."""
    for name in frame.columns:
        if knowledge.get(name) not in KNOWLEDGE:
            raise UsageError(
                f"Column {name!r} must declare its knowledge time as one of "
                f"{', '.join(KNOWLEDGE)}, got {knowledge.get(name)!r}."
            )
        check_numbers(frame, [name])
    if target not in frame.columns or knowledge[target] != "past":
        raise UsageError(
            f"The target {target!r} must be a column whose knowledge is 'past'; the table "
            f"has {', '.join(map(str, frame.columns))}."
        )
