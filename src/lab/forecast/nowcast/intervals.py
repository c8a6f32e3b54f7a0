"""Quantiles of hourly issues from past errors: split conformal by step and hour of issue.

Every quantile is the median moved by the same quantile of past errors at the same number
of steps ahead and near the same hour of issue, in units of how large errors were in the
weeks before. Errors of a local day's issues are known when the last of them has come true,
on the day after: an issue uses those of local days up to two days before its own.
"""

from dataclasses import replace

import numpy as np

from lab.calendar import in_zone
from lab.errors import UsageError
from lab.forecast.checks import check_measured
from lab.forecast.intervals import (
    Calibration,
    ascending,
    day_mean,
    quantiles_of_sorted,
    recent_error_size,
    refreshes,
)
from lab.forecast.table import MEDIAN, QUANTILES, Forecasts

HOURS = 24
LAG_DAYS = 2
ALL_HOURS = 12


def calibrate_hourly(
    forecasts: Forecasts, actual: np.ndarray, how: Calibration, zone: str
) -> Forecasts:
    """Return the forecasts with the nine quantiles of the forecast table.

    Parameters
    ----------
    forecasts : Forecasts
        Issues of consecutive hours and whole local days, each for the same number of
        steps; the median alone is used.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing.
    how : Calibration
        `neighbours` counts hours of issue pooled on either side; `ALL_HOURS` pools all.
    zone : str
        IANA zone of local days and hours.

    Returns
    -------
    Forecasts
        The same rows; quantiles other than the median are NaN until `min_days` days
        were known at issue.

    Raises
    ------
    UsageError
        If there is not one measured value per row, or issues differ in their steps.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, Distribution-free predictive inference for
    regression (2018), doi:10.1080/01621459.2017.1307116.
    """
    median = _by_issue(forecasts, forecasts.median)
    errors = _by_issue(forecasts, actual) - median
    day, hour = _local(forecasts, median.shape[1], zone)
    scale, known = _recent_size(errors, day, how)
    scaled = errors / scale[day][:, None]
    shift = np.full((*errors.shape, len(QUANTILES)), np.nan)
    for first, last in refreshes(known, how):
        past = (day >= known[first] - how.window_days) & (day < known[first])
        coming = np.flatnonzero((day >= first) & (day < last))
        shift[coming] = _quantiles(scaled[past], hour[past], how.neighbours)[hour[coming]]
    shift *= scale[day][:, None, None]
    shift[:, :, QUANTILES.index(MEDIAN)] = 0.0
    values = ascending(median[:, :, None] + shift, QUANTILES)
    return replace(forecasts, levels=QUANTILES, values=values.reshape(-1, len(QUANTILES)))


def _by_issue(forecasts: Forecasts, values: np.ndarray) -> np.ndarray:
    """Return values of the rows as (issues, steps)."""
    issues = int(forecasts.day[-1]) + 1
    steps, rest = divmod(len(forecasts.day), issues)
    if rest or not (forecasts.day == np.repeat(np.arange(issues), steps)).all():
        raise UsageError("Hourly issues must all have the same number of steps, one after another.")
    check_measured("Calibration", forecasts, values)
    return np.asarray(values, dtype=float).reshape(issues, steps)


def _local(forecasts: Forecasts, steps: int, zone: str) -> tuple[np.ndarray, np.ndarray]:
    """Return each issue's local day, counted from 0, and hour by the wall clock."""
    local = in_zone(forecasts.issued_at[::steps], zone).tz_localize(None)
    day = (local.normalize() - local[0].normalize()).days
    return np.asarray(day), np.asarray(local.hour)


def _recent_size(
    errors: np.ndarray, day: np.ndarray, how: Calibration
) -> tuple[np.ndarray, np.ndarray]:
    """Return by day how large errors were lately, and how many days are known at its issues."""
    count = np.bincount(day)
    total = np.bincount(day, np.nan_to_num(day_mean(np.abs(errors))))
    measured = np.bincount(day, np.isfinite(errors).any(axis=1))
    daily = np.divide(total, measured, out=np.full(len(count), np.nan), where=measured > 0)
    known = np.maximum(np.arange(len(count)) - LAG_DAYS + 1, 0)
    return recent_error_size(daily, how, known), known


def _quantiles(errors: np.ndarray, hour: np.ndarray, neighbours: int) -> np.ndarray:
    """Return the quantiles of errors near each hour of issue: (24, steps, levels)."""
    found = np.empty((HOURS, errors.shape[1], len(QUANTILES)))
    levels = np.array(QUANTILES)
    for centre in range(HOURS):
        apart = np.abs((hour - centre + HOURS // 2) % HOURS - HOURS // 2)
        if centre and neighbours >= ALL_HOURS:
            found[centre] = found[0]
            continue
        ordered = np.sort(errors[apart <= neighbours], axis=0)
        wide = np.broadcast_to(ordered[:, :, None], (*ordered.shape, len(levels)))
        found[centre] = quantiles_of_sorted(wide, levels)
    return found
