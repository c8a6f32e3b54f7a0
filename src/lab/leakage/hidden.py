"""Copies of a table in which what was not known at an issue time is something else."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lab.forecast.view import DayTable

FILLINGS = ("noise", "NaN")
# Noise reaches beyond anything measured, so that it also moves an extreme or a mean.
LEAST, MOST = 0.5, 3.0


@dataclass(frozen=True)
class Prepared:
    """What a table is made from, to check its making too.

    Attributes
    ----------
    frame : pandas.DataFrame
        Measured values, UTC index.
    build : callable
        From such a frame to the `DayTable`.
    knowledge : mapping of str
        Knowledge time of columns that the table lacks or knows otherwise, for instance
        `{"holiday": "static"}`; what is named nowhere counts as `past`.
    """

    frame: pd.DataFrame
    build: Callable[[pd.DataFrame], DayTable]
    knowledge: Mapping[str, str] = field(default_factory=dict)


Source = DayTable | Prepared


def as_table(source: Source) -> DayTable:
    """Return the table as measured."""
    return source.build(source.frame) if isinstance(source, Prepared) else source


def hidden(
    source: Source, issue: pd.Timestamp, end: pd.Timestamp, filling: str, seed: int
) -> DayTable:
    """Return a copy of the table that holds nothing that was unknown at one issue.

    Parameters
    ----------
    source : DayTable or Prepared
        Left as it is.
    issue : pandas.Timestamp
        `past` columns are replaced from here on, the target among them.
    end : pandas.Timestamp
        End of the target day: `known_future` columns are replaced from here on.
    filling : str
        What replaces them, one of `FILLINGS`.
    seed : int
        Of the noise.
    """
    table = as_table(source)
    since = {"past": issue, "known_future": end}
    rng = np.random.default_rng(seed)
    if isinstance(source, DayTable):
        return _with_columns(
            table,
            {
                name: filled(values, table.index >= since[kind], filling, rng)
                if (kind := table.knowledge[name]) in since
                else values
                for name, values in table.flat.items()
            },
        )
    frame = source.frame.copy()
    for name in frame.columns:
        kind = (table.knowledge | dict(source.knowledge)).get(str(name), "past")
        if kind in since:
            later = np.asarray(frame.index >= since[kind])
            frame[name] = filled(frame[name].to_numpy(), later, filling, rng)
    return source.build(frame)


def hidden_day(source: Source, number: int, lead_days: int, filling: str, seed: int) -> DayTable:
    """Return `hidden` for the day of a number, issued with a lead."""
    table = as_table(source)
    issue = table.index[table.start[number - lead_days + 1]]
    end = table.index[table.start[number + 1] - 1] + table.step
    return hidden(source, issue, end, filling, seed)


def filled(
    values: np.ndarray, later: np.ndarray, filling: str, rng: np.random.Generator
) -> np.ndarray:
    """Return a copy with other values where `later`; a flag, which has no NaN, is turned.

    Parameters
    ----------
    values : numpy.ndarray, shape (rows, ...)
    later : numpy.ndarray of bool, shape (rows,)
    filling, rng
        One of `FILLINGS`, and where noise comes from.
    """
    later = later.reshape(-1, *(1,) * (values.ndim - 1))
    if values.dtype == bool:
        return np.where(later, ~values, values)
    known = values[np.isfinite(values)]
    scale = max(1.0, float(np.abs(known).max())) if len(known) else 1.0
    noise = rng.uniform(LEAST, MOST, values.shape) * scale
    return np.where(later, noise if filling == "noise" else np.nan, values.astype(float))


def _with_columns(table: DayTable, flat: dict[str, np.ndarray]) -> DayTable:
    """Return a copy of the table with other values, cut into days anew."""
    twin = copy.copy(table)
    twin.flat = flat
    twin.days = {name: twin.clock_days(values) for name, values in flat.items()}
    return twin
