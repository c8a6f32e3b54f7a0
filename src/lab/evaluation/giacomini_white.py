"""The Giacomini-White test: could one have known beforehand which model would be better?

Diebold and Mariano ask whether two models differ on average. This test asks whether their
difference can be told from what was known a step before, for instance from the last difference:
it finds models that are equal on average and take turns.

References
----------
Giacomini, White, Tests of conditional predictive ability (2006),
doi:10.1111/j.1468-0262.2006.00718.x.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.errors import UsageError

SAME = 1e-12
FEWEST = 10


@dataclass(frozen=True)
class Conditional:
    """What the test says about two models.

    Attributes
    ----------
    mean_difference : float
        Mean loss of the first less that of the second, in the loss's unit.
    statistic : float
        Chi-squared with two degrees of freedom if both are equally good at any time.
    p_differs : float
        Small where the difference is not zero, or can be told from the last one.
    issues : int
        Pairs of consecutive issues with all losses.
    """

    mean_difference: float
    statistic: float
    p_differs: float
    issues: int


def giacomini_white(first: np.ndarray, second: np.ndarray) -> Conditional:
    """Compare two models by their losses per issue, one step ahead.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (issues,)
        Losses in order of time; NaN where not known.

    Returns
    -------
    Conditional
        Equal losses throughout: statistic 0, p 1. Fewer than 10 pairs of consecutive issues:
        NaN.

    Raises
    ------
    UsageError
        If the losses differ in shape.

    Notes
    -----
    With d the differences and h = (1, d of the issue before), z = h d has mean zero under the
    null hypothesis; the statistic is n mean(z)' S^-1 mean(z), S the mean of z z'. Losses are
    those of one step ahead, so z has no autocorrelation under it.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if first.ndim != 1 or first.shape != second.shape:
        raise UsageError(
            "Two models are compared by one loss per issue each, got arrays of the shapes "
            f"{first.shape} and {second.shape}."
        )
    from scipy.stats import chi2

    difference = first - second
    difference[np.abs(difference) <= SAME * (np.abs(first) + np.abs(second))] = 0.0
    pairs = np.column_stack([difference[1:], difference[1:] * difference[:-1]])
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    n = len(pairs)
    mean = float(np.nanmean(difference)) if np.isfinite(difference).any() else np.nan
    if n < FEWEST:
        return Conditional(mean, np.nan, np.nan, n)
    if not pairs.any():
        return Conditional(mean, 0.0, 1.0, n)
    # In units of their own size: the products are squares of the loss's unit.
    scaled = pairs / np.sqrt((pairs**2).mean(axis=0).clip(min=np.finfo(float).tiny))
    centre = scaled.mean(axis=0)
    statistic = float(n * centre @ np.linalg.pinv(scaled.T @ scaled / n, hermitian=True) @ centre)
    return Conditional(mean, statistic, float(chi2.sf(statistic, 2)), n)


def p_values(losses: pd.DataFrame, model: str) -> pd.Series:
    """Return the p-values of a model against each of the others.

    Parameters
    ----------
    losses : pandas.DataFrame
        One row per issue in order of time, one column per model, as `issues.per_issue` gives.
    model : str
        One of them.

    Returns
    -------
    pandas.Series
        By the other models, not corrected for their number.
    """
    own = losses[model].to_numpy()
    others = [name for name in losses.columns if name != model]
    found = [giacomini_white(losses[name].to_numpy(), own).p_differs for name in others]
    return pd.Series(found, index=pd.Index(others, name="model"), name="p")
