"""The price of an interval that is best for consumers, producers and stability together.

Demand is linear in the price around a forecast: D(p) = D0 (1 + elasticity (p / base - 1)). Offers
come in merit order: the S-th kW costs the base price, S being the supply forecast, and costs rise
in proportion to the supply elasticity; congestion multiplies them. Three terms are added:

- consumer surplus: what demand is worth above what it pays, the triangle below the demand line,
- producer surplus: what is paid above what the offers cost that serve the demand,
- stability: 1 less the square of (demand - supply) / (demand + supply at the base price).

Each term is divided by its value at the base price, so that at the base price the sum of three
weights comes out. The producer surplus may be near 0 or below there, when power is scarce: it is
divided by its amount, and by no less than a share of the revenue (`LEAST_SHARE`).

The sum is a parabola in the price. Its highest point within the bounds is the closed form; it
holds for linear demand that does not end within the bounds, and while the parabola opens
downwards, which equal weights of both surpluses ensure. Otherwise the price is refused.

References
----------
Schweppe et al., Spot Pricing of Electricity (1988), doi:10.1007/978-1-4613-1683-1. Borenstein,
The long-run efficiency of real-time electricity pricing, The Energy Journal (2005),
doi:10.5547/ISSN0195-6574-EJ-Vol26-No3-5.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lab.checks import each, number, ordered, setting, within
from lab.errors import DataError, SolveError, UsageError
from lab.market.tariff import congestion_multiplier

TERMS = ("consumer_surplus", "producer_surplus", "stability")
LEAST_SHARE = 0.1
# The check looks at as many other prices, and allows this much of the objective.
GRID, TOLERANCE = 41, 1e-9


@dataclass(frozen=True)
class PriceRule:
    """What the price is to be best for.

    Attributes
    ----------
    weights : tuple of float
        Of consumer surplus, producer surplus and stability.
    base_usd_per_kwh, low_usd_per_kwh, high_usd_per_kwh : float
        The price that forecasts assume, and the bounds.
    elasticity : float
        Of demand at the base price, below 0 and so weak that demand does not end at the highest
        price.
    supply_elasticity : float
        Of offers at the base price, at least 1: then no offer is below 0.
    """

    weights: tuple[float, float, float] = (0.4, 0.4, 0.2)
    base_usd_per_kwh: float = 0.15
    low_usd_per_kwh: float = 0.05
    high_usd_per_kwh: float = 0.50
    elasticity: float = -0.3
    supply_elasticity: float = 1.0

    def __post_init__(self) -> None:
        given = np.ravel(np.array(self.weights, dtype=object))
        weights = tuple(setting(one, "Each of the weights", 0) for one in given)
        if len(weights) != len(TERMS) or not sum(weights) > 0:
            raise UsageError(f"weights must be three of at least 0, one above, got {weights}.")
        object.__setattr__(self, "weights", weights)
        low, high = ordered(self.low_usd_per_kwh, self.high_usd_per_kwh, "Bounds of the price")
        setting(low, "low_usd_per_kwh", 0)
        setting(self.base_usd_per_kwh, "base_usd_per_kwh", low, high, open_low=True)
        setting(self.supply_elasticity, "supply_elasticity", 1)
        least = (
            -self.base_usd_per_kwh / (high - self.base_usd_per_kwh)
            if high > self.base_usd_per_kwh
            else -np.inf
        )
        if not least <= number(self.elasticity, "elasticity") < 0:
            raise UsageError(
                f"elasticity must lie from {least:.3g} to below 0 (demand falls as the price rises "
                f"and does not end below {high:g} USD/kWh), got {self.elasticity:g}."
            )

    def demand_kw(self, demand_kw: Any, price_usd_per_kwh: Any) -> np.ndarray:
        """Return demand at a price, of a forecast at the base price [kW]."""
        away = np.asarray(price_usd_per_kwh) / self.base_usd_per_kwh - 1
        return np.asarray(demand_kw) * (1 + self.elasticity * away)

    def supply_kw(self, demand_kw: Any, cost_usd_per_kwh: Any) -> np.ndarray:
        """Return the supply forecast under which the last kW of a demand has a given cost.

        Parameters
        ----------
        demand_kw : array-like
        cost_usd_per_kwh : array-like
            Positive; with a supply elasticity above 1, above the cost of the first kW.

        Raises
        ------
        DataError
            If a cost is not above that.
        """
        first = self.base_usd_per_kwh * (1 - 1 / self.supply_elasticity)
        cost = within(cost_usd_per_kwh, "Costs [USD/kWh]", first, open_low=True)
        away = self.supply_elasticity * (cost / self.base_usd_per_kwh - 1)
        return np.asarray(demand_kw) / (1 + away)


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What is expected of the intervals that are priced, shape (intervals,) each.

    Attributes
    ----------
    demand_kw : numpy.ndarray
        Demand at the base price, positive.
    supply_kw : numpy.ndarray
        What producers give at the base price, positive.
    congestion : numpy.ndarray
        Level from 0 to 1; one number stands for all intervals.

    Raises
    ------
    DataError
        Naming the first value that is missing or out of range, or if numbers differ.
    """

    demand_kw: np.ndarray
    supply_kw: np.ndarray
    congestion: np.ndarray

    def __post_init__(self) -> None:
        demand = np.atleast_1d(within(self.demand_kw, "Demand forecasts [kW]", 0, open_low=True))
        supply = np.atleast_1d(within(self.supply_kw, "Supply forecasts [kW]", 0, open_low=True))
        level = np.atleast_1d(within(self.congestion, "Congestion levels", 0, 1))
        if not demand.size:
            raise DataError("Forecasts must tell at least one interval, got none.")
        if demand.shape != supply.shape or level.size not in (1, demand.size):
            raise DataError(
                "Forecasts must be as many for demand, supply and congestion, got "
                f"{demand.size}, {supply.size} and {level.size}."
            )
        object.__setattr__(self, "demand_kw", demand)
        object.__setattr__(self, "supply_kw", supply)
        object.__setattr__(self, "congestion", np.broadcast_to(level, demand.shape))


