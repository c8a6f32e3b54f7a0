"""Step, span, completeness, gaps and duplicates of a time index."""

import numpy as np
import pandas as pd

from lab.errors import DataError

HOUR = pd.Timedelta("1h")
GAP_COLUMNS = ["start", "hours", "samples"]


def step_of(index: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the commonest distance between neighbouring stamps.

    Raises
    ------
    DataError
        If fewer than two different stamps are there.
    """
    # Whole numbers of nanoseconds: with a time zone, numpy would handle one object per stamp.
    stamps = np.unique(index.as_unit("ns").asi8)
    if len(stamps) < 2:
        raise DataError(
            f"A time step needs at least two different stamps, got {len(stamps)}; "
            "check that the table is not empty."
        )
    values, counts = np.unique(np.diff(stamps), return_counts=True)
    return pd.Timedelta(values[counts.argmax()], unit="ns")


def regular(table: pd.DataFrame, step: pd.Timedelta | None = None) -> pd.DataFrame:
    """Return `table` on every step of its span: missing rows become NaN, duplicates go."""
    step = step or step_of(table.index)
    single = table[~table.index.duplicated()].sort_index()
    grid = pd.date_range(single.index[0], single.index[-1], freq=step, name=table.index.name)
    return single.reindex(grid)


def gaps(index: pd.DatetimeIndex, step: pd.Timedelta | None = None) -> pd.DataFrame:
    """List the stretches where rows are missing.

    Returns
    -------
    pandas.DataFrame
        start (first missing stamp), hours (missing time), samples (missing rows).
    """
    step = step or step_of(index)
    stamps = index.unique().sort_values()
    jumps = stamps[1:] - stamps[:-1]
    wide = jumps > 1.5 * step
    missing = jumps[wide] - step
    return pd.DataFrame(
        {
            "start": stamps[:-1][wide] + step,
            "hours": missing / HOUR,
            "samples": np.round(missing / step).astype("int64"),
        },
        columns=GAP_COLUMNS,
    )


def missing_runs(series: pd.Series) -> pd.DataFrame:
    """List the stretches of missing values of one column, like `gaps` does for rows."""
    step = step_of(series.index)
    empty = series.isna().to_numpy()
    starts, ends = edges(empty)
    return pd.DataFrame(
        {
            "start": series.index[starts],
            "hours": (ends - starts) * (step / HOUR),
            "samples": (ends - starts).astype("int64"),
        },
        columns=GAP_COLUMNS,
    )


def edges(flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return first positions and positions one past the last of every run of true flags."""
    padded = np.concatenate([[False], flags.astype(bool), [False]])
    changes = np.flatnonzero(padded[1:] != padded[:-1])
    return changes[::2], changes[1::2]


def overview(table: pd.DataFrame) -> dict[str, object]:
    """Say what period a table covers and how much of it is there.

    Returns
    -------
    dict
        start, end, step_minutes, rows, rows_expected, rows_missing, gaps, duplicates,
        values_missing and completeness_percent (measured values that are there, of all
        that a table without gaps would hold).
    """
    index = table.index
    step = step_of(index)
    numbers = table.select_dtypes("number")
    expected = round((index.max() - index.min()) / step) + 1
    present = int(numbers[~index.duplicated()].notna().to_numpy().sum())
    holes = gaps(index, step)
    return {
        "start": index.min(),
        "end": index.max(),
        "step_minutes": step / pd.Timedelta("1min"),
        "rows": len(table),
        "rows_expected": expected,
        "rows_missing": int(holes["samples"].sum()),
        "gaps": len(holes),
        "duplicates": int(index.duplicated().sum()),
        "values_missing": int(numbers.isna().to_numpy().sum()),
        "completeness_percent": 100.0 * present / (expected * numbers.shape[1]),
    }


def coverage(table: pd.DataFrame, freq: str = "MS") -> pd.Series:
    """Return the share (0 to 1) of measured values that are there, per calendar period.

    Months that the span only touches count by the part that it touches.
    """
    full = regular(table.select_dtypes("number"))
    return full.notna().mean(axis=1).resample(freq).mean()
