"""What is refused before a backtest of many series starts, in one sentence each."""

from collections.abc import Collection, Iterable, Mapping

from lab.backtest import refusals
from lab.backtest.period import Backtest
from lab.errors import DataError, UsageError
from lab.forecast.model import Model
from lab.forecast.view import DayTable
from lab.settings import check_cadence


def check_names(what: str, given: Iterable[str], known: Collection[str]) -> None:
    """Refuse a name that no model has.

    Raises
    ------
    UsageError
    """
    for name in given:
        if name not in known:
            raise UsageError(
                f"Unknown model {name!r} in {what}; choose one of {', '.join(sorted(known))}."
            )


def check_models(models: Mapping[str, Model]) -> None:
    """Refuse an empty choice, and a model under a name that is not its own.

    Raises
    ------
    UsageError
    """
    if not models:
        raise UsageError("A backtest needs at least one model, got none.")
    for name, model in models.items():
        if name != model.name:
            raise UsageError(f"The model {model.name!r} must be given by its name, got {name!r}.")


def check_cadences(refit: Mapping[str, str]) -> None:
    """Refuse an unknown cadence before any model is fitted.

    Raises
    ------
    UsageError
    """
    for name, cadence in refit.items():
        check_cadence(cadence, name)


def check_tables(tables: Mapping[str, DayTable]) -> None:
    """Refuse series that are misnamed or differ in their columns.

    Raises
    ------
    UsageError
        If there is no series, or a name is not the table's own.
    DataError
        If a column is missing or extra somewhere.
    """
    if not tables:
        raise UsageError("A backtest needs at least one series, got none.")
    pattern = next(iter(tables.values()))
    for name, table in tables.items():
        if name != table.series_id:
            raise UsageError(
                f"The series {table.series_id!r} must be given by its name, got {name!r}."
            )
        _check_columns(pattern, table)


def check_inputs(models: Mapping[str, Model], period: Backtest) -> None:
    """Refuse a model that needs a column which the series lack.

    Raises
    ------
    DataError
    """
    table = period.table
    view = table.view(period.last, period.lead)
    for model in models.values():
        refusals.inputs_of(model, view, table)


def _check_columns(pattern: DayTable, table: DayTable) -> None:
    """Refuse a series whose columns or their knowledge differ from the first one's."""
    missing = [c for c in pattern.knowledge if c not in table.knowledge]
    extra = [c for c in table.knowledge if c not in pattern.knowledge]
    for names, verb in ((missing, "lacks the column"), (extra, "has the extra column")):
        if names:
            raise DataError(
                f"All series must have the same columns; {table.series_id!r} {verb} {names[0]!r}, "
                f"unlike {pattern.series_id!r}."
            )
    if table.knowledge != pattern.knowledge or table.target != pattern.target:
        raise DataError(
            f"All series must declare the same target and knowledge times; {table.series_id!r} "
            f"differs from {pattern.series_id!r}."
        )
