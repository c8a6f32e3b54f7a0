"""Rolling statistics over trailing windows that end with, and include, t."""

import numpy as np

from lab.features.feature import PAST, Feature, hours_text, unit_of
from lab.features.grid import STATISTICS, Grid
from lab.features.spec import Spec


def features(spec: Spec) -> list[Feature]:
    """Return mean, std, min, max and range for each window."""
    return [
        _rolling(spec.target, hours, statistic)
        for hours in spec.rolling_h
        for statistic in STATISTICS
    ]


def statistic_of(grid: Grid, column: str, hours: float, statistic: str) -> np.ndarray:
    """Return a trailing statistic of a column, `range` being max minus min."""
    if statistic == "range":
        return grid.rolled(column, hours, "max") - grid.rolled(column, hours, "min")
    return grid.rolled(column, hours, statistic)


def _rolling(column: str, hours: float, statistic: str) -> Feature:
    """Return one statistic over one window."""
    return Feature(
        f"{column}_{statistic}_{hours_text(hours)}",
        "rolling",
        unit_of(column),
        PAST,
        f"{statistic} of the last {hours_text(hours)}",
        lambda grid: statistic_of(grid, column, hours, statistic),
        hours,
    )
