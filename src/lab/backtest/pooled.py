"""One model over the days of many series: fitted on a group of them, forecasting each.

As in `lab.backtest.period` each series' inputs come from its own views alone, and a fit before
a refit day sees only days that had ended at the first issue after it, of every series. What
is new is that their days stand one after the other in the fit. The same inputs serve a model
of all series, one of each group, and one of each series.
"""

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab import compute
from lab.backtest import checks, refusals
from lab.backtest.fallback import Standby, best_rule, stand_in
from lab.backtest.many import COSTS, FALLBACKS, Results
from lab.backtest.period import Backtest, Inputs
from lab.backtest.units import failures
from lab.errors import UsageError
from lab.forecast.model import Model
from lab.forecast.view import DayTable

Groups = Mapping[str, Sequence[str]]
Edge = tuple[int, int]
# Fewer days are built sooner than other processes are reached.
FEWEST_DAYS = 3000


@dataclass(frozen=True)
class Task:
    """A fit: on which series, for which lead, before which days."""

    group: str
    lead: int
    edge: Edge


@dataclass(frozen=True)
class Block:
    """What a task leaves: rows by series, seconds of one, why rules stood in, the model."""

    values: dict[str, np.ndarray]
    fit_s: float
    predict_s: float
    reasons: dict[str, str]
    model: Model


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
        self.periods = {
            (name, lead): Backtest(table, first, last, lead, strict=False)
            for name, table in tables.items()
            for lead in leads
        }
        self.begin = 0 if learn_from is None else pattern.position(learn_from)
        self._inputs: dict[Callable[..., Inputs], dict[tuple[str, int], Inputs]] = {}
        self._standby: dict[tuple[str, int], Standby] = {}

    def run(self, model: Model, groups: Groups, refit: str = "once") -> Results:
        """Fit the model on each group at every refit and forecast the group's series.

        Parameters
        ----------
        model : Model
            Is left as fitted for the last lead, group and block.
        groups : mapping
            Name to series ids; every series is in one group.
        refit : str
            Cadence, as for `Backtest.run`.

        Returns
        -------
        Results
            A group whose fit fails, and a series without a value that varies, get the best
            simple rule of each series instead; `fallbacks` names them. The cost of a group
            is shared evenly by its series.

        Raises
        ------
        UsageError
            If the groups do not hold every series once.
        """
        self._check_groups(groups)
        self.prepare(model)
        edges = next(iter(self.periods.values())).edges(refit)
        tasks = [Task(g, lead, edge) for lead in self.leads for g in groups for edge in edges]
        done = self._done(model, tasks, groups)
        parts: dict[tuple[str, int], list[np.ndarray]] = {key: [] for key in self.periods}
        costs = dict.fromkeys(self.periods, (0.0, 0.0))
        fallbacks: list[tuple[object, ...]] = []
        for task, block in zip(tasks, done, strict=True):
            for name, values in block.values.items():
                parts[name, task.lead].append(values)
                fit_s, predict_s = costs[name, task.lead]
                costs[name, task.lead] = (fit_s + block.fit_s, predict_s + block.predict_s)
            fallbacks += [self._fallback(model, task, *item) for item in block.reasons.items()]
        vars(model).update(vars(done[-1].model))
        return self._results(model, parts, costs, fallbacks)

    def prepare(self, model: Model) -> None:
        """Build the inputs of a model for every series and lead, in several processes."""
        if model.inputs in self._inputs:
            return
        from joblib import Parallel, delayed

        first = {lead: max(lead, self.begin) for lead in self.leads}
        days = sum(one.last + 1 - first[lead] for (_, lead), one in self.periods.items())
        workers = compute.workers() if days >= FEWEST_DAYS else 1
        tasks = (
            delayed(_built)(self.periods[name, lead], model, first[lead])
            for name in self.tables
            for lead in self.leads
        )
        found = Parallel(n_jobs=workers)(tasks)
        self._inputs[model.inputs] = dict(zip(self.periods, found, strict=True))

    def learning(
        self, model: Model, members: Sequence[str], lead: int, before: int
    ) -> tuple[Inputs, np.ndarray]:
        """Return inputs and target of all days that had ended when day `before` is forecast."""
        known = before - lead + 1
        first = max(lead, self.begin)
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

    def _done(self, model: Model, tasks: Sequence[Task], groups: Groups) -> list[Block]:
        """Compute all fits, several at a time: the libraries that fit let go of the lock."""
        from joblib import Parallel, delayed

        todo = (delayed(self._block)(copy.copy(model), task, groups[task.group]) for task in tasks)
        return list(Parallel(n_jobs=compute.workers(), backend="threading")(todo))

    def _block(self, model: Model, task: Task, members: Sequence[str]) -> Block:
        """Fit on a group and forecast its series up to the next refit."""
        begin, end = task.edge
        reasons = {m: text for m in members if (text := self._fault(m, task.lead))}
        sound = [m for m in members if m not in reasons]
        found: dict[str, np.ndarray] = {}
        clock = time.perf_counter()
        fit_s = predict_s = 0.0
        try:
            if sound:
                model.fit(*self.learning(model, sound, task.lead, begin))
                fit_s, clock = time.perf_counter() - clock, time.perf_counter()
                values = model.predict(self.stacked(model, sound, task.lead, begin, end))
                predict_s = time.perf_counter() - clock
                found = self._rows(model, task, sound, values)
        except failures() as error:
            reasons |= dict.fromkeys(sound, " ".join(str(error).split()) or type(error).__name__)
        for name in reasons:
            period = self.periods[name, task.lead]
            found[name] = stand_in(period, model, self._rule(name, task.lead), [task.edge])
        return Block(found, fit_s / len(members), predict_s / len(members), reasons, model)

    def _rows(
        self, model: Model, task: Task, members: Sequence[str], values: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Return the rows of each series, cut from forecasts of one after the other."""
        each = zip(members, np.split(values, len(members)), strict=True)
        return {
            name: self.periods[name, task.lead].rows(days, model.layout, *task.edge)
            for name, days in each
        }

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
        dates = self.tables[name].dates
        days = (str(dates[task.edge[0]]), str(dates[task.edge[1] - 1]))
        return (name, model.name, task.lead, *days, self._rule(name, task.lead).rule, reason)

    def _results(
        self,
        model: Model,
        parts: Mapping[tuple[str, int], list[np.ndarray]],
        costs: Mapping[tuple[str, int], tuple[float, float]],
        fallbacks: Sequence[tuple[object, ...]],
    ) -> Results:
        """Return everything in the order of the series and leads."""
        forecasts = {
            (name, model.name, lead): self.periods[name, lead].forecasts(
                model.name, model.levels, np.concatenate(values)
            )
            for (name, lead), values in parts.items()
        }
        spent = [(name, model.name, lead, *both) for (name, lead), both in costs.items()]
        return Results(
            forecasts,
            pd.DataFrame(fallbacks, columns=list(FALLBACKS)),
            pd.DataFrame(spent, columns=list(COSTS)),
            kept=0,
        )

    def _check_groups(self, groups: Groups) -> None:
        """Refuse groups that leave a series out, hold one twice, or an unknown one."""
        members = sorted(name for group in groups.values() for name in group)
        if members != sorted(self.tables):
            raise UsageError(
                f"The groups must hold each of the {len(self.tables)} series once, got "
                f"{', '.join(members) or 'none'}."
            )


def _built(period: Backtest, model: Model, begin: int) -> Inputs:
    """Return the inputs of the days from `begin` to the period's last, of one series."""
    return period.inputs(model, begin, period.last + 1)
