"""What the report of a microgrid shows: its map with flows, nodal prices, net loads, the score."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab import style
from lab.optimise.microgrid.dispatch import Plan
from lab.optimise.microgrid.feeder import TRANSFORMER
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.stability import Score

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {
    "nothing": "#7b6f5d",
    "rule": "#e8590c",
    "alone": "#7048e8",
    "sharing": "#2b8a3e",
    "pooled": "#d6336c",
    "together": style.ACCENT,
}
LABELS = {
    "nothing": "doing nothing",
    "rule": "each alone, by rule",
    "alone": "each alone, planned",
    "sharing": "sharing, no storage",
    "pooled": "together, by rule",
    "together": "together, planned",
}
GIVES, TAKES = "#f08c00", style.ACCENT
# Width of a line that carries the most [points].
WIDEST = 7.0


def short(name: str) -> str:
    """Return a node's name as it stands on a map.

    Examples
    --------
    >>> short("home_12"), short("transformer")
    ('12', 'transformer')
    """
    return name.removeprefix("home_")


def places(grid: Microgrid) -> dict[str, tuple[float, float]]:
    """Return where each node of a street is drawn: steps from the transformer, and its lateral.

    Examples
    --------
    >>> from lab.optimise.microgrid.parts import Line, Node
    >>> nodes = [Node(name, [1.0]) for name in (TRANSFORMER, "a", "b")]
    >>> lines = [Line("1", TRANSFORMER, "a", 1), Line("2", TRANSFORMER, "b", 1)]
    >>> places(Microgrid(pd.DatetimeIndex(["2020"], tz="UTC"), nodes, lines))
    {'transformer': (0.0, 0.5), 'a': (1.0, 0.0), 'b': (1.0, 1.0)}
    """
    found: dict[str, tuple[float, float]] = {}
    laterals = 0
    for line in grid.lines:
        if line.start == TRANSFORMER:
            found[line.end] = (1.0, float(laterals))
            laterals += 1
        else:
            step, lateral = found[line.start]
            found[line.end] = (step + 1, lateral)
    return {TRANSFORMER: (0.0, (laterals - 1) / 2), **found}


def surplus_kw(grid: Microgrid, hour: pd.Series) -> dict[str, float]:
    """Return what each node sends into its lines in an hour; below 0 what it takes [kW]."""
    sent = dict.fromkeys(grid.node_names, 0.0)
    for line in grid.lines:
        ahead, back = hour["forward_kw", line.name], hour["backward_kw", line.name]
        sent[line.start] += ahead - (1 - line.loss_share) * back
        sent[line.end] += back - (1 - line.loss_share) * ahead
    return sent


def draw_street(axis: "Axes", plan: Plan, at: pd.Timestamp) -> None:
    """Draw the street in one hour: what each home gives or takes and each line carries [kW]."""
    grid, hour = plan.grid, plan.schedule.loc[at]
    where, sent = places(grid), surplus_kw(grid, hour)
    flows = {n.name: hour["forward_kw", n.name] - hour["backward_kw", n.name] for n in grid.lines}
    most = max([abs(flow) for flow in flows.values()] + [1e-9])
    for line in grid.lines:
        flow = flows[line.name]
        ends = (
            (where[line.start], where[line.end])
            if flow >= 0
            else (where[line.end], where[line.start])
        )
        _arrow(axis, *ends, WIDEST * abs(flow) / most)
        _name_flow(axis, *ends, abs(flow))
    empty = set(grid.node_names) - grid.occupied
    head = where.pop(TRANSFORMER)
    axis.scatter(*head, s=130, marker="s", color=style.MUTED, zorder=3)
    carried = f"{TRANSFORMER}\n{abs(sent[TRANSFORMER]):.1f} kW"
    axis.annotate(carried, head, (-9, 0), textcoords="offset points", ha="right", va="center")
    for name, (x, y) in where.items():
        tint = style.MUTED if name in empty else GIVES if sent[name] > 0 else TAKES
        size = 90 + 110 * abs(sent[name]) / most
        face = "none" if name in empty else tint
        axis.scatter(x, y, s=size, color=face, edgecolors=tint, zorder=3)
        said = short(name) if name in empty else f"{short(name)}: {sent[name]:+.1f}"
        # The first home of a lateral stands where its line comes slanting in from the left.
        aside, side = (-4, "left") if x == 1 else (0, "center")
        axis.annotate(said, (x, y), (aside, -12), textcoords="offset points", ha=side, va="top")
    axis.set_axis_off()
    axis.set_xlim(-0.9, max(x for x, _ in where.values()) + 0.4)
    axis.margins(y=0.25)


def _arrow(
    axis: "Axes", start: tuple[float, float], end: tuple[float, float], width: float
) -> None:
    axis.plot(
        *zip(start, end, strict=True), color=style.MUTED, lw=max(width, 0.8), alpha=0.55, zorder=1
    )
    if width > 0.1:
        (x, y), (a, b) = start, end
        middle, before = (
            (0.4 * x + 0.6 * a, 0.4 * y + 0.6 * b),
            (0.6 * x + 0.4 * a, 0.6 * y + 0.4 * b),
        )
        look = {"arrowstyle": "-|>", "color": style.MUTED, "lw": 1.2}
        axis.annotate("", middle, before, arrowprops=look, zorder=2)


def _name_flow(
    axis: "Axes", start: tuple[float, float], end: tuple[float, float], flow_kw: float
) -> None:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    # Beside a line that slants, so that it does not run through the number.
    slant = np.sign((end[1] - start[1]) * (end[0] - start[0]))
    axis.annotate(
        f"{flow_kw:.1f}",
        middle,
        (-14 * slant, 7),
        textcoords="offset points",
        ha="center",
        fontsize=8,
    )


def draw_prices(axis: "Axes", prices: pd.DataFrame, zone: str, label: str) -> None:
    """Draw nodal prices as a heat map, one row a node.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    prices : pandas.DataFrame
        Hours (UTC) x nodes.
    zone : str
    label : str
        Of the colour bar, with its unit.
    """
    local = pd.DatetimeIndex(prices.index).tz_convert(zone).tz_localize(None)
    edges = local.append(local[-1:] + (local[-1:] - local[-2:-1]))
    mesh = axis.pcolormesh(
        edges, np.arange(prices.shape[1] + 1), prices.T.to_numpy(), cmap="cividis"
    )
    axis.set_yticks(np.arange(prices.shape[1]) + 0.5, [short(name) for name in prices])
    axis.invert_yaxis()
    axis.grid(False)
    days_below(axis)
    axis.figure.colorbar(mesh, ax=axis, label=label, pad=0.01)


def draw_net_loads(axis: "Axes", loads: Mapping[str, pd.Series], zone: str) -> None:
    """Draw the net load of several plans over local time, each in its colour."""
    for name, load in loads.items():
        local = pd.DatetimeIndex(load.index).tz_convert(zone).tz_localize(None)
        axis.plot(
            local,
            load.to_numpy(),
            color=COLOURS.get(name, style.MUTED),
            label=LABELS.get(name, name),
        )
    axis.axhline(0, color=style.MUTED, lw=0.8)
    axis.set_ylabel("net load [kW]")
    days_below(axis)


def draw_score(axis: "Axes", score: Score) -> None:
    """Draw the stability score over net load."""
    net = np.linspace(-score.rating_kw, score.rating_kw, 401)
    axis.plot(net, score(net), color=style.ACCENT)
    axis.set(xlabel="net load [kW]", ylabel="stability score [1]", ylim=(0, 1.05))


def days_below(axis: "Axes") -> None:
    """Label the local time axis with days, and with hours where few days are shown."""
    import matplotlib.dates as mdates

    low, high = axis.get_xlim()
    few = high - low < 4
    axis.xaxis.set_major_locator(mdates.HourLocator([0, 6, 12, 18]) if few else mdates.DayLocator())
    axis.xaxis.set_major_formatter(mdates.DateFormatter("%a %H:%M" if few else "%a %d %b"))
    axis.set_xlabel("local time")


def legend_above(axis: "Axes", columns: int = 5) -> None:
    """Put the legend above the axis, where it hides nothing."""
    axis.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncol=columns, borderaxespad=0)
