"""How much of a series the calendar explains, and how well it remembers yesterday."""

import numpy as np
import pandas as pd

# Each layer is learned from what the layers before it left.
LAYERS = {
    "hour": ["hour"],
    "day_type": ["hour", "day_type"],
    "season": ["hour", "month"],
}
MIN_MONTHS = 3
MIN_WEEKS = 8
MIN_PERIODS = 2


def explained_shares(series: pd.Series, keys: pd.DataFrame, folds: int = 5) -> pd.Series:
    """Return which part of the variance means by hour, type of day and month explain.

    The means of a layer are those of the remainder that the layers before it left. Every
    week is told by means learned on *other* weeks, so chance does not count as a pattern:
    a layer that only repeats noise gets a share of 0 or a little less.

    Parameters
    ----------
    series : pandas.Series
        Hourly; NaN is skipped.
    keys : pandas.DataFrame
        From `lab.exploration.profiles.calendar_keys`.
    folds : int
        Weeks are dealt to so many hands in turn, fewer if there are fewer weeks.

    Returns
    -------
    pandas.Series
        `hour`, `day_type`, `season` and their sum `calendar`, each up to 1. `day_type` is NaN
        below eight weeks, `season` below three months; within a single year it cannot be
        told from a slow drift. All are NaN for a constant series or a single week.
    """
    known = series.dropna()
    keys = keys.loc[known.index]
    hands = min(folds, keys["week"].nunique())
    shares = dict.fromkeys([*LAYERS, "calendar"], np.nan)
    spread = float(((known - known.mean()) ** 2).sum()) if len(known) else 0.0
    if hands < MIN_PERIODS or spread == 0.0:
        return pd.Series(shares)
    hand = keys["week"].rank(method="dense").astype(int) % hands
    left = known - _told(known, pd.Series(0, index=known.index), hand)
    before = float((left**2).sum())
    for layer, columns in LAYERS.items():
        if not _enough(layer, keys):
            continue
        group = keys.groupby(columns, observed=True).ngroup()
        left = left - _told(left, group, hand)
        after = float((left**2).sum())
        shares[layer], before = (before - after) / spread, after
    shares["calendar"] = 1 - before / spread
    return pd.Series(shares)


def _enough(layer: str, keys: pd.DataFrame) -> bool:
    """Tell whether there is enough time to learn a layer's means from other weeks."""
    if layer == "day_type":
        return keys["week"].nunique() >= MIN_WEEKS
    return layer != "season" or keys["month"].nunique() >= MIN_MONTHS


def _told(values: pd.Series, group: pd.Series, hand: pd.Series) -> pd.Series:
    """Return each group's mean over the other hands; 0 where they do not have the group."""
    rows, columns = group.to_numpy(), hand.to_numpy()
    shape = int(rows.max()) + 1, int(columns.max()) + 1
    cells = rows * shape[1] + columns
    size = shape[0] * shape[1]
    sums = np.bincount(cells, values.to_numpy(dtype="float64"), size).reshape(shape)
    counts = np.bincount(cells, minlength=size).reshape(shape)
    others = counts.sum(axis=1, keepdims=True) - counts
    rest = sums.sum(axis=1, keepdims=True) - sums
    means = np.divide(rest, others, out=np.zeros(shape), where=others > 0)
    return pd.Series(means[rows, columns], index=values.index)


def autocorrelation(series: pd.Series, lag: int) -> float:
    """Return the correlation of a series with itself `lag` steps ago.

    Only pairs of which both are measured count; NaN if fewer than three are, or if one
    side is constant.

    Examples
    --------
    >>> round(autocorrelation(pd.Series([1.0, -1.0, 1.0, -1.0, 1.0]), 1), 6)
    -1.0
    """
    pairs = pd.concat([series, series.shift(lag)], axis=1).dropna()
    if len(pairs) < 3 or (pairs.max() == pairs.min()).any():
        return float("nan")
    return float(np.corrcoef(pairs.to_numpy().T)[0, 1])


def seasonal_strength(
    series: pd.Series, periods: tuple[int, ...] = (24, 168), last: int = 26 * 168
) -> dict[int, float]:
    """Return the strength of each season in an MSTL decomposition, from 0 to 1.

    Parameters
    ----------
    series : pandas.Series
        Gapless hourly index; missing values are interpolated for this purpose.
    periods : tuple of int
        Seasons [steps]; one that does not fit in twice is NaN.
    last : int
        Only the last so many steps are decomposed.

    Returns
    -------
    dict
        Period to strength.

    References
    ----------
    R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice (3rd ed., 2021),
    section 4.3; K. Bandara et al., MSTL, doi:10.48550/arXiv.2107.13462.
    """
    values = series.iloc[-last:].interpolate(limit_direction="both").to_numpy(dtype="float64")
    fitting = tuple(p for p in periods if len(values) > MIN_PERIODS * p)
    strengths = dict.fromkeys(periods, float("nan"))
    if not fitting or not np.isfinite(values).all() or np.ptp(values) == 0:
        return strengths
    from statsmodels.tsa.seasonal import MSTL

    # Loess at every tenth point and lines between: the same to three digits, ten times as fast.
    jumps = {"trend_jump": max(fitting) // 10, "low_pass_jump": max(fitting) // 10}
    parts = MSTL(values, periods=fitting, stl_kwargs=jumps).fit()
    seasons = np.asarray(parts.seasonal).reshape(len(values), len(fitting))
    for column, period in enumerate(fitting):
        together = np.var(seasons[:, column] + parts.resid)
        strengths[period] = float(max(0.0, 1 - np.var(parts.resid) / together))
    return strengths
