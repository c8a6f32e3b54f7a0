"""Balance and bounds of a schedule once more, in code that shares nothing with the model."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lab.errors import SolveError
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.outcomes import amounts

# kW and kWh.
TOLERANCE = 1e-6
Columns = Mapping[tuple[str, str], np.ndarray]


def violations(grid: Microgrid, schedule: pd.DataFrame) -> pd.Series:
    """Return by how much a schedule breaks each rule at worst [kW or kWh]; 0 where it keeps it.

    Parameters
    ----------
    grid : Microgrid
    schedule : pandas.DataFrame
        As `Plan.schedule`; not only of a plan that this package made.

    Returns
    -------
    pandas.Series
        By rule. A schedule is sound if every value lies below `TOLERANCE`.
    """
    at = dict(zip(schedule.columns, schedule.to_numpy(dtype=float).T, strict=True))
    found = {
        "balance of every node": _balance(grid, at),
        "nothing is negative": float(np.max(-schedule.to_numpy(dtype=float), initial=0.0)),
        "generators": _generators(grid, at),
        "store power": _store_power(grid, at),
        "stored energy": _stored(grid, at),
        "state of charge": _charge_limits(grid, at),
        "flexible demand": _flexible(grid, at),
        "given back": _given_back(grid, at),
        "lines": _lines(grid, at),
        "grid connections": _connections(grid, at),
        "shedding": _shedding(grid, at),
        "one way at a time": _both_ways(schedule),
    }
    return pd.Series(found, dtype=float)


def count(grid: Microgrid, schedule: pd.DataFrame, tolerance: float = TOLERANCE) -> int:
    """Return how many rules a schedule breaks."""
    found = violations(grid, schedule)
    return int((~(found <= tolerance)).sum())


def require(
    grid: Microgrid, schedule: pd.DataFrame, what: str, tolerance: float = TOLERANCE
) -> pd.Series:
    """Return the violations of a schedule that keeps every rule.

    Raises
    ------
    SolveError
        If it breaks one, with the worst of them.
    """
    found = violations(grid, schedule)
    broken = found[~(found <= tolerance)]
    if len(broken):
        raise SolveError(
            f"{what} breaks {len(broken)} of {len(found)} rules, worst '{broken.idxmax()}' by "
            f"{broken.max():.3g}; allowed is {tolerance:g}."
        )
    return found


def _over(values: np.ndarray, limit: object) -> float:
    """Return by how much values lie above a limit at worst."""
    return float(np.max(values - np.asarray(limit), initial=0.0))


def _balance(grid: Microgrid, at: Columns) -> float:
    """Add up, node by node, what the parts on it give and take."""
    left = {node.name: -np.asarray(node.load_kw) for node in grid.nodes}

    def add(node: str, quantity: str, part: str, factor: float = 1.0) -> None:
        left[node] = left[node] + factor * at[quantity, part]

    for node in grid.nodes:
        add(node.name, "shed_kw", node.name)
    for generator in grid.generators:
        add(generator.node, "generation_kw", generator.name)
    for store in grid.stores:
        add(store.node, "discharge_kw", store.name)
        add(store.node, "charge_kw", store.name, -1)
    for demand in grid.demands:
        left[demand.node] = left[demand.node] - demand.baseline_kw
        add(demand.node, "less_kw", demand.name)
        add(demand.node, "more_kw", demand.name, -1)
    for connection in grid.connections:
        add(connection.node, "import_kw", connection.name)
        add(connection.node, "export_kw", connection.name, -1)
    for line in grid.lines:
        for quantity, source, sink in (
            ("forward_kw", line.start, line.end),
            ("backward_kw", line.end, line.start),
        ):
            add(source, quantity, line.name, -1)
            add(sink, quantity, line.name, 1 - line.loss_share)
    return max(float(np.abs(rest).max()) for rest in left.values())


def _generators(grid: Microgrid, at: Columns) -> float:
    return max(
        (_over(at["generation_kw", g.name], g.available_kw) for g in grid.generators),
        default=0.0,
    )


def _store_power(grid: Microgrid, at: Columns) -> float:
    worst = 0.0
    for store in grid.stores:
        for quantity in ("charge_kw", "discharge_kw"):
            values = at[quantity, store.name]
            worst = max(worst, _over(values, store.hourly_share * store.capacity_kwh))
    return worst


def _stored(grid: Microgrid, at: Columns) -> float:
    """Follow the energy of every store from its start."""
    worst, h = 0.0, grid.step_h
    for store in grid.stores:
        held = at["stored_kwh", store.name]
        came = store.charge_efficiency * at["charge_kw", store.name] * h
        went = at["discharge_kw", store.name] * h / store.discharge_efficiency
        before = np.concatenate([[store.initial_soc * store.capacity_kwh], held[:-1]])
        should = before * store.kept_per_hour**h + came - went
        worst = max(worst, float(np.abs(held - should).max()))
    return worst


def _charge_limits(grid: Microgrid, at: Columns) -> float:
    worst = 0.0
    for store in grid.stores:
        held = at["stored_kwh", store.name]
        worst = max(worst, _over(held, store.soc_max * store.capacity_kwh))
        worst = max(worst, _over(-held, -store.soc_min * store.capacity_kwh))
        worst = max(worst, store.last_soc * store.capacity_kwh - held[-1])
    return worst


def _flexible(grid: Microgrid, at: Columns) -> float:
    worst = 0.0
    for demand in grid.demands:
        less = at["less_kw", demand.name]
        worst = max(worst, _over(less, demand.less_share * np.asarray(demand.baseline_kw)))
        worst = max(worst, _over(at["more_kw", demand.name], demand.more_kw))
    return worst


def _given_back(grid: Microgrid, at: Columns) -> float:
    worst, days = 0.0, grid.index.tz_convert(grid.zone).date
    for demand in grid.demands:
        moved = pd.Series(at["more_kw", demand.name] - at["less_kw", demand.name]) * grid.step_h
        window = (
            days
            if demand.window_hours is None
            else np.floor(np.arange(len(moved)) * grid.step_h / demand.window_hours + 1e-9)
        )
        worst = max(worst, float(moved.groupby(window).sum().abs().max()))
    return worst


def _lines(grid: Microgrid, at: Columns) -> float:
    worst = 0.0
    for line in grid.lines:
        for quantity in ("forward_kw", "backward_kw"):
            worst = max(worst, _over(at[quantity, line.name], line.capacity_kw))
    return worst


def _connections(grid: Microgrid, at: Columns) -> float:
    """Compare with the limits, which are 0 on an island."""
    worst = 0.0
    for connection in grid.connections:
        for quantity in ("import_kw", "export_kw"):
            limit = np.where(grid.mask, 0.0, getattr(connection, quantity))
            worst = max(worst, _over(at[quantity, connection.name], limit))
    return worst


def _shedding(grid: Microgrid, at: Columns) -> float:
    """Compare with what is asked for at each node, or with nothing where it has no value."""
    worst = 0.0
    for node in grid.nodes:
        asked = np.asarray(node.load_kw).copy()
        for demand in grid.demands:
            if demand.node == node.name:
                moved = at["more_kw", demand.name] - at["less_kw", demand.name]
                asked = asked + np.asarray(demand.baseline_kw) + moved
        limit = asked if node.value_of_lost_load_usd_per_kwh is not None else 0.0
        worst = max(worst, _over(at["shed_kw", node.name], limit))
    return worst


def _both_ways(schedule: pd.DataFrame) -> float:
    """Return the most that flows against itself: in a line, a store, or at a connection."""
    pairs = (
        ("charge_kw", "discharge_kw"),
        ("forward_kw", "backward_kw"),
        ("import_kw", "export_kw"),
        ("more_kw", "less_kw"),
    )
    both = [np.minimum(amounts(schedule, one), amounts(schedule, other)) for one, other in pairs]
    return max(float(np.max(one, initial=0.0)) for one in both)
