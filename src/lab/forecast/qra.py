"""Quantile regression averaging: quantiles as linear functions of several point forecasts.

For every level the pinball loss of past forecasts is minimised over the coefficients of the
members' medians. It is a linear programme, solved exactly in its dual form; levels that
cross are put in order afterwards.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from lab.errors import DataError, UsageError
from lab.forecast.checks import check_least, check_measured
from lab.forecast.intervals import ascending, known_days
from lab.forecast.table import MEDIAN, QUANTILES, Forecasts, same_rows

NAME = "Quantile regression averaging"


@dataclass(frozen=True)
class Regression:
    """How quantile regression averaging learns.

    Attributes
    ----------
    window_days : int
        Trailing issues to learn from.
    min_days : int
        Issues that know fewer get no quantiles but the median, the members' plain mean.
    refresh_days : int
        Issues between two fits.
    """

    window_days: int = 365
    min_days: int = 60
    refresh_days: int = 7

    def __post_init__(self) -> None:
        """Refuse impossible settings."""
        check_least(NAME, 1, **asdict(self))


def average_by_regression(
    members: Sequence[Forecasts], actual: np.ndarray, how: Regression, name: str
) -> Forecasts:
    """Return nine quantiles, each a linear function of the members' medians.

    Parameters
    ----------
    members : sequence of Forecasts
        Consecutive issues over the same rows; a single member is calibrated linearly.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing. A row is used only for what was issued after
        the last value of its issue had been measured.
    how : Regression
    name : str
        Name of the combination.

    Returns
    -------
    Forecasts
        Quantiles ascending from the median; NaN but for the median, the plain mean of the
        members, until `min_days` issues were known, and where a member is missing.

    Raises
    ------
    DataError
        If there is no member, or the members cover different time stamps.
    UsageError
        If there is not one measured value per row.

    References
    ----------
    Nowotarski, Weron, Computing electricity spot price prediction intervals using quantile
    regression and forecast averaging (2015), doi:10.1007/s00180-014-0523-0.
    """
    first = same_rows(members)
    check_measured(NAME, first, actual)
    x = np.stack([member.median for member in members], axis=1)
    values = np.full((len(x), len(QUANTILES)), np.nan)
    values[:, QUANTILES.index(MEDIAN)] = x.mean(axis=1)
    known = known_days(first)
    begin = int(np.searchsorted(known, how.min_days))
    for issue in range(begin, len(known), how.refresh_days):
        now = (first.day >= issue) & (first.day < issue + how.refresh_days)
        fitted = _fitted(first.day, x, actual, known[issue], how)
        if fitted is not None:
            values[now] = fitted[:, 0] + x[now] @ fitted[:, 1:].T
    return replace(first, model=name, levels=QUANTILES, values=ascending(values, QUANTILES))


def coefficients_at(
    members: Sequence[Forecasts], actual: np.ndarray, how: Regression, issue: int
) -> np.ndarray:
    """Return the coefficients by which `average_by_regression` makes the quantiles of one issue.

    Parameters
    ----------
    members, actual, how
        As there.
    issue : int
        Its number; what was not known then is not used.

    Returns
    -------
    numpy.ndarray, shape (levels, 1 + members)
        Intercept first.

    Raises
    ------
    DataError
        If there is no member, or the members cover different time stamps.
    UsageError
        If the issue knows too few days, or there is not one measured value per row.
    """
    first = same_rows(members)
    check_measured(NAME, first, actual)
    x = np.stack([member.median for member in members], axis=1)
    known = known_days(first)
    begin = int(np.searchsorted(known, how.min_days))
    fitted = None
    if begin <= issue < len(known):
        refreshed = begin + (issue - begin) // how.refresh_days * how.refresh_days
        fitted = _fitted(first.day, x, actual, known[refreshed], how)
    if fitted is None:
        raise UsageError(
            f"{NAME} needs an issue that knows {how.min_days} days and more values than members, "
            f"got number {issue} of {len(known)}."
        )
    return fitted


def _fitted(
    day: np.ndarray, x: np.ndarray, actual: np.ndarray, end: int, how: Regression
) -> np.ndarray | None:
    """Return the coefficients of the issues before `end`, none if they hold too few rows."""
    past = (day >= end - how.window_days) & (day < end)
    past &= np.isfinite(x).all(axis=1) & np.isfinite(actual)
    if past.sum() <= x.shape[1]:
        return None
    return quantile_regression(x[past], actual[past], QUANTILES)


def quantile_regression(x: np.ndarray, y: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return the coefficients that minimise the pinball loss, level by level.

    Parameters
    ----------
    x : numpy.ndarray, shape (rows, inputs)
    y : numpy.ndarray, shape (rows,)
    levels : sequence of float
        Each between 0 and 1.

    Returns
    -------
    numpy.ndarray, shape (levels, 1 + inputs)
        Intercept first. Where several solutions are equally good, one of them.

    Raises
    ------
    DataError
        If a value is not finite, or there are not more rows than inputs.

    Notes
    -----
    The dual of the linear programme has one bounded variable per row and one equation per
    coefficient: maximise y'a with 0 <= a <= 1 and X'a = (1 - level) X'1. The coefficients
    are the multipliers of the equations. Inputs are standardised first, for the solver's
    tolerances mean the same in any unit.

    References
    ----------
    Koenker, Bassett, Regression quantiles (1978), doi:10.2307/1913643.
    """
    from scipy.optimize import linprog

    if not (np.isfinite(x).all() and np.isfinite(y).all()) or len(y) <= x.shape[1]:
        raise DataError(
            f"A quantile regression needs finite values and more rows than inputs, got "
            f"{len(y)} rows of {x.shape[1]} inputs."
        )
    middle, spread = x.mean(axis=0), _spread(x)
    centre, unit = y.mean(), _spread(y)
    design = np.column_stack([np.ones(len(x)), (x - middle) / spread])
    found = np.empty((len(levels), design.shape[1]))
    for row, level in enumerate(levels):
        total = (1 - level) * design.sum(axis=0)
        solved = linprog(
            -(y - centre) / unit, A_eq=design.T, b_eq=total, bounds=(0, 1), method="highs"
        )
        found[row] = -solved.eqlin.marginals * unit
    slopes = found[:, 1:] / spread
    return np.column_stack([found[:, 0] + centre - slopes @ middle, slopes])


def _spread(values: np.ndarray) -> np.ndarray:
    """Return the standard deviation, 1 where nothing varies."""
    spread = values.std(axis=0)
    return np.where(spread > 1e-12 * np.maximum(1.0, np.abs(values).max(axis=0)), spread, 1.0)
