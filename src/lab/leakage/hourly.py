"""The leak guard for issues within the day: at every hour, nothing later may move a forecast."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from lab.backtest.hourly import HourlyBacktest, HourlyModel
from lab.forecast.table import Forecasts
from lab.forecast.view import DayTable, HourView, View
from lab.leakage.guard import sample
from lab.leakage.hidden import Source, as_table, hidden
from lab.leakage.result import VIEWS, Result
from lab.leakage.suspect import Digest, Trial, content_of, examine

Factory = Callable[[DayTable], HourlyModel]


class HourlyTrial(Trial):
    """One issue within a day, on the table as measured or on a changed one.

    Parameters
    ----------
    table : DayTable
    row : int
        The table's row at which the issue begins.
    horizon_h : int
        Hours ahead.
    window_days : int or None
        As for `HourlyBacktest.run`.
    filling : str
        What the unknown was replaced by; empty for the table as measured.
    """

    def __init__(
        self,
        table: DayTable,
        row: int,
        horizon_h: int,
        window_days: int | None = None,
        filling: str = "",
    ) -> None:
        self.table, self.number, self.filling = table, row, filling
        self.day = str(table.dates[table.day[row]])
        self.period = HourlyBacktest(table, self.day, self.day, horizon_h)
        self.window_days = window_days

    def asked(self, found: Forecasts) -> Forecasts:
        """Return the rows of the one issue, of all hours of its day."""
        issue = int(np.searchsorted(self.period.rows, self.number))
        return found.rows(np.equal(found.day, issue))


def check_hourly(
    factories: Mapping[str, Factory],
    source: Source,
    first: str,
    last: str,
    *,
    horizon_h: int = 24,
    issues: int = 4,
    seed: int = 0,
    window_days: int | None = None,
    views: bool = True,
) -> list[Result]:
    """Check models of the next hours: does anything later than the issue move a forecast?

    Parameters
    ----------
    factories : mapping
        Name to a function from a table to a new model.
    source : DayTable or Prepared
        The data, or what they are made from.
    first, last : ISO string
        Local days between which issues are sampled, clock-change days among them first.
    horizon_h : int
        As for `HourlyBacktest`.
    issues : int
        Days of which one issue each, at a drawn hour, is checked.
    seed : int
        Of the sample and the noise.
    window_days : int, optional
        Learn from this many days before an issue, which is quicker than from all.
    views : bool
        Check also that the views of the table hold nothing unknown.

    Returns
    -------
    list of Result
        As `lab.leakage.check_all`; the first issue is fitted anew on every changed table,
        the others take over what was learned.
    """
    table = as_table(source)

    def trial(row: int, filling: str) -> HourlyTrial:
        twin = _hidden_from(source, row, horizon_h, filling, seed) if filling else table
        return HourlyTrial(twin, row, horizon_h, window_days, filling)

    every: dict[str, Any] = {VIEWS: lambda _: HourDigest()} if views else {}
    every |= factories
    rows = _rows(table, sample(table, first, last, issues, seed), seed)
    return examine(every, rows, trial)


class HourDigest(Digest):
    """A model whose forecast is the checksum of its hourly view."""

    def __init__(self) -> None:
        self.inputs = _digest


def _hidden_from(source: Source, row: int, horizon_h: int, filling: str, seed: int) -> DayTable:
    """Return a copy of the table that holds nothing that was unknown at the issue at a row."""
    table = as_table(source)
    steps = horizon_h * int(np.timedelta64(1, "h") / table.step.to_timedelta64())
    # The calendar of the issue's whole day is known, however short the horizon.
    end = max(row + steps, int(table.start[table.day[row] + 1])) - 1
    return hidden(source, table.index[row], table.index[end] + table.step, filling, seed + row)


def _digest(view: HourView) -> dict[str, np.ndarray]:
    """Return the checksum of everything that a view holds, once for every step."""
    parts: list[View | HourView] = [view.start, view]
    content = b"".join(
        content_of(getattr(part, field.name))
        for part in parts
        for field in fields(part)
        if field.name != "start"
    )
    return {"digest": np.full(len(view.valid_at), float(zlib.crc32(content)))}


def _rows(table: DayTable, days: list[int], seed: int) -> list[int]:
    """Return the row of an issue at a drawn hour of each day."""
    rng = np.random.default_rng(seed)
    hour = table.slots // 24
    counts = np.diff(table.start)[days] // hour
    return [
        int(table.start[d]) + hour * int(rng.integers(n)) for d, n in zip(days, counts, strict=True)
    ]
