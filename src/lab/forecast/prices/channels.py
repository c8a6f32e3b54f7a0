"""The 73 features of a price, hour by hour, as columns of a table of days.

The standard price set of `lab.features` has 73, eight on weather and six on the generation mix.
Markets have neither; published forecasts, where there are any, and more lags take their place,
so that every market has 73. Features known ahead (the calendar, published forecasts) are read
24 hours later: the last day of a sequence then tells of the very day that is forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lab import features
from lab.errors import UsageError
from lab.features.feature import KNOWN_FUTURE
from lab.forecast.view import DayTable

COUNT, DAY_HOURS, PRICE, PREFIX = 73, 24, "price", "feature_"
FAMILIES = ("temporal", "cyclical", "lags", "rolling", "dynamics", "seasonal")
LAGS = (1, 2, 3, 24, 48, 168)
# Taken in this order until there are as many features as the standard set has.
MORE_LAGS = (72, 96, 120, 144, 23, 25, 4, 5, 6, 12, 18, 36, 60, 192, 8, 10, 15, 30)
LEVELS = ("lag_", "mean_", "min_", "max_", "trend")
CHANGES = ("std_", "range_", "diff_", "momentum", "volatility_", "seasonal", "remainder")


@dataclass(frozen=True)
class Channels:
    """Names of the features' columns, and which of them are prices.

    Attributes
    ----------
    columns : tuple of str
    kinds : tuple of str
        `level`: a price; `change`: a difference or spread of prices; `plain`: neither.
    """

    columns: tuple[str, ...]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, others: Sequence[str] = ()) -> "Channels":
        """Return the channels of a market with such exogenous columns."""
        names = features.names(spec(others))
        return cls(tuple(f"{PREFIX}{name}" for name in names), tuple(map(kind, names)))


def spec(others: Sequence[str] = ()) -> dict[str, Any]:
    """Return what `lab.features` is asked for: 73 features with any exogenous columns.

    Raises
    ------
    UsageError
        If there are more exogenous columns than there is room for.
    """
    asked: dict[str, Any] = {"target": PRICE, "families": FAMILIES, "lags_h": LAGS}
    if others:
        asked |= {"families": (*FAMILIES, "published"), "published": tuple(others)}
    room = COUNT - len(features.names(asked))
    if not 0 <= room <= len(MORE_LAGS):
        raise UsageError(
            f"{COUNT} features have room for at most four exogenous columns, got {len(others)}."
        )
    return asked | {"lags_h": (*LAGS, *MORE_LAGS[:room])}


def kind(name: str) -> str:
    """Return whether a feature is a price, a difference of prices, or neither.

    Examples
    --------
    >>> kind("price_max_24h"), kind("price_diff_24h"), kind("weekday")
    ('level', 'change', 'plain')
    """
    own = name.removeprefix(f"{PRICE}_")
    if own == name:
        return "plain"
    return "level" if own.startswith(LEVELS) else "change" if own.startswith(CHANGES) else "plain"


def with_channels(
    frame: pd.DataFrame,
    target: str,
    others: Sequence[str] = (),
    *,
    zone: str,
    country: str | None = None,
    **options: Any,
) -> DayTable:
    """Return a table of days that holds the features beside prices and exogenous columns.

    Parameters
    ----------
    frame : pandas.DataFrame
        Hourly, UTC index; columns that are not named are left out.
    target : str
        Column of the prices.
    others : sequence of str
        Exogenous columns that are known ahead.
    zone : str
        IANA zone of the market's days.
    country : str, optional
        ISO code for public holidays.
    options
        Of `DayTable`.

    Raises
    ------
    UsageError
        If there are exogenous columns, and days that do not have 24 hours: 24 hours after the
        last hour before a short day is the day after it, of which nothing is published.
    """
    names, raw = Channels.of(others).columns, frame[[target, *others]].astype(float)
    asked = spec(others)
    renamed = raw.rename(columns={target: PRICE})
    built = features.build(renamed, asked, zone=zone, country=country)
    known = features.catalogue(asked)["knowledge"] == KNOWN_FUTURE
    later = _read_later(renamed, asked, zone, country)
    columns = {
        name: later[feature] if known[feature] else built[feature]
        for name, feature in zip(names, built.columns, strict=True)
    }
    knowledge = {target: "past"} | dict.fromkeys(others, "known_future")
    table = DayTable(
        raw.join(pd.DataFrame(columns, index=raw.index)),
        zone=zone,
        target=target,
        knowledge=knowledge | dict.fromkeys(names, "past"),
        **options,
    )
    if others and (np.diff(table.start) != DAY_HOURS).any():
        raise UsageError(
            f"Published forecasts of {', '.join(others)} need days of {DAY_HOURS} hours, got the "
            f"zone {zone}, whose clock changes; a market's own clock (UTC) has them."
        )
    return table


def _read_later(
    raw: pd.DataFrame, asked: dict[str, Any], zone: str, country: str | None
) -> pd.DataFrame:
    """Return the features of 24 hours later, those that need no price; NaN at the end."""
    ahead = raw.index + pd.Timedelta(hours=DAY_HOURS)
    only = asked | {"families": [f for f in asked["families"] if f in FAMILIES[:2]]}
    calendar = features.build(raw.set_axis(ahead), only, zone=zone, country=country)
    calendar = calendar.set_axis(raw.index)
    if "published" not in asked:
        return calendar
    told = features.build(raw, asked | {"families": ["published"]}, zone=zone, country=country)
    return calendar.join(told.reindex(ahead).set_axis(raw.index))
