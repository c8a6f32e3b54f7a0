"""Whether stores can end as full as they should; doing nothing where it cannot serve all."""

from dataclasses import replace

import numpy as np
import pandas as pd

from lab.errors import InfeasibleError
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.parts import Store

# Shortfalls below this are rounding [kWh].
TINY_KWH = 1e-9
# Value of lost load in doing nothing where a node has none, if all cannot be served [USD/kWh].
LOST_USD_PER_KWH = 5.0


def stores_can_end_as_they_should(grid: Microgrid, past: pd.DataFrame | None = None) -> None:
    """Refuse a store that does not reach its end even if it does nothing but charge.

    Each store is looked at by itself: power that is not there, or that lines do not carry, is for
    the solver to find.

    Parameters
    ----------
    grid : Microgrid
    past : pandas.DataFrame, optional
        Schedule of the first hours, in which stores have done what they did.

    Raises
    ------
    InfeasibleError
        Naming the store, what it should reach and what it can.
    """
    for store in grid.stores:
        most = most_at_the_end(store, grid, past)
        if most < store.last_soc * store.capacity_kwh - TINY_KWH:
            given = "" if store.final_soc is not None else " (as much as at the start)"
            raise InfeasibleError(
                f"Store {store.name!r} cannot reach its final_soc of {store.last_soc:g}{given}: "
                f"from {store.initial_soc:g}, with at most {store.power_kw:g} kW in "
                f"{grid.hours * grid.step_h:g} h, it comes to {most / store.capacity_kwh:.3g}."
            )


def most_at_the_end(store: Store, grid: Microgrid, past: pd.DataFrame | None = None) -> float:
    """Return the most that a store can hold after the last hour [kWh]."""
    h = grid.step_h
    into, out = np.full(grid.hours, store.power_kw), np.zeros(grid.hours)
    if past is not None and ("charge_kw", store.name) in past.columns:
        into[: len(past)] = past["charge_kw", store.name]
        out[: len(past)] = past["discharge_kw", store.name]
    change = (store.charge_efficiency * into - out / store.discharge_efficiency) * h
    held = store.initial_soc * store.capacity_kwh
    for gained in change:
        full = store.soc_max * store.capacity_kwh
        held = min(full, held * store.kept_per_hour**h + float(gained))
    return held


def all_may_be_lost(grid: Microgrid) -> Microgrid:
    """Return the microgrid in which every node may lose load, at a value above all prices."""
    prices = [float(np.max(c.import_price_usd_per_kwh)) for c in grid.connections]
    prices += [generator.cost_usd_per_kwh for generator in grid.generators]
    value = max([LOST_USD_PER_KWH, *(2 * price for price in prices)])
    own = [node.value_of_lost_load_usd_per_kwh for node in grid.nodes]
    nodes = [
        replace(node, value_of_lost_load_usd_per_kwh=value if worth is None else worth)
        for node, worth in zip(grid.nodes, own, strict=True)
    ]
    return grid.with_parts(nodes=nodes)
