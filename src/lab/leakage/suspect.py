"""One model under the guard: what it forecast from the table as measured, and otherwise."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from itertools import product
from typing import Any, Self

import numpy as np
import pandas as pd

from lab.backtest import Backtest
from lab.errors import LabError, UsageError
from lab.forecast.model import CLOCK, Model, Stacked
from lab.forecast.table import Forecasts
from lab.forecast.view import DayTable, View
from lab.leakage.compare import first_moved, moved_at
from lab.leakage.hidden import FILLINGS
from lab.leakage.result import LeakError, Moved, Result

Factory = Callable[[DayTable], Model]
# How a model that needs what is hidden may end, instead of moving.
FAILURES = (LabError, ValueError, ArithmeticError, LookupError, AttributeError, RuntimeError)


class Trial:
    """One issue of one day, on the table as measured or on a changed one.

    Parameters
    ----------
    table : DayTable
    number : int
        Of the target day.
    lead_days : int
    window_days : int or None
    filling : str
        What the unknown was replaced by; empty for the table as measured.
    """

    def __init__(
        self,
        table: DayTable,
        number: int,
        lead_days: int,
        window_days: int | None = None,
        filling: str = "",
    ) -> None:
        self.day = str(table.dates[number])
        self.table, self.number, self.filling = table, number, filling
        self.period: Any = Backtest(table, self.day, self.day, lead_days)
        self.window_days = window_days

    def run(self, model: Model, taught: Mapping[str, Any] | None = None) -> Forecasts:
        """Return the forecasts of the day through the backtest, fitted or else taught."""
        learner, window = (
            (model, self.window_days) if taught is None else (Taught(model, taught), 1)
        )
        # One that is taught learns nothing, so the inputs of one day are enough for its fit.
        # A rule that stood in would hide that the model itself fails.
        found = self.period.run(learner, window_days=window, forgiving=False)
        return self.asked(found.forecasts)

    def asked(self, found: Forecasts) -> Forecasts:
        """Return the rows that the trial is about: here, all of the day."""
        return found


class Suspect:
    """A model's factory, its forecasts from the table as measured, and what moved.

    Parameters
    ----------
    name : str
        Empty for the model's own.
    factory : callable
    share_fit : bool
        Take what the first fit learned over to the later issues.
    """

    def __init__(self, name: str, factory: Factory, share_fit: bool) -> None:
        self.name, self.factory, self.share_fit = name, factory, share_fit
        self.moved: Moved | None = None
        self._learned: dict[str, Any] = {}
        self._measured: dict[int, tuple[Trial, Forecasts]] = {}
        self._checks = self._values = 0

    def measure(self, trial: Trial) -> None:
        """Forecast from the table as measured; the first time fits the model.

        Raises
        ------
        UsageError
            If no forecast is finite.
        """
        found = self._later(trial) if self._measured else self._first(trial)
        if not np.isfinite(found.values).any():
            raise UsageError(
                f"The leak guard needs forecasts to compare, got none of {self.name} for "
                f"{trial.day}; give it more days of history."
            )
        self._measured[trial.number] = (trial, found)

    def compare(self, trial: Trial) -> None:
        """Forecast from a changed table and compare, unless something has moved before.

        What is taken over from the first fit may not be all that a model learned: a
        difference counts only if it is still there when both are fitted anew.

        Raises
        ------
        LeakError
            If the forecasts differ even where nothing was changed.
        """
        if self.moved:
            return
        original, old = self._measured[trial.number]
        anew = not self.share_fit or trial.number == min(self._measured)
        moved = self._difference(trial, old, anew)
        if moved and not anew:
            old = self._forecast(original, anew=True)
            moved = self._difference(trial, old, anew=True)
        if moved and self._difference(original, old, anew=True):
            raise LeakError(
                f"{self.name} gives other forecasts when it is fitted twice on the same table, so "
                "the leak guard cannot check it; a model must repeat itself to the bit."
            )
        self.moved = moved
        self._checks += 1
        self._values += int(np.isfinite(old.values).sum())

    def result(self, lead_days: int) -> Result:
        """Return what was found."""
        return Result(self.name, lead_days, self._checks, self._values, self.moved)

    def _first(self, trial: Trial) -> Forecasts:
        """Fit, forecast, and keep what the fit set: the attributes that are new or changed."""
        model = self.factory(trial.table)
        before = dict(vars(model))
        found = trial.run(model)
        self._learned = {k: v for k, v in vars(model).items() if before.get(k, self) is not v}
        self.name = self.name or model.name
        return found

    def _later(self, trial: Trial) -> Forecasts:
        """Forecast with what the first fit learned; fit anew if that is not enough."""
        if self.share_fit:
            try:
                return self._forecast(trial, anew=False)
            except FAILURES:
                self.share_fit = False
        return self._forecast(trial, anew=True)

    def _forecast(self, trial: Trial, anew: bool) -> Forecasts:
        model = self.factory(trial.table)
        return trial.run(model, None if anew else self._learned)

    def _difference(self, trial: Trial, old: Forecasts, anew: bool) -> Moved | None:
        """Return the first value that is not the same to the bit on another table."""
        try:
            new = self._forecast(trial, anew)
        except FAILURES as error:
            reason = str(error).strip().partition("\n")[0]
            failed = f"{type(error).__name__}: {reason}"
            place, filling = (0, 0), trial.filling
            return moved_at(self.name, old, place, np.nan, filling=filling, error=failed)
        return first_moved(self.name, old, new, trial.filling)


def examine(
    factories: Mapping[str, Factory],
    places: Sequence[int],
    trial: Callable[[int, str], Trial],
    *,
    lead_days: int = 1,
    share_fit: bool = True,
) -> list[Result]:
    """Put every model under the guard: first on the tables as measured, then on changed ones.

    Parameters
    ----------
    factories : mapping
        Name to a function from a table to a new model.
    places : sequence of int
        Issues, as `trial` counts them.
    trial : callable
        From an issue and a filling, "" for none, to the trial.
    lead_days, share_fit
        As for `lab.leakage.check_all`.
    """
    suspects = [Suspect(name, factory, share_fit) for name, factory in factories.items()]
    for place in places:
        measured = trial(place, "")
        for suspect in suspects:
            suspect.measure(measured)
    for place, filling in product(places, FILLINGS):
        changed = trial(place, filling)
        for suspect in suspects:
            suspect.compare(changed)
    return [suspect.result(lead_days) for suspect in suspects]


class Taught:
    """A new model that takes over, in place of a fit, what another one learned."""

    def __init__(self, model: Model, learned: Mapping[str, Any]) -> None:
        self._model, self._taken = model, learned
        self.name, self.levels = model.name, model.levels
        # Hourly models have no layout.
        self.layout = getattr(model, "layout", CLOCK)
        self.inputs = model.inputs

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Take over what was learned."""
        vars(self._model).update(self._taken)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return the model's forecasts."""
        return self._model.predict(inputs)


class Digest:
    """A model whose forecast is the checksum of its view: it moves if the view does."""

    name = "digest"
    levels = (0.5,)
    layout = CLOCK

    def __init__(self) -> None:
        self.inputs: Callable[[Any], dict[str, np.ndarray]] = _digest

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Keep the checksum of all training issues and their targets."""
        self.training_ = zlib.crc32(inputs["digest"].tobytes() + target.tobytes())
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return the checksum of each view, shape (days, slots, 1)."""
        return np.asarray(inputs["digest"])[:, :, None] + self.training_


def _digest(view: View) -> dict[str, np.ndarray]:
    """Return the checksum of everything that a view holds, once for every slot."""
    held = b"".join(content_of(getattr(view, field.name)) for field in fields(view))
    slots = next(iter(view.past_days.values())).shape[1]
    return {"digest": np.full(slots, float(zlib.crc32(held)))}


def content_of(value: object) -> bytes:
    """Return the bytes of anything that a view holds."""
    if isinstance(value, Mapping):
        return b"".join(str(name).encode() + content_of(held) for name, held in value.items())
    if isinstance(value, pd.DatetimeIndex):
        return bytes(value.asi8.tobytes())
    return value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
