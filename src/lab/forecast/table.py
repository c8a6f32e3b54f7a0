"""The forecast table: the one currency between forecasting, evaluation and optimisation.

Columns `series_id, issued_at, valid_at, model`, the quantiles of `QUANTILES`, and
optionally `mean`. One row per series, issue time, valid time and model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.errors import DataError
from lab.metrics import levels_of, quantile_column

KEYS = ("series_id", "issued_at", "valid_at", "model")
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
MEDIAN = 0.5


@dataclass(frozen=True)
class Forecasts:
    """The forecasts of one model as arrays, row by row in order of time.

    Attributes
    ----------
    model, series_id : str
    issued_at, valid_at : pandas.DatetimeIndex
        UTC, one per row.
    day, slot : numpy.ndarray of int
        Number of the issue, counted from 0, and wall-clock position of every row.
    levels : tuple of float
        Quantile levels, ascending, 0.5 among them.
    values : numpy.ndarray, shape (rows, levels)
        Quantiles in the target's unit.
    """

    model: str
    series_id: str
    issued_at: pd.DatetimeIndex
    valid_at: pd.DatetimeIndex
    day: np.ndarray
    slot: np.ndarray
    levels: tuple[float, ...]
    values: np.ndarray

    @property
    def median(self) -> np.ndarray:
        """The forecast of level 0.5, shape (rows,)."""
        return self.values[:, self.levels.index(MEDIAN)]

    def rows(self, keep: np.ndarray) -> "Forecasts":
        """Return the rows where the mask `keep` holds, issues counted anew."""
        _, day = np.unique(self.day[keep], return_inverse=True)
        return replace(
            self,
            issued_at=self.issued_at[keep],
            valid_at=self.valid_at[keep],
            day=day,
            slot=self.slot[keep],
            values=self.values[keep],
        )

    def between(self, first: pd.Timestamp, last: pd.Timestamp) -> "Forecasts":
        """Return what was issued from `first` up to, not including, `last`."""
        return self.rows(np.asarray((self.issued_at >= first) & (self.issued_at < last)))

    def to_table(self) -> pd.DataFrame:
        """Return the forecast table, quantiles as float32 (exact to 0.001 at 10 000)."""
        keys = pd.DataFrame(
            {
                "series_id": pd.Categorical.from_codes(
                    np.zeros(len(self.day), dtype=np.int8), categories=[self.series_id]
                ),
                "issued_at": self.issued_at,
                "valid_at": self.valid_at,
                "model": pd.Categorical.from_codes(
                    np.zeros(len(self.day), dtype=np.int8), categories=[self.model]
                ),
            }
        )
        names = [quantile_column(level) for level in self.levels]
        return keys.join(pd.DataFrame(self.values.astype(np.float32), columns=names))


def mean_of(members: Sequence[Forecasts], name: str) -> Forecasts:
    """Return the plain mean of several models' medians, as a point forecast.

    Weighted means and combinations of quantiles are in `lab.forecast.combination`.

    Parameters
    ----------
    members : sequence of Forecasts
        Over the same rows.
    name : str
        Name of the combination.

    Raises
    ------
    DataError
        If there is no member, or the members cover different time stamps.
    """
    first = same_rows(members)
    values = np.mean([member.median for member in members], axis=0)
    return replace(first, model=name, levels=(MEDIAN,), values=values[:, None])


def same_rows(members: Sequence[Forecasts]) -> Forecasts:
    """Return the first of several models that forecast the same rows.

    Raises
    ------
    DataError
        If there is no member, or the members cover different time stamps or issues.
    """
    if not members:
        raise DataError("A combination needs at least one member, got none.")
    first = members[0]
    for other in members[1:]:
        same = other.valid_at.equals(first.valid_at) and other.issued_at.equals(first.issued_at)
        if not same:
            raise DataError(
                f"Members of a combination must cover the same time stamps; {first.model} and "
                f"{other.model} differ."
            )
    return first


def concat(forecasts: Sequence[Forecasts]) -> pd.DataFrame:
    """Return one validated forecast table of several models, in their order."""
    tables = [one.to_table() for one in forecasts]
    for column in ("series_id", "model"):
        names = list(dict.fromkeys(name for t in tables for name in t[column].cat.categories))
        for t in tables:
            t[column] = t[column].cat.set_categories(names)
    return validate(pd.concat(tables, ignore_index=True))


def validate(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table if it keeps the contract.

    Raises
    ------
    DataError
        If a column is missing, a time is not UTC, a forecast is issued after the time it
        is for, a row comes twice, or quantiles cross. Missing values are allowed, row by
        row: all quantiles of a row or none.
    """
    needed = [*KEYS, *(quantile_column(level) for level in QUANTILES)]
    if missing := [name for name in needed if name not in table.columns]:
        raise DataError(
            f"A forecast table needs the columns {', '.join(needed)}; {', '.join(missing)} missing."
        )
    for name in ("issued_at", "valid_at"):
        if not isinstance(table[name].dtype, pd.DatetimeTZDtype) or str(table[name].dt.tz) != "UTC":
            raise DataError(f"{name} must be in UTC, got {table[name].dtype}.")
    _check_rows(table)
    _check_quantiles(table)
    return table


def _check_rows(table: pd.DataFrame) -> None:
    """Refuse forecasts of the past and repeated rows."""
    late = table["issued_at"] > table["valid_at"]
    if late.any():
        row = table[late].iloc[0]
        raise DataError(
            f"A forecast must be issued before the time it is for; {row['model']} was issued at "
            f"{row['issued_at']} for {row['valid_at']}."
        )
    twice = table.duplicated(list(KEYS))
    if twice.any():
        row = table[twice].iloc[0]
        raise DataError(
            f"Each series, issue time, valid time and model may come once; {row['model']} "
            f"comes twice for {row['valid_at']}."
        )


def _check_quantiles(table: pd.DataFrame) -> None:
    """Refuse quantiles that cross, and rows with some of them missing."""
    names = list(levels_of(table.columns).values())
    values = table[names].to_numpy(dtype=float)
    gaps = np.isnan(values)
    partial = gaps.any(axis=1) & ~gaps.all(axis=1)
    crossed = (np.diff(values, axis=1) < 0).any(axis=1)
    for wrong, sentence in ((partial, "has only some quantiles"), (crossed, "crosses quantiles")):
        if wrong.any():
            row = table[wrong].iloc[0]
            raise DataError(
                f"The quantiles of a row must be complete and ascending; {row['model']} "
                f"{sentence} for {row['valid_at']}."
            )
