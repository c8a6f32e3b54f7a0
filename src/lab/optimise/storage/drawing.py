"""Figures of a schedule: where its energy went, and some of its days."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab import style
from lab.optimise.storage.outcome import Dispatch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {
    "PV": "#f08c00",
    "grid": "#495057",
    "battery": "#0b7285",
    "load": "#c2255c",
    "losses": "#9a8f80",
    "curtailed": "#cfc8bc",
}


def draw_flows(axis: "Axes", table: pd.DataFrame) -> None:
    """Draw flows as bands from sources (left) by the battery (middle) to sinks (right)."""
    axis.set_axis_off()
    total = table.loc[["PV", "grid"]].to_numpy().sum()
    space = 0.06 * total
    inputs = table.loc[["PV", "grid"], "battery"]
    through = float(inputs.sum())
    left = _stack(table.loc[["PV", "grid"]].sum(axis=1), total, space)
    sinks = table[["load", "grid", "curtailed"]].sum()
    sinks["losses"] = table.loc["battery", "losses"]
    right = _stack(sinks[sinks > 1e-6 * total], total, space)
    middle = {"battery": (0.5 * (total - through), through)}
    for x, columns in ((0.0, left), (0.5, middle), (1.0, right)):
        for name, (bottom, height) in columns.items():
            axis.bar(x, height, 0.035, bottom, color=COLOURS[name], zorder=3)
            side = {0.0: "right", 0.5: "center", 1.0: "left"}[x]
            away = {0.0: -0.03, 0.5: 0.0, 1.0: 0.03}[x]
            level = bottom + height / 2 if x != 0.5 else bottom + height + 0.02 * total
            axis.text(
                x + away, level, f"{name}\n{height:,.0f} kWh", ha=side,
                va="center" if x != 0.5 else "bottom", fontsize=9,
            )  # fmt: skip
    places = {(x, n): c[n][0] for x, c in ((0, left), (1, middle), (2, right)) for n in c}
    leaving, arriving = dict(places), dict(places)
    # From the bottom up on both sides, so that bands cross as little as they can.
    for source, column in (("grid", 0), ("battery", 1), ("PV", 0)):
        for sink in ("losses", "curtailed", "grid", "battery", "load"):
            to = (1 if sink == "battery" else 2, sink)
            height = float(table.loc[source, sink])
            if height > 0 and to in arriving:
                begin, end = leaving[column, source], arriving[to]
                _band(axis, (0.5 * column, begin), (0.5 * to[0], end), height, COLOURS[source])
                leaving[column, source] += height
                arriving[to] += height
    axis.set(xlim=(-0.2, 1.2))


def _stack(heights: pd.Series, total: float, space: float) -> dict[str, tuple[float, float]]:
    """Return bottom and height of each name, one above the other, in the middle of the total."""
    over = total - heights.sum() - space * (len(heights) - 1)
    places, at = {}, over / 2
    for name, height in reversed(list(heights.items())):
        places[str(name)] = (at, float(height))
        at += height + space
    return places


def _band(
    axis: "Axes", begin: tuple[float, float], end: tuple[float, float], height: float, colour: str
) -> None:
    """Draw one band between two places (x, bottom)."""
    (x0, low0), (x1, low1) = begin, end
    t = np.linspace(0, 1, 40)
    low = low0 + (low1 - low0) * (3 * t**2 - 2 * t**3)
    across = x0 + 0.0175 + (x1 - x0 - 0.035) * t
    axis.fill_between(across, low, low + height, color=colour, alpha=0.35, lw=0)


def draw_schedule(
    axes: Sequence["Axes"],
    dispatch: Dispatch,
    begin: pd.Timestamp,
    end: pd.Timestamp,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Draw net load, state of charge and price of some days, one below the other.

    Parameters
    ----------
    axes : three matplotlib axes
    dispatch : Dispatch
    begin, end : pandas.Timestamp
        Local days, tz-aware.
    labels : mapping, optional
        Words for `price`.
    """
    words = {"price": "price [per kWh]"} | dict(labels or {})
    site = dispatch.site
    rows = (site.table.index >= begin) & (site.table.index < end)
    when = site.table.index[rows].tz_convert(site.clock).tz_localize(None)
    seen, table = dispatch.schedule[rows], site.table[rows]
    net = seen["import_kw"] - seen["export_kw"]
    top, middle, low = axes
    idle = table["load_kw"] - table["pv_kw"]
    top.step(when, idle, where="post", color=style.MUTED, label="doing nothing")
    top.step(when, net, where="post", color=style.ACCENT, label="with the battery")
    top.axhline(0, color=style.MUTED, lw=0.8)
    top.set(ylabel="net load [kW]")
    middle.fill_between(
        when, 100 * seen["soc"], step="post", color=COLOURS["battery"], alpha=0.4, lw=0
    )
    middle.set(ylabel="state of\ncharge [%]", ylim=(0, 100))
    low.step(when, table["import_price"], where="post", color=COLOURS["load"])
    low.set(ylabel=words["price"])
