"""What a backtest leaves beside forecasts of its own: many series' results, and what stood in."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from textwrap import shorten
from typing import Any, Protocol

import pandas as pd

from lab import style
from lab.forecast.model import Model
from lab.forecast.table import Forecasts
from lab.forecast.view import DayTable

FALLBACKS = ("series_id", "model", "lead_days", "first", "last", "rule", "reason")
COSTS = ("series_id", "model", "lead_days", "fit_s", "predict_s")
MOST_SPELLS, LONGEST_REASON = 3, 200
# What can mean something to Markdown, HTML or a formula, in text that comes from data.
MARKUP = re.compile(r"[^\w\s,.;()'/%=+-]|_")


class Told(Protocol):
    """Anything that names its stand-ins: a `Run` or `Results`."""

    @property
    def fallbacks(self) -> pd.DataFrame:
        """A row with the columns `FALLBACKS` for every stand-in."""


@dataclass(frozen=True)
class Results:
    """Forecasts in the order series, model, lead, whatever was finished first.

    Attributes
    ----------
    forecasts : dict of Forecasts
        By series, model and lead.
    fallbacks : pandas.DataFrame
        A row for every unit in which a simple rule stood in for a model: its days, the
        rule, the reason.
    costs : pandas.DataFrame
        Wall time [s] of fits and forecasts by series, model and lead, no part of any
        reproducible output; a kept unit's as it was when it was computed.
    kept : int
        Units that were taken from the store.
    models : dict of Model
        As fitted last, by lead and group; of a pool's run that is asked for them.
    """

    forecasts: dict[tuple[str, str, int], Forecasts]
    fallbacks: pd.DataFrame
    costs: pd.DataFrame
    kept: int
    models: dict[tuple[int, str], Model] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        """Return all forecasts as one table with the columns of the forecast table.

        A point model has the median alone; its other quantiles are missing.
        """
        tables = [one.to_table() for one in self.forecasts.values()]
        for column, place in (("series_id", 0), ("model", 1)):
            names = list(dict.fromkeys(key[place] for key in self.forecasts))
            for one in tables:
                one[column] = one[column].cat.set_categories(names)
        return pd.concat(tables, ignore_index=True)


def fallen(rows: Iterable[tuple[Any, ...]] = ()) -> pd.DataFrame:
    """Return stand-ins as a table: one row each, none if every model forecast itself."""
    return pd.DataFrame(list(rows), columns=list(FALLBACKS))


def fallback(
    table: DayTable,
    edges: Sequence[tuple[int, int]],
    model: str,
    lead: int,
    *,
    rule: str,
    reason: str,
) -> tuple[Any, ...]:
    """Return a row of `FALLBACKS`.

    Parameters
    ----------
    table : DayTable
        The series.
    edges : sequence of pair of int
        The blocks in which the rule stands in: first day, and the day after the last.
    model, rule, reason : str
    lead : int
        Days ahead; 0 within the day.
    """
    first, last = edges[0][0], edges[-1][1] - 1
    days = (str(table.dates[first]), str(table.dates[last]))
    return (table.series_id, model, lead, *days, rule, reason)


def said(runs: Mapping[Any, Told] | Iterable[Told]) -> str:
    """Return which models a simple rule stood in for, as Markdown to display in a report.

    Parameters
    ----------
    runs : mapping or iterable of Run or Results

    Returns
    -------
    str
        A paragraph for every model that failed, with series and lead where there are several;
        "" if none did. Reasons come from data and libraries: they are shortened, and no markup
        in them works.
    """
    tables = [run.fallbacks for run in (runs.values() if isinstance(runs, Mapping) else runs)]
    rows = list(dict.fromkeys(chain.from_iterable(_rows(table) for table in tables)))
    groups: dict[tuple[Any, ...], list[tuple[str, ...]]] = {}
    for row in rows:
        groups.setdefault(row[:3], []).append(row[3:])
    series, leads = (len({key[place] for key in groups}) > 1 for place in (0, 2))
    return "\n\n".join(
        " ".join(_sentences(_who(key, series=series, leads=leads), found))
        for key, found in groups.items()
    )


def _rows(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table of stand-ins."""
    return table[list(FALLBACKS)].itertuples(index=False, name=None)


def _who(key: tuple[Any, ...], *, series: bool, leads: bool) -> str:
    """Return a model's name, with series and lead where there are several."""
    name, model, lead = key
    who = f"**{_plain(style.label(model))}**"
    if series:
        who += f" on {_plain(str(name))}"
    if leads:
        who += f", {lead} day{'s' if lead > 1 else ''} ahead," if lead else ", hour by hour,"
    return who


def _sentences(who: str, found: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield what happened to one model; only the last of many spells are counted together."""
    spells = _spells(found)
    for first, last, rule, reason, fits in spells[:MOST_SPELLS]:
        when = f"from {first} on" if fits == 1 else f"{fits} times from {first} on"
        why = _plain(shorten(reason, LONGEST_REASON, placeholder=" ..."))
        stands = f"{_plain(style.label(rule))} stands in for it until {last}."
        yield f"{who} failed {when} ({why}); {stands}"
        who = "It"
    if rest := spells[MOST_SPELLS:]:
        fits = sum(spell[4] for spell in rest)
        more = f"{fits} more time{'s' if fits > 1 else ''}"
        yield f"It failed {more}, and a rule stands in for it, up to {rest[-1][1]}."


def _spells(found: list[tuple[str, ...]]) -> list[tuple[str, str, str, str, int]]:
    """Return first and last day, rule, reason and number of fits of blocks that follow on."""
    spells: list[tuple[str, str, str, str, int]] = []
    for first, last, rule, reason in sorted(found):
        before = spells[-1] if spells else None
        if before and before[2:4] == (rule, reason) and _next_day(before[1]) == first:
            spells[-1] = (before[0], last, rule, reason, before[4] + 1)
        else:
            spells.append((first, last, rule, reason, 1))
    return spells


def _next_day(day: str) -> str:
    """Return the day after a day, both as ISO strings."""
    return str((pd.Timestamp(day) + pd.Timedelta(days=1)).date())


def _plain(text: str) -> str:
    """Return text as itself in Markdown: what could be markup as character references."""
    return MARKUP.sub(lambda found: f"&#{ord(found[0])};", text)
