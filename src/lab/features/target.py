"""Pair features with a target that lies ahead, by what is known when."""

import numpy as np
import pandas as pd

from lab.errors import DataError
from lab.features.feature import KNOWN_FUTURE
from lab.features.grid import Grid

TARGET = "target"


def ahead(
    features: pd.DataFrame, catalogue: pd.DataFrame, target: pd.Series, lead_h: float
) -> pd.DataFrame:
    """Return a table to learn from: what is known at t beside the target at t + lead.

    Parameters
    ----------
    features : pandas.DataFrame
        As `build` returns it.
    catalogue : pandas.DataFrame
        As `catalogue` returns it for the same spec; its `knowledge` decides the row that
        a feature is read from: `known_future` at t + lead, all others at t.
    target : pandas.Series
        UTC index with the step of `features`.
    lead_h : float
        How far ahead the target lies [h], a multiple of the step.

    Returns
    -------
    pandas.DataFrame
        Indexed by t, for each row of `features` whose t + lead is a row too, with the
        feature columns and `target`. No row for which the target is unknown.

    Raises
    ------
    DataError
        If the catalogue does not list every feature.
    UsageError
        If `lead_h` is no multiple of the step.
    """
    unlisted = features.columns.difference(catalogue.index)
    if len(unlisted):
        raise DataError(f"The catalogue must list every feature, got none for {unlisted[0]!r}.")
    grid = Grid(features, "UTC")
    lead = grid.steps(lead_h) * grid.step
    later = pd.DatetimeIndex(features.index + lead)
    goal = target.reindex(later).to_numpy(dtype="float64")
    early = catalogue.index[catalogue["knowledge"] == KNOWN_FUTURE].intersection(features.columns)
    table = features.copy()
    table[early] = features[early].reindex(later).to_numpy()
    table[TARGET] = goal
    return table[later.isin(features.index) & np.isfinite(goal)]
