"""Quantiles from past errors: conformal, rolling, never crossing.

For every level the forecast of that level is shifted by the same quantile of its own
past errors (for a point forecast, all levels start from the point). Errors are pooled
over neighbouring half-hours of the trailing year, each in units of how large errors were
in the weeks before it, so the bands widen after bad days. The median stays the model's
own. An issue uses errors of days that had ended when it was issued.
"""

from dataclasses import dataclass, replace

import numpy as np

from lab.errors import UsageError
from lab.forecast.table import MEDIAN, QUANTILES, Forecasts


@dataclass(frozen=True)
class Calibration:
    """How intervals are calibrated.

    Attributes
    ----------
    window_days : int
        Trailing days whose errors count.
    min_days : int
        Issues with fewer past days get no quantiles but the median (NaN).
    half_life_days : float
        Half-life of the recent error size.
    strength : float
        0: errors count as they are; 1: fully in units of the recent error size.
    neighbours : int
        Half-hours pooled on either side.
    refresh_days : int
        Days between two calibrations.

    References
    ----------
    Romano, Patterson, Candes, Conformalized quantile regression (2019),
    arXiv 1905.03222; Gibbs, Candes, Adaptive conformal inference (2021), arXiv 2106.00170.
    """

    window_days: int = 365
    min_days: int = 60
    half_life_days: float = 14.0
    strength: float = 0.5
    neighbours: int = 1
    refresh_days: int = 7

    def __post_init__(self) -> None:
        """Refuse an impossible calibration."""
        if not 0 <= self.strength <= 1 or self.half_life_days <= 0:
            raise UsageError(
                f"Calibration needs a strength from 0 to 1 and a half-life above 0, got "
                f"{self.strength} and {self.half_life_days}."
            )
        if min(self.window_days, self.min_days, self.refresh_days) < 1:
            raise UsageError(
                "Calibration needs window_days, min_days and refresh_days of at least 1, got "
                f"{self.window_days}, {self.min_days} and {self.refresh_days}."
            )


def calibrate(forecasts: Forecasts, actual: np.ndarray, how: Calibration) -> Forecasts:
    """Return the forecasts with the nine quantiles of the forecast table.

    Parameters
    ----------
    forecasts : Forecasts
        Consecutive daily issues, a median at least, other levels of `QUANTILES` if the
        model has them.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing. Row i is used for issues after its day only.
    how : Calibration

    Returns
    -------
    Forecasts
        The same rows; quantiles other than the median are NaN for the first `min_days`.
    """
    start = _expanded(forecasts)
    days, slots = int(forecasts.day.max()) + 1, int(forecasts.slot.max()) + 1
    errors = np.full((days, slots, len(QUANTILES)), np.nan)
    errors[forecasts.day, forecasts.slot] = actual[:, None] - start
    scale = recent_error_size(_day_mean(np.abs(errors[:, :, QUANTILES.index(MEDIAN)])), how)
    scaled = _pooled(errors / scale[:, None, None], how.neighbours)
    shift = np.full_like(errors, np.nan)
    for first in range(how.min_days, days, how.refresh_days):
        last = min(days, first + how.refresh_days)
        pool = scaled[max(0, first - how.window_days) : first]
        samples = pool.reshape(-1, *errors.shape[1:])
        shift[first:last] = quantiles_of(samples)[None] * scale[first:last, None, None]
    shift[:, :, QUANTILES.index(MEDIAN)] = 0.0
    values = start + shift[forecasts.day, forecasts.slot]
    return replace(forecasts, levels=QUANTILES, values=ascending(values, QUANTILES))


def ascending(values: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Return quantiles that do not cross, levels on the last axis, the median unchanged.

    Below the median each quantile is at most the one above it, above it at least the one
    below. NaN stays.
    """
    middle = levels.index(MEDIAN)
    result = np.array(values, dtype=float)
    for level in range(middle - 1, -1, -1):
        result[..., level] = np.minimum(result[..., level], result[..., level + 1])
    for level in range(middle + 1, len(levels)):
        result[..., level] = np.maximum(result[..., level], result[..., level - 1])
    return result


def recent_error_size(daily: np.ndarray, how: Calibration) -> np.ndarray:
    """Return for each day how large errors were recently, relative to all days before.

    Parameters
    ----------
    daily : numpy.ndarray, shape (days,)
        Mean absolute error of each day; NaN days are passed over.

    Returns
    -------
    numpy.ndarray, shape (days,)
        1 means as always; the value of a day uses the days before it alone.
    """
    keep = 0.5 ** (1 / how.half_life_days)
    size, recent, total, count = np.ones(len(daily)), np.nan, 0.0, 0
    for day, error in enumerate(daily):
        if count and total > 0:
            size[day] = (recent / (total / count)) ** how.strength
        if np.isfinite(error):
            recent = error if count == 0 else keep * recent + (1 - keep) * error
            total, count = total + error, count + 1
    return np.maximum(size, 1e-3)


def quantiles_of(pool: np.ndarray) -> np.ndarray:
    """Return each level's own quantile over the first axis, leaving NaN out.

    Parameters
    ----------
    pool : numpy.ndarray, shape (samples, ..., levels)
        Errors; those of level k give the quantile of level k.

    Returns
    -------
    numpy.ndarray, shape (..., levels)
        With the conformal correction for n samples: position (n + 1) p, linear between
        neighbours, at most the extremes; NaN where no sample is known.
    """
    ordered = np.sort(pool, axis=0)
    count = np.isfinite(ordered).sum(axis=0)
    place = np.clip((count + 1) * np.array(QUANTILES) - 1, 0, np.maximum(count - 1, 0))
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    below = np.take_along_axis(ordered, low[None], axis=0)[0]
    above = np.take_along_axis(ordered, high[None], axis=0)[0]
    return np.asarray(below + (place - low) * (above - below))


def _expanded(forecasts: Forecasts) -> np.ndarray:
    """Return values at all nine levels; a level that the model lacks starts as its median."""
    own = {level: forecasts.values[:, i] for i, level in enumerate(forecasts.levels)}
    return np.stack([own.get(level, forecasts.median) for level in QUANTILES], axis=1)


def _day_mean(absolute: np.ndarray) -> np.ndarray:
    """Return the mean over known half-hours of each day, NaN where none is known."""
    known = np.isfinite(absolute)
    total, count = np.where(known, absolute, 0.0).sum(axis=1), known.sum(axis=1)
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)


def _pooled(errors: np.ndarray, neighbours: int) -> np.ndarray:
    """Return errors beside those of neighbouring half-hours: (days, pooled, slots, levels).

    At midnight the neighbour is the other end of the same day.
    """
    shifts = range(-neighbours, neighbours + 1)
    return np.stack([np.roll(errors, shift, axis=1) for shift in shifts], axis=1)
