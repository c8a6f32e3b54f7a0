"""The leak guard for a model that learns from many series at once."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from lab.backtest.pooled import Groups, Pool
from lab.errors import UsageError
from lab.forecast.model import Model
from lab.forecast.table import Forecasts
from lab.forecast.view import DAY, DayTable
from lab.leakage.compare import first_moved
from lab.leakage.guard import sample
from lab.leakage.hidden import FILLINGS, hidden_day
from lab.leakage.result import Moved, Result

Tables = Mapping[str, DayTable]


def check_pooled(
    factory: Callable[[], Model],
    tables: Tables,
    groups: Groups,
    first: str,
    last: str,
    *,
    lead_days: int = 1,
    issues: int = 2,
    window_days: int = 14,
    seed: int = 0,
) -> Result:
    """Check a pooled model: does anything unknown of any series move a forecast by one bit?

    Parameters
    ----------
    factory : callable
        Gives a new model, which is fitted anew on every changed set of tables.
    tables, groups
        As for `lab.backtest.pooled.Pool`. All series are changed at once.
    first, last : ISO string
        Local days between which the forecast days are sampled (`lab.leakage.sample`).
    lead_days, issues, seed
        As for `lab.leakage.check_all`.
    window_days : int
        Learn from so many days before each issue, which is quicker than from all.

    Raises
    ------
    UsageError
        If no forecast is finite.
    """
    pattern = next(iter(tables.values()))
    name = factory().name
    checks = values = 0
    for number in sample(pattern, first, last, issues, seed):
        day = str(pattern.dates[number])
        begin = str((pd.Timestamp(day) - (window_days + lead_days) * DAY).date())
        old = _forecast(factory, tables, groups, (begin, day), lead_days)
        for filling in FILLINGS:
            twins = {
                one: hidden_day(table, number, lead_days, filling, seed + number + place)
                for place, (one, table) in enumerate(tables.items())
            }
            new = _forecast(factory, twins, groups, (begin, day), lead_days)
            moved = _difference(old, new, filling)
            checks += 1
            values += sum(int(np.isfinite(one.values).sum()) for one in old)
            if moved:
                return Result(name, lead_days, checks, values, moved)
    if not values:
        raise UsageError(
            f"The leak guard needs forecasts to compare, got none of {name}; give it more days."
        )
    return Result(name, lead_days, checks, values)


def _forecast(
    factory: Callable[[], Model],
    tables: Tables,
    groups: Groups,
    span: tuple[str, str],
    lead_days: int,
) -> list[Forecasts]:
    """Return the forecasts of one day, learnt from the days since the first of `span`."""
    begin, day = span
    pool = Pool(tables, day, day, (lead_days,), learn_from=begin)
    return list(pool.run(factory(), groups).forecasts.values())


def _difference(old: list[Forecasts], new: list[Forecasts], filling: str) -> Moved | None:
    """Return the first value whose bits differ."""
    for one, other in zip(old, new, strict=True):
        if moved := first_moved(f"{one.model} ({one.series_id})", one, other, filling):
            return moved
    return None
