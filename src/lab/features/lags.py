"""Lags: what the target was so many hours ago, in elapsed time."""

from lab.features.feature import PAST, Feature, hours_text, unit_of
from lab.features.spec import Spec


def features(spec: Spec) -> list[Feature]:
    """Return one feature per lag."""
    return [_lag(spec.target, hours) for hours in spec.lags_h]


def _lag(column: str, hours: float) -> Feature:
    """Return the value `hours` before t."""
    return Feature(
        f"{column}_lag_{hours_text(hours)}",
        "lags",
        unit_of(column),
        PAST,
        f"value {hours_text(hours)} earlier",
        lambda grid: grid.lag(grid.values(column), hours),
        hours,
    )
