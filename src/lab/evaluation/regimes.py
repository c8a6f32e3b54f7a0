"""Mean losses by month and by kind of day."""

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np
import pandas as pd

from lab.calendar import day_types, local_days

KINDS = ("workdays", "Saturdays", "Sundays and free days")
PERCENT = 100.0


def months(valid_at: pd.DatetimeIndex, zone: str) -> np.ndarray:
    """Return the local month of each time, such as `October 2019`.

    Examples
    --------
    >>> months(pd.DatetimeIndex(["2019-09-30 23:00+00:00"]), "Europe/Brussels").tolist()
    ['October 2019']
    """
    return np.asarray(pd.DatetimeIndex(valid_at).tz_convert(zone).strftime("%B %Y"))


def kinds_of_day(valid_at: pd.DatetimeIndex, zone: str, holidays: Collection[date]) -> np.ndarray:
    """Return the kind of each time's local day: one of `KINDS`."""
    dates = pd.DatetimeIndex(local_days(pd.DatetimeIndex(valid_at), zone)["local_date"])
    return np.asarray(KINDS)[np.asarray(day_types(dates, holidays).codes)]


def by_regime(
    losses: pd.DataFrame, groups: Sequence[np.ndarray], models: Sequence[str], base: str
) -> pd.DataFrame:
    """Return the mean loss of models in each group, and how far they are below a base.

    Parameters
    ----------
    losses : pandas.DataFrame
        One row per forecast value, one column per model.
    groups : sequence of numpy.ndarray, shape (rows,)
        Labels of the rows; every array makes its own groups, in the order of appearance.
    models : sequence of str
    base : str
        A column too.

    Returns
    -------
    pandas.DataFrame
        Indexed by group: the mean of the base and of each model, `<model>_gain_percent`, and
        `rows`. Rows that one of them has not count for none.
    """
    names = [base, *models]
    known = losses[names].notna().all(axis=1).to_numpy()
    parts = []
    for labels in groups:
        grouped = losses.loc[known, names].groupby(np.asarray(labels)[known], sort=False)
        parts.append(grouped.mean().assign(rows=grouped.size()))
    found = pd.concat(parts).rename_axis("group")
    for model in models:
        found[f"{model}_gain_percent"] = PERCENT * (1 - found[model] / found[base])
    return found
