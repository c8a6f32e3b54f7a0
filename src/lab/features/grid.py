"""The regular time grid on which features are computed, and the causal operations on it.

A table may lack rows. Its grid has one step for every instant between the first and the
last stamp, NaN where the table has no row, so that a lag of 24 h is a shift by a fixed
number of steps and always means 24 hours.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lab import calendar
from lab.errors import DataError, UsageError

NS_PER_HOUR = 3_600_000_000_000
# A table this much emptier than its grid is a mistake, unless the grid is small anyway.
MAX_STEPS_PER_ROW = 50
SMALL_GRID = 100_000
STATISTICS = ("mean", "std", "min", "max", "range")


def check_table(table: pd.DataFrame) -> pd.DatetimeIndex:
    """Return the index of `table` if it is UTC, increasing and free of duplicates.

    Raises
    ------
    DataError
        Otherwise, in one sentence that names the first stamp at fault.
    """
    index = calendar.check_utc(table.index)
    if index.hasnans:
        raise DataError("The index must hold a time stamp in every row, got NaT.")
    if index.has_duplicates:
        first = index[index.duplicated()][0]
        raise DataError(f"Time stamps must be unique, got {first} more than once.")
    if not index.is_monotonic_increasing:
        first = index[1:][np.diff(index.asi8) < 0][0]
        raise DataError(f"Time stamps must increase, but {first} follows a later one; sort first.")
    if table.columns.has_duplicates:
        name = table.columns[table.columns.duplicated()][0]
        raise DataError(f"Column names must be unique, got {name!r} more than once.")
    return index


def is_real(series: pd.Series) -> bool:
    """Tell whether a column holds real numbers or flags."""
    types = pd.api.types
    return types.is_any_real_numeric_dtype(series) or types.is_bool_dtype(series)


@dataclass(eq=False, repr=False)
class Grid:
    """A table on a gapless time grid, with a memory for intermediate results.

    Parameters
    ----------
    table : pandas.DataFrame
        UTC index, increasing, unique; rows may be missing.
    zone : str
        IANA time zone of the local clock.
    country, subdiv : str, optional
        Where public holidays come from; without a country there are none.
    min_share : float
        Share of a window's steps that must be observed, otherwise its statistic is NaN.
        Steps before the table's start count as not observed.
    """

    table: pd.DataFrame
    zone: str
    country: str | None = None
    subdiv: str | None = None
    min_share: float = 0.9
    step: pd.Timedelta = field(init=False)
    index: pd.DatetimeIndex = field(init=False)
    rows: np.ndarray = field(init=False)
    _memory: dict[tuple[object, ...], np.ndarray] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Check the table and lay its rows onto the grid."""
        calendar.check_zone(self.zone)
        stamps = check_table(self.table).as_unit("ns")
        self.step = calendar.step_of(stamps)
        elapsed = stamps.asi8 - stamps.asi8[0]
        self.rows, rest = np.divmod(elapsed, self.step.value)
        if rest.any():
            raise DataError(
                f"Time stamps must lie on one grid with a step of {_text(self.step)}, "
                f"but {stamps[rest != 0][0]} does not."
            )
        size = int(self.rows[-1]) + 1
        if size > max(MAX_STEPS_PER_ROW * len(stamps), SMALL_GRID):
            raise DataError(
                f"The table has {len(stamps)} rows for {size} steps of {_text(self.step)}; at "
                f"least one row in {MAX_STEPS_PER_ROW} steps is needed."
            )
        self.index = pd.date_range(stamps[0], periods=size, freq=self.step)

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.index)

    def steps(self, hours: float) -> int:
        """Return how many steps a duration of `hours` has.

        Raises
        ------
        UsageError
            If it is not a whole multiple of the step.
        """
        count, rest = divmod(round(hours * NS_PER_HOUR), self.step.value)
        if rest or count < 1:
            raise UsageError(
                f"A window or lag must be a multiple of the table's step of {_text(self.step)}, "
                f"got {hours:g} h."
            )
        return int(count)

    def values(self, column: str) -> np.ndarray:
        """Return a column as float64, one value per step, NaN where the table has none.

        Raises
        ------
        DataError
            If the column is missing, not numeric, or holds infinity.
        """
        if ("values", column) not in self._memory:
            self._memory["values", column] = self._read(column)
        return self._memory["values", column]

    def lag(self, values: np.ndarray, hours: float) -> np.ndarray:
        """Return the values `hours` before each step, NaN before the table's start."""
        count = self.steps(hours)
        shifted = np.full(len(values), np.nan)
        shifted[count:] = values[:-count]
        return shifted

    def rolled(self, column: str, hours: float, statistic: str) -> np.ndarray:
        """Return a trailing statistic of a column; computed once, then remembered."""
        key = ("rolled", column, hours, statistic)
        if key not in self._memory:
            self._memory[key] = self.roll(self.values(column), hours, statistic)
        return self._memory[key]

    def roll(self, values: np.ndarray, hours: float, statistic: str) -> np.ndarray:
        """Return a statistic over the trailing window (t - hours, t] of each step.

        Parameters
        ----------
        values : array, shape (steps,)
            One value per step, NaN where not observed.
        hours : float
            Length of the window [h]; it includes t and holds at least two steps.
        statistic : str
            One of mean, std (with n - 1), min, max.

        Notes
        -----
        pandas computes these in one pass from the past to the future (mean and variance with
        Kahan compensation, extremes with a queue), so the result at t cannot depend on
        later values, to the last bit.
        """
        count = self.steps(hours)
        if count < 2:
            raise UsageError(
                f"A rolling window must hold at least two steps of {_text(self.step)}, "
                f"got {hours:g} h."
            )
        needed = max(2, int(np.ceil(round(self.min_share * count, 9))))
        window = pd.Series(values, copy=False).rolling(count, min_periods=needed)
        return np.asarray(getattr(window, statistic)().to_numpy())

    @property
    def local_ns(self) -> np.ndarray:
        """Wall clock of each step [ns since 1970-01-01 local midnight]."""
        if ("local_ns",) not in self._memory:
            naive = self.index.tz_convert(self.zone).tz_localize(None)
            self._memory["local_ns",] = naive.asi8
        return self._memory["local_ns",]

    def _read(self, column: str) -> np.ndarray:
        """Check one column and lay it onto the grid."""
        if column not in self.table.columns:
            raise DataError(
                f"The table has no column {column!r}; it has "
                f"{', '.join(map(str, self.table.columns))}."
            )
        series = self.table[column]
        if not is_real(series):
            raise DataError(f"Column {column!r} must be numeric, got {series.dtype}.")
        values = series.to_numpy(dtype="float64", na_value=np.nan)
        if np.isinf(values).any():
            first = self.table.index[np.isinf(values)][0]
            raise DataError(f"Column {column!r} must be finite, got infinity at {first}.")
        on_grid = np.full(len(self), np.nan)
        on_grid[self.rows] = values
        return on_grid


def _text(step: pd.Timedelta) -> str:
    """Write a step for a message, in hours or minutes."""
    minutes = step.value / NS_PER_HOUR * 60
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
