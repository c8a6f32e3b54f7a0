"""Gantt figure of a plan under the price curve that it follows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lab import style
from lab.optimise.appliances.planning import Plan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR = 0.36
COLOURS = ("#0b7285", "#4263eb", "#12b886", "#e8590c", "#9c36b5", "#c2255c", "#5c940d", "#1971c2")


def colours(names: Any) -> dict[str, str]:
    """Return a colour of its own for each appliance, in the order in which they are given."""
    return {name: COLOURS[k % len(COLOURS)] for k, name in enumerate(names)}


def gantt(
    plan: Plan,
    zone: str,
    *,
    price_label: str,
    price_scale: float = 1.0,
    tints: Mapping[str, str] | None = None,
) -> tuple["Axes", "Axes"]:
    """Draw when each appliance runs, planned and at once (if it can), under the price of each slot.

    Parameters
    ----------
    plan : Plan
    zone : str
        Zone of the clock on the axis.
    price_label : str
        Label of the price axis, with its unit.
    price_scale : float
        What prices are multiplied by for that unit.
    tints : mapping, optional
        Colour by appliance.

    Returns
    -------
    tuple of Axes
        The price's and the bars'.
    """
    import matplotlib.pyplot as plt

    names = list(plan.schedule)
    heights = [1.6, 0.42 * len(names)]
    _, (above, below) = plt.subplots(
        2, 1, sharex=True, figsize=(9, 0.8 + sum(heights)), height_ratios=heights
    )
    edges = _edges(plan.site.index, plan.site.step_h, zone)
    price = plan.site.values("price_per_kwh") * price_scale
    above.stairs(price, edges, color=style.MUTED, lw=1.6, baseline=None)
    above.set_ylabel(price_label)
    tints = tints or colours(names)
    for row, name in enumerate(names):
        for table, offset, alpha in ((plan.schedule, -BAR / 2, 1.0), (plan.at_once, BAR / 2, 0.3)):
            if table is None:
                continue
            bars = _bars(table[name].to_numpy(), edges, row + offset)
            below.barh(**bars, color=tints[name], alpha=alpha, lw=0)
    below.set_yticks(range(len(names)), names)
    below.set_ylim(len(names) - 0.4, -0.6)
    below.set_xlabel("local time [h]")
    _clock(below)
    return above, below


def _bars(power: np.ndarray, edges: np.ndarray, middle: float) -> dict[str, np.ndarray]:
    """Return the bars of one appliance, one a stretch of equal power, as high as its power."""
    change = np.flatnonzero(np.diff(power, prepend=0.0, append=0.0))
    begin, end = change[:-1], change[1:]
    on = power[begin] > 0
    begin, end = begin[on], end[on]
    height = BAR * power[begin] / max(power.max(), 1e-9)
    place = middle + (BAR - height) / 2
    return {"y": place, "width": edges[end] - edges[begin], "height": height, "left": edges[begin]}


def _edges(index: pd.DatetimeIndex, step_h: float, zone: str) -> np.ndarray:
    """Return the bounds of all slots on the local clock, as matplotlib counts days."""
    import matplotlib.dates as mdates

    ends = index.append(pd.DatetimeIndex([index[-1] + pd.Timedelta(hours=step_h)]))
    # The clock of the first slot throughout: bars keep their lengths in the night it changes.
    shift = index[0].tz_convert(zone).utcoffset() or pd.Timedelta(0)
    return np.asarray(mdates.date2num(ends.tz_localize(None) + shift))


def _clock(axis: "Axes") -> None:
    """Write hours on the time axis."""
    import matplotlib.dates as mdates

    axis.xaxis.set_major_locator(mdates.HourLocator(byhour=range(0, 24, 3)))
    axis.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M"))
