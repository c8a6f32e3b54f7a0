"""Sequences for price models: 168 hours of features, and the 24 hours that follow."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from lab.errors import DataError
from lab.features.grid import Grid, is_real


@dataclass(frozen=True)
class Sequences:
    """Windows of history with the targets after them.

    Attributes
    ----------
    x : numpy.ndarray, shape (samples, history, features), float32
        Features of the rows (t - history, t], oldest first.
    y : numpy.ndarray, shape (samples, horizon), float32
        Target of the rows (t, t + horizon].
    issued_at : pandas.DatetimeIndex, shape (samples,)
        t, the last stamp of each history.
    """

    x: np.ndarray
    y: np.ndarray
    issued_at: pd.DatetimeIndex


def to_sequences(
    features: pd.DataFrame,
    target: pd.Series,
    *,
    history_h: float = 168,
    horizon_h: float = 24,
    every_h: float | None = None,
) -> Sequences:
    """Cut a feature table into sequences of fixed length.

    Only samples are returned whose whole history and whole target were observed, and
    whose target lies fully after the history.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        UTC index; missing rows are allowed and cost the samples that touch them.
    target : pandas.Series
        UTC index with the same step.
    history_h, horizon_h : float
        Length of history and target [h], multiples of the step.
    every_h : float, optional
        Distance between samples [h], counted from the first row of the table; one sample
        per step by default.

    Returns
    -------
    Sequences
        Possibly with no samples.

    Raises
    ------
    DataError
        If the index is not a regular UTC index or a column is not numeric.
    UsageError
        If a length is no multiple of the step.

    Notes
    -----
    The windows are a view into one float32 copy of the table; memory is used only for the
    samples that are returned: samples x history x features x 4 bytes. One year of hourly
    samples with 73 features and 168 h takes 430 MB, one sample a day 18 MB.
    """
    grid = Grid(features, "UTC")
    history, horizon = grid.steps(history_h), grid.steps(horizon_h)
    stride = 1 if every_h is None else grid.steps(every_h)
    inputs = _on_grid(grid, features)
    goals = target.reindex(grid.index).to_numpy(dtype="float32")
    count = max(len(grid) - history - horizon + 1, 0)
    if not count:
        return _empty(history, horizon, features.shape[1], grid)
    x = sliding_window_view(inputs, history, axis=0)[:count].transpose(0, 2, 1)
    y = sliding_window_view(goals, horizon)[history:]
    last = np.arange(count) + history - 1
    whole = _all_finite(np.isfinite(inputs).all(axis=1), history)[:count]
    known = _all_finite(np.isfinite(goals), horizon)[history:]
    keep = whole & known & ((last + 1) % stride == 0)
    return Sequences(x[keep], y[keep], grid.index[last[keep]])


def _on_grid(grid: Grid, features: pd.DataFrame) -> np.ndarray:
    """Return the table as float32 on the gapless grid."""
    wrong = [name for name in features if not is_real(features[name])]
    if wrong:
        raise DataError(f"Column {wrong[0]!r} must be numeric, got {features[wrong[0]].dtype}.")
    inputs = np.full((len(grid), features.shape[1]), np.nan, dtype="float32")
    inputs[grid.rows] = features.to_numpy(dtype="float32")
    return inputs


def _all_finite(good: np.ndarray, length: int) -> np.ndarray:
    """Tell for each window of `length` steps whether all its steps are good."""
    bad = np.concatenate([[0], np.cumsum(~good)])
    return np.asarray(bad[length:] == bad[:-length])


def _empty(history: int, horizon: int, width: int, grid: Grid) -> Sequences:
    """Return no samples, in the right shape."""
    return Sequences(
        np.empty((0, history, width), dtype="float32"),
        np.empty((0, horizon), dtype="float32"),
        grid.index[:0],
    )
