"""Medians put right by the errors of the last days that had ended at the issue."""

from dataclasses import replace

import numpy as np

from lab.errors import UsageError
from lab.forecast.intervals import known_days
from lab.forecast.table import MEDIAN, Forecasts


def corrected(forecasts: Forecasts, actual: np.ndarray, share: float, days: int = 14) -> Forecasts:
    """Return the medians, moved by a share of what they lately missed at that time of day.

    The median relative error of the last `days` days of the same slot, as far as they had
    ended at the issue, is multiplied on with the exponent `share`.

    Parameters
    ----------
    forecasts : Forecasts
        Consecutive daily issues; the median alone is kept.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing. A row is used only for what was issued after
        its whole day had ended, by `issued_at` and `valid_at`.
    share : float
        0 (not at all) to 1 (fully).
    days : int
        Trailing days whose errors count, at least 1.

    Returns
    -------
    Forecasts
        Point forecasts; unmoved until half of `days` have ended.

    Raises
    ------
    UsageError
        If share or days are out of range.
    """
    move = moves(forecasts, actual, share, days)
    values = forecasts.median * np.exp(move[forecasts.day, forecasts.slot])
    return replace(forecasts, levels=(MEDIAN,), values=values[:, None])


def moves(forecasts: Forecasts, actual: np.ndarray, share: float, days: int = 14) -> np.ndarray:
    """Return by how much the logarithm of each issue's medians is moved: (issues, slots).

    Parameters, and what is refused, are those of `corrected`.
    """
    if not 0 <= share <= 1 or days < 1:
        raise UsageError(
            f"A correction needs a share from 0 to 1 and at least one day, got {share} and {days}."
        )
    count, slots = int(forecasts.day.max()) + 1, int(forecasts.slot.max()) + 1
    missed = np.full((count, slots), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        missed[forecasts.day, forecasts.slot] = np.log(actual / forecasts.median)
    move = np.zeros((count, slots))
    for day, known in enumerate(known_days(forecasts)):
        recent = missed[max(0, known - days) : known]
        enough = np.isfinite(recent).sum(axis=0) >= max(1, days // 2)
        if enough.any():
            move[day, enough] = share * np.nanmedian(recent[:, enough], axis=0)
    return move
