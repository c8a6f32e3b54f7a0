"""The scale of the last weeks: prices of very different years become alike.

Where a price doubles within a year, what trees and networks have learnt of the old level says
nothing of the new one. On the scale of its own last weeks every day looks like the days before.
"""

from typing import Any

import numpy as np

from lab.forecast.scaling import NORMAL, SAME
from lab.forecast.view import View

SCALE_DAYS = 28
# Weekdays on which the benchmark's rule repeats the week before: Monday, Saturday, Sunday.
WEEKLY, WEEK = (0, 5, 6), 7
# On the scale no forecast lies farther from the median: e^8 / 2 deviations.
HIGHEST = 8.0


def place(days: np.ndarray, count: int = SCALE_DAYS) -> tuple[float, float]:
    """Return median and spread of the last days, NaN without a week of them.

    Parameters
    ----------
    days : numpy.ndarray, shape (days, slots)
        The last is the latest; missing values are passed over.
    count : int
        Days that count.

    Returns
    -------
    tuple of float
        The spread is the median absolute deviation in units of a standard deviation; where half
        of the values are one, the standard deviation, and 1 where nothing varies.
    """
    recent = days[-count:]
    known = recent[np.isfinite(recent)]
    if len(days) < WEEK or not len(known):
        return np.nan, np.nan
    middle = float(np.median(known))
    spread = NORMAL * float(np.median(np.abs(known - middle)))
    spread = spread if spread > SAME else float(known.std())
    return middle, spread if spread > SAME else 1.0


def to_scale(values: np.ndarray, middle: Any, spread: Any) -> np.ndarray:
    """Return prices on the scale: near the median linear, far away logarithmic."""
    return np.asarray(np.arcsinh((values - middle) / spread))


def from_scale(values: np.ndarray, middle: Any, spread: Any) -> np.ndarray:
    """Return prices of values on the scale, held within `HIGHEST`."""
    return np.asarray(np.sinh(np.clip(values, -HIGHEST, HIGHEST)) * spread + middle)


def day_of_week(view: View) -> int:
    """Return the weekday of the day that is forecast, 0 for Monday."""
    return int((view.date.astype(int) + 3) % WEEK)


def ruled(view: View, target: str) -> np.ndarray:
    """Return the benchmark's naive forecast by the wall clock, shape (slots,).

    Mondays, Saturdays and Sundays repeat the day of the week before, the others the latest day
    that is known; NaN without such a day. With a longer lead the latest of those that are known
    takes its place.
    """
    past, weekday = view.past_days[target], day_of_week(view)
    weeks = -(-view.lead_days // WEEK)
    back = WEEK * weeks - view.lead_days + 1 if weekday in WEEKLY else 1
    return past[-back] if len(past) >= back else np.full(past.shape[1], np.nan)
