"""Quantiles from past errors: conformal, rolling, never crossing.

For every level the forecast of that level is shifted by the same quantile of its own
past errors (for a point forecast, all levels start from the point). Errors are pooled
over neighbouring half-hours of the trailing year, each in units of how large errors were
in the weeks before it, so the bands widen after bad days. The median stays the model's
own. An issue uses errors of days that had ended when it was issued: with a lead of n days,
those up to n days before the day it is for.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.forecast.checks import check_least, check_measured
from lab.forecast.difficulty import Difficulty
from lab.forecast.table import MEDIAN, QUANTILES, Forecasts


@dataclass(frozen=True)
class Calibration:
    """How intervals are calibrated.

    Attributes
    ----------
    window_days : int
        Trailing days whose errors count.
    min_days : int
        Issues with fewer past days known get no quantiles but the median (NaN).
    half_life_days : float
        Half-life of the recent error size.
    strength : float
        0: errors count as they are; 1: fully in units of the recent error size.
    neighbours : int
        Half-hours pooled on either side.
    refresh_days : int
        Days between two calibrations.
    difficulty : Difficulty, optional
        Errors also count in units of the size that the day's signs announce.

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
    difficulty: Difficulty | None = None

    def __post_init__(self) -> None:
        """Refuse an impossible calibration."""
        if not 0 <= self.strength <= 1 or self.half_life_days <= 0:
            raise UsageError(
                f"Calibration needs a strength from 0 to 1 and a half-life above 0, got "
                f"{self.strength} and {self.half_life_days}."
            )
        days = {name: getattr(self, name) for name in ("window_days", "min_days", "refresh_days")}
        check_least("Calibration", 1, **days)


def calibrate(
    forecasts: Forecasts,
    actual: np.ndarray,
    how: Calibration,
    signs: np.ndarray | None = None,
) -> Forecasts:
    """Return the forecasts with the nine quantiles of the forecast table.

    Parameters
    ----------
    forecasts : Forecasts
        Consecutive daily issues, a median at least, other levels of `QUANTILES` if the
        model has them.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing. A row is used only for what was issued after
        its whole day had ended, by `issued_at` and `valid_at`.
    how : Calibration
    signs : numpy.ndarray, shape (issues, signs), optional
        What was known at each issue of the day's difficulty; needed if `how` asks for it.

    Returns
    -------
    Forecasts
        The same rows; quantiles other than the median are NaN until `min_days` days
        were known at issue.

    Raises
    ------
    UsageError
        If there is not one measured value per row, or the signs are missing.
    """
    start, known = expanded(forecasts), known_days(forecasts)
    past = past_errors(forecasts, actual, how, signs)
    shift = np.full(past.errors.shape, np.nan)
    for first, last in refreshes(known, how):
        unit = quantiles_of(window(past.pool, known[first], how))
        shift[first:last] = unit[None] * past.scale[first:last, None, None]
    return replace(
        forecasts, levels=QUANTILES, values=shifted(start, shift[forecasts.day, forecasts.slot])
    )


