"""The terms that a plan may weigh against each other, each divided by its size of doing nothing.

Cost, renewables and stability are the project's weighted objective (0.6, 0.3, 0.1). Peak shaving,
valley filling, load shifting and the energy moved are further terms of the same linear model.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from lab.calendar import in_zone
from lab.checks import setting
from lab.errors import UsageError
from lab.optimise.microgrid.network import Microgrid, rows
from lab.optimise.microgrid.stability import Score

if TYPE_CHECKING:
    import cvxpy as cp

    from lab.optimise.microgrid.model import Model

# Terms that a plan raises; it lowers the others.
RAISED = ("renewables", "stability")
# Column of `lab.optimise.microgrid.outcomes.terms` behind each weight.
UNITS = {
    "cost": "USD",
    "renewables": "kWh",
    "stability": "1",
    "peak": "kW",
    "valley": "kW",
    "levelling": "kWh",
    "moving": "kWh",
}
NEARLY_NOTHING = 1e-9
# Renewables are divided by no less than this share of what is asked for: of a roof that gives next
# to nothing, each kWh would outweigh all money.
LEAST_SHARE = 0.1


@dataclass(frozen=True)
class Weights:
    """How much each term counts, once it is divided by its size of doing nothing (`sizes`).

    Attributes
    ----------
    cost : float
        Import less export, generators, wear, moving of demand and lost load [USD].
    renewables : float
        Renewable energy that reaches demand, net of losses [kWh]; raised. It is what is served
        less import and dispatchable generation, so wasting sunshine never counts as using it.
        Divided by no less than `LEAST_SHARE` of demand; without any when nothing is done it has
        no scale.
    stability : float
        Mean grid-stability score of the hours on the grid; raised.
    peak : float
        Peak shaving: the highest net load of each connection [kW].
    valley : float
        Valley filling: how far the lowest net load lies below the mean of doing nothing [kW].
    levelling : float
        Load shifting: energy by which the net load is away from the mean of its local day [kWh].
        Valleys and this one are measured of `outcomes.useful_loads`, the net load less what is
        lost or curtailed behind it, or wasting energy would fill valleys.
    moving : float
        Flexible energy moved [kWh]. Doing nothing moves none, so it is divided by the flexible
        demand instead.
    """

    cost: float = 0.6
    renewables: float = 0.3
    stability: float = 0.1
    peak: float = 0.0
    valley: float = 0.0
    levelling: float = 0.0
    moving: float = 0.0

    def __post_init__(self) -> None:
        for name, weight in asdict(self).items():
            setting(weight, f"The weight of {name}", 0)
        if not any(asdict(self).values()):
            raise UsageError("An objective needs a weight above 0, got none.")

    def scales(self, size: pd.Series) -> pd.Series:
        """Return what a unit of each term counts: weight by size of doing nothing, with sign.

        Parameters
        ----------
        size : pandas.Series
            As `sizes` gives it, by term.

        Raises
        ------
        UsageError
            If a weighted term has no size; a term that stands alone needs no scale and is left in
            its own unit.
        """
        weights = pd.Series(asdict(self))
        size = size[weights.index]
        if (weights > 0).sum() == 1:
            size = size.where(size >= NEARLY_NOTHING, 1.0)
        for name in weights.index[(weights > 0) & (size < NEARLY_NOTHING)]:
            amount = "not above 0" if name in RAISED else "0"
            raise UsageError(
                f"The term {name} is {amount} when nothing is done, so it has no scale; give it "
                "the weight 0."
            )
        sign = np.where(weights.index.isin(RAISED), -1.0, 1.0)
        return sign * weights / size.where(weights > 0, 1.0)


def sizes(nothing: pd.Series, asked_kwh: float) -> pd.Series:
    """Return what each term is divided by: its size of doing nothing, 0 where that is no measure.

    Renewables that reach demand are no measure where there are none (losses alone make the term
    negative), and are taken as no less than `LEAST_SHARE` of demand.

    Parameters
    ----------
    nothing : pandas.Series
        Values of doing nothing, by term.
    asked_kwh : float
        Demand of all hours.

    Examples
    --------
    >>> sizes(pd.Series({"cost": -4.0, "renewables": 0.001}), 20.0).to_dict()
    {'cost': 4.0, 'renewables': 2.0}
    """
    size, used = nothing.abs(), nothing["renewables"]
    there = used > NEARLY_NOTHING
    size["renewables"] = max(used, LEAST_SHARE * asked_kwh) if there else 0.0
    return size


CHEAPEST = Weights(cost=1.0, renewables=0.0, stability=0.0)


def expressions(
    model: "Model", names: list[str], valley_from: np.ndarray
) -> "tuple[dict[str, cp.Expression], list[cp.Constraint]]":
    """Return terms of a model in their own units, and the constraints that some bring along.

    Parameters
    ----------
    model : Model
    names : list of str
        Terms that are wanted.
    valley_from : numpy.ndarray, shape (connections,)
        Mean net load of doing nothing, from which valleys are measured [kW].
    """
    import cvxpy as cp

    h = model.grid.step_h
    net = model["import_kw"] - model["export_kw"]
    linear = {
        "cost": lambda: h * cost_of(model),
        "renewables": lambda: h * renewables_reach_demand(model),
        "moving": lambda: h * cp.sum(model["less_kw"]),
    }
    bounded = {
        "stability": lambda: stability_falls_piece_by_piece(model),
        "peak": lambda: peak_is_above_every_hour(net),
        "valley": lambda: valley_is_below_every_hour(useful_load(model, net), valley_from),
        "levelling": lambda: distance_from_the_mean_of_the_day(model.grid, useful_load(model, net)),
    }
    terms, constraints = {name: linear[name]() for name in names if name in linear}, []
    for name in names:
        if name in bounded:
            terms[name], own = bounded[name]()
            constraints += own
    return terms, constraints


def cost_of(model: "Model") -> "cp.Expression":
    """Return the cost of an hour, over all parts and hours [USD/h]."""
    import cvxpy as cp

    prices = unit_costs(model.grid)
    return cp.sum([cp.sum(cp.multiply(price, model[name])) for name, price in prices.items()])


def unit_costs(grid: Microgrid) -> dict[str, np.ndarray]:
    """Return what a kWh of each quantity costs, each of shape (parts, hours) [USD/kWh]."""
    lost = [node.value_of_lost_load_usd_per_kwh or 0.0 for node in grid.nodes]
    by_part: dict[str, list[Any]] = {
        "generation_kw": [g.cost_usd_per_kwh for g in grid.generators],
        "discharge_kw": [s.wear_usd_per_kwh for s in grid.stores],
        "less_kw": [d.cost_usd_per_kwh for d in grid.demands],
        "import_kw": [c.import_price_usd_per_kwh for c in grid.connections],
        "export_kw": [-np.asarray(c.export_price_usd_per_kwh) for c in grid.connections],
        "shed_kw": lost,
    }
    return {name: rows(prices, grid.hours) for name, prices in by_part.items()}


def renewables_reach_demand(model: "Model") -> "cp.Expression":
    """Return what is served less import and dispatchable generation [kW, summed over hours]."""
    import cvxpy as cp

    grid = model.grid
    fossil = rows([not g.renewable for g in grid.generators], grid.hours)
    asked = grid.load_kw.sum() + grid.baseline_kw.sum()
    served = asked + cp.sum(model["more_kw"] - model["less_kw"]) - cp.sum(model["shed_kw"])
    other = cp.sum(model["import_kw"]) + cp.sum(cp.multiply(fossil, model["generation_kw"]))
    return served - other


def stability_falls_piece_by_piece(model: "Model") -> "tuple[cp.Expression, list[cp.Constraint]]":
    """Return the mean score of connections and hours on the grid.

    What is exchanged with the grid, in either direction, is cut into the pieces between the knots
    of the score. Each loses score at its own rate, faster the farther out, so that a plan that
    raises the score fills the inner pieces first: the score is concave.
    """
    import cvxpy as cp

    grid = model.grid
    connections_have_a_rating(grid)
    on = np.flatnonzero(~grid.mask)
    scores = [Score(c.rating_kw) for c in grid.connections]
    rates, widths = (np.array([getattr(s, key) for s in scores]) for key in ("rates", "widths_kw"))
    count, pieces = len(on) * len(scores), []
    lost: Any = 0.0
    for rate, width in zip(rates.T, widths.T, strict=True):
        limit = np.repeat(width[:, None], len(on), axis=1)
        pieces.append(cp.Variable(limit.shape, bounds=[np.zeros(limit.shape), limit]))
        lost = lost + cp.sum(sparse.diags(rate) @ pieces[-1])
    exchanged = model["import_kw"][:, on] + model["export_kw"][:, on]
    return 1 - lost / count, [sum(pieces) == exchanged]


def connections_have_a_rating(grid: Microgrid) -> None:
    """Refuse a connection that carries nothing, where stability is weighed.

    Raises
    ------
    UsageError
        Naming the connection.
    """
    for connection in grid.connections:
        if not connection.rating_kw > 0:
            raise UsageError(
                f"Grid connection {connection.name!r} is rated 0 kW, so there is no stability "
                "score of it: give it an import_kw or export_kw above 0, leave it out, or give "
                "stability the weight 0."
            )


def useful_load(model: "Model", net: "cp.Expression") -> "cp.Expression":
    """Return the net load of each connection less what is lost or curtailed behind it."""
    grid = model.grid
    sun = [i for i, generator in enumerate(grid.generators) if generator.renewable]
    if sun:
        behind = grid.reach([grid.generators[i].node for i in sun])
        net = net - behind @ (grid.available_kw[sun] - model["generation_kw"][sun, :])
    if grid.lines:
        lost = grid.reach([n.start for n in grid.lines]) * [n.loss_share for n in grid.lines]
        net = net - lost @ (model["forward_kw"] + model["backward_kw"])
    if grid.stores:
        behind = grid.reach([s.node for s in grid.stores])
        net = net - (behind * [1 - s.charge_efficiency for s in grid.stores]) @ model["charge_kw"]
        lost = behind * [1 / s.discharge_efficiency - 1 for s in grid.stores]
        net = net - lost @ model["discharge_kw"]
    return net


def peak_is_above_every_hour(net: "cp.Expression") -> "tuple[cp.Expression, list[cp.Constraint]]":
    """Return the highest net load of each connection, summed [kW]."""
    import cvxpy as cp

    top = cp.Variable((net.shape[0], 1))
    return cp.sum(top), [net <= top @ np.ones((1, net.shape[1]))]


def valley_is_below_every_hour(
    net: "cp.Expression", valley_from: np.ndarray
) -> "tuple[cp.Expression, list[cp.Constraint]]":
    """Return how far the lowest net load of each connection lies below a level, summed [kW]."""
    import cvxpy as cp

    bottom = cp.Variable((net.shape[0], 1))
    return valley_from.sum() - cp.sum(bottom), [net >= bottom @ np.ones((1, net.shape[1]))]


def distance_from_the_mean_of_the_day(
    grid: Microgrid, net: "cp.Expression"
) -> "tuple[cp.Expression, list[cp.Constraint]]":
    """Return the energy by which each connection is away from the mean of its local day [kWh]."""
    import cvxpy as cp

    days = in_zone(grid.index, grid.zone).tz_localize(None).normalize()
    _, day, size = np.unique(days, return_inverse=True, return_counts=True)
    inside = sparse.csr_matrix((np.ones(len(day)), (np.arange(len(day)), day)))
    mean = cp.Variable((net.shape[0], len(size)))
    away = cp.Variable(net.shape, nonneg=True)
    off = net - mean @ inside.T
    is_mean = net @ (inside @ sparse.diags(1 / size)) == mean
    return grid.step_h * cp.sum(away), [is_mean, away >= off, away >= -off]
