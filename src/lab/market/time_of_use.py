"""The best blocks of a time-of-use tariff: where they begin and what they cost.

With demand that is linear in the price, the welfare lost in an hour against a price at cost is
half of the demand's slope times the square of their distance. So the best level of a block is the
mean cost of its hours, weighted with the slopes and kept within the bounds, and the best
boundaries split the 24 hours, which go round, into the blocks with the least weighted variance.
Dynamic programming over the boundaries, from each hour as the first one, finds it exactly.
Money is in the currency of the costs.

References
----------
Fisher, On grouping for maximum homogeneity, Journal of the American Statistical Association
(1958), doi:10.2307/2281952. Bellman, On the approximation of curves by line segments using
dynamic programming (1961), doi:10.1145/366573.366611. Celebi, Fuller, Time-of-use pricing in
electricity markets under different market structures (2012), doi:10.1109/TPWRS.2011.2180935.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lab.calendar import check_utc, in_zone
from lab.checks import each, finite, number, ordered, setting, whole, within
from lab.errors import DataError, UsageError
from lab.market.tariff import HOURS


@dataclass(frozen=True, eq=False)
class BestBlocks:
    """The tariff of one season.

    Attributes
    ----------
    starts : tuple of int
        Hours of the local day at which blocks begin, in order of the hour.
    levels_per_kwh : tuple of float
        Price from each start on.
    price_per_kwh : numpy.ndarray, shape (24,)
        By hour of the local day.
    loss : float
        Welfare lost against a price that is each interval's cost.
    """

    starts: tuple[int, ...]
    levels_per_kwh: tuple[float, ...]
    price_per_kwh: np.ndarray
    loss: float


@dataclass(frozen=True, eq=False)
class Response:
    """Demand that answers a price, and what it costs to serve it.

    Attributes
    ----------
    cost_per_kwh, demand_kwh : pandas.Series
        UTC index; demand at the base price.
    elasticity : float
        Of demand at the base price, below 0.
    base_per_kwh : float
    """

    cost_per_kwh: pd.Series
    demand_kwh: pd.Series
    elasticity: float
    base_per_kwh: float

    def __post_init__(self) -> None:
        setting(self.base_per_kwh, "base_per_kwh", 0, open_low=True)
        if not number(self.elasticity, "elasticity") < 0:
            raise UsageError(f"elasticity must be below 0, got {self.elasticity:g}.")
        check_utc(self.cost_per_kwh.index)
        if not self.cost_per_kwh.index.equals(self.demand_kwh.index):
            raise DataError("Cost and demand must have the same time stamps, got two indices.")
        finite(self.cost_per_kwh, "Costs [currency/kWh]")
        within(self.demand_kwh, "Demand [kWh]", 0)

    @property
    def slope(self) -> np.ndarray:
        """What demand falls by for each [kWh per]."""
        return -self.elasticity * self.demand_kwh.to_numpy() / self.base_per_kwh

    @property
    def end_per_kwh(self) -> float:
        """Price at which demand ends."""
        return self.base_per_kwh * (1 - 1 / self.elasticity)

    def outcome(self, price_per_kwh: Any) -> dict[str, float]:
        """Return what a price brings over all intervals, against the base price.

        Returns
        -------
        dict
            `loss` against a price at cost; `consumers`, what consumers gain against the
            base price; `margin`, revenue less cost; `energy_kwh`.

        Raises
        ------
        DataError
            If demand ended at a price, or there is neither one price nor one an interval.
        """
        price = each(price_per_kwh, "Prices [currency/kWh]", len(self.demand_kwh))
        cost, before = self.cost_per_kwh.to_numpy(), self.demand_kwh.to_numpy()
        away = price - self.base_per_kwh
        used = before - self.slope * away
        if (used < 0).any():
            raise DataError(f"Demand ends below the price {price[used < 0][0]:g}.")
        return {
            "loss": float((self.slope * (price - cost) ** 2).sum() / 2),
            "consumers": float(-(away * (before + used) / 2).sum()),
            "margin": float(((price - cost) * used).sum()),
            "energy_kwh": float(used.sum()),
        }


def best_blocks(
    response: Response,
    zone: str,
    blocks: int,
    *,
    bounds_per_kwh: tuple[float, float] = (0.05, 0.50),
    least_hours: int = 1,
) -> BestBlocks:
    """Return the blocks with the least welfare lost.

    Parameters
    ----------
    response : Response
        Past costs and demand.
    zone : str
        IANA zone of the clock that tariffs follow.
    blocks : int
        How many, 1 to 24; 1 is a flat price.
    bounds_per_kwh : tuple of float
    least_hours : int
        Shortest block.

    Returns
    -------
    BestBlocks

    Raises
    ------
    UsageError
        If so many blocks of that length do not fit into a day, bounds are reversed, or demand
        ends within the bounds: there the loss is no square, and another tariff may be better.
    DataError
        If an hour of the day has no demand at all.
    """
    bounds = ordered(*bounds_per_kwh, "Bounds of the price")
    if response.end_per_kwh < bounds[1]:
        raise UsageError(
            f"Demand must not end below the highest price of {bounds[1]:g}, but ends at "
            f"{response.end_per_kwh:.3g}; give a weaker elasticity than {response.elasticity:g} "
            "or a lower bound."
        )
    whole(blocks, "blocks")
    whole(least_hours, "least_hours")
    if not (1 <= blocks <= HOURS and least_hours >= 1 and blocks * least_hours <= HOURS):
        raise UsageError(
            f"1 to {HOURS} blocks of at least one hour must fit into a day, got {blocks} of "
            f"{least_hours} h."
        )
    sums = _sums(response, zone)
    levels, losses = _segments(sums, bounds)
    losses[:, : least_hours - 1] = np.inf
    found = [(*_split(losses, first, blocks), first) for first in range(HOURS)]
    loss, lengths, first = min(found, key=lambda one: (one[0], one[2]))
    starts = (first + np.concatenate([[0], np.cumsum(lengths)[:-1]])) % HOURS
    each = [float(levels[s, n - 1]) for s, n in zip(starts, lengths, strict=True)]
    price = np.empty(HOURS)
    for start, length, level in zip(starts, lengths, each, strict=True):
        price[(start + np.arange(length)) % HOURS] = level
    order = np.argsort(starts)
    return BestBlocks(
        tuple(int(starts[k]) for k in order), tuple(each[k] for k in order), price, float(loss)
    )


def apply_blocks(by_hour: np.ndarray, index: pd.DatetimeIndex, zone: str) -> np.ndarray:
    """Return the price of each time stamp, of 24 prices by hour of the local day.

    Raises
    ------
    DataError
        If there are not 24 finite prices.
    """
    return each(by_hour, "Prices by hour of the day", HOURS)[
        np.asarray(in_zone(check_utc(index), zone).hour)
    ]


def _sums(response: Response, zone: str) -> np.ndarray:
    """Return the sums of slope, slope x cost and slope x cost squared by hour, shape (3, 24)."""
    hour = np.asarray(in_zone(check_utc(response.demand_kwh.index), zone).hour)
    weight, cost = response.slope, response.cost_per_kwh.to_numpy()
    sums = [np.bincount(hour, weight * cost**k, HOURS) for k in range(3)]
    if (sums[0] <= 0).any():
        raise DataError(
            f"Every hour of the day needs demand above 0, got none at {np.argmin(sums[0])}:00."
        )
    return np.stack(sums)


def _segments(sums: np.ndarray, bounds: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return level and loss of the block from each hour on, of each length, both (24, 24)."""
    twice = np.concatenate([np.zeros((3, 1)), np.cumsum(np.tile(sums, 2), axis=1)], axis=1)
    start, length = np.arange(HOURS)[:, None], np.arange(1, HOURS + 1)[None, :]
    weight, first, second = twice[:, start + length] - twice[:, start]
    level = np.clip(first / weight, *bounds)
    return level, np.maximum(second - 2 * level * first + level**2 * weight, 0) / 2


def _split(losses: np.ndarray, first: int, blocks: int) -> tuple[float, list[int]]:
    """Return the least loss of a day that begins at an hour, and the lengths of its blocks."""
    best = np.full((blocks + 1, HOURS + 1), np.inf)
    best[0, 0] = 0.0
    came = np.zeros((blocks + 1, HOURS + 1), dtype=int)
    for block in range(1, blocks + 1):
        for end in range(block, HOURS + 1):
            start = np.arange(end)
            total = best[block - 1, :end] + losses[(first + start) % HOURS, end - start - 1]
            came[block, end] = np.argmin(total)
            best[block, end] = total[came[block, end]]
    lengths, end = [], HOURS
    for block in range(blocks, 0, -1):
        lengths.append(end - int(came[block, end]))
        end = int(came[block, end])
    return float(best[blocks, HOURS]), lengths[::-1]
