"""One model over the days of many series: fitted on a group of them, forecasting each.

As in `lab.backtest.period` each series' inputs come from its own views alone, and a fit before
a refit day sees only days that had ended at the first issue after it, of every series. What
is new is that their days stand one after the other in the fit. The same inputs serve a model
of all series, one of each group, and one of each series.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from lab.backtest import checks, keys, refusals
from lab.backtest.cadence import Inputs, chains, updates
from lab.backtest.conditions import check_surroundings
from lab.backtest.failures import unfitted
from lab.backtest.fallback import Standby, best_rule, stand_in
from lab.backtest.period import Backtest
from lab.backtest.pieces import Done, Piece, Step, computed, leave
from lab.backtest.results import COSTS, Results, fallback, fallen
from lab.backtest.store import Store, chosen_store
from lab.backtest.tasks import Block, Groups, Task, check_groups, last_fits, models_of
from lab.backtest.workers import Cluster, Serial, chosen
from lab.errors import UsageError
from lab.forecast.model import Model
from lab.forecast.view import DayTable

__all__ = ["Groups", "Pool"]
# Fewer days are built sooner than other processes are reached.
FEWEST_DAYS = 3000


class Pool:
    """Series with the same columns and days, and the inputs built of them so far.

    Parameters
    ----------
    tables : mapping of DayTable
        By series id, over the same days.
    first, last : ISO string
        First and last local day to forecast.
    leads : sequence of int
        Days from the issue to the end of the forecast day.
    learn_from : ISO string, optional
        First target day that is learnt from; the earliest possible by default.
    choose : pair of ISO strings, optional
        Period by which the rule is chosen that stands in for a fit that fails.
    store : Store, optional
        Keeps finished fits' forecasts, so that an interrupted backtest resumes; where LAB_KEEP
        is set, that of the project by default.

    Raises
    ------
    UsageError
        If the series cover different days, or a lead or day is impossible.
    DataError
        If columns differ.
    """

    def __init__(
        self,
        tables: Mapping[str, DayTable],
        first: str,
        last: str,
        leads: Sequence[int] = (1,),
        *,
        learn_from: str | None = None,
        choose: tuple[str, str] | None = None,
        store: Store | None = None,
    ) -> None:
        checks.check_tables(tables)
        pattern = next(iter(tables.values()))
        for name, table in tables.items():
            if not np.array_equal(table.dates, pattern.dates):
                raise UsageError(
                    f"All series of a pool must cover the same days; {name!r} covers others than "
                    f"{pattern.series_id!r}."
                )
        self.tables, self.leads, self.choose = dict(tables), tuple(leads), choose
        self.store = store or chosen_store()
        self.periods = {
            (name, lead): Backtest(table, first, last, lead, strict=False)
            for name, table in tables.items()
            for lead in leads
        }
        self.begin = 0 if learn_from is None else pattern.position(learn_from)
        self._inputs: dict[Callable[..., Inputs], dict[tuple[str, int], Inputs]] = {}
        self._standby: dict[tuple[str, int], Standby] = {}
        self._digests: dict[str, str] = {}

    def run(
        self,
        model: Model,
        groups: Groups,
        refit: str = "once",
        *,
        fitted: bool = True,
        models: bool = False,
    ) -> Results:
        """Fit the model on each group at every refit and forecast the group's series.

        Parameters
        ----------
        model : Model
            Is left as fitted for the last lead, group and block; unfitted if that fit failed.
        groups : mapping
            Name to series ids; every series is in one group.
        refit : str
            Cadence, as for `Backtest.run`.
        fitted : bool
            False leaves the model as it is, so that its last fit may also come from the store,
            which keeps forecasts alone.
        models : bool
            True keeps the model of every lead and group as fitted last; their fits do not
            come from the store either.

        Returns
        -------
        Results
            A group whose fit fails, and a series without a value that varies, get the best
            simple rule of each series instead; `fallbacks` names them. The cost of a group
            is shared evenly by its series. With `models`, those whose last fit has not failed.

        Raises
        ------
        UsageError
            If the groups do not hold every series once.
        """
        check_groups(groups, self.tables)
        bare = unfitted(model)
        tasks = self._tasks(bare, groups, refit)
        pieces = [self._piece(bare, task) for task in tasks if task.sound]
        prepare = partial(self.prepare, bare)
        last = last_fits(tasks)
        wanted = set(last.values()) if models else fitted
        found, kept = computed(pieces, self.store, prepare=prepare, fitted=wanted, forgiving=True)
        if fitted and found:
            leave(model, found[-1])
        done = iter(found)
        blocks = [self._block(bare, task, next(done) if task.sound else None) for task in tasks]
        results = self._results(bare, tasks, blocks, kept)
        return replace(results, models=models_of(groups, last, found)) if models else results

    def prepare(self, model: Model) -> None:
        """Build the inputs of a model for every series and lead, in several processes."""
        if model.inputs in self._inputs:
            return
        first = {lead: max(lead, self.begin) for lead in self.leads}
        days = sum(one.last + 1 - first[lead] for (_, lead), one in self.periods.items())
        workers = chosen() if days >= FEWEST_DAYS else Serial()
        # Processes of this machine run what this one does.
        code = keys.surroundings() if isinstance(workers, Cluster) else None
        tasks = ((code, one, model, first[lead]) for (_, lead), one in self.periods.items())
        found = workers.each(_built, tasks)
        self._inputs[model.inputs] = dict(zip(self.periods, found, strict=True))

    def learning(
        self, model: Model, members: Sequence[str], lead: int, before: int, since: int = 0
    ) -> tuple[Inputs, np.ndarray]:
        """Return inputs and target of all days that had ended when day `before` is forecast.

        Days before `since` are left out.
        """
        known = before - lead + 1
        first = max(lead, self.begin, since)
        target = [self.tables[m].days[self.tables[m].target][first:known] for m in members]
        return self.stacked(model, members, lead, first, known), np.concatenate(target)

    def stacked(
        self, model: Model, members: Sequence[str], lead: int, begin: int, end: int
    ) -> Inputs:
        """Return the inputs of the days `begin` up to `end`, series after series."""
        self.prepare(model)
        first = max(lead, self.begin)
        kept = [self._inputs[model.inputs][name, lead] for name in members]
        span = slice(begin - first, end - first)
        return {name: np.concatenate([one[name][span] for one in kept]) for name in kept[0]}

    def _tasks(self, model: Model, groups: Groups, refit: str) -> list[Task]:
        """Return all fits: leads, then groups and blocks."""
        edges = next(iter(self.periods.values())).edges(refit)
        tasks = []
        for lead in self.leads:
            for members in groups.values():
                faults = {name: text for name in members if (text := self._fault(name, lead))}
                tasks += [
                    Task(lead, chain, tuple(members), faults) for chain in chains(model, edges)
                ]
        return tasks

    def _piece(self, model: Model, task: Task) -> Piece:
        """Return the work of a task."""
        rows = sum(self._rows(name, task) for name in task.sound)
        return Piece(
            model,
            partial(self._steps, model, task),
            partial(self._lay, model, task),
            (rows, len(model.levels)),
            {
                "tables": [self._digest(name) for name in task.sound] if self.store else [],
                "pool": [task.lead, task.edges, self.begin],
            },
        )

    def _steps(self, model: Model, task: Task) -> Iterator[Step]:
        """Yield what each fit learns from and forecasts."""
        members, lead, learned = task.sound, task.lead, 0
        for begin, end in task.edges:
            learning = self.learning(model, members, lead, begin, learned)
            yield Step(*learning, self.stacked(model, members, lead, begin, end))
            learned = begin - lead + 1 if updates(model) else 0

    def _lay(self, model: Model, task: Task, values: np.ndarray) -> np.ndarray:
        """Return the rows of one series after the other, cut from forecasts of all."""
        members = task.sound
        rows: dict[str, list[np.ndarray]] = {name: [] for name in members}
        ends = len(members) * np.cumsum([end - begin for begin, end in task.edges])
        for edge, block in zip(task.edges, np.split(values, ends[:-1]), strict=True):
            for name, days in zip(members, np.split(block, len(members)), strict=True):
                rows[name].append(self.periods[name, task.lead].rows(days, model.layout, *edge))
        return np.concatenate([part for parts in rows.values() for part in parts])

    def _block(self, model: Model, task: Task, done: Done | None) -> Block:
        """Return the rows of each member, those of a rule where the model gave none."""
        reasons, found, share = dict(task.faults), {}, 1 / len(task.members)
        if done is not None and done.reason:
            reasons |= dict.fromkeys(task.sound, done.reason)
        elif done is not None:
            ends = np.cumsum([self._rows(name, task) for name in task.sound])
            found = dict(zip(task.sound, np.split(done.values, ends[:-1]), strict=True))
        for name in reasons:
            period, rule = self.periods[name, task.lead], self._rule(name, task.lead)
            found[name] = stand_in(period, model, rule, list(task.edges))
        if done is None:
            return Block(found, 0.0, 0.0, reasons)
        return Block(found, done.fit_s * share, done.predict_s * share, reasons)

    def _rows(self, name: str, task: Task) -> int:
        """Return how many rows of a series a task forecasts."""
        start = self.tables[name].start
        return int(start[task.edges[-1][1]] - start[task.edges[0][0]])

    def _digest(self, name: str) -> str:
        """Return the hash of a series' table."""
        if name not in self._digests:
            self._digests[name] = keys.table_digest(self.tables[name])
        return self._digests[name]

    def _fault(self, name: str, lead: int) -> str:
        """Return why a series is unfit for any model, or ""."""
        period = self.periods[name, lead]
        return refusals.fault(period.table, period.first - lead + 1)

    def _rule(self, name: str, lead: int) -> Standby:
        """Return the rule that stands in for a model on a series."""
        key = (name, lead)
        if key not in self._standby:
            self._standby[key] = best_rule(self.periods[key], self.choose)
        return self._standby[key]

    def _fallback(self, model: Model, task: Task, name: str, reason: str) -> tuple[object, ...]:
        """Return a row of the fallbacks."""
        rule = self._rule(name, task.lead).rule
        where = (self.tables[name], task.edges, model.name, task.lead)
        return fallback(*where, rule=rule, reason=reason)

    def _results(
        self, model: Model, tasks: Sequence[Task], blocks: Sequence[Block], kept: int
    ) -> Results:
        """Return everything in the order of the series and leads."""
        parts: dict[tuple[str, int], list[np.ndarray]] = {key: [] for key in self.periods}
        costs = dict.fromkeys(self.periods, (0.0, 0.0))
        fallbacks: list[tuple[object, ...]] = []
        for task, block in zip(tasks, blocks, strict=True):
            for name, values in block.values.items():
                parts[name, task.lead].append(values)
                fit_s, predict_s = costs[name, task.lead]
                costs[name, task.lead] = (fit_s + block.fit_s, predict_s + block.predict_s)
            fallbacks += [self._fallback(model, task, *item) for item in block.reasons.items()]
        forecasts = {
            (name, model.name, lead): self.periods[name, lead].forecasts(
                model.name, model.levels, np.concatenate(values)
            )
            for (name, lead), values in parts.items()
        }
        spent = [(name, model.name, lead, *both) for (name, lead), both in costs.items()]
        return Results(
            forecasts,
            fallen(fallbacks),
            pd.DataFrame(spent, columns=list(COSTS)),
            kept,
        )


def _built(task: tuple[Mapping[str, str] | None, Backtest, Model, int]) -> Inputs:
    """Return the inputs of the days from `begin` to the period's last, of one series."""
    surroundings, period, model, begin = task
    if surroundings is not None:
        check_surroundings(surroundings)
    return period.inputs(model, begin, period.last + 1)
