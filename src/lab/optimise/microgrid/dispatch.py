"""The best plan of a microgrid, doing nothing as its measure, and what power costs at each node."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab.errors import InfeasibleError
from lab.optimise.microgrid import check, outcomes
from lab.optimise.microgrid.model import OPPOSITES, QUANTITIES, Closed, Model, model, upper_limits
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.objectives import CHEAPEST, UNITS, Weights, expressions
from lab.optimise.microgrid.reach import all_may_be_lost, stores_can_end_as_they_should
from lab.solver import Solved, solve

if TYPE_CHECKING:
    import cvxpy as cp

# Flows below this are the solver's noise [kW].
NOISE_KW = 1e-7
# Balances are checked to 1e-6; the solver's own default is 1e-7 of each scaled row.
EXACT = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
MOST_ROUNDS = 20
LIMIT_S = 60.0


@dataclass(frozen=True, eq=False)
class Plan:
    """A schedule that keeps every rule, and what is proved about it.

    Attributes
    ----------
    grid : Microgrid
    weights : Weights
    schedule : pandas.DataFrame
        One row an hour (UTC); columns (quantity, part), quantities as in `model.QUANTITIES`.
    solved : Solved
        The objective is the sum of the scaled terms. If the time ended first, the gap is that of
        this schedule to the highest bound that was proven, NaN if there is none.
    terms : pandas.DataFrame
        By term: weight, unit, value (unscaled), nothing (its value of doing nothing), scaled.
    prices_usd_per_kwh : pandas.DataFrame
        Nodal prices, hours x nodes [USD/kWh]: what one kWh of sunshine more at a node is worth,
        other terms turned into money at the rate of the objective. If cost alone is weighed, that
        is the locational marginal price. NaN if cost has no weight, or the time ended before the
        linear model was solved.
    both_ways : int
        Hours of a line or store in which the linear model would have used both directions at
        once; whole numbers forbid it there.
    worst : pandas.Series
        From the independent check, by rule [kW, kWh].
    """

    grid: Microgrid
    weights: Weights
    schedule: pd.DataFrame
    solved: Solved
    terms: pd.DataFrame
    prices_usd_per_kwh: pd.DataFrame
    both_ways: int
    worst: pd.Series

    @property
    def net_load_kw(self) -> pd.Series:
        """Import less export of all connections together [kW]."""
        return pd.Series(outcomes.net_loads(self.schedule).sum(axis=1), self.grid.index)

    @property
    def violations(self) -> int:
        """Number of rules that the schedule breaks."""
        return int((~(self.worst <= check.TOLERANCE)).sum())


@dataclass(frozen=True, eq=False)
class Scale:
    """What doing nothing tells a plan: the size of every term and where valleys begin."""

    nothing: pd.Series
    valley_from: np.ndarray


@dataclass(frozen=True, eq=False)
class Case:
    """What is asked of the solver: a microgrid, an objective, a name, and what was done before."""

    grid: Microgrid
    weights: Weights
    scale: Scale | None
    what: str
    past: pd.DataFrame | None = None
    limit_s: float | None = None


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The linear model's own answer.

    Attributes
    ----------
    values : dict of str to numpy.ndarray
        Quantities, each of shape (parts, hours).
    prices_usd_per_kwh : numpy.ndarray, shape (nodes, hours)
    solved : Solved
    """

    values: dict[str, np.ndarray]
    prices_usd_per_kwh: np.ndarray
    solved: Solved


def idle(grid: Microgrid) -> Plan:
    """Return the cheapest dispatch in which nothing is stored and no demand moves."""
    return _solved(Case(at_rest(grid), CHEAPEST, None, "Doing nothing in the microgrid"))


def at_rest(grid: Microgrid) -> Microgrid:
    """Return the microgrid without its stores, with flexible demand that does not move."""
    still = tuple(replace(demand, less_share=0.0, more_kw=0.0) for demand in grid.demands)
    return grid.with_parts(stores=(), demands=still)


