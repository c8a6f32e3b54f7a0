"""Intervals for series that may be zero: calibrated on their scale, never below zero.

An error of 20 kWh is nothing at noon of a workday and a surprise on a Sunday. On the
square-root scale of `lab.forecast.profile` errors are of one size, whatever the level, so
past errors are pooled there.
"""

from dataclasses import replace

import numpy as np

from lab.errors import UsageError
from lab.forecast.adaptive import AdaptiveCalibration, calibrate_adaptively
from lab.forecast.profile import from_scale, recent_level, to_scale
from lab.forecast.table import Forecasts
from lab.forecast.view import DayTable


def issue_levels(table: DayTable, forecasts: Forecasts, lead_days: int) -> np.ndarray:
    """Return the series' recent level as known at the issue of each row.

    Parameters
    ----------
    table : DayTable
        What was forecast.
    forecasts : Forecasts
        Issues of consecutive days.
    lead_days : int
        Of the backtest that made them.

    Returns
    -------
    numpy.ndarray, shape (rows,)
        In the target's unit, NaN where no history is known.
    """
    first = int(np.searchsorted(table.index, forecasts.valid_at[0]))
    days = table.day[first] + np.arange(int(forecasts.day.max()) + 1)
    views = (table.view(int(day), lead_days) for day in days)
    levels = np.array([recent_level(view.past_days[table.target]) for view in views])
    return levels[forecasts.day]


def calibrate_scaled(
    forecasts: Forecasts,
    actual: np.ndarray,
    how: AdaptiveCalibration,
    level: np.ndarray,
    least: float = 0.0,
) -> Forecasts:
    """Return the forecasts with nine quantiles, calibrated on the square-root scale.

    Parameters
    ----------
    forecasts : Forecasts
        As in `lab.forecast.adaptive.calibrate_adaptively`.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing.
    how : AdaptiveCalibration
        Rate 0 gives split conformal quantiles that never adapt their levels.
    level : numpy.ndarray, shape (rows,)
        What `issue_levels` returns.
    least : float
        Lowest possible value.

    Raises
    ------
    UsageError
        If there is not one level per row.
    """
    if np.shape(level) != np.shape(actual):
        raise UsageError(
            f"Each row needs its level, got {np.shape(level)} levels and {np.shape(actual)} values."
        )
    scaled = replace(forecasts, values=to_scale(forecasts.values, level[:, None]))
    found = calibrate_adaptively(scaled, to_scale(actual, level), how)
    return replace(found, values=from_scale(found.values, level[:, None], least))
