"""Seasonal ARIMA of one series by state space: parameters, continuation, variance.

statsmodels gives the likelihood and the Kalman filter; what is kept of a fit is its
parameters, from which the filter rebuilds the state at the end of any series.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.errors import UsageError

Order = tuple[int, int, int]
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


def fit(values: np.ndarray, spec: Spec) -> tuple[np.ndarray, float]:
    """Return parameters and innovation variance by maximum likelihood.

    Parameters
    ----------
    values : numpy.ndarray, shape (steps,)
        NaN where missing.
    spec : Spec
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    model = _model(values, spec)
    first = {
        "ar.L1": 0.7,
        f"ar.S.L{spec.period}": 0.9,
        f"ma.S.L{spec.period}": -0.7,
    }
    start = [first.get(name, 0.0) for name in model.param_names]
    # Matrices this small are slower on two threads.
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = model.fit(start, disp=0, factr=ENOUGH, cov_type="none", low_memory=True)
    return np.asarray(found.params), float(found.scale)


def ahead(values: np.ndarray, spec: Spec, params: np.ndarray, steps: int) -> np.ndarray:
    """Return the expected continuation of a series, shape (steps,).

    The filter starts from the stationary distribution and runs over all values.
    """
    from statsmodels.tsa.statespace.kalman_filter import MEMORY_CONSERVE

    model = _model(values, spec)
    model.update(params)
    state = model.ssm.filter(conserve_memory=MEMORY_CONSERVE).predicted_state[:, -1]
    move, seen = model["transition"], model["design"][0]
    found = np.empty(steps)
    for step in range(steps):
        found[step] = seen @ state
        state = move @ state
    return found


def variances(spec: Spec, params: np.ndarray, steps: int) -> np.ndarray:
    """Return the variance of a forecast 1 to `steps` ahead, in variances of an innovation."""
    model = _model(np.zeros(spec.period), spec)
    model.update(params)
    move, seen, shock = model["transition"], model["design"][0], model["selection"][:, 0]
    weights = np.empty(steps)
    for step in range(steps):
        weights[step] = seen @ shock
        shock = move @ shock
    return np.cumsum(weights**2)


def _model(values: np.ndarray, spec: Spec) -> Any:
    """Return statsmodels' state space form."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    seasonal = (*spec.seasonal_order, spec.period if any(spec.seasonal_order) else 0)
    model = SARIMAX(values, order=spec.order, seasonal_order=seasonal, concentrate_scale=True)
    model.ssm.tolerance = TOLERANCE
    return model
