"""What the market publishes before delivery, such as day-ahead load and generation forecasts.

The value in the row of t is the one published for t. It is known a day earlier, so the
catalogue calls it `known_future`, and `ahead` may hand a model the value of the target time.
What moves a price from one day to the next is how the published value changes, so its
differences against a day and a week before belong to the family.
"""

from lab.errors import UsageError
from lab.features.dynamics import HOURS_OF_DAY, difference
from lab.features.feature import KNOWN_FUTURE, Feature, hours_text, unit_of
from lab.features.spec import HOURS_OF_WEEK, Spec


def features(spec: Spec) -> list[Feature]:
    """Return each published column, and its change over a day and over a week.

    Raises
    ------
    UsageError
        If the spec names no column.
    """
    if not spec.published:
        raise UsageError("Family 'published' needs at least one column in published, got none.")
    return [
        feature
        for column in spec.published
        for feature in (
            _column(column),
            _change(column, HOURS_OF_DAY),
            _change(column, HOURS_OF_WEEK),
        )
    ]


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


def _change(column: str, hours: float) -> Feature:
    """Return the published value for t minus that for `hours` earlier."""
    return Feature(
        f"{column}_diff_{hours_text(hours)}",
        "published",
        unit_of(column),
        KNOWN_FUTURE,
        f"published for t minus published for {hours_text(hours)} earlier",
        lambda grid: difference(grid, column, hours),
        hours,
    )
