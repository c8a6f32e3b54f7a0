"""Prices that are solved anew every few minutes, from what was known by then."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import whole
from lab.errors import UsageError
from lab.market.dynamic import TERMS, DynamicPrice, Forecasts, PriceRule, dynamic_price, valued
from lab.market.simulated_day import Market

MINUTES_PER_H = 60


@dataclass(frozen=True, eq=False)
class Resolved:
    """Prices of consecutive intervals.

    Attributes
    ----------
    answers : list of DynamicPrice
        One for each solve.
    table : pandas.DataFrame
        What was forecast and asked, by the UTC start of the interval.
    """

    answers: list[DynamicPrice]
    table: pd.DataFrame


def resolve(market: Market, rule: PriceRule, every_s: int, seen_s: int) -> Resolved:
    """Solve for every interval of a market, one after the other.

    The cost and congestion of the next interval are forecast to be the mean of what was seen in
    the seconds before it; its first minute is not known yet. The very first interval has nothing
    before it and takes the day-ahead level.

    Parameters
    ----------
    market : Market
        One row a minute.
    rule : PriceRule
    every_s : int
        Length of an interval, whole minutes [s].
    seen_s : int
        How far back the mean reaches, whole minutes [s].

    Returns
    -------
    Resolved
    """
    step, back = _minutes(every_s, "every_s"), _minutes(seen_s, "seen_s")
    cost, level = market.cost_usd_per_kwh.to_numpy(), market.congestion.to_numpy()
    ahead, demand = market.day_ahead_usd_per_kwh.to_numpy(), market.demand_kw.to_numpy()
    answers = []
    for start in range(0, len(cost), step):
        known = slice(max(start - back, 0), start)
        expected = cost[known].mean() if start else ahead[0]
        crowded = level[known].mean() if start else 0.0
        load = demand[start : start + step].mean()
        forecasts = Forecasts(load, rule.supply_kw(load, expected), np.array(crowded))
        answers.append(dynamic_price(forecasts, rule))
    index = market.demand_kw.index[::step]
    return Resolved(answers, _joined(answers).set_axis(index))


def real(market: Market, rule: PriceRule, every_s: int) -> Forecasts:
    """Return what turned out for each interval: mean cost and congestion of its own minutes."""
    step = _minutes(every_s, "every_s")
    part = np.arange(len(market.demand_kw)) // step

    def mean(values: pd.Series) -> np.ndarray:
        return np.bincount(part, values.to_numpy()) / np.bincount(part)

    load = mean(market.demand_kw)
    return Forecasts(
        load, rule.supply_kw(load, mean(market.cost_usd_per_kwh)), mean(market.congestion)
    )


def settled(
    prices: dict[str, np.ndarray], came: Forecasts, rule: PriceRule, every_s: int
) -> pd.DataFrame:
    """Settle prices on what turned out.

    Returns
    -------
    pandas.DataFrame
        One row for each way: mean objective (`objective`), its scaled terms, and unscaled sums:
        surpluses in USD, stability as the mean, mean price weighted with demand, energy.
    """
    hours = _minutes(every_s, "every_s") / MINUTES_PER_H
    rows = {}
    for name, price in prices.items():
        found = valued(price, came, rule)
        parts = found.components
        rows[name] = {
            "objective": found.objective.mean(),
            **{f"{term}_scaled": parts[f"{term}_scaled"].mean() for term in TERMS},
            "consumer_surplus_usd": parts["consumer_surplus"].sum() * hours,
            "producer_surplus_usd": parts["producer_surplus"].sum() * hours,
            "stability": parts["stability"].mean(),
            "price_usd_per_kwh": np.average(found.price_usd_per_kwh, weights=found.demand_kw),
            "energy_kwh": found.demand_kw.sum() * hours,
        }
    return pd.DataFrame(rows).T


def _joined(answers: list[DynamicPrice]) -> pd.DataFrame:
    """Return the tables of many answers as one, without a frame for each."""
    parts = [one.columns() for one in answers]
    return pd.DataFrame({name: np.concatenate([one[name] for one in parts]) for name in parts[0]})


def _minutes(seconds: int, name: str) -> int:
    """Return whole minutes of a number of seconds."""
    if whole(seconds, name) < 60 or seconds % 60:
        raise UsageError(f"{name} must be whole minutes, at least 60 s, got {seconds}.")
    return int(seconds // 60)
