"""What stands in for a model that fails on a series: the series' best simple rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lab.forecast.model import Model
from lab.forecast.naive import RULES, SAME_DAYS, Naive
from lab.forecast.view import DayTable

if TYPE_CHECKING:
    from lab.backtest.period import Backtest

CHOICE_DAYS = 91


@dataclass(frozen=True)
class Standby:
    """A rule, and how far it was from what came, on the days it was chosen by.

    Attributes
    ----------
    rule : str
    errors : numpy.ndarray
        Measured minus forecast, where both are known.
    positive : bool
        Whether nothing below zero was measured: then nothing below zero is forecast.
    """

    rule: str
    errors: np.ndarray
    positive: bool


def best_rule(period: "Backtest", choose: tuple[str, str] | None = None) -> Standby:
    """Return the rule with the least mean absolute error before the period.

    Parameters
    ----------
    period : Backtest
    choose : pair of days, optional
        First and last day of the period of choices, both included; the last 91 days known
        at the first issue if there is none.

    Returns
    -------
    Standby
        `last_value` without errors if no rule has forecast a measured value.
    """
    table, known = period.table, period.first - period.lead + 1
    begin, end = max(period.lead, known - CHOICE_DAYS), known
    if choose is not None:
        begin, end = table.position(choose[0]), table.position(choose[1]) + 1
    actual = table.flat[table.target][table.start[begin] : table.start[end]]
    said = {
        rule: forecast(period, Naive(rule, target=table.target), begin, end)
        for rule in usable_rules(table)
    }
    return closest(said, actual, table.flat[table.target][: table.start[known]])


def usable_rules(table: DayTable) -> tuple[str, ...]:
    """Return the rules that a table has the columns for."""
    return tuple(rule for rule in RULES if rule not in SAME_DAYS or "day_type" in table.knowledge)


def closest(said: Mapping[str, np.ndarray], actual: np.ndarray, known: np.ndarray) -> Standby:
    """Return the rule with the least mean absolute error.

    Parameters
    ----------
    said : mapping of numpy.ndarray
        What each rule forecast, `last_value` among them.
    actual : numpy.ndarray
        What came, of the same shape.
    known : numpy.ndarray
        All values measured before the first issue.
    """
    found = {}
    for rule, values in said.items():
        errors = (actual - values).ravel()
        found[rule] = errors[np.isfinite(errors)]
    scored = {rule: np.abs(errors).mean() for rule, errors in found.items() if len(errors)}
    best = min(scored, key=lambda rule: scored[rule]) if scored else "last_value"
    return Standby(best, found[best], bool(np.nanmin(known, initial=np.inf) >= 0))


def forecast(period: "Backtest", rule: Naive, begin: int, end: int) -> np.ndarray:
    """Return what a rule says for the rows of the days `begin` to `end`, shape (rows,)."""
    values = rule.predict(period.inputs(rule, begin, end))
    return period.rows(values, rule.layout, begin, end)[:, 0]


def stand_in(
    period: "Backtest", model: Model, standby: Standby, edges: list[tuple[int, int]]
) -> np.ndarray:
    """Return the rule's forecasts at the model's quantile levels, shape (rows, levels)."""
    rule = Naive(standby.rule, target=period.table.target)
    return around(forecast(period, rule, edges[0][0], edges[-1][1]), model.levels, standby)


def around(median: np.ndarray, levels: Sequence[float], standby: Standby) -> np.ndarray:
    """Return a rule's forecasts at quantile levels, on a last axis.

    Notes
    -----
    The rule is the median; the other levels are off by its errors' quantiles, at least by 0.
    """
    off = np.zeros(len(levels))
    for number, level in enumerate(levels):
        if len(standby.errors) and level != 0.5:
            quantile = np.quantile(standby.errors, level)
            off[number] = min(quantile, 0.0) if level < 0.5 else max(quantile, 0.0)
    values = median[..., None] + off
    return np.maximum(values, 0.0) if standby.positive else values
