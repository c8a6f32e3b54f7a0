"""What the simulated real-time market says, minute by minute, of a retailer's next five minutes.

Everything here is simulated: prices by `lab.simulate.prices`, demand in proportion to the net load
that the simulation expects.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import one_of, setting
from lab.errors import DataError
from lab.simulate.prices import CAP, FIRST, REGIONS, Hidden

REFERENCE = "north"
# Sun and wind may cover the simulated load; someone always uses a little [of the peak].
LEAST_LOAD = 0.05


@dataclass(frozen=True, eq=False)
class Market:
    """Simulated prices and expected demand of a region, one row a minute (UTC).

    Attributes
    ----------
    cost_usd_per_kwh : pandas.Series
        Real-time price of the region of reference and what delivery costs.
    day_ahead_usd_per_kwh : pandas.Series
        The same at the day-ahead level, known the day before.
    congestion : pandas.Series
        0 to 1: how far the region's price lies from that of the region of reference.
    demand_kw : pandas.Series
        Expected at the base price.
    """

    cost_usd_per_kwh: pd.Series
    day_ahead_usd_per_kwh: pd.Series
    congestion: pd.Series
    demand_kw: pd.Series

    def part(self, first: pd.Timestamp, last: pd.Timestamp) -> "Market":
        """Return the minutes from one time up to another, the last left out."""
        index = self.demand_kw.index
        inside = np.asarray((index >= first) & (index < last))
        if not inside.any():
            raise DataError(f"The simulation holds no minute from {first} to {last}.")
        return Market(*(getattr(self, name)[inside] for name in self.__dataclass_fields__))


def simulated_market(
    days: int,
    seed: int,
    *,
    region: str,
    delivery_usd_per_kwh: float,
    least_cost_usd_per_kwh: float,
    full_usd_per_mwh: float,
    peak_kw: float,
    first: str = FIRST,
) -> Market:
    """Simulate a market.

    Parameters
    ----------
    days, seed
        As in `lab.simulate.prices.real_time_prices`.
    region : str
        Whose congestion counts.
    delivery_usd_per_kwh : float
        Added to the wholesale price.
    least_cost_usd_per_kwh : float
        A kWh is not taken to cost less, whatever the wholesale price.
    full_usd_per_mwh : float
        Difference of prices at which the line counts as full.
    peak_kw : float
        Demand when the simulated net load is at the year's peak.
    first : ISO string
        First local day.

    Returns
    -------
    Market

    Raises
    ------
    UsageError
        If the region is unknown, or a number is out of range.
    """
    setting(full_usd_per_mwh, "full_usd_per_mwh", 0, open_low=True)
    setting(peak_kw, "peak_kw", 0, open_low=True)
    one_of(region, REGIONS, "region")
    hidden = Hidden.of(first, days, seed)
    now, ahead = hidden.prices(0), hidden.day_ahead()
    floor = -delivery_usd_per_kwh + least_cost_usd_per_kwh
    apart = np.abs(now[region] - now[REFERENCE]) / full_usd_per_mwh

    def minutes(values: np.ndarray) -> pd.Series:
        return pd.Series(values, hidden.clock.index)

    cost, level = (
        minutes(np.clip(price[REFERENCE] / 1000, floor, CAP / 1000) + delivery_usd_per_kwh)
        for price in (now, ahead)
    )
    demand = np.maximum(hidden.expected, LEAST_LOAD) * peak_kw
    return Market(cost, level, minutes(np.minimum(apart, 1)), minutes(demand))
