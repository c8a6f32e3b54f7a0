"""Adaptive conformal quantiles: levels that learn from their own misses.

Like `intervals.calibrate`, every level is shifted by a quantile of its own past errors. Which
quantile is not fixed: a level that held too few of the recent values reaches further, one that
held too many less far, so the share of values below each quantile returns to its level
whatever the errors do. Only misses of days that had ended at the issue count.
"""

from dataclasses import dataclass, replace

import numpy as np

from lab.errors import UsageError
from lab.forecast import intervals
from lab.forecast.intervals import Calibration
from lab.forecast.table import MEDIAN, QUANTILES, Forecasts


@dataclass(frozen=True)
class AdaptiveCalibration(Calibration):
    """How intervals are calibrated, and how fast their levels adapt.

    Attributes
    ----------
    rate : float
        How far a level moves when every value of a day misses; 0 never adapts and gives
        what `calibrate` gives. With a lead of several days misses become known late, and a
        high rate overshoots.
    by_slot : bool
        Each half-hour of the day adapts its own levels, not all the same ones: slower to
        learn, but right by hour in the long run.

    References
    ----------
    Gibbs, Candes, Adaptive conformal inference under distribution shift (2021),
    arXiv 2106.00170.
    """

    rate: float = 0.02
    by_slot: bool = False

    def __post_init__(self) -> None:
        """Refuse an impossible calibration."""
        super().__post_init__()
        if not 0 <= self.rate < 1:
            raise UsageError(
                f"Adaptive calibration needs a rate from 0 to below 1, got {self.rate}."
            )


def calibrate_adaptively(
    forecasts: Forecasts, actual: np.ndarray, how: AdaptiveCalibration
) -> Forecasts:
    """Return the forecasts with the nine quantiles of the forecast table.

    Parameters
    ----------
    forecasts : Forecasts
        Consecutive issues, a median at least, other levels of `QUANTILES` if the model has
        them.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing. A row is used only for what was issued after
        its whole day had ended.
    how : AdaptiveCalibration

    Returns
    -------
    Forecasts
        The same rows, quantiles ascending; those other than the median are NaN until
        `min_days` days were known at issue.

    Raises
    ------
    UsageError
        If there is not one measured value per row.

    Notes
    -----
    The level used for quantile p starts at p. After each day it grows by
    `rate * (p - share of the day's values at or below the quantile as issued)` and stays
    between 0 and 1. Gibbs and Candes let it leave that range and answer with an infinite
    interval; here a quantile never reaches beyond the largest error of the window, so where
    errors keep growing the long-run share may fall short.
    """
    start, known = intervals.expanded(forecasts), intervals.known_days(forecasts)
    errors = intervals.daily_errors(forecasts, actual, start)
    middle = QUANTILES.index(MEDIAN)
    size = intervals.day_mean(np.abs(errors[:, :, middle]))
    scale = intervals.recent_error_size(size, how, known)
    scaled = intervals.pooled(errors / scale[:, None, None], how.neighbours)
    places = np.zeros_like(errors)
    places[forecasts.day, forecasts.slot] = start
    levels = _Levels(errors.shape[1], how)
    shift = np.full_like(errors, np.nan)
    for first, last in intervals.refreshes(known, how):
        ordered = np.sort(intervals.window(scaled, known[first], how), axis=0)
        for issue in range(first, last):
            level = levels.after(known[issue], errors, shift)
            moved = intervals.quantiles_of_sorted(ordered, level) * scale[issue]
            moved[:, middle] = 0.0
            # What misses is the quantile as issued, after those that crossed were moved.
            values = intervals.ascending(places[issue] + moved, QUANTILES)
            shift[issue] = values - places[issue]
    shift[:, :, middle] = 0.0
    values = start + shift[forecasts.day, forecasts.slot]
    return replace(forecasts, levels=QUANTILES, values=intervals.ascending(values, QUANTILES))


class _Levels:
    """The levels in use, shape (slots, levels), after the misses of the days absorbed."""

    def __init__(self, slots: int, how: AdaptiveCalibration) -> None:
        self.nominal = np.array(QUANTILES)
        self.current = np.tile(self.nominal, (slots, 1))
        self.how, self.absorbed = how, 0

    def after(self, known: int, errors: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """Return the levels after the first `known` days; those absorbed are not read again."""
        for day in range(self.absorbed, known):
            counted = np.isfinite(errors[day]) & np.isfinite(shift[day])
            below = np.where(counted, errors[day] <= shift[day], self.nominal)
            surprise = np.where(counted, self.nominal - below, 0.0)
            if not self.how.by_slot:
                surprise = surprise.sum(axis=0) / np.maximum(counted.sum(axis=0), 1)
            self.current = np.clip(self.current + self.how.rate * surprise, 0, 1)
        self.absorbed = max(self.absorbed, known)
        return self.current
