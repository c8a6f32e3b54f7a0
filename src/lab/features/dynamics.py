"""Changes, momentum and volatility of the target."""

import numpy as np

from lab.features.feature import PAST, Feature, hours_text, unit_of
from lab.features.grid import Grid
from lab.features.spec import HOURS_OF_WEEK, Spec

HOURS_OF_DAY = 24


def difference(grid: Grid, column: str, hours: float) -> np.ndarray:
    """Return the value minus the value `hours` earlier."""
    return grid.values(column) - grid.lag(grid.values(column), hours)


def symmetric_change(grid: Grid, column: str, hours: float) -> np.ndarray:
    """Return the change relative to the mean size of both values.

    Notes
    -----
    2 (x - y) / (|x| + |y|) lies between -2 and 2 and is defined for prices that are
    negative or zero, where a percentage is not; it is 0 when both are 0.
    """
    now, then = grid.values(column), grid.lag(grid.values(column), hours)
    size = np.abs(now) + np.abs(then)
    return 2 * (now - then) / np.where(size == 0, 1.0, size)


def momentum(grid: Grid, column: str) -> np.ndarray:
    """Return the mean of the last day minus the mean of the last week."""
    day = grid.rolled(column, HOURS_OF_DAY, "mean")
    return day - grid.rolled(column, HOURS_OF_WEEK, "mean")


def volatility(grid: Grid, column: str, hours: float) -> np.ndarray:
    """Return the standard deviation of the step-to-step changes in the window."""
    return grid.roll(np.diff(grid.values(column), prepend=np.nan), hours, "std")


def features(spec: Spec) -> list[Feature]:
    """Return the differences, the relative change, the momentum and two volatilities."""
    column, unit = spec.target, unit_of(spec.target)
    others = [
        Feature(
            f"{column}_symmetric_change_24h",
            "dynamics",
            "1",
            PAST,
            "change against 24h earlier, relative to the mean size of both",
            lambda grid: symmetric_change(grid, column, HOURS_OF_DAY),
            HOURS_OF_DAY,
        ),
        Feature(
            f"{column}_momentum",
            "dynamics",
            unit,
            PAST,
            "mean of the last day minus mean of the last week",
            lambda grid: momentum(grid, column),
            HOURS_OF_WEEK,
        ),
    ]
    volatilities = [_volatility(column, hours) for hours in (HOURS_OF_DAY, HOURS_OF_WEEK)]
    return [_difference(column, hours) for hours in spec.differences_h] + others + volatilities


def _difference(column: str, hours: float) -> Feature:
    """Return the difference over `hours`."""
    return Feature(
        f"{column}_diff_{hours_text(hours)}",
        "dynamics",
        unit_of(column),
        PAST,
        f"value minus value {hours_text(hours)} earlier",
        lambda grid: difference(grid, column, hours),
        hours,
    )


def _volatility(column: str, hours: float) -> Feature:
    """Return the volatility over `hours`."""
    return Feature(
        f"{column}_volatility_{hours_text(hours)}",
        "dynamics",
        unit_of(column),
        PAST,
        f"standard deviation of step-to-step changes in the last {hours_text(hours)}",
        lambda grid: volatility(grid, column, hours),
        hours,
    )
