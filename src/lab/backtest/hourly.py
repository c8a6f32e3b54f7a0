"""Rolling origins within the day: an issue at every whole hour, for the next hours.

The rules are those of `lab.backtest.period`: a model's `inputs` gets one `HourView` at a
time, a copy of what was known then; `fit` gets inputs and measured values of issues whose
whole horizon had passed at the midnight of the refit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from lab.backtest import keys, refusals
from lab.backtest.cadence import Edge, blocks, chains, updates
from lab.backtest.failures import unfitted
from lab.backtest.fallback import CHOICE_DAYS, Standby, around, closest, usable_rules
from lab.backtest.hourly_model import HourlyModel, Inputs
from lab.backtest.pieces import Piece, Step, computed, leave
from lab.backtest.results import fallback, fallen
from lab.backtest.runs import Run
from lab.backtest.store import Store, chosen_store
from lab.errors import UsageError
from lab.forecast.nowcast.rules import NowcastRule
from lab.forecast.table import MEDIAN, Forecasts
from lab.forecast.view import DayTable, HourView

__all__ = ["HourlyBacktest", "HourlyModel", "standing"]
HOUR = pd.Timedelta(hours=1)
MOST_HOURS = 24


class HourlyBacktest:
    """Issues at every whole hour since local midnight, over a period of a table.

    Parameters
    ----------
    table : DayTable
        Data with declared knowledge times, in steps that divide an hour.
    first, last : date or ISO string
        First and last local day of issues, both included. The last issue reaches
        `horizon_h` hours on, into the next day.
    horizon_h : int
        Hours ahead, 1 to 24.

    Attributes
    ----------
    rows : numpy.ndarray of int, shape (issues,)
        The table's row at which each issue of the period begins.
    steps : int
        Steps ahead.

    Raises
    ------
    UsageError
        If the horizon is out of range, the step does not divide an hour, a day is not in
        the table, the period is empty, the table ends before the last horizon, or nothing
        to learn from precedes it.
    DataError
        If the series has no values or does not vary before the first issue.
    """

    def __init__(self, table: DayTable, first: str, last: str, horizon_h: int = MOST_HOURS) -> None:
        whole = isinstance(horizon_h, Integral) and not isinstance(horizon_h, bool)
        if not (whole and 1 <= horizon_h <= MOST_HOURS) or HOUR % table.step != pd.Timedelta(0):
            raise UsageError(
                f"An hourly backtest needs a whole horizon of 1 to {MOST_HOURS} h and steps that "
                f"divide an hour, got {horizon_h} h and steps of {table.step}."
            )
        self.table, self.steps = table, horizon_h * int(HOUR / table.step)
        self.first, self.last = table.position(first), table.position(last)
        if not 2 < self.first <= self.last:
            raise UsageError(
                "The backtest period must start after the table's first 3 days and not end "
                f"before it starts, got {first} to {last}."
            )
        # The first day has no history; issues of all later days can be learnt from.
        self._all = _issue_rows(table, 1, self.last + 1)
        if self._all[-1] + self.steps > len(table.index):
            raise UsageError(
                f"The last issue of {last} reaches {horizon_h} h on, and the table ends at "
                f"{table.index[-1]}; choose an earlier last day."
            )
        refusals.check_series(table, self.first)
        self.rows = self._all[self._all >= table.start[self.first]]
        self._inputs: dict[Callable[[HourView], Inputs], Inputs] = {}
        self._standby: Standby | None = None

    def run(
        self,
        model: HourlyModel,
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
        model : HourlyModel
            Is left as fitted last; unfitted if its last fit failed, see `Run.fitted`.
        refit : str
            As in `lab.backtest.Backtest.run`, at local midnights.
        window_days : int, optional
            Learn from the issues of this many of the last days, not from all.
        store : Store, optional
            Keeps the forecasts between two refits, so that an interrupted run resumes.
        fitted : bool
            False leaves the model as it is, so that its last fit may also come from the store,
            which keeps forecasts alone.
        forgiving : bool
            Let the best simple rule of the hours stand in where the model fails, up to its next
            fit, and tell so in `Run.fallbacks`. False raises what the model raises.

        Raises
        ------
        UsageError
            If the window is shorter than a day.
        DataError
            If the model needs a column that the table lacks.
        """
        if window_days is not None:
            refusals.check_count("window_days", window_days)
        bare, edges, store = unfitted(model), self.edges(refit), store or chosen_store()
        # A column that is missing is refused, before anything is fitted.
        self._make(bare, len(self._all) - 1, len(self._all))
        blocks = chains(bare, edges)
        pieces = [self._piece(bare, one, window_days, store) for one in blocks]
        prepare = partial(self._prepare, bare, edges, window_days)
        how: dict[str, Any] = {"prepare": prepare, "fitted": fitted, "forgiving": forgiving}
        done, _ = computed(pieces, store, **how)
        if fitted:
            leave(model, done[-1])
        failed = {block: one.reason for block, one in zip(blocks, done, strict=True) if one.reason}
        parts = {block: one.values for block, one in zip(blocks, done, strict=True)}
        parts |= {block: self._stand_in(model, block) for block in failed}
        forecasts = self.forecasts(model.name, model.levels, np.concatenate([*parts.values()]))
        fit_s, predict_s = sum(one.fit_s for one in done), sum(one.predict_s for one in done)
        days = [str(self.table.dates[begin]) for begin, _ in edges]
        return Run(forecasts, days, fit_s, predict_s, self._fallbacks(model, failed))

    def forecasts(self, name: str, levels: Sequence[float], values: np.ndarray) -> Forecasts:
        """Return values of the period's issues, shape (issues, steps, levels), with their times.

        Every issue has `steps` rows, so a row's lead is its number modulo `steps`.
        """
        rows = self._targets(self.rows).ravel()
        return Forecasts(
            model=name,
            series_id=self.table.series_id,
            issued_at=self.table.index[np.repeat(self.rows, self.steps)],
            valid_at=self.table.index[rows],
            day=np.repeat(np.arange(len(self.rows)), self.steps),
            slot=self.table.slot[rows],
            levels=tuple(levels),
            values=values.reshape(len(rows), -1),
        )

    def actual(self) -> np.ndarray:
        """Return the measured values of the period's rows, for evaluation."""
        return self._measured(self.rows).ravel()

    def view(self, issue: int) -> HourView:
        """Return the view of an issue of the period, by its number."""
        return self.table.view_at(int(self.rows[issue]), self.steps)

    def edges(self, refit: str) -> list[Edge]:
        """Return the first day of each block between two refits, and the day after its last."""
        return blocks(self.table.dates, self.first, self.last, refit)

    def _span(self, begin: int, end: int) -> tuple[int, int]:
        """Return the numbers, among all issues, of those of the days `begin` up to `end`."""
        first, last = np.searchsorted(self._all, self.table.start[[begin, end]])
        return int(first), int(last)

    def _piece(
        self,
        model: HourlyModel,
        edges: tuple[Edge, ...],
        window_days: int | None,
        store: Store | None,
    ) -> Piece:
        """Return the work of one block, or of all in one for a model that keeps its state."""
        first, last = self._span(edges[0][0], edges[-1][1])
        return Piece(
            model,
            partial(self._steps, model, edges, window_days),
            np.asarray,
            (last - first, self.steps, len(model.levels)),
            {
                "table": keys.table_digest(self.table) if store else "",
                "hourly": [edges, self.steps, window_days],
            },
        )

    def _steps(
        self, model: HourlyModel, edges: Sequence[Edge], window_days: int | None
    ) -> Iterator[Step]:
        """Yield what each fit learns from and forecasts."""
        learned = 0
        for begin, end in edges:
            first, known = self._known(begin, window_days)
            first = max(first, learned)
            learning = self._stacked(model, first, known), self._measured(self._all[first:known])
            yield Step(*learning, self._stacked(model, *self._span(begin, end)))
            learned = known if updates(model) else 0

    def _fallbacks(
        self, model: HourlyModel, failed: Mapping[tuple[Edge, ...], str]
    ) -> pd.DataFrame:
        """Return the table of stand-ins."""
        rule = self._best_rule().rule if failed else ""
        return fallen(
            fallback(self.table, block, model.name, 0, rule=rule, reason=reason)
            for block, reason in failed.items()
        )

    def _stand_in(self, model: HourlyModel, edges: tuple[Edge, ...]) -> np.ndarray:
        """Return the best rule's forecasts of blocks, shape (issues, steps, levels)."""
        span = self._span(edges[0][0], edges[-1][1])
        standby = self._best_rule()
        return around(self._rules(*span)[standby.rule], model.levels, standby)

    def _best_rule(self) -> Standby:
        """Return the rule with the least error at the issues known before the first."""
        if self._standby is None:
            first, known = self._known(self.first, CHOICE_DAYS)
            values = self.table.flat[self.table.target][: self.table.start[self.first]]
            actual = self._measured(self._all[first:known])
            self._standby = closest(self._rules(first, known), actual, values)
        return self._standby

    def _rules(self, first: int, last: int) -> Inputs:
        """Return what all simple rules forecast at consecutive issues, (issues, steps) each."""
        rules = usable_rules(self.table)
        return self._stacked(NowcastRule(rules[0], self.table.target, rules), first, last)

    def _known(self, begin: int, window_days: int | None) -> tuple[int, int]:
        """Return the numbers of the issues whose horizon ends by midnight of a day."""
        midnight = self.table.start[begin]
        last = int(np.searchsorted(self._all, midnight - self.steps, side="right"))
        oldest = 1 if window_days is None else max(1, begin - 1 - window_days)
        return self._span(oldest, oldest)[0], last

    def _prepare(self, model: HourlyModel, edges: Sequence[Edge], window_days: int | None) -> None:
        """Make all inputs that the blocks need, which threads then only read."""
        for begin, end in edges:
            self._make(model, *self._known(begin, window_days))
            self._make(model, *self._span(begin, end))

    def _make(self, model: HourlyModel, first: int, last: int) -> Inputs:
        """Make the inputs of consecutive issues, each from its own view, and return all room."""
        held = self._inputs.get(model.inputs)
        if held is None:
            held = self._inputs[model.inputs] = self._empty(model, last - 1)
        made = held["made"]
        for issue, view in self._views(first + np.flatnonzero(~made[first:last])):
            for name, values in refusals.inputs_of(model, view, self.table).items():
                held[name][issue] = values
            made[issue] = True
        return held

    def _stacked(self, model: HourlyModel, first: int, last: int) -> Inputs:
        """Return copies of the inputs of consecutive issues."""
        held = self._make(model, first, last)
        return {name: held[name][first:last].copy() for name in held if name != "made"}

    def _empty(self, model: HourlyModel, issue: int) -> Inputs:
        """Return room for the inputs of all issues, as large as those of one."""
        ((_, view),) = self._views(np.array([issue]))
        made = refusals.inputs_of(model, view, self.table)
        like = {name: np.asarray(values) for name, values in made.items()}
        room = {n: np.empty((len(self._all), *v.shape), v.dtype) for n, v in like.items()}
        return room | {"made": np.zeros(len(self._all), dtype=bool)}

    def _views(self, issues: np.ndarray) -> Iterator[tuple[int, HourView]]:
        """Yield issues with their views; those of one day share the view of its midnight."""
        start: Any = None
        for issue in issues:
            row = int(self._all[issue])
            day = int(self.table.day[row])
            if start is None or start.date != self.table.dates[day]:
                start = self.table.view(day)
            yield int(issue), self.table.view_at(row, self.steps, start)

    def _targets(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows that issues are for, shape (issues, steps)."""
        return rows[:, None] + np.arange(self.steps)

    def _measured(self, rows: np.ndarray) -> np.ndarray:
        """Return the measured values that issues are for, shape (issues, steps)."""
        return self.table.flat[self.table.target][self._targets(rows)]


def standing(period: HourlyBacktest, today: Forecasts, tomorrow: Forecasts, name: str) -> Forecasts:
    """Return what daily forecasts said at every hourly issue: those of its day's midnight.

    Parameters
    ----------
    period : HourlyBacktest
    today, tomorrow : Forecasts
        Of `lab.backtest.Backtest` with a lead of one day and of two, over all days in which
        steps of the period lie: both are issued at the midnight of the issue's day.
    name : str

    Returns
    -------
    Forecasts
        Point forecasts over the rows of the period.

    Raises
    ------
    UsageError
        If a row is missing in them, or was issued at another midnight.
    """
    empty = period.forecasts(name, (MEDIAN,), np.full((len(period.rows), period.steps, 1), np.nan))
    day = period.table.day[np.repeat(period.rows, period.steps)]
    midnight = period.table.index[period.table.start[day]]
    values = np.full(len(day), np.nan)
    later = np.asarray(empty.valid_at >= period.table.index[period.table.start[day + 1]])
    for said, rows in ((today, ~later), (tomorrow, later)):
        place = said.valid_at.get_indexer(empty.valid_at[rows])
        if (place < 0).any() or not (said.issued_at[place] == midnight[rows]).all():
            raise UsageError(
                f"The daily forecasts of {said.model} must cover the day and the next of every "
                "hourly issue, each issued at the midnight of the issue's day."
            )
        values[rows] = said.median[place]
    return replace(empty, values=values[:, None])


def _issue_rows(table: DayTable, first: int, last: int) -> np.ndarray:
    """Return the rows that lie whole hours after a midnight of the days `first` up to `last`."""
    rows = np.arange(table.start[first], table.start[last])
    since = rows - table.start[table.day[rows]]
    return rows[since % int(HOUR / table.step) == 0]
