"""Weighted combinations whose weights change with the hours ahead."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lab.errors import DataError, UsageError
from lab.forecast.table import MEDIAN, Forecasts


def weights_by_lead(
    first: np.ndarray, second: np.ndarray, actual: np.ndarray, grid: Sequence[float], group: int
) -> np.ndarray:
    """Return for every step the weight of the first of two forecasts that errs least.

    Parameters
    ----------
    first, second, actual : numpy.ndarray, shape (issues, steps)
        Of the period of choices alone; NaN is left out.
    grid : sequence of float
        Weights to try, 0 to 1; of equals the first is taken.
    group : int
        Steps that share a weight, such as the two half-hours of an hour.

    Returns
    -------
    numpy.ndarray, shape (steps,)

    Raises
    ------
    UsageError
        If a weight is out of range or the steps are no multiple of the group.
    """
    steps = actual.shape[1]
    if not len(grid) or min(grid) < 0 or max(grid) > 1 or group < 1 or steps % group:
        raise UsageError(
            f"Weights must lie from 0 to 1 and share groups of equal size, got {list(grid)} and "
            f"groups of {group} among {steps} steps."
        )
    errors = np.stack([np.abs(w * first + (1 - w) * second - actual) for w in grid])
    known = np.isfinite(errors)
    total = np.where(known, errors, 0.0).sum(axis=1).reshape(len(grid), -1, group).sum(axis=2)
    best = np.asarray(grid, dtype=float)[total.argmin(axis=0)]
    return np.repeat(best, group)


def weighted(first: Forecasts, second: Forecasts, weight: np.ndarray, name: str) -> Forecasts:
    """Return the weighted mean of two models' medians, as a point forecast.

    Parameters
    ----------
    first, second : Forecasts
        Hourly issues over the same rows.
    weight : numpy.ndarray, shape (steps,)
        Of the first, step by step.
    name : str

    Raises
    ------
    DataError
        If the two cover different rows.
    """
    same = first.valid_at.equals(second.valid_at) and first.issued_at.equals(second.issued_at)
    if not same or len(first.valid_at) % len(weight):
        raise DataError(
            f"Members of a combination must cover the same rows, {len(weight)} steps an issue; "
            f"{first.model} and {second.model} do not."
        )
    share = np.tile(weight, len(first.valid_at) // len(weight))
    values = share * first.median + (1 - share) * second.median
    return replace(first, model=name, levels=(MEDIAN,), values=values[:, None])
