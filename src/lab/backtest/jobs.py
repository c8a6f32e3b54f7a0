"""How a backtest of many series is cut into units, and the key under which each is kept."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lab.backtest import checks, keys, refusals
from lab.backtest.cadence import chains
from lab.backtest.failures import unfitted
from lab.backtest.period import Backtest
from lab.backtest.units import Packed, Plan, Unit
from lab.errors import DataError, UsageError
from lab.forecast.model import Model
from lab.forecast.view import DayTable


@dataclass(frozen=True)
class Job:
    """A unit that is planned: where it belongs, and how many rows it fills."""

    series_id: str
    model: str
    lead: int
    unit: Unit
    rows: int


@dataclass(frozen=True)
class Shape:
    """How the work is cut: leads, cadence by model, window, and what is refused."""

    leads: tuple[int, ...]
    cadences: Mapping[str, str]
    window_days: int | None
    strict: bool


def planned(
    tables: Mapping[str, DayTable],
    models: Mapping[str, Model],
    plan: Plan,
    shape: Shape,
) -> Iterator[Job]:
    """Yield every unit of work: series, then models, leads and blocks."""
    bare = {name: copy.deepcopy(unfitted(model)) for name, model in models.items()}
    number, window = 0, shape.window_days
    for period in periods_of(next(iter(tables.values())), plan, shape).values():
        checks.check_inputs(bare, period)
    for series, table in tables.items():
        packed = Packed(keys.table_digest(table))
        periods = periods_of(table, plan, shape)
        faults = {lead: _fault(period, plan, shape.strict) for lead, period in periods.items()}
        for name, model in bare.items():
            for lead, period in periods.items():
                for edges in chains(model, period.edges(shape.cadences.get(name, "once"))):
                    unit = Unit(number, plan, packed, model, lead, edges, window, faults[lead])
                    rows = table.start[edges[-1][1]] - table.start[edges[0][0]]
                    yield Job(series, name, lead, unit, int(rows))
                    number += 1


def periods_of(table: DayTable, plan: Plan, shape: Shape) -> dict[int, Backtest]:
    """Return the period by lead; what makes a series unfit is for `_fault` to tell."""
    return {n: Backtest(table, plan.first, plan.last, n, strict=False) for n in shape.leads}


def _fault(period: Backtest, plan: Plan, strict: bool) -> str:
    """Return why a series is unfit for models; refuse it if `strict`."""
    if plan.choose is not None:
        table, known = period.table, period.first - period.lead + 1
        begin, end = (table.position(day) for day in plan.choose)
        if not period.lead <= begin <= end < known:
            raise UsageError(
                f"The period of choices must lie between day {period.lead} of the table and the "
                f"first issue, got {plan.choose[0]} to {plan.choose[1]} before {plan.first}."
            )
    found = refusals.fault(period.table, period.first - period.lead + 1)
    if found and strict:
        raise DataError(found)
    return found


def key_of(unit: Unit) -> str:
    """Return the hash of everything that a unit's result depends on."""
    plan = unit.plan
    return keys.digest(
        {
            "table": unit.table.digest,
            "model": keys.described(unit.model),
            "lead": unit.lead,
            "edges": unit.edges,
            "window_days": unit.window_days,
            "fault": unit.fault,
            "plan": [plan.first, plan.choose, plan.threads, plan.seed],
            "surroundings": plan.surroundings,
        }
    )
