"""The simple rules that a forecast of the next hours has to beat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.naive import DAYS_BACK, PROFILE_DAYS, RULES, SAME_DAYS
from lab.forecast.view import HourView

Days = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


@dataclass(frozen=True)
class HourRules:
    """The forecasts of all simple rules for one view: name to shape (steps,).

    - `last_value`: persistence, the last value before the issue, for every step.
    - `yesterday`, `last_week`: the value 24 or 168 hours before.
    - `same_day_type`: the last workday, Saturday, or Sunday or holiday, as the day is in
      which a step lies, by wall clock; `mean_of_four`: the mean of the last four of them;
      `median_of_28_days`: the median of the last 28 days. For tomorrow, today is among
      them where it has been measured.

    Missing values stay missing; a rule without enough history gives NaN.
    """

    target: str = "demand_mw"

    def __call__(self, view: HourView) -> dict[str, np.ndarray]:
        """Return what every rule forecasts."""
        steps = len(view.valid_at)
        past = np.concatenate([view.start.past[self.target], view.since[self.target]])
        found = {"last_value": np.full(steps, past[-1])}
        slots = len(view.today[self.target])
        for rule, days in DAYS_BACK.items():
            back = days * slots
            known = past[-back:][:steps] if back <= len(past) else np.full(steps, np.nan)
            found[rule] = known.copy()
        for rule, count in SAME_DAYS.items():
            found[rule] = self._by_day(view, _mean_of_type(count))
        found["median_of_28_days"] = self._by_day(view, _median)
        return found

    def _by_day(self, view: HourView, of: Days) -> np.ndarray:
        """Return what `of` says of earlier days, slot by slot, for today and tomorrow."""
        days, today = view.start.past_days[self.target], view.today[self.target]
        kinds = view.start.past_days["day_type"][:, 0]
        kind = float(view.start.future_days["day_type"][0])
        both = np.full((2, len(today)), np.nan)
        both[0] = of(days, kinds, kind)
        if view.ahead.any():
            next_kind = float(view.future["day_type"][np.argmax(view.ahead)])
            longer, more = np.vstack([days, today]), np.append(kinds, kind)
            without = of(days, kinds, next_kind)
            both[1] = np.where(np.isfinite(today), of(longer, more, next_kind), without)
        return np.asarray(both[view.ahead, view.slot])


class NowcastRule:
    """A simple rule as a model of the next hours: nothing to fit.

    Parameters
    ----------
    rule : str
        One of `lab.forecast.naive.RULES`.
    target : str
        Column of the table that it continues.

    Raises
    ------
    UsageError
        If the rule is unknown.
    """

    levels = (0.5,)

    def __init__(self, rule: str, target: str = "demand_mw") -> None:
        if rule not in RULES:
            raise UsageError(f"Unknown simple rule {rule!r}; choose one of {', '.join(RULES)}.")
        self.name = rule
        self.inputs = HourRules(target)

    def fit(self, inputs: Mapping[str, np.ndarray], target: np.ndarray) -> Self:
        """Return self: a rule has nothing to learn."""
        return self

    def predict(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return forecasts, shape (issues, steps, 1)."""
        return np.asarray(inputs[self.name])[:, :, None]


def _mean_of_type(count: int) -> Days:
    """Return a function that gives the mean of the last `count` days of a type."""

    def mean(days: np.ndarray, kinds: np.ndarray, kind: float) -> np.ndarray:
        same = np.flatnonzero(kinds == kind)[-count:]
        if len(same) < count:
            return np.full(days.shape[1], np.nan)
        return np.asarray(days[same].mean(axis=0))

    return mean


def _median(days: np.ndarray, kinds: np.ndarray, kind: float) -> np.ndarray:
    """Return the median of the last 28 days of any type, over what is known."""
    month = days[-PROFILE_DAYS:]
    if len(month) < PROFILE_DAYS:
        return np.full(days.shape[1], np.nan)
    known = np.isfinite(month)
    if known.all():
        return np.asarray(np.median(month, axis=0))
    some = known.any(axis=0)
    return np.where(some, np.nanmedian(np.where(some, month, 0.0), axis=0), np.nan)
