"""Columns compared with their like: near copies, dead and weak ones, silent days."""

import numpy as np
import pandas as pd

from lab.quality.rules import SiblingRule
from lab.quality.timing import edges

MAD_TO_SIGMA = 1.4826


def near_copies(table: pd.DataFrame, rule: SiblingRule) -> list[tuple[list[str], float]]:
    """Group columns that say the same.

    Returns
    -------
    list of (columns, correlation)
        Groups linked by pairs above `copy_correlation`, with the lowest correlation of a
        linked pair. The extreme half per cent at either end is cut back before, so that
        one common spike does not make two columns alike.
    """
    moving = table.loc[:, table.nunique() > 2]
    cut = moving.clip(moving.quantile(0.005), moving.quantile(0.995), axis=1)
    matrix = np.nan_to_num(np.minimum(moving.corr().to_numpy(), cut.corr().to_numpy()))
    linked = matrix > rule.copy_correlation
    groups = _components(linked)
    return [
        ([moving.columns[i] for i in group], _weakest(matrix, linked, group)) for group in groups
    ]


def _components(linked: np.ndarray) -> list[list[int]]:
    """Return the groups of two and more positions that links connect, in order."""
    seen: set[int] = set()
    groups = []
    for origin in range(len(linked)):
        group, waiting = set(), [origin]
        while waiting:
            place = waiting.pop()
            if place not in group and place not in seen:
                group.add(place)
                waiting.extend(np.flatnonzero(linked[place]).tolist())
        seen |= group
        if len(group) > 1:
            groups.append(sorted(group))
    return groups


def _weakest(matrix: np.ndarray, linked: np.ndarray, group: list[int]) -> float:
    inner = np.ix_(group, group)
    return float(matrix[inner][linked[inner]].min())


def yields(family: pd.DataFrame) -> pd.Series:
    """Return each column's mean as a share of the family's middle one (1 is ordinary)."""
    means = family.mean()
    return means / means.median()


def weak_columns(family: pd.DataFrame, rule: SiblingRule) -> pd.Series:
    """Return the columns that carry far less than their siblings, with their share.

    A share below `weak_share` must also be `weak_deviations` robust standard deviations
    (of the logarithm) from the middle: among households, which differ tenfold by nature,
    half of the middle one is nothing special; among PV systems per kW it is.
    """
    share = yields(family)
    if len(share) < rule.min_members or not np.isfinite(share).all():
        return share.iloc[:0]
    logs = np.log(share.clip(lower=1e-6))
    spread = MAD_TO_SIGMA * (logs - logs.median()).abs().median()
    return share[(share < rule.weak_share) & (logs < -rule.weak_deviations * spread)]


def is_alike(family: pd.DataFrame, rule: SiblingRule) -> bool:
    """Tell whether the columns rise and fall together, as PV systems of one place do."""
    if family.shape[1] < rule.min_members:
        return False
    middle = family.median(axis=1)
    return bool(family.corrwith(middle).median() > rule.alike_correlation)


def silent_days(family: pd.DataFrame, zone: str, rule: SiblingRule) -> pd.DataFrame:
    """List the local days on which one column is silent while its siblings are not.

    Parameters
    ----------
    family : pandas.DataFrame
        Columns that rise and fall together.
    zone : str
        Time zone whose days are meant.

    Returns
    -------
    pandas.DataFrame
        column, first_day, last_day, days: at least `silent_days` in a row, on each of
        which the siblings' middle reaches `bright_share` of its own usual day and the
        column stays below `silent_share` of that middle. Dark days belong to no one:
        they neither count nor end a stretch.
    """
    local = family.tz_convert(zone)
    daily = local.groupby(local.index.date).sum(min_count=1)
    middle = daily.median(axis=1)
    bright = daily[middle > rule.bright_share * middle.median()]
    low = bright.lt(rule.silent_share * middle[bright.index], axis=0)
    found = []
    for column in family.columns:
        for first, last in zip(*edges(low[column].to_numpy()), strict=True):
            if last - first >= rule.silent_days:
                found.append((column, bright.index[first], bright.index[last - 1], last - first))
    return pd.DataFrame(found, columns=["column", "first_day", "last_day", "days"])
