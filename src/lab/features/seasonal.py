"""Trailing seasonal-trend decomposition: target = trend + seasonal + remainder.

The classical decomposition centres its moving average on t and so looks half a window
ahead. Here every part looks back only:

- trend: mean of the last week, (t - 168 h, t];
- seasonal: median over the last four weeks of target minus trend at the same local clock
  time and weekday, so that one spike does not come back for a month. Across a change of
  the clock the distance is 167 or 169 hours;
- remainder: what is left of the target at t.
"""

from collections.abc import Callable

import numpy as np

from lab.features.feature import PAST, Feature, unit_of
from lab.features.grid import Grid
from lab.features.spec import HOURS_OF_WEEK, Spec

WEEKS = 4


def trend(grid: Grid, column: str) -> np.ndarray:
    """Return the mean of the last week."""
    return grid.rolled(column, HOURS_OF_WEEK, "mean")


def seasonal(grid: Grid, column: str) -> np.ndarray:
    """Return the usual distance from the trend at this local time of the week.

    NaN unless at least `min_share` of the four weeks were observed.
    """
    detrended = grid.values(column) - trend(grid, column)
    twins = [_at(detrended, weeks_ago(grid, week)) for week in range(1, WEEKS + 1)]
    return _median(np.column_stack(twins), grid.min_share * WEEKS)


def remainder(grid: Grid, column: str) -> np.ndarray:
    """Return what trend and season leave."""
    return grid.values(column) - trend(grid, column) - seasonal(grid, column)


def weeks_ago(grid: Grid, weeks: int) -> np.ndarray:
    """Return the position of each step's twin, `weeks` before by the local clock.

    Negative before the table's start. Where the UTC offset changed in between, the twin
    lies as many steps further or nearer as the clock moved.
    """
    here = np.arange(len(grid))
    plain = here - weeks * grid.steps(HOURS_OF_WEEK)
    offset = grid.local_ns - grid.index.asi8
    moved = (offset[np.maximum(plain, 0)] - offset) // grid.step.value
    return np.asarray(np.where(plain < 0, -1, np.minimum(plain - moved, here - 1)))


def features(spec: Spec) -> list[Feature]:
    """Return trend, seasonal part and remainder."""
    column = spec.target
    return [
        _part(column, "trend", "mean of the last week", trend, 1),
        _part(column, "seasonal", "usual distance from the trend at this time of week", seasonal),
        _part(column, "remainder", "what trend and season leave", remainder),
    ]


def _part(
    column: str,
    name: str,
    meaning: str,
    compute: Callable[[Grid, str], np.ndarray],
    weeks: int = WEEKS + 1,
) -> Feature:
    """Return one part of the decomposition."""
    return Feature(
        f"{column}_{name}",
        "seasonal",
        unit_of(column),
        PAST,
        meaning,
        lambda grid: compute(grid, column),
        weeks * HOURS_OF_WEEK,
    )


def _at(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Return values at positions, NaN where the position is negative."""
    return np.where(position < 0, np.nan, values[np.maximum(position, 0)])


def _median(values: np.ndarray, least: float) -> np.ndarray:
    """Return the median of each row's known values, NaN where fewer than `least` are known."""
    ordered = np.sort(values, axis=1)  # NaN last
    known = np.isfinite(values).sum(axis=1)
    middle = np.stack([np.maximum(known - 1, 0) // 2, np.minimum(known // 2, WEEKS - 1)], axis=1)
    median = np.take_along_axis(ordered, middle, axis=1).mean(axis=1)
    return np.where(known >= max(1.0, least), median, np.nan)
