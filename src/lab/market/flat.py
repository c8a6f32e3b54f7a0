"""The one price that is best for all intervals: what a price that moves must be better than."""

import numpy as np

from lab.errors import SolveError
from lab.market.dynamic import Forecasts, PriceRule, parabola


def best_flat_price(forecasts: Forecasts, rule: PriceRule) -> float:
    """Return the price that is best if all intervals have the same one [USD/kWh].

    The objective of each interval is a parabola in the price, and so is their mean; its top within
    the bounds is the answer.

    Parameters
    ----------
    forecasts : Forecasts
    rule : PriceRule

    Raises
    ------
    SolveError
        If the mean is no parabola that opens downwards.

    Examples
    --------
    >>> alike = Forecasts([100.0, 100.0], [150.0, 150.0], 0.0)
    >>> round(best_flat_price(alike, PriceRule()), 3)
    0.282
    """
    linear, square = (float(np.mean(part)) for part in parabola(forecasts, rule))
    if square >= 0:
        raise SolveError(
            "One price for all intervals is no convex problem: the consumer surplus outweighs the "
            "other terms; give it a smaller weight."
        )
    best = -linear / (2 * square) * rule.base_usd_per_kwh
    return float(np.clip(best, rule.low_usd_per_kwh, rule.high_usd_per_kwh))