@dataclass(frozen=True, eq=False)
class DynamicPrice:
    """Prices, what they consist of and what they were found from; checked.

    Attributes
    ----------
    price_usd_per_kwh : numpy.ndarray, shape (intervals,)
    components : dict of numpy.ndarray
        For each term of `TERMS` the arrays `<term>` (surpluses in USD per hour, stability 0 to
        1), `<term>_base` (at the base price) and `<term>_scaled` (divided by that).
    objective : numpy.ndarray
        Weighted sum of the scaled terms; the sum of weights is what the base price gives.
    demand_kw : numpy.ndarray
        Demand at the price.
    forecasts : Forecasts
        With the congestion level.
    bound : numpy.ndarray of str
        `inside`, or the bound that holds the price: `low` or `high`.
    rule : PriceRule
    """

    price_usd_per_kwh: np.ndarray
    components: dict[str, np.ndarray]
    objective: np.ndarray
    demand_kw: np.ndarray
    forecasts: Forecasts
    bound: np.ndarray
    rule: PriceRule

    def columns(self) -> dict[str, np.ndarray]:
        """Return everything by interval."""
        return {
            "price_usd_per_kwh": self.price_usd_per_kwh,
            "demand_forecast_kw": self.forecasts.demand_kw,
            "supply_forecast_kw": self.forecasts.supply_kw,
            "congestion": self.forecasts.congestion,
            "demand_kw": self.demand_kw,
            "objective": self.objective,
            "bound": self.bound,
        } | self.components

    def table(self, index: pd.Index | None = None) -> pd.DataFrame:
        """Return everything by interval, as a table."""
        return pd.DataFrame(self.columns(), index)


def dynamic_price(forecasts: Forecasts, rule: PriceRule) -> DynamicPrice:
    """Return the best price of each interval, in closed form.

    Parameters
    ----------
    forecasts : Forecasts
    rule : PriceRule

    Returns
    -------
    DynamicPrice

    Raises
    ------
    SolveError
        If the weighted sum of an interval is no parabola that opens downwards, or another price
        turns out better in the check.

    Examples
    --------
    >>> found = dynamic_price(Forecasts([100.0, 100.0], [150.0, 60.0], 0.0), PriceRule())
    >>> found.price_usd_per_kwh.round(3).tolist(), found.bound.tolist()
    ([0.282, 0.379], ['inside', 'inside'])
    """
    linear, square = parabola(forecasts, rule)
    upwards = square >= 0
    if upwards.any():
        raise SolveError(
            f"The price at position {int(np.argmax(upwards))} is no convex problem: the consumer "
            "surplus outweighs the other terms; give it a smaller weight."
        )
    best = -linear / (2 * square) * rule.base_usd_per_kwh
    return priced(np.clip(best, rule.low_usd_per_kwh, rule.high_usd_per_kwh), forecasts, rule)


def priced(price_usd_per_kwh: Any, forecasts: Forecasts, rule: PriceRule) -> DynamicPrice:
    """Return the answer that holds a price already found, after the check that none is better."""
    found = valued(price_usd_per_kwh, forecasts, rule)
    check_price(found)
    return found


def valued(price_usd_per_kwh: Any, forecasts: Forecasts, rule: PriceRule) -> DynamicPrice:
    """Return what any price gives: components and objective, best or not."""
    price = each(price_usd_per_kwh, "Prices [USD/kWh]", len(forecasts.demand_kw))
    parts, base = (terms(p, forecasts, rule) for p in (price, rule.base_usd_per_kwh))
    unit = scales(forecasts, rule)
    columns: dict[str, np.ndarray] = {}
    for name in TERMS:
        columns[name], columns[f"{name}_base"] = parts[name], base[name]
        columns[f"{name}_scaled"] = parts[name] / unit[name]
    held = np.where(price <= rule.low_usd_per_kwh, "low", "inside")
    return DynamicPrice(
        price,
        columns,
        objective(price, forecasts, rule),
        rule.demand_kw(forecasts.demand_kw, price),
        forecasts,
        np.where(price >= rule.high_usd_per_kwh, "high", held),
        rule,
    )


