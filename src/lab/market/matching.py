"""Which orders of a book trade: the largest quantity among those of the largest welfare.

Bids from the highest price down meet offers from the lowest up, as long as a bid pays what the
offer asks. At the margin there may be more on one side than is left: it is shared in proportion
to the quantities (`pro_rata`) or given to the earliest orders first (`time_priority`).
"""

from dataclasses import dataclass

import numpy as np

from lab.market.checks import one_of
from lab.market.order_book import OrderBook

PARTIAL = ("pro_rata", "time_priority")
# A float has 53 bits, lots have up to 61: shares are taken a little too small, then topped up.
SHORT = 1 - 1e-14


@dataclass(frozen=True, eq=False)
class Match:
    """What trades, and between which prices.

    Attributes
    ----------
    lots : int
        Quantity traded; 0 without trade.
    bid_lots, offer_lots : numpy.ndarray of int
        Filled quantity of each order, in the order of the book.
    low_usd_per_kwh, high_usd_per_kwh : float
        Every price between them lets each order have what it wants: no order that is filled
        loses by it, none that is left (in part or whole) would gain. Without trade: the best bid
        and the best offer (infinite where a side is empty).
    """

    lots: int
    bid_lots: np.ndarray
    offer_lots: np.ndarray
    low_usd_per_kwh: float
    high_usd_per_kwh: float


def match(book: OrderBook, partial: str = "pro_rata") -> Match:
    """Match bids and offers.

    Parameters
    ----------
    book : OrderBook
    partial : {'pro_rata', 'time_priority'}
        Who is filled among equals at the marginal price.

    Returns
    -------
    Match

    Raises
    ------
    UsageError
        If `partial` is neither.
    """
    one_of(partial, PARTIAL, "partial")
    # An offer is a bid with its price turned round: one function serves both sides.
    bid, offer = book.bid_usd_per_kwh, book.offer_usd_per_kwh
    bid_lots, offer_lots = book.bid_lots, book.offer_lots
    bids, offers = _ranked(-bid, bid_lots), _ranked(offer, offer_lots)
    volume = _volume(bids, offers)
    if not volume:
        high, low = offer.min(initial=np.inf), bid.max(initial=-np.inf)
        none = np.zeros_like(bid_lots), np.zeros_like(offer_lots)
        return Match(0, *none, float(low), float(high))
    bid_fill, bid_last, bid_next = _filled(-bid, bid_lots, bids, volume, partial)
    offer_fill, offer_last, offer_next = _filled(offer, offer_lots, offers, volume, partial)
    low, high = max(offer_last, -bid_next), min(-bid_last, offer_next)
    return Match(volume, bid_fill, offer_fill, float(low), float(high))


def allot(lots: np.ndarray, left: int, partial: str) -> np.ndarray:
    """Share a quantity among equal orders, to the last lot.

    Parameters
    ----------
    lots : numpy.ndarray of int
        What each wants, in the order of arrival.
    left : int
        What there is, at most their sum.
    partial : {'pro_rata', 'time_priority'}
        In proportion, lots that do not divide to the earliest; or the earliest first.

    Examples
    --------
    >>> allot(np.array([4, 2, 4]), 5, "pro_rata").tolist()
    [2, 1, 2]
    >>> allot(np.array([4, 2, 4]), 5, "time_priority").tolist()
    [4, 1, 0]
    """
    if partial == "time_priority":
        return _earliest(lots, left)
    given = np.floor(lots * (left / max(lots.sum(), 1) * SHORT)).astype(np.int64)
    given += _earliest(np.minimum(lots - given, 1), left - given.sum())
    return given + _earliest(lots - given, left - given.sum())


def _earliest(lots: np.ndarray, left: int) -> np.ndarray:
    """Fill orders one after the other until nothing is left."""
    before = np.cumsum(lots) - lots
    return np.clip(left - before, 0, lots)


def _ranked(cost: np.ndarray, lots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return prices from the best on, and the lots up to each."""
    # Equal prices may come in any order: only how much there is at each price counts.
    order = np.argsort(cost)
    return cost[order], np.cumsum(lots[order])


def _volume(bids: tuple[np.ndarray, np.ndarray], offers: tuple[np.ndarray, np.ndarray]) -> int:
    """Return the largest number of lots whose last bid still pays its last offer."""
    return max(_reached(bids, offers), _reached(offers, bids))


def _reached(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> int:
    """Return the lots up to the last order of one side that trades as a whole."""
    if not len(one[0]) or not len(other[0]):
        return 0
    at = np.searchsorted(other[1], one[1])
    there = at < len(other[1])
    good = there & (one[0] + other[0][np.minimum(at, len(other[0]) - 1)] <= 0)
    return int(one[1][good].max(initial=0))


def _filled(
    cost: np.ndarray,
    lots: np.ndarray,
    ranked: tuple[np.ndarray, np.ndarray],
    volume: int,
    partial: str,
) -> tuple[np.ndarray, float, float]:
    """Return what each order of a side gets, the price of the last, and of the first left."""
    last = ranked[0][np.searchsorted(ranked[1], volume)]
    fill = np.where(cost < last, lots, 0)
    equal = cost == last
    wanted, left = lots[equal], volume - int(fill.sum())
    fill[equal] = allot(wanted, left, partial)
    if left < wanted.sum():
        return fill, float(last), float(last)
    after = np.searchsorted(ranked[0], last, side="right")
    following = ranked[0][after] if after < len(ranked[0]) else np.inf
    return fill, float(last), float(following)
