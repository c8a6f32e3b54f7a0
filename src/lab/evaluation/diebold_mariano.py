"""The Diebold-Mariano test: is one model better, or was it luck?

The loss of an issue is its mean over all lead times (the multivariate form of Lago et al.),
so one test speaks about the whole day. `lab.evaluation.issues.per_issue` gives such losses.

References
----------
Diebold, Mariano, Comparing predictive accuracy (1995), doi:10.1080/07350015.1995.10524599.
Harvey, Leybourne, Newbold, Testing the equality of prediction mean squared errors (1997),
doi:10.1016/S0169-2070(96)00719-4.
Newey, West, A simple, positive semi-definite, heteroskedasticity and autocorrelation
consistent covariance matrix (1987), doi:10.2307/1913610.
Lago, Marcjasz, De Schutter, Weron, Forecasting day-ahead electricity prices (2021),
doi:10.1016/j.apenergy.2021.116983.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab import style
from lab.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAME = 1e-12
# More models than these have cells too small for three digits.
MANY = 12


@dataclass(frozen=True)
class Comparison:
    """What the test says about two models.

    Attributes
    ----------
    mean_difference : float
        Mean loss of the first less that of the second, in the loss's unit.
    statistic : float
        With the small-sample correction; positive where the second model is better.
    p_differs : float
        Two-sided: a difference as large would come by chance if both were equally good.
    p_second_better, p_first_better : float
        One-sided; small where that model is better.
    issues, lags : int
        Issues with both losses, and autocovariances in the variance.
    """

    mean_difference: float
    statistic: float
    p_differs: float
    p_second_better: float
    p_first_better: float
    issues: int
    lags: int


def diebold_mariano(
    first: np.ndarray, second: np.ndarray, *, horizon: int = 1, lags: int | None = None
) -> Comparison:
    """Compare two models by their losses per issue.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (issues,)
        Losses in order of time; NaN where not known.
    horizon : int
        Issues from the issue to the last value it forecasts: 1 day ahead, 7 for daily
        issues of a week.
    lags : int, optional
        Autocovariances in the variance; by default the larger of `horizon - 1` and the
        rule 4 (n / 100)^(2/9).

    Returns
    -------
    Comparison
        Equal losses throughout: statistic 0, p 1 and one half. The same difference in
        every issue: an infinite statistic. Too few issues for the correction (at least
        2, and about twice the horizon): NaN.

    Raises
    ------
    UsageError
        If the losses differ in shape, the horizon is below 1 or `lags` below 0.

    Notes
    -----
    DM = mean(d) / sqrt(v / n) with v = g_0 + 2 sum_k (1 - k / (L + 1)) g_k, g_k the
    autocovariances of the differences d (Newey-West); times
    sqrt((n + 1 - 2h + h (h - 1) / n) / n), against Student's t with n - 1 degrees of
    freedom (Harvey, Leybourne, Newbold). Issues that are missing keep their place in time
    and count in no product.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    _check(first, second, horizon, lags)
    difference = _differences(first, second)
    n = int(np.isfinite(difference).sum())
    chosen = max(horizon - 1, int(4 * (n / 100) ** (2 / 9))) if lags is None else lags
    chosen = min(chosen, max(len(difference) - 1, 0))
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n if n else 0.0
    mean = float(np.nanmean(difference)) if n else np.nan
    if n < max(2, horizon + 1) or correction <= 0:
        return Comparison(mean, np.nan, np.nan, np.nan, np.nan, n, chosen)
    statistic = float(np.sqrt(correction)) * _ratio(mean, long_run_variance(difference, chosen), n)
    return _comparison(mean, statistic, n, chosen)