def terms(price_usd_per_kwh: Any, forecasts: Forecasts, rule: PriceRule) -> dict[str, np.ndarray]:
    """Return the unscaled terms at a price: USD per hour, USD per hour, and 0 to 1."""
    base, supply = rule.base_usd_per_kwh, forecasts.supply_kw
    used = rule.demand_kw(forecasts.demand_kw, price_usd_per_kwh)
    last = base * (1 - 1 / rule.elasticity)  # the price at which demand ends
    away = (used - supply) / (forecasts.demand_kw + supply)
    return {
        "consumer_surplus": (last - np.asarray(price_usd_per_kwh)) * used / 2,
        "producer_surplus": np.asarray(price_usd_per_kwh) * used
        - cost_usd_per_h(used, forecasts, rule),
        "stability": 1 - away**2,
    }


def cost_usd_per_h(kw: np.ndarray, forecasts: Forecasts, rule: PriceRule) -> np.ndarray:
    """Return what the cheapest offers that serve a demand cost, with congestion."""
    first = 1 - 1 / rule.supply_elasticity
    rising = kw / (2 * rule.supply_elasticity * forecasts.supply_kw)
    crowded = congestion_multiplier(forecasts.congestion)
    return crowded * rule.base_usd_per_kwh * kw * (first + rising)


def scales(forecasts: Forecasts, rule: PriceRule) -> dict[str, np.ndarray]:
    """Return what each term is divided by: its value at the base price, see the module."""
    base = terms(rule.base_usd_per_kwh, forecasts, rule)
    revenue = rule.base_usd_per_kwh * forecasts.demand_kw
    least = LEAST_SHARE * revenue
    return base | {"producer_surplus": np.maximum(np.abs(base["producer_surplus"]), least)}


def objective(price_usd_per_kwh: Any, forecasts: Forecasts, rule: PriceRule) -> np.ndarray:
    """Return the weighted sum of the scaled terms at a price."""
    parts, unit = terms(price_usd_per_kwh, forecasts, rule), scales(forecasts, rule)
    weighted = zip(rule.weights, TERMS, strict=True)
    return np.sum([weight * parts[name] / unit[name] for weight, name in weighted], axis=0)


def parabola(forecasts: Forecasts, rule: PriceRule) -> tuple[np.ndarray, np.ndarray]:
    """Return the linear and the square coefficient of the objective in price / base price."""
    unit, steep = scales(forecasts, rule), -rule.elasticity
    demand, supply, base = forecasts.demand_kw, forecasts.supply_kw, rule.base_usd_per_kwh
    most, slope = demand * (1 + steep), demand * steep
    crowded = congestion_multiplier(forecasts.congestion)
    first = crowded * (1 - 1 / rule.supply_elasticity)
    rising = crowded / (2 * rule.supply_elasticity * supply)
    consumers, producers, stable = (
        weight / unit[name] for weight, name in zip(rule.weights, TERMS, strict=True)
    )
    consumers, producers = consumers * base / (2 * slope), producers * base
    stable = stable / (demand + supply) ** 2
    squared = consumers - producers * rising - stable  # what the square of demand counts
    linear = -2 * most * slope * squared + producers * (most + first * slope)
    linear = linear - 2 * stable * supply * slope
    return linear, slope**2 * squared - producers * slope


def check_price(found: DynamicPrice) -> None:
    """Check that prices keep their bounds and that no other price of a grid is better.

    Raises
    ------
    SolveError
        Naming the first interval that fails.
    """
    rule, price = found.rule, found.price_usd_per_kwh
    slack = 1e-9
    inside = (price >= rule.low_usd_per_kwh - slack) & (price <= rule.high_usd_per_kwh + slack)
    if not inside.all():
        raise SolveError(f"A price left its bounds: {price.min():g} to {price.max():g} USD/kWh.")
    grid = np.linspace(rule.low_usd_per_kwh, rule.high_usd_per_kwh, GRID)[:, None]
    tried = objective(grid, found.forecasts, rule)
    better = ~(tried.max(axis=0) <= found.objective + TOLERANCE)
    if better.any():
        where = int(np.argmax(better))
        raise SolveError(
            f"The price at position {where} is not the best: {grid[tried[:, where].argmax(), 0]:g} "
            "USD/kWh is better."
        )


def marginal_cost_pricing(forecasts: Forecasts, rule: PriceRule) -> np.ndarray:
    """Return the price at which the last kW of the demand costs what it pays, within the bounds.

    There the plain sum of both surpluses is largest; weights and scaling do not count.
    """
    crowded = congestion_multiplier(forecasts.congestion)
    rising = crowded * forecasts.demand_kw / (rule.supply_elasticity * forecasts.supply_kw)
    first = crowded * (1 - 1 / rule.supply_elasticity)
    best = (first + rising * (1 - rule.elasticity)) / (1 - rising * rule.elasticity)
    price = best * rule.base_usd_per_kwh
    return np.clip(price, rule.low_usd_per_kwh, rule.high_usd_per_kwh)
