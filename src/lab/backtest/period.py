"""Rolling-origin evaluation: the only place that hands data to a model.

Each day of the period is forecast once, issued at its local midnight or, with a lead of n
days, n - 1 days before. A model's `inputs` function
gets one `View` at a time, a copy of what was known then; `fit` gets the inputs and the
measured days before the refit, `predict` those of the issues up to the next refit. The
inputs of an issue cannot depend on another issue, and no model ever holds the table.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lab import paths
from lab.errors import UsageError
from lab.forecast.model import STEPS, Model
from lab.forecast.table import Forecasts
from lab.forecast.view import DayTable, View

CADENCES = ("once", "yearly", "quarterly", "monthly", "weekly", "daily")
MONTHS = {"yearly": 12, "quarterly": 3, "monthly": 1}
Inputs = dict[str, np.ndarray]


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
    """

    forecasts: Forecasts
    refits: list[str]
    fit_s: float
    predict_s: float


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

    Raises
    ------
    UsageError
        If the lead is not at least one day, a day is not in the table, the period is
        empty, or nothing to learn from precedes it.
    """

    def __init__(self, table: DayTable, first: str, last: str, lead_days: int = 1) -> None:
        if lead_days < 1:
            raise UsageError(f"lead_days must be at least 1, got {lead_days}.")
        self.table, self.lead = table, lead_days
        self.first, self.last = table.position(first), table.position(last)
        if not 2 * lead_days - 1 < self.first <= self.last:
            raise UsageError(
                f"The backtest period must start after the table's first {2 * lead_days} days "
                f"and not end before it starts, got {first} to {last}."
            )
        self._inputs: dict[Callable[[View], Inputs], Inputs] = {}

    def run(self, model: Model, refit: str = "once") -> Run:
        """Fit and forecast through the period.

        Parameters
        ----------
        model : Model
            Is left as fitted last.
        refit : str
            `once` before the first issue, or at the beginning of every `yearly`,
            `quarterly`, `monthly`, `weekly` or `daily` period, with everything known.
        """
        inputs = self._inputs_of(model)
        target = self.table.days[self.table.target]
        starts = refit_positions(self.table.dates[self.first : self.last + 1], refit)
        blocks, fit_s, predict_s = [], 0.0, 0.0
        edges = [self.first + start for start in starts] + [self.last + 1]
        for begin, end in pairwise(edges):
            clock = time.perf_counter()
            known = begin - self.lead + 1
            model.fit(_slice(inputs, 0, known - self.lead), target[self.lead : known].copy())
            fit_s, clock = fit_s + time.perf_counter() - clock, time.perf_counter()
            blocks.append(model.predict(_slice(inputs, begin - self.lead, end - self.lead)))
            predict_s += time.perf_counter() - clock
        days = [str(self.table.dates[self.first + start]) for start in starts]
        forecasts = self._forecasts(model, np.concatenate(blocks))
        return Run(forecasts, days, fit_s, predict_s)

    def actual(self) -> np.ndarray:
        """Return the measured values of the period's rows, for evaluation."""
        begin, end = self.table.start[self.first], self.table.start[self.last + 1]
        return self.table.flat[self.table.target][begin:end].copy()

    def _inputs_of(self, model: Model) -> Inputs:
        """Return the inputs of every day that has a past, each from its view."""
        if model.inputs not in self._inputs:
            days = range(self.lead, self.last + 1)
            found = [model.inputs(self.table.view(day, self.lead)) for day in days]
            self._inputs[model.inputs] = {
                name: np.stack([one[name] for one in found]) for name in found[0]
            }
        return self._inputs[model.inputs]

    def _forecasts(self, model: Model, values: np.ndarray) -> Forecasts:
        """Lay a model's columns (wall clock or elapsed steps) out as rows of time."""
        table = self.table
        begin, end = table.start[self.first], table.start[self.last + 1]
        day = table.day[begin:end] - self.first
        step = np.arange(begin, end) - table.start[table.day[begin:end]]
        slot = table.slot[begin:end]
        return Forecasts(
            model=model.name,
            series_id=table.series_id,
            issued_at=table.index[table.start[table.day[begin:end] - self.lead + 1]],
            valid_at=table.index[begin:end],
            day=day,
            slot=slot,
            levels=tuple(model.levels),
            values=values[day, step if model.layout == STEPS else slot],
        )


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
    if cadence not in CADENCES:
        raise UsageError(f"Unknown refit cadence {cadence!r}; choose one of {', '.join(CADENCES)}.")
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


def _slice(inputs: Inputs, begin: int, end: int) -> Inputs:
    """Return copies of the issues `begin` to `end`, so that a model reaches no others."""
    return {name: values[begin:end].copy() for name, values in inputs.items()}