def dispatch(
    grid: Microgrid,
    weights: Weights | None = None,
    nothing: Plan | None = None,
    past: pd.DataFrame | None = None,
    limit_s: float | None = LIMIT_S,
) -> Plan:
    """Plan a microgrid with all of its hours known.

    Parameters
    ----------
    grid : Microgrid
    weights : Weights, optional
        Cost 0.6, renewables 0.3 and stability 0.1 by default.
    nothing : Plan, optional
        Doing nothing, of which the terms are measured; `idle(grid)` when omitted. It need not
        be of the same lines, so that plans with and without them share one scale; where it has
        another number of connections, its net load is scored at those of `grid`, for stability
        is a matter of the place. When omitted
        and doing nothing cannot serve every load, what it leaves unserved is lost at
        `reach.LOST_USD_PER_KWH`, or twice the dearest price if that is more, where a node has
        no value of its own; the plan itself sheds only what its nodes allow.
    past : pandas.DataFrame, optional
        Schedule of the first hours, in which stores and flexible demand have done what they did.
    limit_s : float, optional
        Seconds for each solve. Linear models take one or two; whole numbers, where power is worth
        less than nothing in many hours, may not be done then: the best plan so far is returned,
        marked as not proven.

    Returns
    -------
    Plan
        Checked by `check.require`.

    Raises
    ------
    InfeasibleError
        If no schedule keeps all constraints; named is a store that cannot reach its `final_soc`.
    SolveError
        If no schedule was found in time, or the one found breaks a rule.
    UsageError
        If a weighted term is 0 when nothing is done, or stability is weighed and a connection is
        rated 0.
    """
    stores_can_end_as_they_should(grid, past)
    scale = _scale(grid, nothing or _measure(grid))
    case = Case(grid, weights or Weights(), scale, "The plan of the microgrid", past, limit_s)
    return _solved(case)


def relaxed(
    grid: Microgrid, weights: Weights | None = None, nothing: Plan | None = None
) -> Relaxed:
    """Solve the linear model alone, in which a line or store may use both directions at once.

    Returns
    -------
    Relaxed
    """
    stores_can_end_as_they_should(grid)
    scale = _scale(grid, nothing or _measure(grid))
    case = Case(grid, weights or Weights(), scale, "The relaxed plan")
    stated, solved, duals = _linear(case, {})
    return Relaxed(stated.values(), duals, solved)


def _measure(grid: Microgrid) -> Plan:
    """Return doing nothing; where it cannot serve every load, with the rest lost at a value."""
    try:
        return idle(grid)
    except InfeasibleError:
        return idle(all_may_be_lost(grid))


def _scale(grid: Microgrid, base: Plan) -> Scale:
    values = outcomes.terms(base.grid, base.schedule)
    values["moving"] = base.grid.step_h * float(grid.baseline_kw.sum())
    level = outcomes.useful_loads(base.grid, base.schedule).mean(axis=0)
    net = outcomes.net_loads(base.schedule)
    if len(level) != len(grid.connections):
        count = max(len(grid.connections), 1)
        level = np.full(len(grid.connections), level.sum() / count)
        # The score of many small connections is no measure of a few large ones.
        values["stability"] = outcomes.mean_score(grid, net.sum(axis=1, keepdims=True) / count)
    return Scale(values, level)


def _solved(case: Case) -> Plan:
    """Solve, and where both directions at once would pay, once more with whole numbers.

    Whole numbers stand only where the linear model used both. What they allow is more than what
    is allowed, so a plan that then uses both nowhere is the best of all.
    """
    stated, solved, duals = _linear(case, {})
    both, bound = _both(stated), solved.bound
    first = sum(int(where.sum()) for where in both.values())
    found = {name: np.zeros_like(where) for name, where in both.items()}
    for _ in range(MOST_ROUNDS):
        if not any(where.any() for where in both.values()):
            break
        found = {name: where | both[name] for name, where in found.items()}
        closed, chosen = _directions(case, found)
        stated, fixed, duals = _linear(case, closed)
        # Each round allows more than what is allowed, so every bound holds: the highest counts.
        bound = float(np.fmax(bound, chosen.bound))
        solved = _proof(fixed, chosen, bound)
        both = _both(stated)
    return _plan(stated, case, solved, duals, first)


def _linear(case: Case, closed: Closed) -> tuple[Model, Solved, np.ndarray]:
    """Solve the linear model; return it with the duals of its balance [USD/kWh]."""
    stated = model(case.grid, closed, case.past)
    problem, money = _problem(stated, case.weights, case.scale)
    solved = solve(problem, case.what, limit_s=case.limit_s, options=EXACT)
    duals = -np.asarray(stated.balance.dual_value) / case.grid.step_h
    priced = duals if case.weights.cost > 0 and solved.proven else np.full_like(duals, np.nan)
    return stated, _in_units(solved, money), priced


def _in_units(solved: Solved, money: float) -> Solved:
    """Return what is proven about an objective in which a dollar counts one, in scaled terms."""
    return replace(solved, objective=solved.objective / money, bound=solved.bound / money)


