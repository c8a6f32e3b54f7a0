"""A unit of work: one series, model, lead, and the days between two refits.

A unit computes the same bytes in this process, in another and on another machine: it
carries its data, seed and number of threads with it, and refuses other code than that of
the process that sent it.
"""

import pickle
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from lab.backtest.conditions import as_sent
from lab.backtest.failures import failures, reason_of
from lab.backtest.fallback import Standby, best_rule, stand_in
from lab.backtest.period import Backtest
from lab.backtest.timing import Spent
from lab.forecast.model import Model
from lab.forecast.view import DayTable


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
    plan = unit.plan
    with as_sent(plan.surroundings, plan.threads, plan.seed):
        period = _period(unit.table, plan, unit.lead)
        reason, spent = unit.fault, Spent()
        if not reason:
            try:
                values = period.blocks(unit.model, unit.edges, unit.window_days, spent=spent)
                return Outcome(unit.number, values, spent.fit_s, spent.predict_s)
            except failures() as error:
                reason = reason_of(error)
        standby = _standby(unit.table, plan, unit.lead)
        values = stand_in(period, unit.model, standby, list(unit.edges))
        return Outcome(unit.number, values, spent.fit_s, spent.predict_s, standby.rule, reason)


def forget() -> None:
    """Let go of the tables that this process has unpacked."""
    for memory in (_table, _period, _standby):
        memory.cache_clear()


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
