"""The same prices by a solver that is told nothing but values of the objective."""

import numpy as np

from lab.errors import SolveError
from lab.market.convex import solve_convex
from lab.market.dynamic import DynamicPrice, Forecasts, PriceRule, objective, priced


def by_solver(forecasts: Forecasts, rule: PriceRule) -> DynamicPrice:
    """Return the best price of each interval from cvxpy.

    The objective is told at the bounds and in their middle; three points make a parabola, so no
    coefficient of the closed form enters.

    Raises
    ------
    SolveError
        If the problem is not convex or not solved.
    """
    import cvxpy as cp

    low, high = rule.low_usd_per_kwh, rule.high_usd_per_kwh
    left, middle, right = (objective(p, forecasts, rule) for p in (low, (low + high) / 2, high))
    # Position of the price within the bounds, from -1 to 1.
    place = cp.Variable(len(left), bounds=[-1, 1])
    bend, slope = (left + right) / 2 - middle, (right - left) / 2
    if (bend >= 0).any():
        raise SolveError("The price is no convex problem: its objective bends upwards.")
    welfare = cp.sum(cp.multiply(slope, place) - cp.multiply(-bend, cp.square(place)))
    solve_convex(cp.Problem(cp.Maximize(welfare)), "The best price")
    best = np.clip(np.asarray(place.value), -1, 1)
    return priced((low + high) / 2 + best * (high - low) / 2, forecasts, rule)
