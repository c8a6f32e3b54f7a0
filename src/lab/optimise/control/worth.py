"""What a stored kWh is worth, minute by minute: the yardstick of prices and rewards.

With a discount of 0.95 a minute an agent looks some twenty minutes ahead: energy that can be sold
in the evening is worth nothing to it. So what it stores is credited at a value, and what it
takes out is debited, and the price is told as the difference from that value. The value rests
on what is published and known; whatever it gets wrong, learning has to make good.

References
----------
Ng, Harada, Russell, Policy invariance under reward transformations (1999): shaping by a
potential. Here the potential is credited without discount, which lengthens the horizon on
purpose. Pereira, Pinto, Multi-stage stochastic optimization applied to energy planning (1991),
doi:10.1007/BF01582895: the value of stored energy as the future's summary.
"""

import numpy as np

from lab.optimise.control.dynamics import Limits
from lab.optimise.control.forecasts import BLOCKS, Reversion, middles
from lab.optimise.control.market import Market
from lab.optimise.control.planning import Plans, worth_in_plans


def fitted(market: Market) -> Reversion:
    """Return how deviations die away, at the lead times of a plan's blocks."""
    return Reversion.fit(market, middles())


def nothing(market: Market, levels: int) -> np.ndarray:
    """Return 0 for every step and charge level: energy that is stored counts when it is sold."""
    return np.zeros((len(market), levels))


def at_mean(market: Market, reversion: Reversion, of: Limits, levels: int) -> np.ndarray:
    """Return what energy earns at the mean price forecast of the coming day [USD/kWh].

    Parameters
    ----------
    market : Market
    reversion : Reversion
        As `fitted` makes it.
    of : Limits
    levels : int

    Returns
    -------
    numpy.ndarray, shape (steps, levels)
        Of a kWh held: less the loss of discharging.
    """
    mean = plans(market, reversion, of).end_worth
    return np.repeat(mean[:, None], levels, axis=1)


def in_plan(market: Market, reversion: Reversion, of: Limits, levels: int) -> np.ndarray:
    """Return the worth of one more kWh in the best plan on the forecasts [USD/kWh].

    Parameters and shape as of `at_mean`; a new plan every step, the mean over each charge level.
    What was found once for a market is kept with it, for agents are taught on it in many ways.
    """
    resting_on = reversion, of, levels
    if resting_on not in market.worths:
        market.worths[resting_on] = worth_in_plans(plans(market, reversion, of), of, levels)
    return np.array(market.worths[resting_on])


def plans(market: Market, reversion: Reversion, of: Limits, every: int = 1) -> Plans:
    """Return what plans of the coming day are made of; energy behind it is worth its mean price."""
    ahead = reversion.ahead(market)
    blocks = np.array(BLOCKS, float)
    mean = ahead @ (blocks / blocks.sum()) * of.discharge_efficiency
    return Plans(ahead, blocks, mean, every)
