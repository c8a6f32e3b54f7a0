"""When a model is fitted anew, and what it is shown then."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from lab.settings import check_cadence

MONTHS = {"yearly": 12, "quarterly": 3, "monthly": 1}
Inputs = dict[str, np.ndarray]
Edge = tuple[int, int]


def warm(model: Any) -> bool:
    """Return whether a model keeps its state from one refit to the next."""
    return bool(getattr(model, "warm_start", False))


def updates(model: Any) -> bool:
    """Return whether a refit shows a model the days that are new to it, and no others."""
    return warm(model) and hasattr(model, "update")


def chains(model: Any, edges: Sequence[Edge]) -> list[tuple[Edge, ...]]:
    """Return blocks that are computed in one go: one each, or those of one warm model.

    A warm model with `fresh_after` starts anew after so many fits; without it, never.
    """
    size = getattr(model, "fresh_after", len(edges)) if warm(model) else 1
    return [tuple(edges[begin : begin + size]) for begin in range(0, len(edges), size)]


def learn(model: Any, inputs: Inputs, target: np.ndarray, *, further: bool) -> None:
    """Fit a model; show a warm one that has been fitted before the days that are new to it."""
    if further and updates(model):
        model.update(inputs, target)
    else:
        model.fit(inputs, target)


def blocks(dates: np.ndarray, first: int, last: int, cadence: str) -> list[Edge]:
    """Return the first day of each block between two refits, and the day after its last.

    Parameters
    ----------
    dates : numpy.ndarray of datetime64[D]
        Of a table; `first` and `last` are positions among them, both included.
    first, last : int
    cadence : str
        As in `refit_positions`.
    """
    starts = refit_positions(dates[first : last + 1], cadence)
    return list(pairwise([*(first + start for start in starts), last + 1]))


def refit_positions(dates: np.ndarray, cadence: str) -> list[int]:
    """Return at which of consecutive local days a model is fitted anew; the first always.

    Parameters
    ----------
    dates : numpy.ndarray of datetime64[D]
        Issue days.
    cadence : str
        One of `CADENCES`; weeks begin on Monday, the others with the calendar.

    Raises
    ------
    UsageError
        If the cadence is unknown.

    Examples
    --------
    >>> days = np.arange("2014-03-30", "2014-04-03", dtype="datetime64[D]")
    >>> refit_positions(days, "quarterly")
    [0, 2]
    """
    check_cadence(cadence)
    days = pd.DatetimeIndex(dates)
    period: Any = np.zeros(len(days), dtype=int)
    if cadence == "daily":
        period = np.arange(len(days))
    elif cadence == "weekly":
        period = (dates.astype("datetime64[D]").astype(int) + 3) // 7
    elif cadence in MONTHS:
        period = (days.year * 12 + days.month - 1) // MONTHS[cadence]
    return [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(period)))]
