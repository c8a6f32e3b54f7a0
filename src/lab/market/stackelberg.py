"""A retailer who sets prices first, and consumers who answer: the Stackelberg game.

A consumer uses d kWh in an hour, d0 at the base price, with a utility whose slope falls in a line:
alone, an hour's demand changes by elasticity x (price / base - 1). Besides, a consumer wants the
same energy over the day: a share `shift` of what the mean price would save is made up in other
hours. The best answer is then linear in prices, change = -b (r - shift x mean of r), with r the
distance of prices from the base, b = -elasticity d0 / base and the mean weighted with b.

The retailer knows that and maximises revenue less cost, a concave parabola in 24 prices, within
bounds on each price and a cap on their mean (weighted with the demand at the base price), without
which a monopoly would go to the upper bound. Prices are an equilibrium if no consumer has a better
answer and the retailer no better prices.

References
----------
von Stackelberg, Marktform und Gleichgewicht (1934). Yang, Tang, Nehorai, A game-theoretic approach
for optimal time-of-use electricity pricing, IEEE Transactions on Power Systems (2013),
doi:10.1109/TPWRS.2012.2207134. Maharjan et al., Dependable demand response management in the smart
grid: a Stackelberg game approach, IEEE Transactions on Smart Grid (2013),
doi:10.1109/TSG.2012.2223766.
"""

from dataclasses import dataclass

import numpy as np

from lab.checks import finite, ordered, setting, within
from lab.errors import DataError, SolveError, UsageError
from lab.market.convex import solve_convex


@dataclass(frozen=True, eq=False)
class Consumers:
    """Followers.

    Attributes
    ----------
    demand_kwh : numpy.ndarray, shape (consumers, hours)
        At the base price, above 0.
    elasticity : numpy.ndarray, shape (consumers,)
        Below 0.
    base_usd_per_kwh : float
    shift : float
        Share of what is saved that is made up in other hours, 0 to below 1.
    """

    demand_kwh: np.ndarray
    elasticity: np.ndarray
    base_usd_per_kwh: float
    shift: float = 0.0

    def __post_init__(self) -> None:
        demand = within(self.demand_kwh, "Demand [kWh]", 0, open_low=True)
        elasticity = finite(self.elasticity, "Elasticities", "consumer")
        if demand.ndim != 2 or elasticity.shape != demand.shape[:1] or not demand.size:
            raise DataError(
                "Consumers need hours of demand and one elasticity each, got the shapes "
                f"{demand.shape} and {elasticity.shape}."
            )
        if (elasticity >= 0).any():
            who = int(np.argmax(elasticity >= 0))
            raise UsageError(
                f"Elasticities must be below 0, got {elasticity[who]:g} of consumer {who}."
            )
        setting(self.base_usd_per_kwh, "base_usd_per_kwh", 0, open_low=True)
        setting(self.shift, "shift", 0, 1 - 1e-9)
        object.__setattr__(self, "demand_kwh", demand)
        object.__setattr__(self, "elasticity", elasticity)

    @property
    def slope(self) -> np.ndarray:
        """What demand falls by for each USD/kWh of its own hour, shape (consumers, hours)."""
        return -self.elasticity[:, None] * self.demand_kwh / self.base_usd_per_kwh

    @property
    def response(self) -> np.ndarray:
        """What total demand of an hour falls by for each USD/kWh of another, (hours, hours)."""
        slope = self.slope
        shared = self.shift / slope.sum(axis=1)
        return np.diag(slope.sum(axis=0)) - (slope * shared[:, None]).T @ slope

    def answer(self, price_usd_per_kwh: np.ndarray) -> np.ndarray:
        """Return each consumer's best demand [kWh], by the formula."""
        away = np.asarray(price_usd_per_kwh) - self.base_usd_per_kwh
        slope = self.slope
        mean = (slope @ away) / slope.sum(axis=1)
        return self.demand_kwh - slope * (away[None, :] - self.shift * mean[:, None])

    def utility_usd(self, demand_kwh: np.ndarray, price_usd_per_kwh: np.ndarray) -> np.ndarray:
        """Return what demands are worth less what they cost, each consumer."""
        slope, change = self.slope, demand_kwh - self.demand_kwh
        stiff = self.shift / (1 - self.shift) / slope.sum(axis=1)
        own = self.base_usd_per_kwh * demand_kwh - change**2 / (2 * slope)
        kept = stiff * change.sum(axis=1) ** 2 / 2
        return own.sum(axis=1) - kept - demand_kwh @ np.asarray(price_usd_per_kwh)


