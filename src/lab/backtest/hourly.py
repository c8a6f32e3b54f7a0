"""Rolling origins within the day: an issue at every whole hour, for the next hours.

The rules are those of `lab.backtest.period`: a model's `inputs` gets one `HourView` at a
time, a copy of what was known then; `fit` gets inputs and measured values of issues whose
whole horizon had passed at the midnight of the refit.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from numbers import Integral
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from lab.backtest import refusals
from lab.backtest.period import Run, refit_positions
from lab.errors import UsageError
from lab.forecast.table import MEDIAN, Forecasts
from lab.forecast.view import DayTable, HourView

HOUR = pd.Timedelta(hours=1)
MOST_HOURS = 24
Inputs = dict[str, np.ndarray]


class HourlyModel(Protocol):
    """A model of the next hours: as `lab.forecast.model.Model`, its inputs from an `HourView`."""

    @property
    def name(self) -> str:
        """Name in the forecast table."""

    @property
    def levels(self) -> tuple[float, ...]:
        """Quantile levels of a forecast."""

    @property
    def inputs(self) -> Callable[[HourView], Inputs]:
        """Function from a view to named arrays."""

    def fit(self, inputs: Mapping[str, np.ndarray], target: np.ndarray) -> Self:
        """Learn from past issues: inputs (issues, ...), target (issues, steps)."""
        ...

    def predict(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return forecasts, shape (issues, steps, levels)."""
        ...


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

    def run(self, model: HourlyModel, refit: str = "once", window_days: int | None = None) -> Run:
        """Fit and forecast through the period.

        Parameters
        ----------
        model : HourlyModel
            Is left as fitted last.
        refit : str
            As in `lab.backtest.Backtest.run`, at local midnights.
        window_days : int, optional
            Learn from the issues of this many of the last days, not from all.
        """
        found, fit_s, predict_s, days = [], 0.0, 0.0, []
        for begin, end in self._edges(refit):
            learning = self._learning(model, begin, window_days)
            issues = self._stacked(model, *self._span(begin, end))
            clock = time.perf_counter()
            model.fit(*learning)
            fit_s, clock = fit_s + time.perf_counter() - clock, time.perf_counter()
            found.append(model.predict(issues))
            predict_s += time.perf_counter() - clock
            days.append(str(self.table.dates[begin]))
        values = np.concatenate(found)
        return Run(self.forecasts(model.name, model.levels, values), days, fit_s, predict_s)

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

    def _edges(self, refit: str) -> list[tuple[int, int]]:
        """Return the first day of each block between two refits, and the day after its last."""
        starts = refit_positions(self.table.dates[self.first : self.last + 1], refit)
        return list(pairwise([*(self.first + start for start in starts), self.last + 1]))

    def _span(self, begin: int, end: int) -> tuple[int, int]:
        """Return the numbers, among all issues, of those of the days `begin` up to `end`."""
        first, last = np.searchsorted(self._all, self.table.start[[begin, end]])
        return int(first), int(last)

    def _learning(
        self, model: HourlyModel, begin: int, window_days: int | None
    ) -> tuple[Inputs, np.ndarray]:
        """Return inputs and target of the issues whose horizon ends by midnight of a day."""
        if window_days is not None:
            refusals.check_count("window_days", window_days)
        midnight = self.table.start[begin]
        last = int(np.searchsorted(self._all, midnight - self.steps, side="right"))
        oldest = 1 if window_days is None else max(1, begin - 1 - window_days)
        first = self._span(oldest, oldest)[0]
        return self._stacked(model, first, last), self._measured(self._all[first:last])

    def _stacked(self, model: HourlyModel, first: int, last: int) -> Inputs:
        """Return copies of the inputs of consecutive issues, each made from its own view."""
        held = self._inputs.get(model.inputs)
        if held is None:
            held = self._inputs[model.inputs] = self._empty(model, last - 1)
        made = held["made"]
        for issue, view in self._views(first + np.flatnonzero(~made[first:last])):
            for name, values in refusals.inputs_of(model, view, self.table).items():
                held[name][issue] = values
            made[issue] = True
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
