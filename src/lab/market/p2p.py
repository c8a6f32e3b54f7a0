"""Homes that trade their surplus with each other before they turn to the retailer.

Alone, a home buys what it lacks at the retail rate and is paid the feed-in rate for what it has
left. Whatever neighbours trade saves the difference of the two; the rule decides who gets it.

References
----------
Long et al., Peer-to-peer energy trading in a community microgrid (2017),
doi:10.1109/PESGM.2017.8274546. Tushar et al., Peer-to-peer trading in electricity networks: an
overview, IEEE Transactions on Smart Grid (2020), doi:10.1109/TSG.2020.2969657.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import finite, setting
from lab.errors import DataError, SolveError
from lab.market.hourly import clear_hours
from lab.market.order_book import TOLERANCE_KWH, TOLERANCE_USD


@dataclass(frozen=True, eq=False)
class Exchange:
    """What homes trade with each other, checked.

    Attributes
    ----------
    rule : str
    bought_kwh, sold_kwh : pandas.DataFrame
        Hours by homes, from and to neighbours.
    paid_usd, received_usd : pandas.DataFrame
        For that.
    alone_usd, together_usd : pandas.Series
        Cost of each home over all hours: everything from the retailer; with its neighbours.
    price_usd_per_kwh : pandas.Series
        Price between homes, NaN in hours without trade.
    """

    rule: str
    bought_kwh: pd.DataFrame
    sold_kwh: pd.DataFrame
    paid_usd: pd.DataFrame
    received_usd: pd.DataFrame
    alone_usd: pd.Series
    together_usd: pd.Series
    price_usd_per_kwh: pd.Series

    @property
    def gains_usd(self) -> pd.Series:
        """What each home gains by trade [USD]."""
        return self.alone_usd - self.together_usd

    @property
    def traded_kwh(self) -> pd.Series:
        """What is traded in each hour [kWh]."""
        return self.bought_kwh.sum(axis=1)


def mid_market_rate(
    net_kwh: pd.DataFrame,
    retail_usd_per_kwh: pd.Series | float,
    feed_in_usd_per_kwh: pd.Series | float,
) -> Exchange:
    """Trade at the middle of retail and feed-in rate; the longer side is rationed in proportion.

    Parameters
    ----------
    net_kwh : pandas.DataFrame
        Hours by homes: what each lacks, below 0 what it has left.
    retail_usd_per_kwh, feed_in_usd_per_kwh : pandas.Series or float
        By hour; the first nowhere below the second.

    Returns
    -------
    Exchange

    Raises
    ------
    DataError
        If a value is missing, or the feed-in rate is above the retail rate in an hour.

    Examples
    --------
    >>> hours = pd.date_range("2020", periods=1, freq="h", tz="UTC")
    >>> net = pd.DataFrame([[1.0, -2.0]], hours, ["a", "b"])
    >>> mid_market_rate(net, 0.30, 0.10).gains_usd.round(3).tolist()
    [0.1, 0.1]
    """
    net, retail, feed_in = _inputs(net_kwh, retail_usd_per_kwh, feed_in_usd_per_kwh)
    lacks, left = np.maximum(net, 0), np.maximum(-net, 0)
    traded = np.minimum(lacks.sum(axis=1), left.sum(axis=1))
    bought = lacks * _share(traded, lacks.sum(axis=1))
    sold = left * _share(traded, left.sum(axis=1))
    price = np.where(traded > 0, (retail + feed_in) / 2, np.nan)
    return _exchange("mid_market_rate", net_kwh, (retail, feed_in), (bought, sold), price)


def double_auction(
    net_kwh: pd.DataFrame,
    retail_usd_per_kwh: pd.Series | float,
    feed_in_usd_per_kwh: pd.Series | float,
    *,
    share: float = 0.5,
    shade: np.ndarray | None = None,
) -> Exchange:
    """Trade in an hourly double auction with one price.

    A home's true limit is the rate that it gets alone: retail as a buyer, feed-in as a seller.
    All being equal, the shorter side then gets the whole gain.

    Parameters
    ----------
    net_kwh, retail_usd_per_kwh, feed_in_usd_per_kwh
        As in `mid_market_rate`.
    share : float
        Where the price lies in the interval that clears the hour.
    shade : numpy.ndarray, shape (hours, homes), optional
        How far limits are moved from the true one (0) towards the other rate (1).

    Returns
    -------
    Exchange

    Raises
    ------
    DataError
        As in `mid_market_rate`, or if `shade` has another shape or lies outside 0 to 1.
    UsageError
        If `share` lies outside 0 to 1.
    """
    setting(share, "share", 0, 1)
    net, retail, feed_in = _inputs(net_kwh, retail_usd_per_kwh, feed_in_usd_per_kwh)
    shade = np.zeros_like(net) if shade is None else finite(shade, "shade")
    if shade.shape != net.shape or (shade < 0).any() or (shade > 1).any():
        raise DataError(f"shade must lie from 0 to 1 for {net.shape}, got {shade.shape}.")
    margin = (retail - feed_in)[:, None]
    bids, offers = retail[:, None] - shade * margin, feed_in[:, None] + shade * margin
    found = clear_hours(bids, np.maximum(net, 0), offers, np.maximum(-net, 0))
    fills = found.bid_filled_kwh, found.offer_filled_kwh
    return _exchange("double_auction", net_kwh, (retail, feed_in), fills, found.price(share))


def check_exchange(
    found: Exchange,
    net_kwh: pd.DataFrame,
    retail_usd_per_kwh: np.ndarray,
    feed_in_usd_per_kwh: np.ndarray,
) -> None:
    """Check an exchange hour by hour, from price, fills and rates alone.

    As much is bought as is sold, nobody trades more than it lacks or has left, what is traded is
    paid at the price of its hour, nobody is worse off in any hour than alone, and the costs of the
    homes are the sums over the hours.

    Parameters
    ----------
    found : Exchange
    net_kwh : pandas.DataFrame
        Hours by homes.
    retail_usd_per_kwh, feed_in_usd_per_kwh : numpy.ndarray, shape (hours,)

    Raises
    ------
    SolveError
        Naming what is violated.
    """
    lacks, left = net_kwh.clip(lower=0).to_numpy(), (-net_kwh).clip(lower=0).to_numpy()
    bought, sold = found.bought_kwh.to_numpy(), found.sold_kwh.to_numpy()
    paid, received = found.paid_usd.to_numpy(), found.received_usd.to_numpy()
    price = found.price_usd_per_kwh.to_numpy()[:, None]
    retail, feed_in = (
        np.asarray(rate)[:, None] for rate in (retail_usd_per_kwh, feed_in_usd_per_kwh)
    )
    # An hour without trade needs no price; NaN in any other one fails below.
    buys, sells = np.where(bought == 0, 0, bought * price), np.where(sold == 0, 0, sold * price)
    alone = lacks * retail - left * feed_in
    together = (lacks - bought) * retail - (left - sold) * feed_in + buys - sells
    apart = {
        "more bought than sold, or less": np.abs(bought.sum(axis=1) - sold.sum(axis=1)),
        "a home that buys more than it lacks": bought - lacks,
        "a home that sells more than it has left": sold - left,
        "a negative trade": -np.minimum(bought, sold),
        "money that is paid and not received": np.abs(paid.sum(axis=1) - received.sum(axis=1)),
        "a trade that is not paid at the price": np.maximum(
            np.abs(paid - buys), np.abs(received - sells)
        ),
        "a home that is worse off in an hour than alone": together - alone,
        "a cost alone that is no sum": np.abs(alone.sum(axis=0) - found.alone_usd.to_numpy()),
        "a cost together that is no sum": np.abs(
            together.sum(axis=0) - found.together_usd.to_numpy()
        ),
    }
    for what, by in apart.items():
        # Not `>`: a comparison with NaN is false.
        if not (by <= max(TOLERANCE_KWH, TOLERANCE_USD)).all():
            raise SolveError(
                f"The exchange with the rule {found.rule} left {what}, by {by.max():g}."
            )


def _inputs(
    net: pd.DataFrame, retail: pd.Series | float, feed_in: pd.Series | float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return checked arrays: hours by homes, and rates by hour."""
    if net.empty:
        raise DataError("An exchange needs at least one home and one hour, got none.")
    rates = [
        rate if isinstance(rate, pd.Series) else pd.Series(rate, net.index)
        for rate in (retail, feed_in)
    ]
    by_hour = [finite(rate.reindex(net.index), "Rates [USD/kWh]", "hour") for rate in rates]
    crossed = by_hour[1] > by_hour[0]
    if crossed.any():
        raise DataError(
            f"The feed-in rate must not be above the retail rate, got {by_hour[1][crossed][0]:g} "
            f"and {by_hour[0][crossed][0]:g} USD/kWh at {net.index[crossed][0]}."
        )
    return finite(net, "Net load [kWh]", "hour and home"), by_hour[0], by_hour[1]


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return a share of each hour as a column, 0 where there is nothing to share."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.0)[:, None]


def _exchange(
    rule: str,
    net_kwh: pd.DataFrame,
    rates: tuple[np.ndarray, np.ndarray],
    fills: tuple[np.ndarray, np.ndarray],
    price: np.ndarray,
) -> Exchange:
    """Return the exchange of filled orders at one price an hour, once checked."""
    net, (retail, feed_in), (bought, sold) = net_kwh.to_numpy(), rates, fills
    each = np.nan_to_num(price)[:, None]
    alone = np.where(net > 0, net * retail[:, None], net * feed_in[:, None])
    rest = np.where(net > 0, net - bought, net + sold)
    left = np.where(rest > 0, rest * retail[:, None], rest * feed_in[:, None])
    together = left + (bought - sold) * each

    def table(values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(values, net_kwh.index, net_kwh.columns)

    found = Exchange(
        rule,
        table(bought),
        table(sold),
        table(bought * each),
        table(sold * each),
        pd.Series(alone.sum(axis=0), net_kwh.columns),
        pd.Series(together.sum(axis=0), net_kwh.columns),
        pd.Series(price, net_kwh.index, name="price_usd_per_kwh"),
    )
    check_exchange(found, net_kwh, retail, feed_in)
    return found
