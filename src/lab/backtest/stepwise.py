"""The score of a backtest while it runs, so that a search can stop what is behind."""

from collections.abc import Callable

import numpy as np

from lab.backtest.period import Backtest
from lab.errors import DataError
from lab.forecast.model import Model

Loss = Callable[[np.ndarray, np.ndarray], np.ndarray]


def absolute(actual: np.ndarray, median: np.ndarray) -> np.ndarray:
    """Return absolute errors, in the target's unit."""
    return np.abs(median - actual)


def percentage(actual: np.ndarray, median: np.ndarray) -> np.ndarray:
    """Return absolute errors as shares of the measured value [%]."""
    return 100 * np.abs(median / actual - 1)


def score(
    period: Backtest,
    model: Model,
    refit: str,
    loss: Loss = absolute,
    report: Callable[[float], None] | None = None,
) -> float:
    """Return the mean loss of a model's medians over a period.

    Parameters
    ----------
    period : Backtest
    model : Model
        Is left as fitted last.
    refit : str
        Cadence, as for `Backtest.run`.
    loss : callable
        From measured values and medians, both of shape (rows,), to losses; rows without a
        measured value or a forecast do not count.
    report : callable, optional
        Gets the mean so far after every block between two refits; what it raises ends the
        backtest.

    Raises
    ------
    DataError
        If no row of the period can be scored.
    """
    middle, found = model.levels.index(0.5), [np.empty(0)]
    table = period.table
    for begin, end in period.edges(refit):
        values = period.blocks(model, [(begin, end)])
        actual = table.flat[table.target][table.start[begin] : table.start[end]]
        one = loss(actual, values[:, middle])
        found.append(one[np.isfinite(one)])
        if report is not None and len(found[-1]):
            report(float(np.concatenate(found).mean()))
    scored = np.concatenate(found)
    if not len(scored):
        raise DataError("No row of the period has both a forecast and a measured value.")
    return float(scored.mean())
