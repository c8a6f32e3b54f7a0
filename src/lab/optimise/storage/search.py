"""The cheapest dispatch, with whole numbers only where the proof needs them.

A battery cannot charge and discharge at once. Wherever energy has a value that is not negative,
doing both only loses energy, so the linear relaxation never gains by it. Where it is negative
(negative prices), burning energy in the losses would pay. Hence: solve the relaxation; in the steps
where its optimum does both, and where prices are negative, forbid it with a binary; solve again.
When none is left, the optimum of the relaxation is feasible, which proves it optimal for the whole
problem.
"""

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np

from lab import solver
from lab.errors import SolveError
from lab.optimise.storage import model
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.site import Site

TOLERANCE = 1e-6
ROUNDS = 12


def dispatch(
    site: Site,
    batteries: Sequence[Battery],
    pays: model.Objective,
    *,
    daily: bool = False,
    limit_s: float | None = None,
    gap: float = 0.0,
    peak_so_far_kw: float = 0.0,
) -> tuple[list[model.Powers], solver.Solved]:
    """Return the cheapest powers and their proof.

    Where time ends, all powers that were found are returned. It may be that none is possible: some
    charge and discharge at once, or import and export. What is proven is then the highest bound.

    Raises
    ------
    InfeasibleError
        When no schedule keeps all limits.
    SolveError
        When the rounds end without a proof, or the objective has no limit.
    """
    both = np.zeros((len(site.table), len(batteries)), bool)
    swap = np.zeros(len(site.table), bool)
    until = None if limit_s is None else time.monotonic() + limit_s
    what, norm = f"The dispatch of site {site.name!r}", model.norm_of(pays)
    state = partial(model.stated, site, batteries, pays, daily, peak_so_far_kw)
    tried: list[model.Powers] = []
    stopped = solver.Solved(math.nan, "stopped", math.nan, False)
    for _ in range(ROUNDS):
        u, problem, balance = state(both, swap)
        try:
            solved = _in_units(solver.solve(problem, what, limit_s=_left_s(until), gap=gap), norm)
        except solver.OutOfTimeError:
            return tried, stopped
        binaries = int(both.sum() + swap.sum())
        is_linear = solved.proven and not binaries
        value = balance.dual_value / (-norm * site.step_h) if is_linear else np.nan
        found = _netted(model.powers_of(u, value, site, binaries), pays.imported >= pays.exported)
        new = _at_once(found.charge_kw, found.discharge_kw) & ~both
        crossed = _at_once(found.import_kw, found.export_kw) & ~swap
        if solved.proven and not (new.any() or crossed.any()):
            return [found], solved
        tried.append(found)
        # Each round allows more than what is allowed, so every bound holds: the highest counts.
        stopped = replace(stopped, bound=float(np.fmax(stopped.bound, solved.bound)))
        if not solved.proven:
            return tried, stopped
        if until is not None:  # a possible schedule, should the search not end in time
            u, problem, _ = state(0 * both, 0 * swap, as_in=found)
            with suppress(SolveError):
                solver.solve(problem, what, limit_s=_left_s(until))
                tried.append(
                    _netted(model.powers_of(u, np.nan, site, 0), pays.imported >= pays.exported)
                )
        negative = (np.minimum(pays.imported, pays.exported) < 0)[:, None]
        both, swap = both | new | (negative & new.any()), swap | crossed
    raise SolveError(
        f"{what} was not settled: after {ROUNDS} rounds {int(new.sum())} steps charge and "
        f"discharge and {int(crossed.sum())} import and export at once."
    )


def _left_s(until: float | None) -> float | None:
    """Return the seconds that are left, or None where there is no limit."""
    return None if until is None else max(until - time.monotonic(), 1e-6)


def _netted(found: model.Powers, where: np.ndarray) -> model.Powers:
    """Return powers that do not buy and sell at once where that pays nothing."""
    both = np.where(where, np.minimum(found.import_kw, found.export_kw), 0)
    return replace(found, import_kw=found.import_kw - both, export_kw=found.export_kw - both)


def _at_once(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return where two powers that exclude each other are both over 0."""
    return np.asarray((one > TOLERANCE) & (other > TOLERANCE))


def _in_units(solved: solver.Solved, norm: float) -> solver.Solved:
    """Return what was proven in the units of the objective, without the solver's factor."""
    return replace(solved, objective=solved.objective / norm, bound=solved.bound / norm)