def shifted(start: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return all levels moved, shape (rows, levels): the median stays, the others do not cross."""
    moved = np.array(shift)
    moved[:, QUANTILES.index(MEDIAN)] = 0.0
    return ascending(start + moved, QUANTILES)


@dataclass(frozen=True)
class PastErrors:
    """What a calibration makes of all errors.

    Attributes
    ----------
    errors : numpy.ndarray, shape (issues, slots, levels)
        As measured.
    daily : numpy.ndarray, shape (issues,)
        Mean absolute error of each day's median.
    recent : numpy.ndarray, shape (issues,)
        How large errors were of late, as known at each issue.
    scale : numpy.ndarray, shape (issues,)
        The same, times the size that the signs of the issue announce.
    pool : numpy.ndarray, shape (issues, pooled, slots, levels)
        Errors in units of the scale, beside those of neighbouring half-hours.
    """

    errors: np.ndarray
    daily: np.ndarray
    recent: np.ndarray
    scale: np.ndarray
    pool: np.ndarray


def past_errors(
    forecasts: Forecasts, actual: np.ndarray, how: Calibration, signs: np.ndarray | None = None
) -> PastErrors:
    """Return the errors of all issues; which of them an issue may use, `known_days` says.

    Parameters, and what is refused, are those of `calibrate`.
    """
    known = known_days(forecasts)
    errors = daily_errors(forecasts, actual, expanded(forecasts))
    daily = day_mean(np.abs(errors[:, :, QUANTILES.index(MEDIAN)]))
    size = expected_error_size(daily, how, known, signs)
    recent = recent_error_size(daily / size, how, known)
    scale = size * recent
    pool = pooled(errors / scale[:, None, None], how.neighbours)
    return PastErrors(errors, daily, recent, scale, pool)


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


def known_days(forecasts: Forecasts) -> np.ndarray:
    """Return how many of the issues had ended, all their rows measured, at each issue.

    A row is measured one step after its time stamp, the step being the shortest distance
    of two of them. Issue d of consecutive days issued at their own midnight knows d days;
    issued n - 1 days before, d - n + 1.

    Returns
    -------
    numpy.ndarray of int, shape (issues,)
        Never more than the issue's own number.
    """
    issued_at, valid_at = (t.tz_convert(None) for t in (forecasts.issued_at, forecasts.valid_at))
    times = np.unique(valid_at.to_numpy())
    step = np.diff(times).min() if len(times) > 1 else np.timedelta64(0, "ns")
    issues = pd.DataFrame({"issued": issued_at, "end": valid_at + step})
    grouped = issues.groupby(forecasts.day)
    issued = grouped["issued"].min().to_numpy()
    ended = np.maximum.accumulate(grouped["end"].max().to_numpy())
    return np.minimum(np.searchsorted(ended, issued, side="right"), np.arange(len(issued)))


def refreshes(known: np.ndarray, how: Calibration) -> list[tuple[int, int]]:
    """Return the issues, first and one after the last, that share a calibration.

    The first are those that know `min_days` days.
    """
    begin = int(np.searchsorted(known, how.min_days))
    firsts = range(begin, len(known), how.refresh_days)
    return [(first, min(len(known), first + how.refresh_days)) for first in firsts]


def window(pooled_errors: np.ndarray, known: int, how: Calibration) -> np.ndarray:
    """Return the samples of the trailing days before day `known`: (samples, slots, levels)."""
    days = pooled_errors[max(0, known - how.window_days) : known]
    return days.reshape(-1, *pooled_errors.shape[2:])


def expected_error_size(
    daily: np.ndarray, how: Calibration, known: np.ndarray, signs: np.ndarray | None
) -> np.ndarray:
    """Return the error size that the signs announce, shape (issues,); 1 where none are used.

    Raises
    ------
    UsageError
        If the calibration asks for signs and gets none.
    """
    if how.difficulty is None:
        return np.ones(len(daily))
    if signs is None:
        raise UsageError("A calibration by difficulty needs the signs of each issue, got none.")
    return how.difficulty.expected(daily, signs, known)


def recent_error_size(
    daily: np.ndarray, how: Calibration, known: np.ndarray | None = None
) -> np.ndarray:
    """Return for each day how large errors were recently, relative to all days before.

    Parameters
    ----------
    daily : numpy.ndarray, shape (days,)
        Mean absolute error of each day; NaN days are passed over.
    how : Calibration
    known : numpy.ndarray of int, shape (days,), optional
        How many days each issue knows; without it all those before its own.

    Returns
    -------
    numpy.ndarray, shape (days,)
        1 means as always; the value of a day uses the days it knows alone.
    """
    keep = 0.5 ** (1 / how.half_life_days)
    size, recent, total, count = np.ones(len(daily) + 1), np.nan, 0.0, 0
    for day, error in enumerate(daily):
        if np.isfinite(error):
            recent = error if count == 0 else keep * recent + (1 - keep) * error
            total, count = total + error, count + 1
        if count and total > 0:
            size[day + 1] = (recent / (total / count)) ** how.strength
    seen = np.arange(len(daily)) if known is None else known
    return np.maximum(size[seen], 1e-3)


def quantiles_of(pool: np.ndarray, levels: np.ndarray | None = None) -> np.ndarray:
    """Return each level's own quantile over the first axis, leaving NaN out.

    Parameters
    ----------
    pool : numpy.ndarray, shape (samples, ..., levels)
        Errors; those of level k give the quantile of level k.
    levels : numpy.ndarray, shape (..., levels), optional
        Without it `QUANTILES`.

    Returns
    -------
    numpy.ndarray, shape (..., levels)
        With the conformal correction for n samples: position (n + 1) p, linear between
        neighbours, at most the extremes; NaN where no sample is known.
    """
    wanted = np.array(QUANTILES) if levels is None else levels
    return quantiles_of_sorted(np.sort(pool, axis=0), wanted)


def quantiles_of_sorted(ordered: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return what `quantiles_of` does, of a pool in ascending order with NaN last."""
    count = np.isfinite(ordered).sum(axis=0)
    place = np.clip((count + 1) * levels - 1, 0, np.maximum(count - 1, 0))
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    below = np.take_along_axis(ordered, low[None], axis=0)[0]
    above = np.take_along_axis(ordered, high[None], axis=0)[0]
    return np.asarray(below + (place - low) * (above - below))


def daily_errors(forecasts: Forecasts, actual: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return what each level is short of the measured value: (issues, slots, levels).

    Raises
    ------
    UsageError
        If there is not one measured value per row.
    """
    check_measured("Calibration", forecasts, actual)
    days, slots = int(forecasts.day.max()) + 1, int(forecasts.slot.max()) + 1
    errors = np.full((days, slots, start.shape[1]), np.nan)
    errors[forecasts.day, forecasts.slot] = actual[:, None] - start
    return errors


def expanded(forecasts: Forecasts) -> np.ndarray:
    """Return values at all nine levels; a level that the model lacks starts as its median."""
    own = {level: forecasts.values[:, i] for i, level in enumerate(forecasts.levels)}
    return np.stack([own.get(level, forecasts.median) for level in QUANTILES], axis=1)


def day_mean(absolute: np.ndarray) -> np.ndarray:
    """Return the mean over known half-hours of each day, NaN where none is known."""
    known = np.isfinite(absolute)
    total, count = np.where(known, absolute, 0.0).sum(axis=1), known.sum(axis=1)
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)


def pooled(errors: np.ndarray, neighbours: int) -> np.ndarray:
    """Return errors beside those of neighbouring half-hours: (days, pooled, slots, levels).

    At midnight the neighbour is the other end of the same day.
    """
    shifts = range(-neighbours, neighbours + 1)
    return np.stack([np.roll(errors, shift, axis=1) for shift in shifts], axis=1)
