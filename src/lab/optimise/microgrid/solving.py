"""Solving a microgrid: the linear model, and whole numbers where it would go both ways at once."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab.errors import InfeasibleError, SolveError
from lab.optimise.microgrid.model import OPPOSITES, Closed, Model, model, upper_limits
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.objectives import UNITS, Weights, expressions
from lab.solver import Solved, solve

if TYPE_CHECKING:
    import cvxpy as cp

# Flows below this are the solver's noise [kW].
NOISE_KW = 1e-7
# Balances are checked to 1e-6; the solver's own default is 1e-7 of each scaled row.
EXACT = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
MOST_ROUNDS = 20
# What is left to a solve when the time is over [s].
INSTANT_S = 1e-3


@dataclass(frozen=True, eq=False)
class Scale:
    """What doing nothing tells a plan: values of the terms, their sizes, where valleys begin."""

    nothing: pd.Series
    size: pd.Series
    valley_from: np.ndarray


@dataclass(frozen=True, eq=False)
class Case:
    """What is asked of the solver: a microgrid, an objective, a name, and what was done before.

    All solves together have `limit_s` seconds, from when the case was made.
    """

    grid: Microgrid
    weights: Weights
    scale: Scale | None
    what: str
    past: pd.DataFrame | None = None
    limit_s: float | None = None
    began_s: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float | None:
        """Time that is left [s]."""
        if self.limit_s is None:
            return None
        return max(self.began_s + self.limit_s - time.monotonic(), INSTANT_S)

    @property
    def is_over(self) -> bool:
        """Whether all time is used."""
        return self.left_s == INSTANT_S


@dataclass(frozen=True, eq=False)
class Found:
    """An answer of the solver.

    Attributes
    ----------
    stated : Model
        Its variables hold the schedule.
    solved : Solved
    duals : numpy.ndarray, shape (nodes, hours)
        Of the balance [USD/kWh]; NaN if cost has no weight or the time ended first.
    both_ways : int
        Hours of a line or store in which the linear model used both directions.
    """

    stated: Model
    solved: Solved
    duals: np.ndarray
    both_ways: int


def one_way(case: Case) -> Found:
    """Solve, and where both directions at once would pay, once more with whole numbers.

    Whole numbers stand only where the linear model used both. What they allow is more than what
    is allowed, so a plan that then uses both nowhere is the best of all. Each search may take half
    of the time that is left. One that is stopped tells the direction everywhere, so that a last
    linear model ends it.

    Raises
    ------
    SolveError
        If the time ends before a linear model is solved.
    """
    stated, solved, duals = linear(case, {})
    both, bound = _both(stated), solved.bound
    first = sum(int(where.sum()) for where in both.values())
    found = {name: np.zeros_like(where) for name, where in both.items()}
    for _ in range(MOST_ROUNDS):
        if not any(where.any() for where in both.values()):
            break
        found = {name: where | both[name] for name, where in found.items()}
        closed, chosen = _directions(case, found, stated)
        stated, fixed, duals = linear(case, closed)
        # Each round allows more than what is allowed, so every bound holds: the highest counts.
        bound = float(np.fmax(bound, chosen.bound))
        solved = _proof(fixed, chosen, bound)
        both = _both(stated)
    return Found(stated, solved, duals, first)


def linear(case: Case, closed: Closed) -> tuple[Model, Solved, np.ndarray]:
    """Solve the linear model; return it with the duals of its balance [USD/kWh]."""
    stated = model(case.grid, closed, case.past)
    problem, money = _problem(stated, case.weights, case.scale)
    solved = solve(problem, case.what, limit_s=case.left_s, options=EXACT)
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

    size = pd.Series(1.0, index=list(UNITS)) if scale is None else scale.size
    level = np.zeros(len(stated.grid.connections)) if scale is None else scale.valley_from
    factors = weights.scales(size)
    factors = factors[factors != 0]
    money = 1 / factors["cost"] if "cost" in factors else float(size.max())
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
    case: Case, found: Mapping[str, np.ndarray], loose: Model
) -> tuple[dict[str, np.ndarray], Solved]:
    """Choose a direction by whole numbers where both were used; return what is closed.

    A search that was stopped decides everywhere; if it found nothing, the linear model does.
    """
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
    half = None if case.left_s is None else case.left_s / 2
    try:
        chosen = solve(whole, case.what, limit_s=half, options=EXACT)
    except InfeasibleError:
        raise
    except SolveError:
        if half is None:
            raise
        stated, chosen = loose, Solved(math.nan, "stopped", math.nan, False)
    closed = {}
    for one, other in OPPOSITES:
        values = [stated.value(name) for name in (one, other)]
        where = found[one] if chosen.proven else np.ones_like(found[one])
        closed[one] = where & (values[0] <= values[1])
        closed[other] = where & ~closed[one]
    return closed, _in_units(chosen, money)
