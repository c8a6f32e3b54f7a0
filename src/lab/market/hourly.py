"""Many small double auctions at once: one book per hour, a row each."""

from dataclasses import dataclass

import numpy as np

from lab.checks import finite, within
from lab.errors import DataError
from lab.market.order_book import LOTS_PER_KWH, lots, lots_can_be_added


@dataclass(frozen=True, eq=False)
class HourlyClearing:
    """Result of one auction an hour.

    Attributes
    ----------
    low_usd_per_kwh, high_usd_per_kwh : numpy.ndarray, shape (hours,)
        Prices that clear the hour; NaN where nothing is traded.
    bid_filled_kwh, offer_filled_kwh : numpy.ndarray, shape (hours, orders)
    """

    low_usd_per_kwh: np.ndarray
    high_usd_per_kwh: np.ndarray
    bid_filled_kwh: np.ndarray
    offer_filled_kwh: np.ndarray

    def price(self, share: float = 0.5) -> np.ndarray:
        """Return the price at a share of each hour's interval."""
        return self.low_usd_per_kwh + share * (self.high_usd_per_kwh - self.low_usd_per_kwh)


def clear_hours(
    bid_usd_per_kwh: np.ndarray,
    bid_kwh: np.ndarray,
    offer_usd_per_kwh: np.ndarray,
    offer_kwh: np.ndarray,
) -> HourlyClearing:
    """Clear one book an hour by the rules of `lab.market.matching`, equals pro rata.

    Parameters
    ----------
    bid_usd_per_kwh, bid_kwh, offer_usd_per_kwh, offer_kwh : numpy.ndarray, shape (hours, orders)
        A quantity of 0 is no order.

    Returns
    -------
    HourlyClearing

    Raises
    ------
    DataError
        If a price is not finite, a quantity negative, the shapes differ, or a book holds more
        than can be counted in lots.
    """
    bid_price, bids = _orders("bid", bid_usd_per_kwh, bid_kwh)
    offer_price, offers = _orders("offer", offer_usd_per_kwh, offer_kwh)
    if len(bids) != len(offers):
        raise DataError(
            f"Bids and offers must be of the same hours, got {len(bids)} and {len(offers)}."
        )
    if not (bids.size and offers.size):
        none = np.full(len(bids), np.nan)
        return HourlyClearing(none, none.copy(), np.zeros_like(bids), np.zeros_like(offers))
    bid, offer = _side(-bid_price, bids), _side(offer_price, offers)
    volume = np.maximum(_reached(bid, offer), _reached(offer, bid))
    bought, bid_last, bid_next = _filled(bid, volume)
    sold, offer_last, offer_next = _filled(offer, volume)
    traded = volume > 0
    low = np.where(traded, np.maximum(offer_last, -bid_next), np.nan)
    high = np.where(traded, np.minimum(-bid_last, offer_next), np.nan)
    return HourlyClearing(low, high, bought, sold)


def _orders(side: str, usd_per_kwh: np.ndarray, kwh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return prices and quantities of one side as floats, or refuse them."""
    price, size = (
        finite(usd_per_kwh, f"Prices of {side}s"),
        within(kwh, f"Quantities of {side}s", 0),
    )
    if price.shape != size.shape or price.ndim != 2:
        raise DataError(
            f"Prices and quantities of {side}s must be hours by orders, got the shapes "
            f"{price.shape} and {size.shape}."
        )
    lots_can_be_added(size, side)
    return price, size


@dataclass(frozen=True, eq=False)
class _Side:
    """One side of all books: costs and lots as given, and from the best on."""

    cost: np.ndarray
    lots: np.ndarray
    ranked: np.ndarray
    upto: np.ndarray


def _side(cost: np.ndarray, kwh: np.ndarray) -> _Side:
    """Rank the orders of each hour; what is no order comes last and never trades."""
    count = lots(kwh)
    cost = np.where(count > 0, cost, np.inf)
    order = np.argsort(cost, axis=1, kind="stable")
    upto = np.cumsum(np.take_along_axis(count, order, axis=1), axis=1)
    return _Side(cost, count, np.take_along_axis(cost, order, axis=1), upto)


def _reached(one: _Side, other: _Side) -> np.ndarray:
    """Return the lots up to the last order of one side that trades as a whole, each hour."""
    at = (other.upto[:, None, :] < one.upto[:, :, None]).sum(axis=2)
    there = at < other.upto.shape[1]
    facing = np.take_along_axis(other.ranked, np.minimum(at, other.upto.shape[1] - 1), axis=1)
    good = there & (one.ranked + facing <= 0)
    return np.where(good, one.upto, 0).max(axis=1, initial=0)


def _filled(side: _Side, volume: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what each order gets [kWh], the price of the last, and of the first left."""
    places = side.upto.shape[1]
    at = np.minimum((side.upto < volume[:, None]).sum(axis=1), places - 1)
    last = np.take_along_axis(side.ranked, at[:, None], axis=1)
    better, equal = side.cost < last, side.cost == last
    left = volume - np.where(better, side.lots, 0).sum(axis=1)
    wanted = np.where(equal, side.lots, 0).sum(axis=1)
    share = np.where(volume > 0, left / np.maximum(wanted, 1), 0.0)[:, None]
    fill = np.where(better & (volume > 0)[:, None], side.lots, 0) + np.where(
        equal, side.lots * share, 0
    )
    worse = np.where(side.ranked > last, side.ranked, np.inf).min(axis=1, initial=np.inf)
    following = np.where(left < wanted, last[:, 0], worse)
    return fill / LOTS_PER_KWH, last[:, 0], following
