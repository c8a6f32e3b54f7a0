"""Does a computation look ahead? Change the future and see whether the past moves."""

from collections.abc import Callable

import numpy as np
import pandas as pd

Compute = Callable[[pd.DataFrame], pd.DataFrame]


def with_future(table: pd.DataFrame, row: int, values: np.ndarray) -> pd.DataFrame:
    """Return a copy of the table that holds `values` in every row after `row`.

    Parameters
    ----------
    table : pandas.DataFrame, shape (rows, columns)
        Left as it is.
    row : int
        Position of the last row that stays.
    values : numpy.ndarray, shape (rows, columns)
        Where the new rows come from.
    """
    kept = (np.arange(len(table)) <= row)[:, None]
    mixed = np.where(kept, table.to_numpy(dtype="float64"), values)
    return pd.DataFrame(mixed, index=table.index, columns=table.columns)


def moved_by_the_future(compute: Compute, table: pd.DataFrame, row: int, values: np.ndarray) -> int:
    """Count results at or before `row` that change when all later rows of the table do.

    Results are compared byte for byte, so that neither a rounding nor a NaN passes.

    Parameters
    ----------
    compute : callable
        Takes a table, gives a table with the same rows, in float64.
    table : pandas.DataFrame, shape (rows, columns)
        What `compute` works on; numeric.
    row : int
        Position of t.
    values : numpy.ndarray, shape (rows, columns)
        The other future.

    Returns
    -------
    int
        0 if `compute` does not look ahead (at this t, for this future).
    """
    before, after = (
        np.ascontiguousarray(compute(one).to_numpy(dtype="float64")[: row + 1]).view("int64")
        for one in (table, with_future(table, row, values))
    )
    return int((before != after).sum())
