"""Seasonal ARIMA of what is left of a series, by state space, on hourly means.

Days of shorter steps are averaged to hours, which take a small fraction of the time; a
continuation is laid out on straight lines between the hours' middles. statsmodels gives
the likelihood and the Kalman filter; what is kept of a fit is its parameters, from which
the filter rebuilds the state at the end of any series.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.errors import UsageError
from lab.forecast.one_thread import one_thread

Order = tuple[int, int, int]
HOURS = 24
# Relative gain of likelihood, in units of rounding, below which the optimiser stops; change
# of the filter's covariance, in variances of an innovation, that counts as none.
ENOUGH, TOLERANCE = 1e10, 1e-6


@dataclass(frozen=True)
class Spec:
    """Orders (p, d, q) and, for a season of `period` steps, (P, D, Q).

    Raises
    ------
    UsageError
        If an order is not three whole numbers from 0.
    """

    order: Order
    seasonal_order: Order = (0, 0, 0)
    period: int = 24

    def __post_init__(self) -> None:
        for what, given in (("order", self.order), ("seasonal order", self.seasonal_order)):
            if len(given) != 3 or any(not 0 <= n == int(n) for n in given):
                raise UsageError(
                    f"The {what} of a SARIMA must be three whole numbers from 0, got {given}."
                )


def hours_of(slots: int) -> int:
    """Return how many values a day is averaged to: 24, or all where they do not fit hours."""
    return HOURS if slots % HOURS == 0 else slots


def hourly(days: np.ndarray) -> np.ndarray:
    """Return days, shape (days, slots), as means of hours, shape (days, hours)."""
    return np.asarray(days.reshape(len(days), hours_of(days.shape[1]), -1).mean(axis=2))


def smoothed(days: np.ndarray) -> np.ndarray:
    """Return days with every value replaced by its hour's mean, shape (days, slots)."""
    means = hourly(days)
    return np.repeat(means, days.shape[1] // means.shape[1], axis=1)


def fit(days: np.ndarray, spec: Spec) -> tuple[np.ndarray, float]:
    """Return parameters and innovation variance by maximum likelihood.

    Parameters
    ----------
    days : numpy.ndarray, shape (days, slots)
        NaN where missing.
    spec : Spec
        Its period is `hours_of` the slots.
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    model = _model(hourly(days).ravel(), spec)
    first = {"ar.L1": 0.7, f"ar.S.L{spec.period}": 0.9, f"ma.S.L{spec.period}": -0.7}
    start = [first.get(name, 0.0) for name in model.param_names]
    # Matrices this small are slower on two threads.
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = model.fit(start, disp=0, factr=ENOUGH, cov_type="none", low_memory=True)
    return np.asarray(found.params), float(found.scale)


def continued(
    days: np.ndarray, spec: Spec, params: np.ndarray, lead: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of the day that is `lead` days after the last.

    Parameters
    ----------
    days : numpy.ndarray, shape (days, slots)
    spec : Spec
    params : numpy.ndarray
    lead : int

    Returns
    -------
    mean, variance : numpy.ndarray, shape (slots,)
        The variance in variances of an innovation.
    """
    from statsmodels.tsa.statespace.kalman_filter import MEMORY_CONSERVE

    values = hourly(days).ravel()
    model = _model(values, spec)
    model.update(params)
    state = model.ssm.filter(conserve_memory=MEMORY_CONSERVE).predicted_state[:, -1]
    path, weights = _ahead(model, np.stack([state, model["selection"][:, 0]]), lead * spec.period)
    latest = values[-1] if np.isfinite(values[-1]) else path[0]
    lines = np.append(latest, path), np.append(0.0, np.cumsum(weights**2))
    mean, variance = (_laid(line, spec, days.shape[1]) for line in lines)
    return mean, variance


def _laid(path: np.ndarray, spec: Spec, slots: int) -> np.ndarray:
    """Return the last day of a path, which begins an hour before the issue, at its steps."""
    hour = (np.arange(slots) + 0.5) * spec.period / slots - 0.5
    return np.interp(len(path) - spec.period + hour, np.arange(len(path)), path)


def _ahead(model: Any, states: np.ndarray, steps: int) -> np.ndarray:
    """Return what is seen of states, shape (n, states), as they move on: (n, steps)."""
    move, seen = model["transition"].T, model["design"][0]
    found = np.empty((len(states), steps))
    for step in range(steps):
        found[:, step] = states @ seen
        states = states @ move
    return found


def _model(values: np.ndarray, spec: Spec) -> Any:
    """Return statsmodels' state space form."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    seasonal = (*spec.seasonal_order, spec.period if any(spec.seasonal_order) else 0)
    model = SARIMAX(values, order=spec.order, seasonal_order=seasonal, concentrate_scale=True)
    model.ssm.tolerance = TOLERANCE
    return model
