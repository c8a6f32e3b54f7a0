"""Which orders of a book trade: the largest quantity among those of the largest welfare.

Bids from the highest price down meet offers from the lowest up, as long as a bid pays what the
offer asks. At the margin there may be more on one side than is left: it is shared in proportion
to the quantities (`pro_rata`) or given to the earliest orders first (`time_priority`).
"""

from dataclasses import dataclass

import numpy as np

from lab.checks import one_of
from lab.market.order_book import OrderBook

PARTIAL = ("pro_rata", "time_priority")
# A float has 53 bits, lots have up to 61: shares are taken a little too small, then topped up.
SHORT = 1 - 1e-14
# How often the range of prices is halved before orders are sorted, and when that is enough.
HALVINGS, FEW = 12, 1000


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
    bid, offer = book.bid_usd_per_kwh, book.offer_usd_per_kwh
    high, low = bid.max(initial=-np.inf), offer.min(initial=np.inf)
    if not high >= low:
        none = np.zeros(len(bid), np.int64), np.zeros(len(offer), np.int64)
        return Match(0, *none, float(high), float(low))
    # An offer is a bid with its price turned round: one function serves both sides.
    sides = _Side(-bid, book.bid_lots, -high), _Side(offer, book.offer_lots, low)
    sides = _near_the_margin(*sides)
    ranked = [side.ranked() for side in sides]
    volume = max(_reached(*ranked), _reached(*ranked[::-1]))
    bid_fill, bid_last, bid_next = _filled(-bid, book.bid_lots, sides[0], volume, partial)
    offer_fill, offer_last, offer_next = _filled(offer, book.offer_lots, sides[1], volume, partial)
    between = max(offer_last, -bid_next), min(-bid_last, offer_next)
    return Match(volume, bid_fill, offer_fill, float(between[0]), float(between[1]))


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


@dataclass(frozen=True, eq=False)
class _Side:
    """Orders of one side whose fate is open; the cheapest `sure` lots trade in any case.

    Costs of the sure orders lie below `edge`.
    """

    cost: np.ndarray
    lots: np.ndarray
    edge: float
    sure: int = 0

    def ranked(self) -> tuple[np.ndarray, np.ndarray]:
        """Return costs from the best on, and the lots up to each; first what is sure."""
        # Equal costs may come in any order: only how much there is at each cost counts.
        order = np.argsort(self.cost)
        upto = self.sure + np.cumsum(self.lots[order])
        return np.append(-np.inf, self.cost[order]), np.append(self.sure, upto)

    def upto(self, cost: float) -> int:
        """Return the lots up to a cost."""
        return self.sure + int(self.lots[self.cost <= cost].sum())

    def above(self, cost: float) -> "_Side":
        """Return the side when all that costs less is sure to trade."""
        open_ = self.cost >= cost
        sure = self.sure + int(self.lots[~open_].sum())
        return _Side(self.cost[open_], self.lots[open_], cost, sure)

    def below(self, cost: float) -> "_Side":
        """Return the side when nothing trades that costs more."""
        open_ = self.cost <= cost
        return _Side(self.cost[open_], self.lots[open_], self.edge, self.sure)


def _near_the_margin(bids: _Side, offers: _Side) -> tuple[_Side, _Side]:
    """Return both sides without most orders that trade for sure or not at all.

    Where more is wanted than offered at a price, no lower price clears the market: bids below it
    stay out, and offers below it trade; the other way round for a surplus. Halving the range of
    prices a few times leaves little to sort.
    """
    low, high = offers.edge, -bids.edge
    bids, offers = bids.below(-low), offers.below(high)
    for _ in range(HALVINGS):
        if len(bids.cost) + len(offers.cost) <= FEW:
            break
        price = (low + high) / 2
        lacking = bids.upto(-price) - offers.upto(price)
        if lacking > 0:
            low, bids, offers = price, bids.below(-price), offers.above(price)
        elif lacking < 0:
            high, bids, offers = price, bids.above(-price), offers.below(price)
        else:
            break
    return bids, offers


def _reached(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> int:
    """Return the lots up to the last order of one side that trades as a whole."""
    at = np.searchsorted(other[1], one[1])
    there = at < len(other[1])
    good = there & (one[0] + other[0][np.minimum(at, len(other[0]) - 1)] <= 0)
    return int(one[1][good].max(initial=0))


def _filled(
    cost: np.ndarray, lots: np.ndarray, side: _Side, volume: int, partial: str
) -> tuple[np.ndarray, float, float]:
    """Return what each order of a side gets, the cost of the last, and of the first left."""
    costs, upto = side.ranked()
    last = costs[np.searchsorted(upto, volume)]
    fill = np.where(cost < max(last, side.edge), lots, 0)
    equal = cost == last
    wanted, left = lots[equal], volume - int(fill.sum())
    fill[equal] = allot(wanted, left, partial)
    if left < wanted.sum():
        return fill, float(last), float(last)
    after = np.searchsorted(costs, last, side="right")
    following = costs[after] if after < len(costs) else np.inf
    return fill, float(last), float(following)
