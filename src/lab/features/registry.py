"""Families by name, and the three questions: which features, what are they, give me them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.features import (
    battery,
    cyclical,
    dynamics,
    generation,
    lags,
    published,
    regions,
    rolling,
    seasonal,
    temporal,
    weather,
)
from lab.features.feature import Feature
from lab.features.grid import Grid
from lab.features.spec import Spec

FAMILIES: dict[str, Callable[[Spec], list[Feature]]] = {
    "temporal": temporal.features,
    "cyclical": cyclical.features,
    "lags": lags.features,
    "rolling": rolling.features,
    "dynamics": dynamics.features,
    "weather": weather.features,
    "generation": generation.features,
    "seasonal": seasonal.features,
    "regions": regions.features,
    "published": published.features,
    "battery": battery.features,
}


def features_of(spec: Mapping[str, Any] | Spec | None = None) -> list[Feature]:
    """Return the features that a spec asks for, family by family.

    Raises
    ------
    UsageError
        If a family is unknown, lacks what it needs, or two features share a name.
    """
    spec = Spec.of(spec)
    for family in spec.families:
        if family not in FAMILIES:
            raise UsageError(
                f"Unknown feature family {family!r}; choose from {', '.join(FAMILIES)}."
            )
    found = [feature for family in spec.families for feature in FAMILIES[family](spec)]
    _refuse_equal_names(found)
    return found


def names(spec: Mapping[str, Any] | Spec | None = None) -> list[str]:
    """Return the column names of the feature table, in order."""
    return [feature.name for feature in features_of(spec)]


def catalogue(spec: Mapping[str, Any] | Spec | None = None) -> pd.DataFrame:
    """Return what each feature is: family, window [h], unit, knowledge time, meaning.

    Returns
    -------
    pandas.DataFrame
        Indexed by feature name, in the order of the feature table.
    """
    rows = [
        (item.name, item.family, float(item.window_h), item.unit, item.knowledge, item.meaning)
        for item in features_of(spec)
    ]
    columns = ["feature", "family", "window_h", "unit", "knowledge", "meaning"]
    return pd.DataFrame(rows, columns=columns).set_index("feature")


def build(
    table: pd.DataFrame,
    spec: Mapping[str, Any] | Spec | None = None,
    *,
    zone: str,
    country: str | None = None,
    subdiv: str | None = None,
    dtype: Any = np.float64,
) -> pd.DataFrame:
    """Compute the features of a raw table.

    Parameters
    ----------
    table : pandas.DataFrame, shape (rows, columns)
        UTC index, increasing and unique; rows may be missing. Columns that the spec does
        not use are ignored.
    spec : mapping or Spec, optional
        Families, windows and columns; the standard price set by default.
    zone : str
        IANA time zone for the calendar.
    country, subdiv : str, optional
        ISO codes for public holidays; without a country no day is a holiday.
    dtype : numpy dtype
        Of the result; everything is computed in float64.

    Returns
    -------
    pandas.DataFrame, shape (rows, features)
        Indexed like `table`. The row at t depends on rows up to and including t only.
        NaN where a feature cannot be known: at the start and near gaps.

    Raises
    ------
    UsageError
        If the spec is wrong, or a window is no multiple of the table's step.
    DataError
        If the table is: index, missing column, not numeric, infinite.
    """
    wanted, spec = features_of(spec), Spec.of(spec)
    grid = Grid(table, zone, country, subdiv, spec.min_share)
    gapless = len(grid) == len(table)
    values = np.empty((len(wanted), len(table)), dtype=dtype)
    for row, feature in zip(values, wanted, strict=True):
        computed = feature.compute(grid)
        row[:] = computed if gapless else computed[grid.rows]
    columns = pd.Index([feature.name for feature in wanted], name="feature")
    return pd.DataFrame(values.T, index=table.index, columns=columns, copy=False)


def _refuse_equal_names(found: list[Feature]) -> None:
    """Two families may hand out the same column, such as a raw one: refuse that."""
    seen: set[str] = set()
    for feature in found:
        if feature.name in seen:
            raise UsageError(
                f"Two features are called {feature.name!r}; name each column in one family only."
            )
        seen.add(feature.name)
