"""Straight lines where a measurement should be: values that somebody filled in before us."""

import numpy as np
import pandas as pd

from lab.quality.rules import InterpolatedRule
from lab.quality.stuck import RUN_COLUMNS
from lab.quality.timing import HOUR, edges, step_of


def straight_runs(series: pd.Series, rule: InterpolatedRule) -> pd.DataFrame:
    """List the stretches that rise or fall by the same amount at every step.

    Parameters
    ----------
    series : pandas.Series
        One measured column with a UTC index; missing rows and values end a stretch.
    rule : InterpolatedRule
        A stretch needs `min_samples` points between its two ends, each bending off the
        line by less than `max_bend` of the column's median change.

    Returns
    -------
    pandas.DataFrame
        start, end (first and last filled-in stamp), hours, samples, value (slope per step).
        Flat stretches belong to `stuck.runs`.
    """
    values = series.to_numpy(dtype=float)
    change = np.diff(values)
    moving = np.abs(change[np.isfinite(change) & (change != 0)])
    if len(moving) < rule.min_samples:
        return pd.DataFrame(columns=RUN_COLUMNS)
    bend = np.abs(change[1:] - change[:-1])
    small = bend <= rule.max_bend * np.minimum(np.median(moving), np.abs(change[1:]))
    straight = small & (change[1:] != 0) & _unbroken(series.index)
    # Position i of `straight` is the middle of samples i, i + 1, i + 2.
    first, last = edges(straight)
    long = last - first >= rule.min_samples
    start, end = series.index[first[long] + 1], series.index[last[long]]
    found = pd.DataFrame({"start": start, "end": end, "hours": (end - start) / HOUR})
    found["samples"] = last[long] - first[long]
    found["value"] = change[first[long]]
    return found


def _unbroken(index: pd.DatetimeIndex) -> np.ndarray:
    """Return true for every inner stamp whose two neighbours are one step away."""
    near = (index[1:] - index[:-1]) < 1.5 * step_of(index)
    return np.asarray(near[1:] & near[:-1])
