"""Run models on tables in which the unknown was changed, and compare bit by bit."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lab.errors import UsageError
from lab.forecast.view import DayTable
from lab.leakage.hidden import Source, as_table, hidden_day
from lab.leakage.result import VIEWS, Result
from lab.leakage.suspect import Digest, Factory, Trial, examine


def check(factory: Factory, source: Source, first: str, last: str, **options: Any) -> Result:
    """Check one model; the arguments are those of `check_all`.

    Examples
    --------
    `check(lambda table: Ridge(30.0), table, "2014-03-01", "2014-05-10").sentence()`
    """
    return check_all({"": factory}, source, first, last, views=False, **options)[0]


def check_all(
    factories: Mapping[str, Factory],
    source: Source,
    first: str,
    last: str,
    *,
    lead_days: int = 1,
    issues: int = 4,
    seed: int = 0,
    window_days: int | None = None,
    share_fit: bool = True,
    views: bool = True,
) -> list[Result]:
    """Check models: does anything not known at the issue move a forecast by one bit?

    Parameters
    ----------
    factories : mapping
        Name to a function from a table to a new model.
    source : DayTable or Prepared
        The data, or what they are made from.
    first, last : ISO string
        Local days between which issues are sampled. The first is always one of them.
    lead_days : int
        As for `Backtest`.
    issues : int
        How many days are forecast, clock-change days and the last among them first.
    seed : int
        Of the sample and the noise.
    window_days : int, optional
        Learn from this many days before an issue, which is quicker than from all.
    share_fit : bool
        Fit each model anew on every changed table of the first day only, where all of the
        training is followed by changed values; the other days take over what the model
        learned. False fits for every day and every filling.
    views : bool
        Check also that the views of the table hold nothing unknown.

    Returns
    -------
    list of Result
        That of the views, if asked for, then one a model.

    Raises
    ------
    UsageError
        If the period is impossible, or a model gives no forecast that could be compared.
    LeakError
        If a model's forecasts differ between equal runs, so that nothing can be said.
    """
    table = as_table(source)

    def trial(number: int, filling: str) -> Trial:
        twin = hidden_day(source, number, lead_days, filling, seed + number) if filling else table
        return Trial(twin, number, lead_days, window_days, filling)

    looked_at: dict[str, Factory] = {VIEWS: lambda _: Digest()} if views else {}
    return examine(
        {**looked_at, **factories},
        sample(table, first, last, issues, seed),
        trial,
        lead_days=lead_days,
        share_fit=share_fit,
    )


def sample(table: DayTable, first: str, last: str, count: int, seed: int) -> list[int]:
    """Return the numbers of the days to forecast, in order of time.

    The first day is among them, then one clock-change day of each length, then the last;
    the rest is drawn.

    Raises
    ------
    UsageError
        If a day is not in the table, the period is empty or no day is asked for.
    """
    begin, end = table.position(first), table.position(last)
    if count < 1 or end < begin:
        raise UsageError(
            f"The leak guard needs at least one issue in a period that does not end before it "
            f"starts, got {count} issues, {first} to {last}."
        )
    rows = np.diff(table.start)[begin : end + 1]
    lengths, places = np.unique(rows, return_index=True)
    odd = [begin + int(place) for place in places[lengths != table.slots]]
    drawn = begin + np.random.default_rng(seed).permutation(end - begin + 1)
    wanted = dict.fromkeys([begin, *odd, end, *(int(day) for day in drawn)])
    return sorted(list(wanted)[:count])