def long_run_variance(values: np.ndarray, lags: int) -> float:
    """Return the Newey-West variance with Bartlett weights, NaN left out of each product.

    Examples
    --------
    >>> long_run_variance(np.array([1.0, -1.0, 1.0, -1.0]), 1)
    0.25
    """
    known = np.isfinite(values)
    n = int(known.sum())
    centred = np.where(known, values - np.nanmean(values), 0.0)
    total = float(centred @ centred)
    for lag in range(1, lags + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(centred[lag:] @ centred[:-lag])
    return max(total / n, 0.0)


def p_values(
    losses: pd.DataFrame, *, horizon: int = 1, lags: int | None = None, two_sided: bool = False
) -> pd.DataFrame:
    """Return the p-values of all pairs of models.

    Parameters
    ----------
    losses : pandas.DataFrame
        One row per issue in order of time, one column per model, as `per_issue` gives.
    horizon, lags
        As in `diebold_mariano`.
    two_sided : bool
        Whether the models differ, instead of whether the column's is better.

    Returns
    -------
    pandas.DataFrame
        Row and column per model: small where the column's model is better than the row's
        (the layout of Lago et al.); NaN on the diagonal. Not corrected for the number of
        pairs.
    """
    names = list(losses.columns)
    matrix = pd.DataFrame(np.nan, index=names, columns=names)
    matrix.index.name, matrix.columns.name = "worse", "better"
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            pair = diebold_mariano(
                losses.iloc[:, i].to_numpy(),
                losses.iloc[:, j].to_numpy(),
                horizon=horizon,
                lags=lags,
            )
            matrix.iloc[i, j] = pair.p_differs if two_sided else pair.p_second_better
            matrix.iloc[j, i] = pair.p_differs if two_sided else pair.p_first_better
    return matrix


def draw_p_values(matrix: pd.DataFrame, *, two_sided: bool = False, level: float = 0.05) -> "Axes":
    """Draw the matrix of `p_values`, coloured where the column's model is better than the row's.

    Parameters
    ----------
    matrix : pandas.DataFrame
        What `p_values` returns.
    two_sided : bool
        As it was given to `p_values`; it words the axes.
    level : float
        p-values below it are coloured, those below a tenth of it darker.

    Returns
    -------
    matplotlib.axes.Axes
    """
    import matplotlib.pyplot as plt
    import seaborn as sns
    from matplotlib.colors import BoundaryNorm, ListedColormap

    size = len(matrix)
    _, axis = plt.subplots(figsize=(min(9.0, 2.8 + 0.72 * size), 1.7 + 0.5 * size))
    sns.heatmap(
        matrix.astype(float), ax=axis, cbar=False, linewidths=1, linecolor="white",
        cmap=ListedColormap([style.ACCENT, "#a5d8e2", "#ffffff00"]),
        norm=BoundaryNorm([0, level / 10, level, 1.01], 3),
        annot=matrix.map(_short if size > MANY else _label).to_numpy(), fmt="",
        annot_kws={"fontsize": 6.5 if size > MANY else 9},
    )  # fmt: skip
    labels = [style.label(str(name)) for name in matrix.columns]
    axis.set_xticks(np.arange(size) + 0.5, labels, rotation=40, ha="right", rotation_mode="anchor")
    axis.set_yticks(np.arange(size) + 0.5, labels, rotation=0)
    axis.tick_params(length=0)
    if two_sided:
        axis.set(xlabel="does this model differ ... (two-sided p)", ylabel="... from this one?")
    else:
        axis.set(xlabel="is this model better ... (one-sided p)", ylabel="... than this one?")
    axis.grid(False)
    return axis


def _label(p: float) -> str:
    """Return a p-value as text, nothing for NaN."""
    if np.isnan(p):
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _short(p: float) -> str:
    """Return a p-value in two digits, nothing for NaN."""
    if np.isnan(p):
        return ""
    return "<.01" if p < 0.01 else "1" if p > 0.995 else f"{p:.2f}".removeprefix("0")


def _check(first: np.ndarray, second: np.ndarray, horizon: int, lags: int | None) -> None:
    """Refuse losses that do not belong together and impossible settings."""
    if first.ndim != 1 or first.shape != second.shape:
        raise UsageError(
            f"Two models are compared by one loss per issue each, got arrays of the shapes "
            f"{first.shape} and {second.shape}."
        )
    if horizon < 1 or (lags is not None and lags < 0):
        raise UsageError(
            f"The test needs a horizon of at least 1 and lags of at least 0, got {horizon} "
            f"and {lags}."
        )


def _differences(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return first less second, exactly 0 where they differ by rounding alone."""
    difference = first - second
    rounding = np.abs(difference) <= SAME * (np.abs(first) + np.abs(second))
    difference[rounding] = 0.0
    return difference


def _ratio(mean: float, variance: float, n: int) -> float:
    """Return mean over standard error: 0 of nothing but zeros, infinite without variance."""
    if mean == 0:
        return 0.0
    if variance <= (SAME * mean) ** 2:
        return float(np.copysign(np.inf, mean))
    return mean / float(np.sqrt(variance / n))


def _comparison(mean: float, statistic: float, n: int, lags: int) -> Comparison:
    """Return the statistic with its p-values."""
    from scipy.stats import t

    better = float(t.sf(statistic, n - 1))
    worse = float(t.cdf(statistic, n - 1))
    return Comparison(mean, statistic, min(1.0, 2 * min(better, worse)), better, worse, n, lags)
