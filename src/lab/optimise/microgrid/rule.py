"""Storage by a rule that knows nothing of tomorrow: surplus goes in, and out when it is short."""

from itertools import accumulate

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.optimise.microgrid.model import DECIDED, table_of
from lab.optimise.microgrid.network import Microgrid, rows


def self_consumption(grid: Microgrid) -> pd.DataFrame:
    """Return the schedule of nodes that each run their store by their own surplus.

    A store takes what its node does not use and gives it back as soon as the node is short.
    Nothing moves, nobody trades, generators give all they can; what the grid cannot take is
    curtailed, what it cannot give is shed.

    Parameters
    ----------
    grid : Microgrid
        Without lines, with one connection and at most one store a node, renewables only.

    Returns
    -------
    pandas.DataFrame
        As `Plan.schedule`; check it with `lab.optimise.microgrid.check.count`, for a rule does
        not see to it that a store ends as full as it should.

    Raises
    ------
    UsageError
        If the microgrid has lines, dispatchable generators, or two stores on a node.
    """
    _refuse_what_a_rule_cannot(grid)
    made = grid.places("generators") @ grid.available_kw
    asked = grid.load_kw + grid.places("demands") @ grid.baseline_kw
    own = grid.places("stores").T @ (made - asked)
    charge, discharge, held = _follow(grid, own)
    net = asked - made + grid.places("stores") @ (charge - discharge)
    bought = np.clip(net, 0, _limit(grid, "import_kw"))
    sold = np.clip(-net, 0, _limit(grid, "export_kw"))
    too_much = np.maximum(-net - sold, 0)
    kept = 1 - np.divide(too_much, made, out=np.zeros_like(made), where=made > 0)
    at = grid.places("connections").T
    values = {
        "generation_kw": grid.available_kw * (grid.places("generators").T @ kept),
        "charge_kw": charge,
        "discharge_kw": discharge,
        "stored_kwh": held,
        "import_kw": at @ bought,
        "export_kw": at @ sold,
        "shed_kw": np.maximum(net - bought, 0),
    }
    return table_of(grid, values)


def pooled_consumption(grid: Microgrid) -> pd.DataFrame:
    """Return what stores do that are run by the surplus of all nodes together, as if they were one.

    Every store takes the part of the surplus that is the part of its capacity in that of all, and
    gives back as much of what is short. No demand moves; losses of lines are not foreseen.

    Parameters
    ----------
    grid : Microgrid
        With renewables only.

    Returns
    -------
    pandas.DataFrame
        The quantities that are decided, for `past` of `lab.optimise.microgrid.dispatch.dispatch`,
        which finds the flows that follow.

    Raises
    ------
    UsageError
        If there is a dispatchable generator.
    """
    _refuse_dispatchable(grid)
    asked = grid.load_kw.sum(axis=0) + grid.baseline_kw.sum(axis=0)
    size = rows([store.capacity_kwh for store in grid.stores], 1)
    share = size / max(float(size.sum()), np.finfo(float).tiny)
    decided = {}
    if grid.stores:
        power = _follow(grid, share * (grid.available_kw.sum(axis=0) - asked))
        decided = dict(zip(("charge_kw", "discharge_kw"), power, strict=False))
    made = table_of(grid, decided)
    return made[[name for name in DECIDED if name in made]]


def _refuse_what_a_rule_cannot(grid: Microgrid) -> None:
    if grid.lines:
        raise UsageError(
            f"The rule knows no lines, got {len(grid.lines)}; give each node a connection."
        )
    _refuse_dispatchable(grid)
    for kind in ("stores", "connections"):
        often = np.asarray(grid.places(kind).sum(axis=1)).ravel()
        if often.max(initial=0) > 1:
            name = grid.node_names[int(np.argmax(often))]
            raise UsageError(f"The rule takes one of the {kind} a node, got several at {name!r}.")


def _refuse_dispatchable(grid: Microgrid) -> None:
    for generator in grid.generators:
        if not generator.renewable:
            raise UsageError(f"The rule knows renewables only, got generator {generator.name!r}.")


def _follow(grid: Microgrid, surplus: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return charge, discharge [kW] and what is held [kWh], each of shape (stores, hours)."""
    h, stores = grid.step_h, grid.stores
    of = {
        key: rows([getattr(s, key) for s in stores], 1)[:, 0]
        for key in (
            "capacity_kwh", "power_kw", "charge_efficiency", "discharge_efficiency",
            "kept_per_hour", "soc_min", "soc_max", "initial_soc",
        )
    }  # fmt: skip
    most, least = of["capacity_kwh"] * of["soc_max"], of["capacity_kwh"] * of["soc_min"]

    def step(before: tuple[np.ndarray, ...], own: np.ndarray) -> tuple[np.ndarray, ...]:
        held = before[2] * of["kept_per_hour"] ** h
        room = np.maximum(most - held, 0) / (of["charge_efficiency"] * h)
        there = np.maximum(held - least, 0) * of["discharge_efficiency"] / h
        into = np.minimum.reduce([np.maximum(own, 0), of["power_kw"], room])
        out = np.minimum.reduce([np.maximum(-own, 0), of["power_kw"], there])
        gain = (into * of["charge_efficiency"] - out / of["discharge_efficiency"]) * h
        return into, out, held + gain

    start = (np.zeros_like(most), np.zeros_like(most), of["capacity_kwh"] * of["initial_soc"])
    # One step an hour, for all stores at once: what is held depends on what was held before.
    steps = list(accumulate(surplus.T, step, initial=start))[1:]  # type: ignore[arg-type]
    charge, discharge, held = (np.array([one[k] for one in steps]).T for k in range(3))
    return charge, discharge, held


def _limit(grid: Microgrid, direction: str) -> np.ndarray:
    """Return what the connection of each node carries, shape (nodes, hours) [kW]."""
    limits = rows([getattr(c, direction) for c in grid.connections], grid.hours)
    return np.where(grid.mask, 0.0, grid.places("connections") @ limits)
