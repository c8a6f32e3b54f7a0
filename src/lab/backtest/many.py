"""Models over many series and leads: in parallel, resumable, the same bytes everywhere."""

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from lab import compute
from lab.backtest import checks, keys, refusals
from lab.backtest.jobs import Job, Shape, key_of, planned
from lab.backtest.period import Backtest
from lab.backtest.progress import Progress
from lab.backtest.results import COSTS, FALLBACKS, Results, fallback, fallen
from lab.backtest.store import Store, chosen_store
from lab.backtest.units import Outcome, Plan, Unit
from lab.backtest.workers import Workers, chosen
from lab.errors import UsageError
from lab.forecast.model import Model
from lab.forecast.table import Forecasts
from lab.forecast.view import DayTable

__all__ = ["COSTS", "FALLBACKS", "Results", "backtest_many"]
# Tasks below which no process should wait, and blocks whose loss a killed run bears.
FEWEST_TASKS, MOST_TOGETHER = 16, 8


def backtest_many(
    tables: Mapping[str, DayTable],
    models: Mapping[str, Model],
    first: str,
    last: str,
    *,
    leads: Sequence[int] = (1,),
    refit: str | Mapping[str, str] = "once",
    window_days: int | None = None,
    choose: tuple[str, str] | None = None,
    strict: bool = True,
    threads: int = 1,
    store: Store | None = None,
    workers: Workers | None = None,
) -> Results:
    """Backtest every model on every series and lead.

    Parameters
    ----------
    tables : mapping of DayTable
        By series id, with the same columns; in the order of the results.
    models : mapping of Model
        By name, unfitted; they are not changed. A model is fitted anew for every series.
    first, last : ISO string
        First and last local day to forecast.
    leads : sequence of int
        Days from issue to the end of the forecast day; see `Backtest`.
    refit : str or mapping
        Cadence, for all or for each model by name (`once` for the others).
    window_days : int, optional
        Learn from this many last days instead of all.
    choose : pair of ISO strings, optional
        Period of choices, before `first`: on it the best simple rule is chosen that stands
        in for a model that fails on a series. The last 91 days before `first` otherwise.
    strict : bool
        Refuse a series without values or variation. False lets a rule stand in for it.
    threads : int
        Of every unit, wherever it is computed: results depend on it, and neither on the
        workers nor on their number.
    store : Store, optional
        Keeps finished units, so that an interrupted backtest resumes; where LAB_KEEP is set,
        that of the project by default.
    workers : Workers, optional
        Those of params.yaml's section `compute` by default.

    Returns
    -------
    Results

    Raises
    ------
    UsageError
        If a name, cadence, lead or period is impossible.
    DataError
        If a series cannot be used; see `strict`.
    """
    cadences = dict.fromkeys(models, refit) if isinstance(refit, str) else dict(refit)
    checks.check_models(models)
    checks.check_names("refit", cadences, models)
    checks.check_cadences(cadences)
    checks.check_tables(tables)
    _check_numbers(leads, window_days, threads)
    store = store or chosen_store()
    plan = Plan(first, last, choose, threads, compute.seed(), keys.surroundings())
    shape = Shape(tuple(leads), cadences, window_days, strict)
    jobs = list(planned(tables, models, plan, shape))
    job_keys = [key_of(job.unit) for job in jobs] if store else []
    found = _kept(jobs, job_keys, store) if store else {}
    kept = len(found)
    progress = Progress(len(jobs), kept)
    waiting = [job for job in jobs if job.unit.number not in found]
    for outcome in (workers or chosen()).map(_packed(waiting, tables), threads):
        if store:
            store.put(job_keys[outcome.number], outcome.values, _notes(outcome))
        found[outcome.number] = outcome
        progress.step()
    if store:
        store.prune()
    forecasts, costs = _together(tables, plan, jobs, found)
    return Results(forecasts, _fallbacks(tables, jobs, found), costs, kept)


def _check_numbers(leads: Sequence[int], window_days: int | None, threads: int) -> None:
    """Refuse numbers below one, no lead, and a lead that comes twice."""
    if not leads or len(set(leads)) < len(leads):
        raise UsageError(f"Leads must be different days, at least one, got {list(leads)}.")
    for name, value in (("window_days", window_days), ("threads", threads)):
        if value is not None:
            refusals.check_count(name, value)


def _packed(jobs: Sequence[Job], tables: Mapping[str, DayTable]) -> Iterator[Unit]:
    """Yield units with their tables, each packed once and only when it is sent."""
    together = min(MOST_TOGETHER, max(1, len(jobs) // FEWEST_TASKS))
    for series, group in groupby(jobs, key=lambda job: job.series_id):
        content = pickle.dumps(tables[series])
        for job in group:
            table = replace(job.unit.table, content=content)
            yield replace(job.unit, table=table, together=together)


def _kept(jobs: Sequence[Job], job_keys: Sequence[str], store: Store) -> dict[int, Outcome]:
    """Return the outcomes that an earlier run has left."""
    found: dict[int, Outcome] = {}
    for job, key in zip(jobs, job_keys, strict=True):
        held = store.get(key, (job.rows, len(job.unit.model.levels)))
        if held and held[1].keys() == _notes(Outcome(0, held[0])).keys():
            found[job.unit.number] = Outcome(job.unit.number, held[0], **held[1])
    return found


def _notes(outcome: Outcome) -> dict[str, Any]:
    """Return what an outcome says beside its values."""
    return {name: getattr(outcome, name) for name in ("fit_s", "predict_s", "rule", "reason")}


def _together(
    tables: Mapping[str, DayTable],
    plan: Plan,
    jobs: Sequence[Job],
    found: Mapping[int, Outcome],
) -> tuple[dict[tuple[str, str, int], Forecasts], pd.DataFrame]:
    """Return forecasts and costs in the order of the jobs."""
    forecasts, costs = {}, []
    for group, members in groupby(jobs, key=lambda job: (job.series_id, job.model, job.lead)):
        units = [job.unit for job in members]
        parts = [found[unit.number] for unit in units]
        period = Backtest(tables[group[0]], plan.first, plan.last, group[2], strict=False)
        values = np.concatenate([part.values for part in parts])
        forecasts[group] = period.forecasts(group[1], units[0].model.levels, values)
        seconds = (sum(part.fit_s for part in parts), sum(part.predict_s for part in parts))
        costs.append((*group, *seconds))
    return forecasts, pd.DataFrame(costs, columns=list(COSTS))


def _fallbacks(
    tables: Mapping[str, DayTable], jobs: Sequence[Job], found: Mapping[int, Outcome]
) -> pd.DataFrame:
    """Return the units in which a rule stood in."""
    rows = []
    for job in jobs:
        outcome = found[job.unit.number]
        if outcome.rule:
            where = (tables[job.series_id], job.unit.edges, job.model, job.lead)
            rows.append(fallback(*where, rule=outcome.rule, reason=outcome.reason))
    return fallen(rows)
