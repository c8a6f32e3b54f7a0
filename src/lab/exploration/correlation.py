"""What moves together: rank correlations, lead and lag, groups of like behaviour."""

import numpy as np
import pandas as pd

from lab.errors import UsageError


def rank_correlation(table: pd.DataFrame) -> pd.DataFrame:
    """Return Spearman's rank correlation of every pair of columns.

    Pairs of which both are measured count; a constant column has NaN.
    """
    return table.corr(method="spearman")


def upper(matrix: pd.DataFrame) -> pd.Series:
    """Return each pair of a symmetric matrix once, largest first."""
    rows, columns = np.triu_indices(len(matrix), k=1)
    names = pd.MultiIndex.from_arrays([matrix.index[rows], matrix.columns[columns]])
    values = pd.Series(matrix.to_numpy()[rows, columns], index=names)
    return values.sort_values(ascending=False)


def patterns(table: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Return the behaviour of each column: how its day is shaped, not how much it uses.

    Parameters
    ----------
    table : pandas.DataFrame, shape (hours, meters)
        Hourly.
    keys : pandas.DataFrame
        From `lab.exploration.profiles.calendar_keys`.

    Returns
    -------
    pandas.DataFrame, shape (meters, 48)
        Mean by hour on workdays and on other days, as share of the meter's own mean;
        columns (`workday`, hour) and (`free`, hour).
    """
    free = np.where(keys["day_type"] == "workday", "workday", "free")
    means = table.groupby([pd.Series(free, index=keys.index, name="day"), keys["hour"]]).mean()
    return (means / table.mean()).T


def group_patterns(
    shapes: pd.DataFrame, counts: list[int], seed: int
) -> tuple[pd.Series, pd.Series]:
    """Sort columns of like behaviour into groups; the clearest number of groups is taken.

    Parameters
    ----------
    shapes : pandas.DataFrame
        From `patterns`.
    counts : list of int
        Numbers of groups to try.
    seed : int
        Of k-means.

    Returns
    -------
    tuple
        The group of each row, 1 being the largest, and the mean silhouette of each count,
        from -1 to 1: 0.5 and more are separate groups, below 0.25 there is hardly structure.

    Raises
    ------
    UsageError
        If no count lies between 2 and one less than the number of rows.

    References
    ----------
    P. J. Rousseeuw, J. Comput. Appl. Math. 20 (1987), doi:10.1016/0377-0427(87)90125-7.
    """
    usable = [count for count in counts if 2 <= count < len(shapes)]
    if not usable:
        raise UsageError(
            f"The number of groups must lie between 2 and {len(shapes) - 1}, got {counts}."
        )
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    values = shapes.to_numpy()
    found = {n: KMeans(n, n_init=20, random_state=seed).fit_predict(values) for n in usable}
    scores = pd.Series({n: float(silhouette_score(values, found[n])) for n in usable})
    groups = pd.Series(found[int(scores.idxmax())], index=shapes.index, name="group")
    sizes = groups.value_counts()
    first = groups.drop_duplicates().to_list()
    order = sorted(sizes.index, key=lambda group: (-sizes[group], first.index(group)))
    return groups.map({group: n + 1 for n, group in enumerate(order)}), scores


def lead_lag(first: pd.Series, second: pd.Series, lags: range) -> pd.Series:
    """Return the rank correlation of `first` with `second` so many steps earlier.

    A peak at a positive lag means that `second` goes ahead.
    """
    return pd.Series(
        {lag: float(first.corr(second.shift(lag), method="spearman")) for lag in lags},
        name="rank_correlation",
    )
