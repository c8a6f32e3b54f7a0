"""Cross-region differences: the spread to a neighbour and how often prices agree."""

import numpy as np

from lab.errors import UsageError
from lab.features.feature import PAST, Feature, unit_of
from lab.features.grid import Grid
from lab.features.spec import HOURS_OF_WEEK, Spec

DAY_H = 24
# Prices are quoted to the cent: closer than half a cent means that the markets coupled.
SAME_PRICE = 0.005


def spread(grid: Grid, column: str, neighbour: str) -> np.ndarray:
    """Return the target minus the neighbour's price."""
    return grid.values(column) - grid.values(neighbour)


def coupled(grid: Grid, column: str, neighbour: str) -> np.ndarray:
    """Return the share of steps in the last week at which both prices agreed."""
    distance = spread(grid, column, neighbour)
    same = np.where(np.isnan(distance), np.nan, np.abs(distance) < SAME_PRICE)
    return grid.roll(same, HOURS_OF_WEEK, "mean")


def features(spec: Spec) -> list[Feature]:
    """Return three features per neighbour.

    Raises
    ------
    UsageError
        If the spec names no neighbour.
    """
    if not spec.regions:
        raise UsageError("Family 'regions' needs at least one column in regions, got none.")
    return [feature for name in spec.regions for feature in _neighbour(spec.target, name)]


def _neighbour(column: str, neighbour: str) -> list[Feature]:
    """Return spread, its mean of the last day, and the coupled share of the last week."""
    unit = unit_of(column)
    return [
        Feature(
            f"{column}_minus_{neighbour}",
            "regions",
            unit,
            PAST,
            f"target minus {neighbour}",
            lambda grid: spread(grid, column, neighbour),
        ),
        Feature(
            f"{column}_minus_{neighbour}_mean_24h",
            "regions",
            unit,
            PAST,
            "mean spread of the last 24h",
            lambda grid: grid.roll(spread(grid, column, neighbour), DAY_H, "mean"),
            DAY_H,
        ),
        Feature(
            f"coupled_share_{neighbour}_168h",
            "regions",
            "1",
            PAST,
            "share of the last 168h with the same price on both sides",
            lambda grid: coupled(grid, column, neighbour),
            HOURS_OF_WEEK,
        ),
    ]
