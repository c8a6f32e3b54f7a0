"""Rolling origins of one model over one series.

Each day of the period is forecast once, issued at its local midnight or, with a lead of n
days, n - 1 days before. A model's `inputs` function
gets one `View` at a time, a copy of what was known then; `fit` gets the inputs and the
measured days before the refit, `predict` those of the issues up to the next refit. The
inputs of an issue cannot depend on another issue, and no model ever holds the table.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lab import paths
from lab.backtest import refusals
from lab.backtest.failures import failures, reason_of, unlearn
from lab.backtest.fallback import Standby, best_rule, stand_in
from lab.backtest.progress import Progress
from lab.backtest.results import fallback, fallen
from lab.errors import UsageError
from lab.forecast.model import STEPS, Model
from lab.forecast.table import Forecasts
from lab.forecast.view import DayTable, View
from lab.settings import check_cadence

MONTHS = {"yearly": 12, "quarterly": 3, "monthly": 1}
Inputs = dict[str, np.ndarray]
Edge = tuple[int, int]


@dataclass(frozen=True)
class Run:
    """What a backtest leaves: forecasts, the model as last fitted, and the cost.

    Attributes
    ----------
    forecasts : Forecasts
    refits : list of str
        Local days before which the model was fitted.
    fit_s, predict_s : float
        Wall time [s]; not part of any reproducible output.
    fallbacks : pandas.DataFrame
        A row for every fit in whose place a simple rule stood in, with the columns of
        `lab.backtest.results.FALLBACKS`: its days, the rule, the reason.
        `lab.backtest.said` puts them in a sentence.
    """

    forecasts: Forecasts
    refits: list[str]
    fit_s: float
    predict_s: float
    fallbacks: pd.DataFrame = field(default_factory=fallen)

    @property
    def fitted(self) -> bool:
        """Whether the last fit succeeded; the model was left unfitted if it did not."""
        return self.fallbacks.empty or bool(self.fallbacks["last"].max() < self.refits[-1])


@dataclass(frozen=True)
class Part:
    """What some blocks of a backtest leave.

    Attributes
    ----------
    values : numpy.ndarray, shape (rows, levels)
    fit_s, predict_s : float
        Wall time [s].
    rows : tuple
        Of the table of stand-ins; see `Run.fallbacks`.
    """

    values: np.ndarray
    fit_s: float
    predict_s: float
    rows: tuple[tuple[Any, ...], ...] = ()


class Backtest:
    """Daily issues over a period of a table.

    Parameters
    ----------
    table : DayTable
        Data with declared knowledge times.
    first, last : date or ISO string
        First and last local day to forecast, both included.
    lead_days : int
        Days from the issue to the end of the day that is forecast: 1 is issued at the
        midnight at which it begins, 7 six days before.
    strict : bool
        Refuse a series without values or variation before the first issue. False is for
        callers that let a rule stand in for the models.

    Raises
    ------
    UsageError
        If the lead is no whole number of days from one on, a day is not in the table, the
        period is empty, or nothing to learn from precedes it.
    DataError
        If the series cannot be learnt from; see `strict`.
    """

    def __init__(
        self, table: DayTable, first: str, last: str, lead_days: int = 1, *, strict: bool = True
    ) -> None:
        refusals.check_count("lead_days", lead_days)
        self.table, self.lead = table, lead_days
        self.first, self.last = table.position(first), table.position(last)
        if not 2 * lead_days - 1 < self.first <= self.last:
            raise UsageError(
                f"The backtest period must start after the table's first {2 * lead_days} days "
                f"and not end before it starts, got {first} to {last}."
            )
        if strict:
            refusals.check_series(table, self.first - lead_days + 1)
        self._inputs: dict[Callable[[View], Inputs], dict[int, Inputs]] = {}
        self._standby: Standby | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: inputs are built there again."""
        return {**vars(self), "_inputs": {}}

    def run(
        self,
        model: Model,
        refit: str = "once",
        window_days: int | None = None,
        *,
        forgiving: bool = True,
    ) -> Run:
        """Fit and forecast through the period.

        Parameters
        ----------
        model : Model
            Is left as fitted last; unfitted if its last fit failed, so that it can be neither
            saved nor asked as if it had not. See `Run.fitted`.
        refit : str
            `once` before the first issue, or at the beginning of every `yearly`,
            `quarterly`, `monthly`, `weekly` or `daily` period, with everything known.
        window_days : int, optional
            A sliding window: learn from this many of the last known days, not from all.
        forgiving : bool
            Let the best simple rule stand in where the model fails, up to its next fit, and
            tell so in `Run.fallbacks`. False raises what the model raises.

        Raises
        ------
        UsageError
            If the window is shorter than a day.
        DataError
            If the model needs a column that the table lacks.

        Notes
        -----
        A model whose `warm_start` is true keeps its state from one refit to the next: its
        `fit` continues from it, or its `update`, if it has one, gets the days that are new.
        """
        return self.over(model, self.edges(refit), window_days, forgiving=forgiving)

    def over(
        self,
        model: Model,
        edges: Sequence[Edge],
        window_days: int | None = None,
        *,
        forgiving: bool = True,
    ) -> Run:
        """Fit before each block and forecast its days, as `run`, with blocks of one's own.

        Parameters
        ----------
        edges : sequence of pair of int
            First day of each block, and the day after its last; together the whole period.
        model, window_days, forgiving
            As for `run`.
        """
        self.check(model, window_days)
        progress = Progress(len(edges), what=f"backtest of {model.name}", unit="fits")
        told = progress if len(edges) > 1 else None
        part = self.part(model, edges, window_days, forgiving=forgiving, progress=told)
        return self.joined(model, edges, [part])

    def check(self, model: Model, window_days: int | None = None) -> None:
        """Refuse a window below one day, and a missing column, before anything is fitted.

        Raises
        ------
        UsageError, DataError
        """
        if window_days is not None:
            refusals.check_count("window_days", window_days)
        self.inputs(model, self.last, self.last + 1)

    def part(
        self,
        model: Model,
        edges: Sequence[Edge],
        window_days: int | None = None,
        *,
        forgiving: bool = True,
        progress: Progress | None = None,
    ) -> Part:
        """Fit before each of some blocks and forecast their days; see `over`.

        Parameters
        ----------
        edges : sequence of pair of int
            Blocks that follow on each other.
        model, window_days, forgiving
            As for `run`.
        progress : Progress, optional
            Counts the fits.
        """
        found, rows, fit_s, predict_s = [], [], 0.0, 0.0
        for chain in chains(model, edges):
            try:
                refusals.check_series(self.table, self.first - self.lead + 1)
                values, *spent = self.blocks(model, chain, window_days, progress)
                fit_s, predict_s = fit_s + spent[0], predict_s + spent[1]
            except failures() as error:
                if not forgiving:
                    raise
                unlearn(model)
                values, row = self._stand_in(model, chain, reason_of(error))
                rows.append(row)
            found.append(values)
            if progress:
                progress.reach(edges.index(chain[-1]) + 1)
        return Part(np.concatenate(found), fit_s, predict_s, tuple(rows))

    def joined(self, model: Model, edges: Sequence[Edge], parts: Sequence[Part]) -> Run:
        """Return the parts of a whole period, in order, as one run."""
        days = [str(self.table.dates[begin]) for begin, _ in edges]
        values = np.concatenate([part.values for part in parts])
        forecasts = self.forecasts(model.name, model.levels, values)
        spent = sum(part.fit_s for part in parts), sum(part.predict_s for part in parts)
        return Run(forecasts, days, *spent, fallen(row for part in parts for row in part.rows))

    def _stand_in(
        self, model: Model, edges: Sequence[Edge], reason: str
    ) -> tuple[np.ndarray, tuple[Any, ...]]:
        """Return the best simple rule's forecasts of blocks, and the row that tells of it."""
        if self._standby is None:
            self._standby = best_rule(self)
        where, rule = (self.table, edges, model.name, self.lead), self._standby.rule
        row = fallback(*where, rule=rule, reason=reason)
        return stand_in(self, model, self._standby, list(edges)), row

    def edges(self, refit: str) -> list[Edge]:
        """Return the first day of each block between two refits, and the day after its last."""
        starts = refit_positions(self.table.dates[self.first : self.last + 1], refit)
        return list(pairwise([*(self.first + start for start in starts), self.last + 1]))

    def blocks(
        self,
        model: Model,
        edges: Sequence[Edge],
        window_days: int | None = None,
        progress: Progress | None = None,
    ) -> tuple[np.ndarray, float, float]:
        """Fit before each block and forecast its days.

        Returns
        -------
        values : numpy.ndarray, shape (rows, levels)
            Row by row in order of time.
        fit_s, predict_s : float
            Wall time [s].
        """
        if window_days is not None:
            refusals.check_count("window_days", window_days)
        found, fit_s, predict_s, learned = [], 0.0, 0.0, 0
        for begin, end in edges:
            learning = self._learning(model, begin, window_days, learned)
            issues = self.inputs(model, begin, end)
            clock = time.perf_counter()
            learn(model, *learning, further=learned > 0)
            fit_s, clock = fit_s + time.perf_counter() - clock, time.perf_counter()
            values = model.predict(issues)
            predict_s += time.perf_counter() - clock
            found.append(self.rows(values, model.layout, begin, end))
            learned = begin - self.lead + 1
            if progress:
                progress.step()
        return np.concatenate(found), fit_s, predict_s

    def rows(self, values: np.ndarray, layout: str, begin: int, end: int) -> np.ndarray:
        """Lay a model's columns (wall clock or elapsed steps) out as rows of time."""
        table = self.table
        span = slice(table.start[begin], table.start[end])
        day = table.day[span]
        step = np.arange(span.start, span.stop) - table.start[day]
        laid: np.ndarray = values[day - begin, step if layout == STEPS else table.slot[span]]
        return laid

    def actual(self) -> np.ndarray:
        """Return the measured values of the period's rows, for evaluation."""
        begin, end = self.table.start[self.first], self.table.start[self.last + 1]
        return self.table.flat[self.table.target][begin:end].copy()

    def forecasts(self, name: str, levels: Sequence[float], values: np.ndarray) -> Forecasts:
        """Return values of the period's rows, shape (rows, levels), with their times."""
        table = self.table
        begin, end = table.start[self.first], table.start[self.last + 1]
        return Forecasts(
            model=name,
            series_id=table.series_id,
            issued_at=table.index[table.start[table.day[begin:end] - self.lead + 1]],
            valid_at=table.index[begin:end],
            day=table.day[begin:end] - self.first,
            slot=table.slot[begin:end],
            levels=tuple(levels),
            values=values,
        )

    def _learning(
        self, model: Model, begin: int, window_days: int | None, learned: int
    ) -> tuple[Inputs, np.ndarray]:
        """Return inputs and target of the days to learn from before day `begin` is forecast."""
        known = begin - self.lead + 1
        first = self.lead if window_days is None else max(self.lead, known - window_days)
        if learned and updates(model):
            first = max(first, learned)
        target = self.table.days[self.table.target]
        return self.inputs(model, first, known), target[first:known].copy()

    def inputs(self, model: Model, begin: int, end: int) -> Inputs:
        """Return the inputs of the days `begin` up to `end`, each from its view, as copies.

        Raises
        ------
        DataError
            If the model needs a column that the table lacks.
        """
        seen = self._inputs.setdefault(model.inputs, {})
        for day in range(begin, end):
            if day not in seen:
                seen[day] = refusals.inputs_of(model, self.table.view(day, self.lead), self.table)
        return {name: np.stack([seen[d][name] for d in range(begin, end)]) for name in seen[begin]}


