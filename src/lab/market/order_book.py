"""Bids and offers of price and quantity: what an auction clears.

Quantities are counted in whole lots of a millionth of a watt-hour, so that sums are exact and
what is bought equals what is sold to the last lot.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import finite, within
from lab.errors import DataError

LOTS_PER_KWH = 1e9
# A book of more lots than this could overflow when they are added [lots].
MOST_LOTS = 2**61
# By how much checks of trades may be off, in quantity and in money.
TOLERANCE_KWH = TOLERANCE_USD = 1e-6
COLUMNS = ("side", "price_usd_per_kwh", "quantity_kwh")
SIDES = ("bid", "offer")


@dataclass(frozen=True, eq=False)
class OrderBook:
    """Orders of one hour, each side in the order of arrival.

    Prices may be negative, as prices of power are. A book of one side is a book without trade.

    Attributes
    ----------
    bid_usd_per_kwh, offer_usd_per_kwh : numpy.ndarray
        Most a buyer pays, least a seller asks [USD/kWh].
    bid_kwh, offer_kwh : numpy.ndarray
        Quantity, any part of which may be filled [kWh].

    Raises
    ------
    DataError
        If the book holds no order at all, a side has prices and quantities of different number, a
        price is not finite or a quantity is below one lot.
    """

    bid_usd_per_kwh: np.ndarray
    bid_kwh: np.ndarray
    offer_usd_per_kwh: np.ndarray
    offer_kwh: np.ndarray

    def __post_init__(self) -> None:
        for side in SIDES:
            self._check(side)
        if not len(self.bid_kwh) + len(self.offer_kwh):
            raise DataError("The order book is empty: it needs at least one bid or offer, got 0.")

    @classmethod
    def of(cls, orders: pd.DataFrame) -> "OrderBook":
        """Return the book of a table with the columns side, price_usd_per_kwh and quantity_kwh.

        Parameters
        ----------
        orders : pandas.DataFrame
            `side` is `bid` or `offer`; rows in the order of arrival.

        Raises
        ------
        DataError
            If a column is missing or a side unknown, and as the class says.

        Examples
        --------
        >>> rows = [("bid", 0.3, 2.0), ("offer", 0.1, 1.0)]
        >>> OrderBook.of(pd.DataFrame(rows, columns=list(COLUMNS))).bid_kwh.tolist()
        [2.0]
        """
        missing = [name for name in COLUMNS if name not in orders]
        if missing:
            raise DataError(
                f"An order book needs the columns {', '.join(COLUMNS)}, got no {missing[0]}."
            )
        unknown = orders[~orders["side"].isin(SIDES)]
        if len(unknown):
            raise DataError(
                f"The side of an order must be bid or offer, got {unknown['side'].iloc[0]!r} "
                f"in row {unknown.index[0]}."
            )
        parts = (orders[orders["side"] == side] for side in SIDES)
        return cls(*(part[name].to_numpy() for part in parts for name in COLUMNS[1:]))

    @property
    def bid_lots(self) -> np.ndarray:
        """Quantities of the bids [lots]."""
        return lots(self.bid_kwh)

    @property
    def offer_lots(self) -> np.ndarray:
        """Quantities of the offers [lots]."""
        return lots(self.offer_kwh)

    def _check(self, side: str) -> None:
        """Store a side as floats, or refuse it."""
        price = finite(getattr(self, f"{side}_usd_per_kwh"), f"Prices of {side}s", side)
        sizes, least = getattr(self, f"{side}_kwh"), 1 / LOTS_PER_KWH
        kwh = within(sizes, f"Quantities of {side}s [kWh]", least)
        if price.ndim != 1 or price.shape != kwh.shape:
            raise DataError(
                f"Each {side} needs one price and one quantity, got {price.size} prices and "
                f"{kwh.size} quantities."
            )
        lots_can_be_added(kwh, side)
        object.__setattr__(self, f"{side}_usd_per_kwh", price)
        object.__setattr__(self, f"{side}_kwh", kwh)


def lots_can_be_added(kwh: np.ndarray, side: str) -> None:
    """Refuse a side of a book, or of one book a row, whose lots would overflow when added.

    Raises
    ------
    DataError
        With the sum of the largest book.
    """
    total = float(np.max(kwh.sum(axis=-1), initial=0.0))
    if total * LOTS_PER_KWH > MOST_LOTS:
        raise DataError(
            f"The {side}s of a book must sum to at most {MOST_LOTS / LOTS_PER_KWH:.3g} kWh, "
            f"got {total:.3g} kWh."
        )


def lots(kwh: np.ndarray) -> np.ndarray:
    """Return a quantity as a whole number of lots.

    Examples
    --------
    >>> lots(np.array([0.1, 0.2, 0.3])).tolist()
    [100000000, 200000000, 300000000]
    """
    return np.rint(np.asarray(kwh) * LOTS_PER_KWH).astype(np.int64)
