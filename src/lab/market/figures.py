"""Figures of markets: curves that cross, prices through a day, who gains."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab import style
from lab.market.auction import Clearing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BUYERS, SELLERS, OPERATOR = "#1971c2", "#e8590c", "#868e96"
PARTIES = {"buyers": BUYERS, "sellers": SELLERS, "operator": OPERATOR}
RULE_LABELS = {
    "uniform": "uniform price",
    "pay_as_bid": "pay-as-bid",
    "mid_market_rate": "mid-market rate",
    "double_auction": "double auction",
}

DAY = pd.Timedelta(days=1)


def curve(price: np.ndarray, kwh: np.ndarray, *, falling: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of a stepped curve: quantity [kWh] and price, from the best order on.

    Examples
    --------
    >>> curve(np.array([0.1, 0.3]), np.array([1.0, 2.0]), falling=True)[0].tolist()
    [0.0, 2.0, 2.0, 3.0]
    """
    order = np.argsort(-price if falling else price, kind="stable")
    upto = np.cumsum(kwh[order])
    return np.repeat(np.concatenate([[0.0], upto]), 2)[1:-1], np.repeat(price[order], 2)


def closed(values: np.ndarray | pd.Series) -> np.ndarray:
    """Return values with the last one once more, so that a step reaches the end of its hour.

    Examples
    --------
    >>> closed(np.array([1.0, 2.0])).tolist()
    [1.0, 2.0, 2.0]
    """
    return np.append(values, np.asarray(values)[-1:])


def draw_crossing(axis: "Axes", found: Clearing) -> None:
    """Draw demand and supply, the price, the interval it lies in, and what is traded."""
    book = found.book
    demand = curve(book.bid_usd_per_kwh, book.bid_kwh, falling=True)
    supply = curve(book.offer_usd_per_kwh, book.offer_kwh, falling=False)
    axis.plot(*demand, color=BUYERS, label="demand (bids)")
    axis.plot(*supply, color=SELLERS, label="supply (offers)")
    if found.traded:
        low, high = found.low_usd_per_kwh, found.high_usd_per_kwh
        axis.axhspan(low, high, color=style.ACCENT, alpha=0.2, lw=0, label="prices that clear")
        axis.axhline(found.price_usd_per_kwh, color=style.ACCENT, lw=1, label="uniform price")
        axis.axvline(found.quantity_kwh, color=style.MUTED, lw=1, ls="--", label="traded")
    axis.set(xlabel="quantity [kWh]", ylabel="price [USD/kWh]")
    legend_above(axis)


def draw_parts(axis: "Axes", parts: pd.DataFrame, colours: dict[str, str], unit: str) -> None:
    """Draw one stacked horizontal bar for each row, a colour for each column."""
    places = np.arange(len(parts))[::-1]
    left = np.zeros(len(parts))
    for name in parts:
        width = parts[name].to_numpy()
        axis.barh(places, width, 0.6, left=left, color=colours[name], label=name)
        left = left + width
    axis.set_yticks(places, [str(name) for name in parts.index])
    axis.set(xlabel=unit, xlim=(0, 1.05 * left.max(initial=0) or 1))
    axis.grid(axis="y", visible=False)
    legend_above(axis)


def draw_day(axis: "Axes", lines: pd.DataFrame, colours: dict[str, str], zone: str) -> None:
    """Draw columns as steps over the local time of one day, the last interval to its end."""
    import matplotlib.dates as mdates

    local = pd.DatetimeIndex(lines.index).tz_convert(zone).tz_localize(None)
    local = local.append(local[-1:] + (local[-1:] - local[-2:-1] if len(local) > 1 else DAY))
    for name in lines:
        axis.step(local, closed(lines[name]), where="post", lw=1.1, color=colours[name], label=name)
    axis.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M"))
    axis.set(xlabel="local time [h]")
    legend_above(axis)


def legend_above(axis: "Axes", columns: int = 5) -> None:
    """Put the legend above the axes, where it hides no line."""
    entries = len(axis.get_legend_handles_labels()[1])
    axis.legend(
        ncol=max(min(entries, columns), 1),
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
    )