def warm(model: Any) -> bool:
    """Return whether a model keeps its state from one refit to the next."""
    return bool(getattr(model, "warm_start", False))


def updates(model: Any) -> bool:
    """Return whether a refit shows a model the days that are new to it, and no others."""
    return warm(model) and hasattr(model, "update")


def chains(model: Any, edges: Sequence[Edge]) -> list[tuple[Edge, ...]]:
    """Return blocks that are computed in one go: one each, or all of a warm model."""
    return [tuple(edges)] if warm(model) else [(edge,) for edge in edges]


def learn(model: Any, inputs: Inputs, target: np.ndarray, *, further: bool) -> None:
    """Fit a model; show a warm one that has been fitted before the days that are new to it."""
    if further and updates(model):
        model.update(inputs, target)
    else:
        model.fit(inputs, target)


def refit_positions(dates: np.ndarray, cadence: str) -> list[int]:
    """Return at which of consecutive local days a model is fitted anew; the first always.

    Parameters
    ----------
    dates : numpy.ndarray of datetime64[D]
        Issue days.
    cadence : str
        One of `CADENCES`; weeks begin on Monday, the others with the calendar.

    Raises
    ------
    UsageError
        If the cadence is unknown.

    Examples
    --------
    >>> days = np.arange("2014-03-30", "2014-04-03", dtype="datetime64[D]")
    >>> refit_positions(days, "quarterly")
    [0, 2]
    """
    check_cadence(cadence)
    days = pd.DatetimeIndex(dates)
    period: Any = np.zeros(len(days), dtype=int)
    if cadence == "daily":
        period = np.arange(len(days))
    elif cadence == "weekly":
        period = (dates.astype("datetime64[D]").astype(int) + 3) // 7
    elif cadence in MONTHS:
        period = (days.year * 12 + days.month - 1) // MONTHS[cadence]
    return [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(period)))]


def write_timings(study: str, runs: Mapping[str, Run]) -> Path:
    """Write what each model cost to .lab/timings/<study>.json, outside every hash.

    Parameters
    ----------
    study : str
        Name of the study.
    runs : mapping
        Name to backtest.

    Returns
    -------
    pathlib.Path
        The file: `{name: {fits, fit_s, predict_s, predict_day_ms}}`.
    """
    target = paths.root() / ".lab" / "timings" / f"{study}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    cost = {
        name: {
            "fits": len(run.refits),
            "fit_s": round(run.fit_s, 3),
            "predict_s": round(run.predict_s, 3),
            "predict_day_ms": round(1e3 * run.predict_s / (int(run.forecasts.day.max()) + 1), 3),
        }
        for name, run in runs.items()
    }
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(cost, indent=2) + "\n", encoding="utf-8")
    partial.replace(target)
    return target
