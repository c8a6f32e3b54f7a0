"""What the market publishes before delivery, such as day-ahead load and generation forecasts.

The value in the row of t is the one published for t. It is known a day earlier, so the
catalogue calls it `known_future`, and `ahead` may hand a model the value of the target time.
"""

from lab.errors import UsageError
from lab.features.feature import KNOWN_FUTURE, Feature, unit_of
from lab.features.spec import Spec


def features(spec: Spec) -> list[Feature]:
    """Return each published column as it stands.

    Raises
    ------
    UsageError
        If the spec names no column.
    """
    if not spec.published:
        raise UsageError("Family 'published' needs at least one column in published, got none.")
    return [_column(name) for name in spec.published]


def _column(column: str) -> Feature:
    """Return the published value for t."""
    return Feature(
        column,
        "published",
        unit_of(column),
        KNOWN_FUTURE,
        "published for t before delivery",
        lambda grid: grid.values(column),
    )
