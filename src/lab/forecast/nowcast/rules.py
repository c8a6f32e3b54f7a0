"""The simple rules that a forecast of the next hours has to beat."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from lab.forecast.naive import DAYS_BACK, RULES, SAME_DAYS, check_rule, usual_day
from lab.forecast.view import HourView, View

__all__ = ["RULES", "HourRules", "NowcastRule"]


class HourRules:
    """The forecasts of simple rules for one view: name to shape (steps,).

    - `last_value`: persistence, the last value before the issue, for every step.
    - `yesterday`, `last_week`: the value 24 or 168 hours before.
    - `same_day_type`: the last workday, Saturday, or Sunday or holiday, as the day is in
      which a step lies, by wall clock; `mean_of_four`: the mean of the last four of them.
      For tomorrow, today is one of them where it has been measured.
    - `median_of_28_days`: the median of the last 28 days that had ended, by wall clock.

    Missing values stay missing, but that a median passes over them; a rule without enough
    history gives NaN.

    Parameters
    ----------
    target : str
        Column of the table.
    rules : sequence of str
        Which are worked out; those of the day's type need the column `day_type`.
    """

    def __init__(self, target: str = "demand_mw", rules: Sequence[str] = RULES) -> None:
        self.target, self.rules = target, tuple(rules)
        self.midnight_: tuple[View, _Ended] | None = None

    def __eq__(self, other: object) -> bool:
        told = (self.target, self.rules)
        return isinstance(other, HourRules) and (other.target, other.rules) == told

    def __hash__(self) -> int:
        return hash((HourRules, self.target, self.rules))

    def __call__(self, view: HourView) -> dict[str, np.ndarray]:
        """Return what each rule forecasts."""
        steps, slots = len(view.valid_at), len(view.today[self.target])
        past = np.concatenate([view.start.past[self.target], view.since[self.target]])
        found = {"last_value": np.full(steps, past[-1])}
        for rule, days in DAYS_BACK.items():
            back = days * slots
            short = np.full(steps, np.nan)
            found[rule] = past[-back:][:steps].copy() if back <= len(past) else short
        ended = self._of_midnight(view.start)
        for rule, count in SAME_DAYS.items():
            if rule in self.rules:
                found[rule] = self._of_type(view, ended, rule, count)
        found["median_of_28_days"] = ended.median[view.slot]
        return {rule: found[rule] for rule in self.rules}

    def _of_midnight(self, start: View) -> "_Ended":
        """Return the midnight's part; a view is read-only, so its result may be kept."""
        if self.midnight_ is None or self.midnight_[0] is not start:
            self.midnight_ = (start, _Ended(start, self.target))
        return self.midnight_[1]

    def _of_type(self, view: HourView, ended: "_Ended", rule: str, count: int) -> np.ndarray:
        """Return the mean of the last days of the type of each step's own day."""
        kind = float(view.start.future_days["day_type"][0])
        both = np.stack([ended.mean(kind, count)] * 2)
        if view.ahead.any():
            tomorrow = float(view.future["day_type"][np.argmax(view.ahead)])
            both[1] = ended.mean(tomorrow, count)
            if tomorrow == kind:
                today = view.today[self.target]
                rest = (count - 1) * ended.mean(kind, count - 1) if count > 1 else 0.0
                both[1] = np.where(np.isfinite(today), (rest + today) / count, both[1])
        return np.asarray(both[view.ahead, view.slot])


class _Ended:
    """What the days say that had ended at midnight, each answer worked out once."""

    def __init__(self, start: View, target: str) -> None:
        self.start, self.days = start, start.past_days[target]
        self.median = usual_day(self.days)
        self._means: dict[tuple[float, int], np.ndarray] = {}

    def mean(self, kind: float, count: int) -> np.ndarray:
        """Return the mean of the last `count` days of a type, NaN where there are fewer."""
        if (kind, count) not in self._means:
            kinds = self.start.past_days["day_type"][:, 0]
            same = np.flatnonzero(kinds == kind)[-count:]
            enough = len(same) == count
            nothing = np.full(self.days.shape[1], np.nan)
            self._means[kind, count] = self.days[same].mean(axis=0) if enough else nothing
        return self._means[kind, count]


class NowcastRule:
    """A simple rule as a model of the next hours: nothing to fit.

    Parameters
    ----------
    rule : str
        One of `lab.forecast.naive.RULES`.
    target : str
        Column of the table that it continues.
    among : sequence of str
        Rules whose forecasts its inputs hold beside its own.

    Raises
    ------
    UsageError
        If the rule is unknown.
    """

    levels = (0.5,)

    def __init__(self, rule: str, target: str = "demand_mw", among: Sequence[str] = RULES) -> None:
        check_rule(rule)
        self.name = rule
        self.inputs = HourRules(target, among)

    def fit(self, inputs: Mapping[str, np.ndarray], target: np.ndarray) -> Self:
        """Return self: a rule has nothing to learn."""
        return self

    def predict(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return forecasts, shape (issues, steps, 1)."""
        return np.asarray(inputs[self.name])[:, :, None]
