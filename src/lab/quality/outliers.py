"""Values far from what the same time of day shows in the days around them."""

import warnings

import numpy as np
import pandas as pd

from lab.quality.rules import OutlierRule
from lab.quality.timing import step_of

DAY = pd.Timedelta("1D")
# The median absolute deviation of a normal distribution, as a share of its standard deviation.
MAD_TO_SIGMA = 1.4826


def deviations(series: pd.Series, rule: OutlierRule) -> pd.Series:
    """Return how far each value is from its own season, in robust standard deviations.

    Parameters
    ----------
    series : pandas.Series
        One measured column with a UTC index and a step that divides a day.
    rule : OutlierRule
        `window_days` around the day are compared, at the same time of day.

    Returns
    -------
    pandas.Series
        Signed, indexed like `series`; NaN where there is nothing to compare with.

    Notes
    -----
    Expected value: the window's median at this time of day. Scale: the window's median
    absolute deviation at this time of day, but not below `scale_floor` of the same figure
    over all of the series: at night a PV system deviates by nothing at all.
    """
    days, grid = _by_day(series)
    half = rule.window_days // 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # all-NaN windows stay NaN
        rest = days - np.nanmedian(_windows(days, half), axis=-1)
        spread = np.nanmedian(_windows(np.abs(rest), half), axis=-1)
        floor = rule.scale_floor * np.nanmedian(np.abs(rest)[np.abs(rest) > 0])
    score = rest / (MAD_TO_SIGMA * np.fmax(spread, floor))
    return pd.Series(score.ravel(), grid, name=series.name).reindex(series.index)


def outlying(series: pd.Series, rule: OutlierRule) -> pd.Series:
    """Return the deviations that stand out, empty if none do.

    A household is far from its own median several times a day, Victoria's demand never.
    So the limit is `threshold`, or `tail_factor` times the column's own `tail_quantile` of
    deviations if that is more: far even for this column.
    """
    score = deviations(series, rule).dropna()
    size = score.abs()
    if size.empty:
        return score
    limit = max(rule.threshold, rule.tail_factor * size.quantile(rule.tail_quantile))
    return score[size > limit]


def _by_day(series: pd.Series) -> tuple[np.ndarray, pd.DatetimeIndex]:
    """Lay the series out as days x times of day; return it with the stamps it then has."""
    step = step_of(series.index)
    start, end = series.index.min().floor("D"), series.index.max().floor("D") + DAY
    grid = pd.date_range(start, end, freq=step, inclusive="left")
    single = series[~series.index.duplicated()]
    return single.reindex(grid).to_numpy(dtype=float).reshape(-1, int(DAY / step)), grid


def _windows(days: np.ndarray, half: int) -> np.ndarray:
    """Return, for every day and time of day, the same time in the days around: a last axis."""
    padded = np.pad(days, ((half, half), (0, 0)), constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
