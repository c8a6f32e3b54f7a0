"""The linear model: all nodes and hours at once, one function per limit and per constraint.

Rows are parts, columns are hours. A kind of which there is nothing keeps one row that is 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from lab.optimise.microgrid.network import Microgrid, rows

if TYPE_CHECKING:
    import cvxpy as cp

# Every quantity of a plan, and the kind of part that it belongs to.
QUANTITIES = {
    "generation_kw": "generators",
    "charge_kw": "stores",
    "discharge_kw": "stores",
    "stored_kwh": "stores",
    "more_kw": "demands",
    "less_kw": "demands",
    "import_kw": "connections",
    "export_kw": "connections",
    "forward_kw": "lines",
    "backward_kw": "lines",
    "shed_kw": "nodes",
}
# What stores and flexible demand decide; flows, import and curtailment follow from it.
DECIDED = ("charge_kw", "discharge_kw", "more_kw", "less_kw")
# Pairs of which only one should be above 0.
OPPOSITES = (("charge_kw", "discharge_kw"), ("forward_kw", "backward_kw"))
Closed = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Model:
    """Variables and constraints of one microgrid.

    Attributes
    ----------
    grid : Microgrid
    variables : dict of str to cvxpy.Variable
        By the names of `QUANTITIES`, each of shape (parts, hours).
    balance : cvxpy.Constraint
        Of every node and hour; its dual is what a kW at the node is worth.
    constraints : list of cvxpy.Constraint
        All of them, the balance among them.
    """

    grid: Microgrid
    variables: "dict[str, cp.Variable]"
    balance: "cp.Constraint"
    constraints: "list[cp.Constraint]"

    def __getitem__(self, quantity: str) -> "cp.Variable":
        return self.variables[quantity]

    def values(self) -> dict[str, np.ndarray]:
        """Return what the solver found, each of shape (parts, hours)."""
        return {
            name: self.value(name)[: len(getattr(self.grid, QUANTITIES[name]))]
            for name in self.variables
        }

    def value(self, name: str) -> np.ndarray:
        """Return the value of a variable; zeros where no constraint knows it."""
        variable = self.variables[name]
        return np.zeros(variable.shape) if variable.value is None else np.asarray(variable.value)


def table_of(grid: Microgrid, values: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return quantities as one table, hours x (quantity, part); what is not given is 0.

    Parameters
    ----------
    grid : Microgrid
    values : mapping of str to numpy.ndarray
        By the names of `QUANTITIES`, each of shape (parts, hours).
    """
    parts = {name: [p.name for p in getattr(grid, kind)] for name, kind in QUANTITIES.items()}
    columns = [(name, part) for name, own in parts.items() for part in own]
    filled = [
        values.get(name, np.zeros((len(own), grid.hours))) for name, own in parts.items() if own
    ]
    return pd.DataFrame(
        np.concatenate(filled).T,
        index=grid.index,
        columns=pd.MultiIndex.from_tuples(columns, names=["quantity", "part"]),
    )


def model(grid: Microgrid, closed: Closed | None = None, past: pd.DataFrame | None = None) -> Model:
    """State a microgrid as a linear model.

    Parameters
    ----------
    grid : Microgrid
    closed : mapping of str to array of bool, optional
        Quantities that must be 0 in some hours, by name, each of shape (parts, hours).
    past : pandas.DataFrame, optional
        Schedule of the first hours, in which `DECIDED` quantities are what they were.

    Returns
    -------
    Model
    """
    import cvxpy as cp

    most, least = upper_limits(grid), lower_limits(grid)
    for name, where in (closed or {}).items():
        most[name] = np.where(where, 0.0, most[name])
    if past is not None:
        most, least = the_past_stays_as_it_was(most, least, past)
    variables = {
        name: cp.Variable(limit.shape, bounds=[least.get(name, np.zeros(limit.shape)), limit])
        for name, limit in most.items()
    }
    balance = every_node_balances(variables, grid)
    constraints = [
        balance,
        *stored_energy_follows_power(variables, grid),
        *moved_energy_is_given_back(variables, grid),
        *no_more_is_shed_than_is_asked_for(variables, grid),
    ]
    return Model(grid, variables, balance, constraints)


def upper_limits(grid: Microgrid) -> dict[str, np.ndarray]:
    """Return the most that every quantity may be, each of shape (parts, hours)."""
    return {
        "generation_kw": grid.available_kw,
        "charge_kw": store_power_is_a_share_of_the_capacity(grid),
        "discharge_kw": store_power_is_a_share_of_the_capacity(grid),
        "stored_kwh": stores_hold_no_more_than_fits(grid),
        "more_kw": rows([d.more_kw for d in grid.demands], grid.hours),
        "less_kw": no_more_is_left_out_than_its_share(grid),
        "import_kw": connections_rest_on_an_island(grid, "import_kw"),
        "export_kw": connections_rest_on_an_island(grid, "export_kw"),
        "forward_kw": lines_carry_no_more_than_their_capacity(grid),
        "backward_kw": lines_carry_no_more_than_their_capacity(grid),
        "shed_kw": only_valued_load_is_shed(grid),
    }


def lower_limits(grid: Microgrid) -> dict[str, np.ndarray]:
    """Return the least that a quantity may be where that is not 0."""
    least = rows([s.soc_min * s.capacity_kwh for s in grid.stores], grid.hours).copy()
    least[:, -1] = np.maximum(least[:, -1], stores_end_as_full_as_they_should(grid))
    return {"stored_kwh": least}