def _proof(fixed: Solved, chosen: Solved, bound: float) -> Solved:
    """Return what is proven about the schedule of chosen directions.

    The schedule is that of the linear model with its directions fixed; what is known about the
    choice is not about that schedule if either was stopped by time.
    """
    if fixed.proven and chosen.proven:
        return replace(chosen, objective=fixed.objective)
    value, gap = fixed.objective, float("nan")
    if np.isfinite(bound):
        gap = max(value - bound, 0.0) / max(abs(value), 1e-12)
    return Solved(value, "stopped", gap, False, bound if np.isfinite(bound) else float("nan"))


def _problem(stated: Model, weights: Weights, scale: Scale | None) -> "tuple[cp.Problem, float]":
    """Return the problem in which a dollar counts one, and how many of these an objective of 1 is.

    Duals are then prices, and the solver's tolerances are sizes that mean something.
    """
    import cvxpy as cp

    nothing = pd.Series(1.0, index=list(UNITS)) if scale is None else scale.nothing
    level = np.zeros(len(stated.grid.connections)) if scale is None else scale.valley_from
    factors = weights.scales(nothing)
    factors = factors[factors != 0]
    money = 1 / factors["cost"] if "cost" in factors else float(nothing.abs().max())
    expressed, more = expressions(stated, list(factors.index), level)
    objective = cp.sum([money * factors[name] * term for name, term in expressed.items()])
    return cp.Problem(cp.Minimize(objective), stated.constraints + more), float(money)


def _both(stated: Model) -> dict[str, np.ndarray]:
    """Return where both of two opposite quantities are above 0, under the first one's name."""
    return {
        one: np.minimum(stated.value(one), stated.value(other)) > NOISE_KW
        for one, other in OPPOSITES
    }


def _directions(
    case: Case, found: Mapping[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], Solved]:
    """Choose a direction by whole numbers where both were used; return what is closed."""
    import cvxpy as cp

    stated = model(case.grid, past=case.past)
    problem, money = _problem(stated, case.weights, case.scale)
    limits, either, pairs = upper_limits(case.grid), [], [p for p in OPPOSITES if found[p[0]].any()]
    for one, other in pairs:
        where = found[one]
        first = cp.Variable(int(where.sum()), boolean=True)
        either += [stated[one][where] <= cp.multiply(limits[one][where], first)]
        either += [stated[other][where] <= cp.multiply(limits[other][where], 1 - first)]
    whole = cp.Problem(problem.objective, problem.constraints + either)
    chosen = solve(whole, case.what, limit_s=case.limit_s, options=EXACT)
    closed = {}
    for one, other in pairs:
        values = [stated.value(name) for name in (one, other)]
        closed[one] = found[one] & (values[0] <= values[1])
        closed[other] = found[one] & ~closed[one]
    return closed, _in_units(chosen, money)


def _plan(stated: Model, case: Case, solved: Solved, duals: np.ndarray, first: int) -> Plan:
    grid = stated.grid
    schedule = _table(grid, _tidied(stated.values()))
    worst = check.require(grid, schedule, case.what)
    prices = pd.DataFrame(duals.T, index=grid.index, columns=grid.node_names)
    terms = _terms(grid, schedule, case.weights, case.scale)
    return Plan(grid, case.weights, schedule, solved, terms, prices, first, worst)


def _tidied(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Take away the solver's noise and what cancels at no loss.

    Import against export and more against less cancel exactly: neither loses energy, and no
    price makes both worth while.
    """
    values = {name: np.maximum(value, 0.0) for name, value in values.items()}
    for one, other in (("import_kw", "export_kw"), ("more_kw", "less_kw"), *OPPOSITES):
        both = np.minimum(values[one], values[other])
        values[one], values[other] = values[one] - both, values[other] - both
    return values


def _table(grid: Microgrid, values: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return quantities as one table, columns (quantity, part)."""
    parts = {name: [p.name for p in getattr(grid, kind)] for name, kind in QUANTITIES.items()}
    columns = [(name, part) for name, own in parts.items() for part in own]
    filled = [values[name] for name, own in parts.items() if own]
    return pd.DataFrame(
        np.concatenate(filled).T,
        index=grid.index,
        columns=pd.MultiIndex.from_tuples(columns, names=["quantity", "part"]),
    )


def _terms(
    grid: Microgrid, schedule: pd.DataFrame, weights: Weights, scale: Scale | None
) -> pd.DataFrame:
    level = None if scale is None else scale.valley_from
    value = outcomes.terms(grid, schedule, level)
    nothing = value if scale is None else scale.nothing
    size = nothing.abs().where(nothing.abs() > 0)
    return pd.DataFrame(
        {
            "weight": pd.Series(asdict(weights)),
            "unit": pd.Series(UNITS),
            "value": value,
            "nothing": nothing,
            "scaled": value / size,
        }
    ).loc[list(UNITS)]
