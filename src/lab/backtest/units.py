"""A unit of work: one series, model, lead, and the days between two refits.

A unit computes the same bytes in this process, in another and on another machine: it
carries its data, seed and number of threads with it, and refuses other code than that of
the process that sent it.
"""

import copy
import os
import pickle
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np

from lab.backtest import keys
from lab.backtest.failures import failures, reason_of, unlearn
from lab.backtest.fallback import Standby, best_rule, stand_in
from lab.backtest.period import Backtest
from lab.compute import THREAD_VARIABLES
from lab.errors import UsageError
from lab.forecast.model import Model
from lab.forecast.view import DayTable

# Environment and seeds belong to the whole process: a worker with threads takes turns.
ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Packed:
    """A table on its way to a worker; two of the same content are the same.

    `content` is empty until the unit is sent, so that a plan does not hold every table twice.
    """

    digest: str
    content: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True)
class Plan:
    """What all units of a backtest share.

    Attributes
    ----------
    first, last : str
        Local days.
    choose : pair of str, optional
        Days by which the stand-in of a failing model is chosen.
    threads, seed : int
    surroundings : dict of str
        Code and libraries of the process that plans; see `keys.surroundings`.
    """

    first: str
    last: str
    choose: tuple[str, str] | None
    threads: int
    seed: int
    surroundings: dict[str, str] = field(compare=False)


@dataclass(frozen=True)
class Unit:
    """One piece of a plan.

    Attributes
    ----------
    fault : str
        What makes the series unfit for any model, or "".
    together : int
        Blocks of one series that go to the same process where there are many: it builds
        the inputs of their common past once.
    """

    number: int
    plan: Plan
    table: Packed
    model: Model
    lead: int
    edges: tuple[tuple[int, int], ...]
    window_days: int | None
    fault: str = ""
    together: int = 1


@dataclass(frozen=True)
class Outcome:
    """What a unit leaves.

    Attributes
    ----------
    number : int
        Of the unit.
    values : numpy.ndarray, shape (rows, levels)
    fit_s, predict_s : float
        Wall time [s].
    rule, reason : str
        The simple rule that stood in, and why; empty if the model itself forecast.
    """

    number: int
    values: np.ndarray
    fit_s: float = 0.0
    predict_s: float = 0.0
    rule: str = ""
    reason: str = ""


def compute_unit(unit: Unit) -> Outcome:
    """Fit and forecast a unit; a model that fails is stood in for by the best simple rule.

    Raises
    ------
    UsageError
        If this process runs other code or other libraries than the one that sent the unit.
    """
    check_surroundings(unit.plan.surroundings)
    with ONE_AT_A_TIME, conditions(unit.plan.threads, unit.plan.seed):
        period = _period(unit.table, unit.plan, unit.lead)
        reason = unit.fault
        if not reason:
            try:
                found = period.blocks(unit.model, unit.edges, unit.window_days)
                return Outcome(unit.number, *found)
            except failures() as error:
                reason = reason_of(error)
        standby = _standby(unit.table, unit.plan, unit.lead)
        values = stand_in(period, unit.model, standby, list(unit.edges))
        return Outcome(unit.number, values, rule=standby.rule, reason=reason)


def unfitted(model: Any) -> Any:
    """Return a copy of a model without what it has learned; parameters are shared."""
    bare = copy.copy(model)
    unlearn(bare)
    return bare


def forget() -> None:
    """Let go of the tables that this process has unpacked."""
    for memory in (_table, _period, _standby):
        memory.cache_clear()


def check_surroundings(planned: Mapping[str, str]) -> None:
    """Refuse to compute what would differ from the other processes' results.

    Parameters
    ----------
    planned : mapping of str
        `keys.surroundings` of the process that plans.

    Raises
    ------
    UsageError
        If this process runs other code or other libraries.
    """
    here = keys.surroundings()
    unlike = [n for n in {**here, **planned} if here.get(n) != planned.get(n)]
    if unlike:
        name = unlike[0]
        raise UsageError(
            f"A worker must run the same code and libraries as the process that plans the "
            f"backtest; {name} is {here.get(name)!r} there and {planned.get(name)!r} "
            "here. Install the same lock file and start the worker anew."
        )


@contextmanager
def conditions(threads: int, seed: int) -> Iterator[None]:
    """Fix threads and random draws for a while, and put the process back as it was."""
    from threadpoolctl import threadpool_limits

    fixed = dict.fromkeys((*THREAD_VARIABLES, "LAB_THREADS"), str(threads))
    fixed["LAB_SEED"] = str(seed)
    before = {name: os.environ.get(name) for name in fixed}
    drawn, drawn_plainly = np.random.get_state(), random.getstate()
    os.environ.update(fixed)
    np.random.seed(seed % 2**32)
    random.seed(seed)
    try:
        with threadpool_limits(threads):
            yield
    finally:
        np.random.set_state(drawn)
        random.setstate(drawn_plainly)
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@lru_cache(maxsize=2)
def _table(packed: Packed) -> DayTable:
    """Return the table; pickled by the process that sends the work, never read from a file."""
    table: DayTable = pickle.loads(packed.content)
    return table


@lru_cache(maxsize=4)
def _period(packed: Packed, plan: Plan, lead: int) -> Backtest:
    return Backtest(_table(packed), plan.first, plan.last, lead, strict=False)


@lru_cache(maxsize=4)
def _standby(packed: Packed, plan: Plan, lead: int) -> Standby:
    return best_rule(_period(packed, plan, lead), plan.choose)
