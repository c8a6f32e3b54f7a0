"""How much each feature says about a target, one at a time."""

import numpy as np
import pandas as pd


def rank_correlation(features: pd.DataFrame, target: pd.Series) -> pd.Series:
    """Return Spearman's rank correlation of each feature with the target.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        May hold NaN; a row counts for the features it has.
    target : pandas.Series, shape (rows,)
        In the order of `features`.

    Returns
    -------
    pandas.Series
        From -1 to 1; NaN for a constant feature. Where values are missing it is approximate:
        each column is ranked once, among all the values it has.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return features.rank().corrwith(target.rank()).rename("rank_correlation")


def mutual_information(features: pd.DataFrame, target: pd.Series, bins: int = 16) -> pd.Series:
    """Return the mutual information of each feature with the target [bit].

    Unlike a correlation it also sees relations that rise and fall, such as that of the
    hour of the day.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        May hold NaN; a row counts for the features it has.
    target : pandas.Series, shape (rows,)
        In the order of `features`.
    bins : int
        Number of equally filled bins for each of the two.

    Returns
    -------
    pandas.Series
        At least 0, at most log2(bins); 0 for a constant feature.

    Notes
    -----
    Plug-in estimate on quantile bins, less its bias for independent variables,
    (a - 1)(b - 1) / (2 n ln 2) bit for a and b occupied bins and n rows.

    References
    ----------
    G. A. Miller, Note on the bias of information estimates, in: Information Theory in
    Psychology (1955) 95-100.
    """
    goal = _quantile_bins(target.to_numpy(dtype="float64"), bins)
    found = {
        name: _information(_quantile_bins(column.to_numpy(dtype="float64"), bins), goal, bins)
        for name, column in features.items()
    }
    return pd.Series(found, name="information_bit", dtype="float64")


def redundant_with(features: pd.DataFrame, limit: float = 0.95) -> pd.Series:
    """Name for each redundant feature the earlier one that says nearly the same.

    Parameters
    ----------
    features : pandas.DataFrame
        In order of preference: of two alike the earlier one is kept.
    limit : float
        Absolute rank correlation above which two features are alike.

    Returns
    -------
    pandas.Series
        Redundant feature to the kept one it is most alike.
    """
    alike = features.rank().corr().abs().fillna(0.0)
    kept: list[str] = []
    found: dict[str, str] = {}
    for name in features.columns:
        nearest = alike.loc[name, kept]
        if kept and nearest.max() > limit:
            found[name] = str(nearest.idxmax())
        else:
            kept.append(name)
    return pd.Series(found, name="alike", dtype="object")


def _quantile_bins(values: np.ndarray, bins: int) -> np.ndarray:
    """Number the equally filled bin of each value, -1 for NaN; equal values share a bin."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.full(len(values), -1)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.where(np.isfinite(values), np.searchsorted(edges, values, side="right"), -1)


def _information(first: np.ndarray, second: np.ndarray, bins: int) -> float:
    """Return the mutual information of two rows of bin numbers [bit], less its bias."""
    both = (first >= 0) & (second >= 0)
    if not both.any():
        return 0.0
    counts = np.bincount(first[both] * bins + second[both], minlength=bins * bins)
    joint = counts.reshape(bins, bins) / both.sum()
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    filled = joint > 0
    expected = np.outer(rows, columns)[filled]
    plain = float((joint[filled] * np.log2(joint[filled] / expected)).sum())
    freedom = ((rows > 0).sum() - 1) * ((columns > 0).sum() - 1)
    return max(0.0, plain - freedom / (2 * both.sum() * np.log(2)))