@dataclass(frozen=True)
class Limits:
    """What the retailer may ask.

    Attributes
    ----------
    low_usd_per_kwh, high_usd_per_kwh : float
        Bounds on each price.
    mean_usd_per_kwh : float
        Cap on the mean, weighted with the demand at the base price.
    """

    low_usd_per_kwh: float = 0.05
    high_usd_per_kwh: float = 0.50
    mean_usd_per_kwh: float = 0.15

    def __post_init__(self) -> None:
        low, high = ordered(self.low_usd_per_kwh, self.high_usd_per_kwh, "Bounds of the price")
        setting(self.mean_usd_per_kwh, "mean_usd_per_kwh", low, high)


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Prices of the retailer and answers of the consumers.

    Attributes
    ----------
    price_usd_per_kwh : numpy.ndarray, shape (hours,)
    demand_kwh : numpy.ndarray, shape (consumers, hours)
    profit_usd : float
        Revenue less cost.
    utility_usd : numpy.ndarray, shape (consumers,)
        What demand is worth less what it costs, up to a constant of each consumer.
    """

    price_usd_per_kwh: np.ndarray
    demand_kwh: np.ndarray
    profit_usd: float
    utility_usd: np.ndarray


def equilibrium(consumers: Consumers, cost_usd_per_kwh: np.ndarray, limits: Limits) -> Equilibrium:
    """Return the Stackelberg equilibrium.

    Parameters
    ----------
    consumers : Consumers
    cost_usd_per_kwh : numpy.ndarray, shape (hours,)
    limits : Limits

    Raises
    ------
    DataError
        If costs are missing or not one an hour.
    SolveError
        If the prices cannot be found, or a consumer's demand would end within the bounds.
    """
    import cvxpy as cp

    cost = _costs(consumers, cost_usd_per_kwh)
    before, response = consumers.demand_kwh.sum(axis=0), consumers.response
    away = cp.Variable(len(cost))
    margin = consumers.base_usd_per_kwh - cost
    # (base + away - cost) (before - response away), with the square put apart.
    profit = (before - response @ margin) @ away - cp.quad_form(away, cp.psd_wrap(response))
    each = [
        away >= limits.low_usd_per_kwh - consumers.base_usd_per_kwh,
        away <= limits.high_usd_per_kwh - consumers.base_usd_per_kwh,
    ]
    mean_below_cap = before @ away <= before.sum() * (
        limits.mean_usd_per_kwh - consumers.base_usd_per_kwh
    )
    solve_convex(cp.Problem(cp.Maximize(profit), [*each, mean_below_cap]), "The retailer's price")
    price = np.asarray(away.value) + consumers.base_usd_per_kwh
    price = np.clip(price, limits.low_usd_per_kwh, limits.high_usd_per_kwh)
    return played(consumers, cost, price)


def played(consumers: Consumers, cost_usd_per_kwh: np.ndarray, price: np.ndarray) -> Equilibrium:
    """Return what any prices lead to, once consumers answer.

    Raises
    ------
    SolveError
        If a consumer's demand would end: the answer is no longer linear then.
    DataError
        If a price is no number.
    """
    cost = _costs(consumers, cost_usd_per_kwh)
    demand = consumers.answer(finite(price, "Prices [USD/kWh]", "hour"))
    if (demand < 0).any():
        who, hour = np.argwhere(demand < 0)[0]
        raise SolveError(
            f"The demand of consumer {who} ends in hour {hour} at {price[hour]:g} USD/kWh; lower "
            "the highest price or the elasticity."
        )
    profit = float((price - cost) @ demand.sum(axis=0))
    return Equilibrium(price, demand, profit, consumers.utility_usd(demand, price))


def follower_gains(consumers: Consumers, found: Equilibrium, seed: int) -> np.ndarray:
    """Return what each consumer could gain by another answer, searched numerically [USD].

    Each search starts from a random demand and knows the utility alone.
    """
    from scipy.optimize import minimize

    draw = np.random.default_rng(seed)
    gains = []
    for who in range(len(consumers.elasticity)):
        one = Consumers(
            consumers.demand_kwh[who : who + 1],
            consumers.elasticity[who : who + 1],
            consumers.base_usd_per_kwh,
            consumers.shift,
        )
        scale = float(one.demand_kwh.mean())

        def loss(demand: np.ndarray, one: Consumers = one, scale: float = scale) -> float:
            return -float(one.utility_usd(demand[None, :] * scale, found.price_usd_per_kwh)[0])

        start = one.demand_kwh[0] / scale * draw.uniform(0.2, 1.8, one.demand_kwh.shape[1])
        best = minimize(loss, start, bounds=[(0, None)] * len(start), tol=1e-15)
        gains.append(-best.fun - found.utility_usd[who])
    return np.array(gains)


def leader_gain(
    consumers: Consumers, cost_usd_per_kwh: np.ndarray, limits: Limits, found: Equilibrium
) -> float:
    """Return the most that the retailer could gain by other prices on a grid [USD].

    One price moves by up to its bounds, alone or with another that gives back what the cap on
    the mean asks; consumers answer. Prices that break a limit do not count.
    """
    cost = _costs(consumers, cost_usd_per_kwh)
    before = consumers.demand_kwh.sum(axis=0)
    span = limits.high_usd_per_kwh - limits.low_usd_per_kwh
    steps = np.concatenate([span * 0.5 ** np.arange(0, 18, 2), -span * 0.5 ** np.arange(0, 18, 2)])
    best, hours = 0.0, len(cost)
    for hour in range(hours):
        moves = np.zeros((hours + 1, len(steps), hours))
        moves[:, :, hour] = steps
        others = np.arange(hours)[np.arange(hours) != hour]
        moves[others, :, others] = -steps * before[hour] / before[others, None]
        prices = found.price_usd_per_kwh + moves.reshape(-1, hours)
        best = max(best, _best_profit(consumers, cost, limits, prices) - found.profit_usd)
    return best


def _best_profit(
    consumers: Consumers, cost: np.ndarray, limits: Limits, prices: np.ndarray
) -> float:
    """Return the highest profit among prices that keep the limits, shape (tries, hours)."""
    before = consumers.demand_kwh.sum(axis=0)
    slack = 1e-12
    keeps = (prices >= limits.low_usd_per_kwh - slack).all(axis=1)
    keeps &= (prices <= limits.high_usd_per_kwh + slack).all(axis=1)
    keeps &= prices @ before <= limits.mean_usd_per_kwh * before.sum() * (1 + slack)
    tried = prices[keeps]
    demand = before - (tried - consumers.base_usd_per_kwh) @ consumers.response.T
    return float(((tried - cost) * demand).sum(axis=1).max(initial=-np.inf))


def _costs(consumers: Consumers, cost_usd_per_kwh: np.ndarray) -> np.ndarray:
    """Return costs, one for each hour of the consumers."""
    cost = finite(cost_usd_per_kwh, "Costs [USD/kWh]", "hour")
    if cost.shape != consumers.demand_kwh.shape[1:]:
        raise DataError(
            f"Costs must be one for each of {consumers.demand_kwh.shape[1]} hours, got {cost.size}."
        )
    return cost