def the_past_stays_as_it_was(
    most: dict[str, np.ndarray], least: dict[str, np.ndarray], past: pd.DataFrame
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return limits between which stores and flexible demand can only do what they did."""
    most, least = dict(most), dict(least)
    for name in DECIDED:
        if name in past.columns.get_level_values(0):
            done = past[name].to_numpy().T
            low = np.zeros(most[name].shape)
            high = most[name].copy()
            low[:, : len(past)] = high[:, : len(past)] = done
            most[name], least[name] = high, low
    return most, least


def store_power_is_a_share_of_the_capacity(grid: Microgrid) -> np.ndarray:
    """Return the most power of every store [kW]."""
    return rows([store.power_kw for store in grid.stores], grid.hours)


def stores_hold_no_more_than_fits(grid: Microgrid) -> np.ndarray:
    """Return the most energy in every store [kWh]."""
    return rows([store.soc_max * store.capacity_kwh for store in grid.stores], grid.hours)


def stores_end_as_full_as_they_should(grid: Microgrid) -> np.ndarray:
    """Return the least energy in every store at the end, shape (stores,) [kWh]."""
    return rows([store.last_soc * store.capacity_kwh for store in grid.stores], 1)[:, 0]


def no_more_is_left_out_than_its_share(grid: Microgrid) -> np.ndarray:
    """Return the most that a flexible demand may leave out in an hour [kW]."""
    return rows([demand.less_share for demand in grid.demands], grid.hours) * grid.baseline_kw


def connections_rest_on_an_island(grid: Microgrid, direction: str) -> np.ndarray:
    """Return the most that connections carry: their limit, and 0 in islanded hours [kW]."""
    limit = rows([getattr(c, direction) for c in grid.connections], grid.hours)
    return np.where(grid.mask, 0.0, limit)


def lines_carry_no_more_than_their_capacity(grid: Microgrid) -> np.ndarray:
    """Return the most that enters a line [kW]."""
    return rows([line.capacity_kw for line in grid.lines], grid.hours)


def only_valued_load_is_shed(grid: Microgrid) -> np.ndarray:
    """Return the most that may be shed: all demand of nodes that value it, else nothing [kW]."""
    valued = [node.value_of_lost_load_usd_per_kwh is not None for node in grid.nodes]
    asked = grid.load_kw + grid.places("demands") @ (
        grid.baseline_kw + rows([d.more_kw for d in grid.demands], grid.hours)
    )
    return np.where(np.array(valued)[:, None], asked, 0.0)


def every_node_balances(v: "Mapping[str, cp.Variable]", grid: Microgrid) -> "cp.Constraint":
    """State that what arrives at a node equals what leaves it, in every hour."""
    start, end = grid.ends("start"), grid.ends("end")
    arrives = sparse.diags(1 - rows([line.loss_share for line in grid.lines], 1)[:, 0])
    supply = (
        grid.places("generators") @ v["generation_kw"]
        + grid.places("stores") @ (v["discharge_kw"] - v["charge_kw"])
        + grid.places("connections") @ (v["import_kw"] - v["export_kw"])
        + (end @ arrives - start) @ v["forward_kw"]
        + (start @ arrives - end) @ v["backward_kw"]
    )
    moved = grid.places("demands") @ (v["more_kw"] - v["less_kw"])
    asked = grid.load_kw + grid.places("demands") @ grid.baseline_kw
    return supply + v["shed_kw"] - moved == asked


def stored_energy_follows_power(
    v: "Mapping[str, cp.Variable]", grid: Microgrid
) -> "list[cp.Constraint]":
    """State that a store holds what it kept and what came in, less what went out."""
    if not grid.stores:
        return []
    kept = np.array([s.kept_per_hour**grid.step_h for s in grid.stores])
    first = np.zeros((len(kept), grid.hours))
    first[:, 0] = kept * [s.initial_soc * s.capacity_kwh for s in grid.stores]
    inward = sparse.diags([s.charge_efficiency * grid.step_h for s in grid.stores])
    outward = sparse.diags([grid.step_h / s.discharge_efficiency for s in grid.stores])
    change = inward @ v["charge_kw"] - outward @ v["discharge_kw"]
    later = sparse.eye(grid.hours, k=1, format="csr")
    before = sparse.diags(kept) @ (v["stored_kwh"] @ later)
    return [v["stored_kwh"] - before - change == first]


def moved_energy_is_given_back(
    v: "Mapping[str, cp.Variable]", grid: Microgrid
) -> "list[cp.Constraint]":
    """State that in each window as much is taken beyond the baseline as is left out."""
    given = []
    for length in dict.fromkeys(demand.window_hours for demand in grid.demands):
        own = [i for i, demand in enumerate(grid.demands) if demand.window_hours == length]
        window = grid.windows(grid.demands[own[0]])
        inside = sparse.csr_matrix((np.ones(grid.hours), (np.arange(grid.hours), window)))
        picked = sparse.eye(len(grid.demands), format="csr")[own]
        given.append(picked @ (v["more_kw"] - v["less_kw"]) @ inside == 0)
    return given


def no_more_is_shed_than_is_asked_for(
    v: "Mapping[str, cp.Variable]", grid: Microgrid
) -> "list[cp.Constraint]":
    """State that only demand is shed that is there once it has moved."""
    names = grid.node_names
    valued = [node.value_of_lost_load_usd_per_kwh is not None for node in grid.nodes]
    where = sorted({names.index(demand.node) for demand in grid.demands})
    where = [node for node in where if valued[node]]
    if not where:
        return []
    picked = sparse.eye(len(names), format="csr")[where]
    moved = picked @ grid.places("demands") @ (v["more_kw"] - v["less_kw"])
    asked = picked @ (grid.load_kw + grid.places("demands") @ grid.baseline_kw)
    return [picked @ v["shed_kw"] <= asked + moved]
