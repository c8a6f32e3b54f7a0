"""What the leak guard found, and the sentence that says it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lab.errors import LabError

VIEWS = "views"


class LeakError(LabError):
    """A forecast that depends on what nobody knew when it was issued."""


@dataclass(frozen=True)
class Moved:
    """The first forecast that moved when only the unknown was changed.

    Attributes
    ----------
    model : str
    issued_at, valid_at : pandas.Timestamp
        UTC.
    level : float
        Quantile level.
    old, new : float
        The forecast from the table as measured, and from the changed one.
    filling : str
        What the unknown was replaced by: "noise" or "NaN".
    error : str
        How the model failed on the changed table; empty if it gave forecasts.
    """

    model: str
    issued_at: pd.Timestamp
    valid_at: pd.Timestamp
    level: float
    old: float
    new: float
    filling: str
    error: str = ""

    def sentence(self) -> str:
        """Return what happened in one sentence."""
        if self.model == VIEWS:
            return (
                f"The table leaks: its view for {self.valid_at:%Y-%m-%d} issued at "
                f"{self.issued_at:%Y-%m-%d %H:%M} UTC changed when everything not known at the "
                f"issue was replaced by {self.filling}; a view may hold nothing later."
            )
        became = f"failed ({self.error})" if self.error else f"became {self.new!r}"
        return (
            f"{self.model} leaks: its forecast for {self.valid_at:%Y-%m-%d %H:%M} UTC, issued at "
            f"{self.issued_at:%Y-%m-%d %H:%M} UTC, was {self.old!r} and {became} when everything "
            f"not known at the issue was replaced by {self.filling}; a forecast may depend on "
            "nothing later than its issue."
        )


@dataclass(frozen=True)
class Result:
    """What became of one model under the guard.

    Attributes
    ----------
    model : str
    lead_days : int
    checks : int
        Issues times fillings that were run.
    forecasts : int
        Finite values compared bit by bit, each against one changed table.
    moved : Moved or None
        The first value that differed; the model's later checks are not run then.
    """

    model: str
    lead_days: int
    checks: int
    forecasts: int
    moved: Moved | None = None

    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        return sentence([self])


def sentence(results: Sequence[Result]) -> str:
    """Return the outcome of several models in one sentence, the same in every run."""
    moved = next((result.moved for result in results if result.moved), None)
    if moved:
        return moved.sentence()
    models = {result.model for result in results} - {VIEWS}
    forecasts = sum(result.forecasts for result in results if result.model in models)
    what = f"{forecasts:,} forecasts of {len(models)} model{'' if len(models) == 1 else 's'}"
    if any(result.model == VIEWS for result in results):
        what = f"{what} and the views they start from" if models else "The views of the table"
    return f"{what} compared after everything unknown was replaced by noise and NaN; none moved."


def require(results: Result | Sequence[Result]) -> str:
    """Return the sentence of results in which nothing moved.

    Raises
    ------
    LeakError
        If a forecast moved.
    """
    found = [results] if isinstance(results, Result) else list(results)
    if any(result.moved for result in found):
        raise LeakError(sentence(found))
    return sentence(found)
