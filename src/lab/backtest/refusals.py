"""What a backtest refuses, of one series as of many: numbers, series and columns."""

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from lab.errors import DataError, UsageError
from lab.forecast.view import DayTable

Inputs = dict[str, np.ndarray]


def check_count(name: str, value: float) -> None:
    """Refuse what is no whole number from 1 on.

    Parameters
    ----------
    name : str
        Of the parameter, as its caller writes it.
    value : float

    Raises
    ------
    UsageError
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise UsageError(f"{name} must be at least 1 and a whole number, got {value}.")


def fault(table: DayTable, known: int) -> str:
    """Return why no model can learn from the first `known` days of a series, or "".

    Parameters
    ----------
    table : DayTable
    known : int
        Days that are known at the first issue.
    """
    values = table.flat[table.target][: table.start[known]]
    measured = values[np.isfinite(values)]
    if not len(measured):
        return (
            f"The series {table.series_id!r} has no value of {table.target} before the first "
            "forecast; a model needs some to learn from."
        )
    if (measured == measured[0]).all():
        return (
            f"The series {table.series_id!r} is constant at {measured[0]:g} before the first "
            "forecast; a model needs values that vary."
        )
    return ""


def check_series(table: DayTable, known: int) -> None:
    """Refuse a series from whose first `known` days no model can learn.

    Raises
    ------
    DataError
        See `fault`.
    """
    if found := fault(table, known):
        raise DataError(found)


def check_numbers(name: str, forecasts: Sequence[np.ndarray]) -> None:
    """Refuse forecasts without one number among them.

    Parameters
    ----------
    name : str
        Of the model.
    forecasts : sequence of numpy.ndarray

    Raises
    ------
    DataError
    """
    if not any(np.isfinite(values).any() for values in forecasts):
        raise DataError(f"The model {name!r} forecast no number.")


def inputs_of(model: Any, view: Any, table: DayTable) -> Inputs:
    """Return a model's inputs at one view of a table.

    Parameters
    ----------
    model : Model or HourlyModel
    view : View or HourView
        Of `table`.
    table : DayTable
        Tells which columns there are.

    Raises
    ------
    DataError
        If the model needs a column that the table lacks, or that is not known in time.
    """
    build: Callable[[Any], Inputs] = model.inputs
    try:
        return build(view)
    except KeyError as error:
        raise DataError(
            f"The model {model.name!r} needs the column {error.args[0]!r}, known at its issue "
            f"time; the series have {_told(table.knowledge)}."
        ) from error


def _told(knowledge: Mapping[str, str]) -> str:
    """Return columns and when they are known, as a list to read."""
    return ", ".join(f"{column} ({kind})" for column, kind in knowledge.items())
