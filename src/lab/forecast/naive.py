"""The simple rules that every model has to beat."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.model import CLOCK, STEPS, Stacked
from lab.forecast.view import View

RULES = (
    "last_value",
    "yesterday",
    "last_week",
    "same_day_type",
    "mean_of_four",
    "median_of_28_days",
)
DAYS_BACK = {"yesterday": 1, "last_week": 7}
SAME_DAYS = {"same_day_type": 1, "mean_of_four": 4}
ELAPSED = ("last_value", *DAYS_BACK)
PROFILE_DAYS = 28
STEPS_OF_LONGEST_DAY = 25 / 24


@dataclass(frozen=True)
class RuleInputs:
    """The forecast of one simple rule for one view.

    - `last_value`: the last value before the issue, for every step.
    - `yesterday`, `last_week`: the value a whole number of days or weeks before, the
      latest that was known: 24 or 168 hours with a lead of one day. At the end of the
      25-hour day, 24 hours before is not past yet at midnight: 48 hours before.
    - `same_day_type`: the last workday, Saturday, or Sunday or holiday, by wall clock.
    - `mean_of_four`: the mean of the last four days of the same type, by wall clock.
    - `median_of_28_days`: the median of the last 28 days, by wall clock.

    Missing values stay missing, but that a median passes over them; a rule without enough
    history gives NaN.
    """

    rule: str
    target: str = "demand_mw"

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return the forecast as `forecast`, shape (columns,)."""
        if self.rule == "median_of_28_days":
            return {"forecast": usual_day(view.past_days[self.target])}
        if self.rule in SAME_DAYS:
            return {"forecast": self._same_days(view, SAME_DAYS[self.rule])}
        return {"forecast": self._elapsed(view)}

    def _elapsed(self, view: View) -> np.ndarray:
        """Return earlier values by elapsed time, padded to the longest day."""
        past = view.past[self.target]
        slots = view.past_days[self.target].shape[1]
        forecast = np.full(int(slots * STEPS_OF_LONGEST_DAY), np.nan)
        for step in range(len(view.valid_at)):
            ahead = view.gap + step
            period = slots * DAYS_BACK.get(self.rule, 1)
            back = 1 if self.rule == "last_value" else period * (ahead // period + 1) - ahead
            if back <= len(past):
                forecast[step] = past[len(past) - back]
        return forecast

    def _same_days(self, view: View, count: int) -> np.ndarray:
        """Return the mean of the last `count` days of the target day's type."""
        kinds = view.past_days["day_type"][:, 0]
        same = np.flatnonzero(kinds == view.future_days["day_type"][0])[-count:]
        values = view.past_days[self.target]
        if len(same) < count:
            return np.full(values.shape[1], np.nan)
        return np.asarray(values[same].mean(axis=0))


class Naive:
    """A simple rule as a model: nothing to fit.

    Parameters
    ----------
    rule : str
        One of `RULES`.
    target : str
        Column of the table that it continues.

    Raises
    ------
    UsageError
        If the rule is unknown.
    """

    levels = (0.5,)

    def __init__(self, rule: str, target: str = "demand_mw") -> None:
        check_rule(rule)
        self.name = rule
        self.layout = STEPS if rule in ELAPSED else CLOCK
        self.inputs = RuleInputs(rule, target)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Return self: a rule has nothing to learn."""
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, columns, 1)."""
        return np.asarray(inputs["forecast"])[:, :, None]


def usual_day(days: np.ndarray) -> np.ndarray:
    """Return the median of the last 28 days, slot by slot, over what is known.

    Parameters
    ----------
    days : numpy.ndarray, shape (days, slots)
        The last is the latest; with fewer than 28 the result is NaN.
    """
    month = days[-PROFILE_DAYS:]
    known = np.isfinite(month).any(axis=0)
    if len(month) < PROFILE_DAYS:
        return np.full(days.shape[1], np.nan)
    return np.where(known, np.nanmedian(np.where(known, month, 0.0), axis=0), np.nan)


def check_rule(rule: str) -> None:
    """Refuse the name of no rule.

    Raises
    ------
    UsageError
    """
    if rule not in RULES:
        raise UsageError(f"Unknown simple rule {rule!r}; choose one of {', '.join(RULES)}.")
