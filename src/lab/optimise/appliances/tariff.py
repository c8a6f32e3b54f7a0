"""What a kWh costs: day-ahead prices of a market by UTC hour, and the tariff of a household."""

import pandas as pd

from lab.calendar import market24_to_utc
from lab.errors import DataError

COLUMNS = ("delivery_date", "hour", "price_eur_per_mwh")


def hourly_prices(table: pd.DataFrame, zone: str) -> tuple[pd.Series, int]:
    """Return day-ahead prices of a `market24` table by UTC hour, and how many are held over.

    Parameters
    ----------
    table : pandas.DataFrame
        `delivery_date`, `hour`, `price_eur_per_mwh` of one market.
    zone : str
        Its zone. The hour that spring skips is dropped; the hour that comes twice in autumn
        keeps its price the second time.

    Returns
    -------
    pandas.Series
        `price_per_kwh` [EUR/kWh], without a gap.
    int
        Hours whose price is held over.

    Raises
    ------
    DataError
        When a column is missing, or more than one hour in a thousand has no price.
    """
    if missing := [name for name in COLUMNS if name not in table]:
        raise DataError(f"A table of market prices needs the column {missing[0]}.")
    stamps = market24_to_utc(table["delivery_date"], table["hour"], zone)
    known = ~stamps.isna()
    price = pd.Series(table["price_eur_per_mwh"].to_numpy(float)[known] / 1000, stamps[known])
    every = pd.date_range(price.index[0], price.index[-1], freq="h", name="time")
    if len(gone := every[~every.isin(price.index)]) > len(price) / 1000:
        raise DataError(f"{len(gone)} hours have no price, the first at {gone[0]}.")
    return price.reindex(every).ffill().rename("price_per_kwh"), len(gone)


def retail(price: pd.Series, fee_per_kwh: float, tax_share: float) -> pd.Series:
    """Return what a household pays: energy, then network and levies, then tax on all of it.

    A scaled and shifted price leaves the best schedule as it is, wherever all energy is needed;
    the saving in percent is smaller, for the fee is paid at any hour.
    """
    return (price + fee_per_kwh) * (1 + tax_share)
