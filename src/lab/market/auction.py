"""The double auction: one price for all, everyone's own price, or a price set beforehand.

References
----------
Wilson, Incentive efficiency of double auctions, Econometrica (1985), doi:10.2307/1911013.
Gode, Sunder, Allocative efficiency of markets with zero-intelligence traders, Journal of Political
Economy (1993), doi:10.1086/261868. Long et al., Peer-to-peer energy trading in a community
microgrid (2017), doi:10.1109/PESGM.2017.8274546: the mid-market rate.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import number, setting
from lab.errors import SolveError, UsageError
from lab.market.matching import allot, match
from lab.market.order_book import LOTS_PER_KWH, TOLERANCE_KWH, TOLERANCE_USD, OrderBook

RULES = ("uniform", "pay_as_bid", "mid_market_rate")


@dataclass(frozen=True, eq=False)
class Clearing:
    """Result of an auction, checked: what each order gets and pays.

    Attributes
    ----------
    book : OrderBook
    rule : str
        One of `RULES`.
    quantity_kwh : float
        Traded [kWh]; 0 without trade.
    price_usd_per_kwh : float
        The price of all trades; under pay-as-bid the mean of what buyers pay. NaN without trade.
    low_usd_per_kwh, high_usd_per_kwh : float
        Interval of prices that clear the market; see `lab.market.matching.Match`.
    bid_filled_kwh, offer_filled_kwh : numpy.ndarray
    bid_paid_usd_per_kwh, offer_received_usd_per_kwh : numpy.ndarray
        Price of each order [USD/kWh], NaN where nothing is filled.
    """

    book: OrderBook
    rule: str
    quantity_kwh: float
    price_usd_per_kwh: float
    low_usd_per_kwh: float
    high_usd_per_kwh: float
    bid_filled_kwh: np.ndarray
    offer_filled_kwh: np.ndarray
    bid_paid_usd_per_kwh: np.ndarray
    offer_received_usd_per_kwh: np.ndarray

    @property
    def traded(self) -> bool:
        """Whether anything is."""
        return self.quantity_kwh > 0

    @property
    def buyers_usd(self) -> float:
        """What buyers would have paid more, at most [USD]."""
        return _sum(self.book.bid_usd_per_kwh - self.bid_paid_usd_per_kwh, self.bid_filled_kwh)

    @property
    def sellers_usd(self) -> float:
        """What sellers receive above what they ask [USD]."""
        more = self.offer_received_usd_per_kwh - self.book.offer_usd_per_kwh
        return _sum(more, self.offer_filled_kwh)

    @property
    def operator_usd(self) -> float:
        """What buyers pay and sellers do not receive [USD]; 0 with one price for all."""
        paid = _sum(self.bid_paid_usd_per_kwh, self.bid_filled_kwh)
        return paid - _sum(self.offer_received_usd_per_kwh, self.offer_filled_kwh)

    @property
    def welfare_usd(self) -> float:
        """What the bids that are filled are worth above what the offers ask [USD]."""
        value = _sum(self.book.bid_usd_per_kwh, self.bid_filled_kwh)
        return value - _sum(self.book.offer_usd_per_kwh, self.offer_filled_kwh)

    def table(self) -> pd.DataFrame:
        """Return the orders, bids first, with what is filled and at which price."""
        parts = {
            "bid": (self.bid_filled_kwh, self.bid_paid_usd_per_kwh),
            "offer": (self.offer_filled_kwh, self.offer_received_usd_per_kwh),
        }
        frames = []
        for side, (filled, price) in parts.items():
            limit, kwh = (getattr(self.book, f"{side}_{of}") for of in ("usd_per_kwh", "kwh"))
            columns = {
                "side": side,
                "limit_usd_per_kwh": limit,
                "quantity_kwh": kwh,
                "filled_kwh": filled,
                "price_usd_per_kwh": price,
            }
            frames.append(pd.DataFrame(columns))
        return pd.concat(frames, ignore_index=True)


def uniform_price(book: OrderBook, *, share: float = 0.5, partial: str = "pro_rata") -> Clearing:
    """Clear at one price for all.

    Parameters
    ----------
    book : OrderBook
    share : float
        Where the price lies in the interval of prices that clear the market: 0.5 is its middle, 0
        favours buyers, 1 sellers.
    partial : {'pro_rata', 'time_priority'}
        Who is filled among equals at the margin.

    Returns
    -------
    Clearing

    Raises
    ------
    UsageError
        If `share` lies outside 0 to 1, or `partial` is unknown.
    SolveError
        If the result fails its check.

    Examples
    --------
    >>> book = OrderBook([0.30, 0.20], [1.0, 1.0], [0.10, 0.24], [1.5, 1.0])
    >>> found = uniform_price(book)
    >>> found.quantity_kwh, found.price_usd_per_kwh, found.bid_filled_kwh.tolist()
    (1.5, 0.2, [1.0, 0.5])
    """
    setting(share, "share", 0, 1)
    found = match(book, partial)
    low, high = found.low_usd_per_kwh, found.high_usd_per_kwh
    price = low + share * (high - low) if found.lots else np.nan
    fills = found.bid_lots / LOTS_PER_KWH, found.offer_lots / LOTS_PER_KWH
    return _checked(book, "uniform", price, (low, high), fills)


def pay_as_bid(book: OrderBook, *, partial: str = "pro_rata") -> Clearing:
    """Clear with each buyer paying its bid and each seller receiving what it asks.

    The same orders trade as with one price; what lies between bids and offers stays with the
    operator, who never pays in.
    """
    found = match(book, partial)
    fills = found.bid_lots / LOTS_PER_KWH, found.offer_lots / LOTS_PER_KWH
    interval = found.low_usd_per_kwh, found.high_usd_per_kwh
    paid = _sum(book.bid_usd_per_kwh, fills[0])
    mean = paid / (found.lots / LOTS_PER_KWH) if found.lots else np.nan
    return _checked(book, "pay_as_bid", mean, interval, fills, own=True)


def mid_market_rate(
    book: OrderBook,
    retail_usd_per_kwh: float,
    feed_in_usd_per_kwh: float,
    *,
    partial: str = "pro_rata",
) -> Clearing:
    """Trade at the middle of retail and feed-in rate, which is set before any order is seen.

    Orders whose limit excludes that price stay out; the longer side is rationed.

    Raises
    ------
    UsageError
        If a rate is no finite number, or the feed-in rate is above the retail rate.
    """
    number(retail_usd_per_kwh, "retail_usd_per_kwh")
    number(feed_in_usd_per_kwh, "feed_in_usd_per_kwh")
    if not feed_in_usd_per_kwh <= retail_usd_per_kwh:
        raise UsageError(
            "The feed-in rate must not be above the retail rate, got "
            f"{feed_in_usd_per_kwh:g} and {retail_usd_per_kwh:g} USD/kWh."
        )
    price = (retail_usd_per_kwh + feed_in_usd_per_kwh) / 2
    wants = np.where(book.bid_usd_per_kwh >= price, book.bid_lots, 0)
    gives = np.where(book.offer_usd_per_kwh <= price, book.offer_lots, 0)
    volume = min(int(wants.sum()), int(gives.sum()))
    fills = (
        allot(wants, volume, partial) / LOTS_PER_KWH,
        allot(gives, volume, partial) / LOTS_PER_KWH,
    )
    found = match(book, partial)
    interval = found.low_usd_per_kwh, found.high_usd_per_kwh
    return _checked(book, "mid_market_rate", price if volume else np.nan, interval, fills)


def check_clearing(found: Clearing) -> None:
    """Check a clearing from its orders alone.

    Nobody gets more than was ordered, as much is bought as is sold, no buyer pays above its bid,
    no seller receives less than it asks, and the operator never pays in.

    Raises
    ------
    SolveError
        Naming what is violated.
    """
    book, low = found.book, -TOLERANCE_KWH
    bought, sold = found.bid_filled_kwh, found.offer_filled_kwh
    over = max((bought - book.bid_kwh).max(initial=low), (sold - book.offer_kwh).max(initial=low))
    under = min(bought.min(initial=0), sold.min(initial=0))
    each = (
        (book.bid_usd_per_kwh - found.bid_paid_usd_per_kwh)[bought > 0],
        (found.offer_received_usd_per_kwh - book.offer_usd_per_kwh)[sold > 0],
    )
    loss = np.concatenate(each).min(initial=0)
    # What must hold is told, not what is wrong: a comparison with NaN is false.
    kept = {
        "fills that are no numbers": np.isfinite(bought).all() and np.isfinite(sold).all(),
        "orders filled beyond their quantity": over <= TOLERANCE_KWH and -under <= TOLERANCE_KWH,
        "more bought than sold, or less": abs(bought.sum() - sold.sum()) <= TOLERANCE_KWH,
        "an order that loses by its trade": loss >= -TOLERANCE_USD,
        "an operator who pays in": found.operator_usd >= -TOLERANCE_USD * max(1.0, bought.sum()),
    }
    for what, holds in kept.items():
        if not holds:
            raise SolveError(f"The auction with the rule {found.rule} left {what}.")


def _checked(
    book: OrderBook,
    rule: str,
    price: float,
    interval: tuple[float, float],
    fills: tuple[np.ndarray, np.ndarray],
    *,
    own: bool = False,
) -> Clearing:
    """Return the clearing of filled orders, at their own prices or all at one, once checked."""
    bought, sold = fills
    paid = np.where(bought > 0, book.bid_usd_per_kwh if own else price, np.nan)
    received = np.where(sold > 0, book.offer_usd_per_kwh if own else price, np.nan)
    quantity = float(bought.sum()) if bought.any() else 0.0
    found = Clearing(book, rule, quantity, float(price), *interval, bought, sold, paid, received)
    check_clearing(found)
    return found


def _sum(usd_per_kwh: np.ndarray, kwh: np.ndarray) -> float:
    """Return what filled quantities come to at their prices [USD]."""
    # Not a dot product: its last digits depend on the number of threads.
    return float((np.where(kwh > 0, usd_per_kwh, 0.0) * kwh).sum())
