"""Rolling origins of one model over one series.

Each day of the period is forecast once, issued at its local midnight or, with a lead of n
days, n - 1 days before. A model's `inputs` function gets one `View` at a time, a copy of what
was known then; `fit` gets the inputs and the measured days before the refit, `predict` those
of the issues up to the next refit. The inputs of an issue cannot depend on another issue, and
no model ever holds the table.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lab import compute
from lab.backtest import keys, refusals
from lab.backtest.cadence import Edge, Inputs, blocks, chains, learn, updates
from lab.backtest.failures import failures, reason_of, unfitted, unlearn
from lab.backtest.fallback import Standby, best_rule, stand_in
from lab.backtest.progress import Progress
from lab.backtest.results import fallback, fallen
from lab.backtest.runs import Part, Run, joined
from lab.backtest.store import Store, chosen_store
from lab.backtest.timing import Spent
from lab.errors import UsageError
from lab.forecast.model import STEPS, Model
from lab.forecast.table import Forecasts
from lab.forecast.view import DayTable, View


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
        self._digest = ""

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: inputs are built there again."""
        return {**vars(self), "_inputs": {}}

    def run(
        self,
        model: Model,
        refit: str = "once",
        window_days: int | None = None,
        *,
        store: Store | None = None,
        fitted: bool = True,
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
        store : Store, optional
            Keeps what is forecast between two refits, so that an interrupted run resumes; where
            LAB_KEEP is set, that of the project by default.
        fitted : bool
            False leaves the model unfitted, so that its last forecasts may also come from the
            store, which keeps forecasts alone.
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
        how: dict[str, Any] = {"store": store, "fitted": fitted, "forgiving": forgiving}
        return self.over(model, self.edges(refit), window_days, **how)

    def over(
        self,
        model: Model,
        edges: Sequence[Edge],
        window_days: int | None = None,
        *,
        store: Store | None = None,
        fitted: bool = True,
        forgiving: bool = True,
    ) -> Run:
        """Fit before each block and forecast its days, as `run`, with blocks of one's own.

        Parameters
        ----------
        edges : sequence of pair of int
            First day of each block, and the day after its last; together the whole period.
        model, window_days, store, fitted, forgiving
            As for `run`.
        """
        self.check(model, window_days)
        progress = Progress(len(edges), what=f"backtest of {model.name}", unit="fits")
        told = progress if len(edges) > 1 else None
        how: dict[str, Any] = {"store": store, "fitted": fitted, "forgiving": forgiving}
        part = self.part(model, edges, window_days, progress=told, **how)
        if kept := store or chosen_store():
            kept.prune()
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
        store: Store | None = None,
        fitted: bool = True,
        forgiving: bool = True,
        progress: Progress | None = None,
    ) -> Part:
        """Fit before each of some blocks and forecast their days; see `over`.

        Parameters
        ----------
        edges : sequence of pair of int
            Blocks that follow on each other.
        model, window_days, store, fitted, forgiving
            As for `run`.
        progress : Progress, optional
            Counts the fits.
        """
        store, linked, found = store or chosen_store(), chains(model, edges), []
        for chain in linked:
            wanted = fitted and chain is linked[-1]
            key = self._key(model, chain, window_days) if store else ""
            part = self._kept(model, chain, key, store) if store and not wanted else None
            if part is None:
                unlearn(model)
                part = self._computed(model, chain, window_days, forgiving, progress)
                if store and not part.rows:
                    spent = {"fit_s": part.fit_s, "predict_s": part.predict_s}
                    store.put(key, part.values, spent)
            found.append(part)
            if progress:
                progress.reach(edges.index(chain[-1]) + 1)
        if not fitted:
            unlearn(model)
        return joined(found)

    def joined(self, model: Model, edges: Sequence[Edge], parts: Sequence[Part]) -> Run:
        """Return the parts of a whole period, in order, as one run."""
        days = [str(self.table.dates[begin]) for begin, _ in edges]
        part = joined(parts)
        forecasts = self.forecasts(model.name, model.levels, part.values)
        return Run(forecasts, days, part.fit_s, part.predict_s, fallen(part.rows))

    def _computed(
        self,
        model: Model,
        chain: tuple[Edge, ...],
        window_days: int | None,
        forgiving: bool,
        progress: Progress | None,
    ) -> Part:
        """Return what blocks that are computed in one go leave; a rule's if the model fails."""
        spent = Spent()
        try:
            refusals.check_series(self.table, self.first - self.lead + 1)
            values = self.blocks(model, chain, window_days, progress, spent)
            return Part(values, spent.fit_s, spent.predict_s)
        except failures() as error:
            if not forgiving:
                raise
            unlearn(model)
            values, row = self._stand_in(model, chain, reason_of(error))
            return Part(values, spent.fit_s, spent.predict_s, (row,))

    def _key(self, model: Model, chain: tuple[Edge, ...], window_days: int | None) -> str:
        """Return the hash of everything that the forecasts of some blocks depend on."""
        if not self._digest:
            self._digest = keys.table_digest(self.table)
        content = {
            "table": self._digest,
            "period": [chain, self.first, self.lead, window_days],
            "model": keys.described(unfitted(model)),
            "conditions": [compute.threads(), compute.seed()],
            "surroundings": keys.surroundings(),
        }
        return keys.digest(content)

    def _kept(self, model: Model, chain: tuple[Edge, ...], key: str, store: Store) -> Part | None:
        """Return what an earlier run has left of some blocks, if it has."""
        start = self.table.start
        rows = int(start[chain[-1][1]] - start[chain[0][0]])
        held = store.get(key, (rows, len(model.levels)))
        if held is None or held[1].keys() != {"fit_s", "predict_s"}:
            return None
        return Part(held[0], **held[1])

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
        return blocks(self.table.dates, self.first, self.last, refit)

    def blocks(
        self,
        model: Model,
        edges: Sequence[Edge],
        window_days: int | None = None,
        progress: Progress | None = None,
        spent: Spent | None = None,
    ) -> np.ndarray:
        """Fit before each block and forecast its days.

        Parameters
        ----------
        model, edges, window_days, progress
            As for `part`.
        spent : Spent, optional
            Counts the seconds, also of what fails.

        Returns
        -------
        numpy.ndarray, shape (rows, levels)
            Row by row in order of time.

        Raises
        ------
        DataError
            If there is no number in the forecasts.
        """
        if window_days is not None:
            refusals.check_count("window_days", window_days)
        found, learned, spent = [], 0, spent or Spent()
        for begin, end in edges:
            learning = self._learning(model, begin, window_days, learned)
            issues = self.inputs(model, begin, end)
            with spent.fitting():
                learn(model, *learning, further=learned > 0)
            with spent.predicting():
                values = model.predict(issues)
            found.append(self.rows(values, model.layout, begin, end))
            learned = begin - self.lead + 1
            if progress:
                progress.step()
        refusals.check_numbers(model.name, found)
        return np.concatenate(found)

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
