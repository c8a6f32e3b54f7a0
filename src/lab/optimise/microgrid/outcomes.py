"""What a plan costs, uses and loses, told from its table and the parts alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lab.calendar import in_zone
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.stability import Score


def amounts(schedule: pd.DataFrame, quantity: str) -> np.ndarray:
    """Return a quantity of a schedule, shape (hours, parts); no columns if there are no parts."""
    if quantity not in schedule.columns.get_level_values(0):
        return np.zeros((len(schedule), 0))
    return schedule[quantity].to_numpy(dtype=float)


def net_loads(schedule: pd.DataFrame) -> np.ndarray:
    """Return import less export of each connection, shape (hours, connections) [kW]."""
    return amounts(schedule, "import_kw") - amounts(schedule, "export_kw")


def useful_loads(grid: Microgrid, schedule: pd.DataFrame) -> np.ndarray:
    """Return the net load of each connection less what is lost or curtailed behind it.

    Valleys and unevenness are measured of it: a net load that is raised by wasting energy in
    lines and stores or by leaving sunshine unused is not counted as raised.

    Returns
    -------
    numpy.ndarray, shape (hours, connections)
        [kW]
    """
    sent = amounts(schedule, "forward_kw") + amounts(schedule, "backward_kw")
    lost = sent * np.array([line.loss_share for line in grid.lines])
    useful = net_loads(schedule) - lost @ grid.reach([line.start for line in grid.lines]).T
    sun = [i for i, g in enumerate(grid.generators) if g.renewable]
    left = grid.available_kw[sun].T - amounts(schedule, "generation_kw")[:, sun]
    useful = useful - left @ grid.reach([grid.generators[i].node for i in sun]).T
    if not amounts(schedule, "charge_kw").shape[1]:
        return useful
    inward = 1 - np.array([s.charge_efficiency for s in grid.stores])
    outward = 1 / np.array([s.discharge_efficiency for s in grid.stores]) - 1
    lost = amounts(schedule, "charge_kw") * inward + amounts(schedule, "discharge_kw") * outward
    return useful - lost @ grid.reach([s.node for s in grid.stores]).T


def terms(
    grid: Microgrid, schedule: pd.DataFrame, valley_from: np.ndarray | None = None
) -> pd.Series:
    """Return every term of the objective in its own unit, unscaled.

    Parameters
    ----------
    grid : Microgrid
    schedule : pandas.DataFrame
        As `Plan.schedule`.
    valley_from : numpy.ndarray, shape (connections,), optional
        Level from which valleys are measured [kW]; the mean of this schedule by default.

    Returns
    -------
    pandas.Series
        cost [USD], renewables [kWh], stability [1], peak [kW], valley [kW], levelling [kWh],
        moving [kWh].
    """
    net = net_loads(schedule)
    useful = useful_loads(grid, schedule)
    level = useful.mean(axis=0) if valley_from is None else valley_from
    days = in_zone(grid.index, grid.zone).date
    daily = pd.DataFrame(useful).groupby(days).transform("mean").to_numpy()
    return pd.Series(
        {
            "cost": float(costs(grid, schedule).sum()),
            "renewables": float(energies(grid, schedule)["renewable_to_demand_kwh"]),
            "stability": mean_score(grid, net),
            "peak": float(net.max(axis=0).sum()),
            "valley": float((level - useful.min(axis=0)).sum()),
            "levelling": grid.step_h * float(np.abs(useful - daily).sum()),
            "moving": grid.step_h * float(amounts(schedule, "less_kw").sum()),
        }
    )


def mean_score(grid: Microgrid, net_kw: np.ndarray) -> float:
    """Return the mean stability score of connections and hours on the grid; 0 without any.

    Parameters
    ----------
    grid : Microgrid
    net_kw : numpy.ndarray, shape (hours, connections) or (hours, 1)
        Net load [kW]; one column stands for every connection.
    """
    on = ~grid.mask
    net = np.broadcast_to(net_kw, (grid.hours, len(grid.connections)))[on]
    scores = [Score(c.rating_kw)(net[:, i]) for i, c in enumerate(grid.connections) if c.rating_kw]
    return float(np.mean(scores)) if scores and on.any() else 0.0


def costs(grid: Microgrid, schedule: pd.DataFrame) -> pd.Series:
    """Return what was paid, by cause [USD]; what export earned is negative."""
    return node_costs(grid, schedule).sum()


def node_costs(grid: Microgrid, schedule: pd.DataFrame) -> pd.DataFrame:
    """Return what was paid for the parts of each node, nodes x causes [USD]."""

    def paid(quantity: str, parts: Sequence[Any], price: str) -> pd.Series:
        made, found = amounts(schedule, quantity), pd.Series(0.0, grid.node_names)
        # A schedule of doing nothing knows no stores: then there is nothing to go through.
        for part, power in zip(parts, made.T, strict=False):
            each = getattr(part, price)
            spent = grid.step_h * (power * np.asarray(0.0 if each is None else each)).sum()
            found[getattr(part, "node", part.name)] += spent
        return found

    return pd.DataFrame(
        {
            "import": paid("import_kw", grid.connections, "import_price_usd_per_kwh"),
            "export": -paid("export_kw", grid.connections, "export_price_usd_per_kwh"),
            "generation": paid("generation_kw", grid.generators, "cost_usd_per_kwh"),
            "wear": paid("discharge_kw", grid.stores, "wear_usd_per_kwh"),
            "moving": paid("less_kw", grid.demands, "cost_usd_per_kwh"),
            "lost_load": paid("shed_kw", grid.nodes, "value_of_lost_load_usd_per_kwh"),
        }
    )


def energies(grid: Microgrid, schedule: pd.DataFrame) -> pd.Series:
    """Return the energy of the whole schedule, by what became of it [kWh], and its carbon [kg]."""
    h = grid.step_h
    generated = amounts(schedule, "generation_kw")
    renewable = np.array([g.renewable for g in grid.generators], dtype=bool)
    own = np.array([g.carbon_kg_per_kwh for g in grid.generators])
    moved = amounts(schedule, "more_kw") - amounts(schedule, "less_kw")
    asked = sum(node.load_kw.sum() for node in grid.nodes) + moved.sum()  # type: ignore[union-attr]
    asked += sum(d.baseline_kw.sum() for d in grid.demands)  # type: ignore[union-attr]
    bought = amounts(schedule, "import_kw")
    carbon = sum((bought[:, i] * c.carbon_kg_per_kwh).sum() for i, c in enumerate(grid.connections))
    losses = np.array([line.loss_share for line in grid.lines])
    sent = amounts(schedule, "forward_kw") + amounts(schedule, "backward_kw")
    available = grid.available_kw[: len(grid.generators)][renewable].sum()
    shed, other = amounts(schedule, "shed_kw").sum(), generated[:, ~renewable].sum()
    into, out = amounts(schedule, "charge_kw").sum(), amounts(schedule, "discharge_kw").sum()
    return h * pd.Series(
        {
            "asked_kwh": asked,
            "unserved_kwh": shed,
            "import_kwh": bought.sum(),
            "export_kwh": amounts(schedule, "export_kw").sum(),
            "dispatchable_kwh": other,
            "renewable_available_kwh": available,
            "curtailed_kwh": available - generated[:, renewable].sum(),
            "renewable_to_demand_kwh": asked - shed - bought.sum() - other,
            "line_losses_kwh": (sent * losses).sum(),
            "charged_kwh": into,
            "discharged_kwh": out,
            "carbon_kg": carbon + (generated * own).sum(),
        }
    )


def summary(grid: Microgrid, schedule: pd.DataFrame, rating_kw: float) -> pd.Series:
    """Return what a street shows at its transformer: the sum over all its connections.

    Parameters
    ----------
    grid : Microgrid
    schedule : pandas.DataFrame
    rating_kw : float
        Rating of that transformer, for the score [kW].

    Returns
    -------
    pandas.Series
        cost_usd (without lost load), lost_load_usd, peak_kw, valley_kw (lowest net load),
        ramping_kw (mean step), stability (mean score of the hours on the grid),
        renewable_utilisation (renewable energy that reaches demand as a share of what sun and
        wind allowed), self_sufficiency (share of what was asked for that was served and not
        imported), and the energies.
    """
    net = net_loads(schedule).sum(axis=1)
    on = ~grid.mask
    energy, cost = energies(grid, schedule), costs(grid, schedule)
    possible = energy["renewable_available_kwh"]
    here = energy["asked_kwh"] - energy["unserved_kwh"] - energy["import_kwh"]
    score = Score(rating_kw)(net[on]).mean() if on.any() else np.nan
    told = {
        "cost_usd": cost.drop("lost_load").sum(),
        "lost_load_usd": cost["lost_load"],
        "peak_kw": net.max(),
        "valley_kw": net.min(),
        "ramping_kw": np.abs(np.diff(net)).mean() if len(net) > 1 else 0.0,
        "stability": score,
        "renewable_utilisation": energy["renewable_to_demand_kwh"] / possible
        if possible
        else np.nan,
        "self_sufficiency": here / energy["asked_kwh"] if energy["asked_kwh"] else np.nan,
    }
    return pd.concat([pd.Series(told, dtype=float), energy])
