"""Forecasts of a part of the fleet: first over the period of choices, then over the test.

The period of choices gives the best simple rule and the errors by which the quantiles of
all meters are shifted; the test period is forecast with both fixed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab import simulate
from lab.backtest import Backtest
from lab.backtest.conditions import as_sent
from lab.forecast.inputs import Inputs
from lab.forecast.intervals import ascending, quantiles_of
from lab.forecast.naive import RULES, Naive
from lab.forecast.profile import from_scale, to_scale
from lab.forecast.profile_trees import ProfileTrees
from lab.forecast.view import DayTable, View
from lab.scale.parts import shared_inputs, tables
from lab.scale.plan import LEVELS, TARGET, Part, Plan

MEDIAN = LEVELS.index(0.5)
# Intervals that are scored: their share [%] and the places of their two quantiles.
INTERVALS = {80: (LEVELS.index(0.1), LEVELS.index(0.9)), 95: (0, len(LEVELS) - 1)}


@dataclass(frozen=True)
class Choices:
    """What the period of choices says of a part.

    Attributes
    ----------
    errors : numpy.ndarray, shape (rows, levels), float32
        What each level is short of the measured value, on the scale of the model.
    away : numpy.ndarray, shape (rules,)
        Sum of absolute errors of every simple rule [Wh].
    """

    errors: np.ndarray
    away: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """What the test period of a part came to.

    Attributes
    ----------
    values : numpy.ndarray, shape (meters, rows, levels), float32
        Forecasts [W].
    scores : pandas.DataFrame
        One row a meter: cluster, mean_w before the test, and `<model>_mae_w`.
    inside : numpy.ndarray, shape (intervals, origins)
        Values inside each interval, by issue.
    scored : numpy.ndarray, shape (origins,)
        Values scored, by issue.
    """

    values: np.ndarray
    scores: pd.DataFrame
    inside: np.ndarray
    scored: np.ndarray


def choose(part: Part, model: ProfileTrees) -> Choices:
    """Forecast every meter's period of choices, by the global model and every simple rule."""
    with as_sent(part.surroundings, 1, part.plan.seed):
        found = [_choose_one(table, part.plan, model) for table in tables(part)]
    errors, away = zip(*found, strict=True)
    return Choices(np.concatenate(errors), np.sum(away, axis=0))


def chosen(parts: Sequence[Choices]) -> tuple[np.ndarray, str]:
    """Return the shift of each level on the model's scale, and the best simple rule.

    Each level is shifted by the same quantile of its own errors over all meters, with the
    conformal correction; the median stays the model's own.

    References
    ----------
    Romano, Patterson, Candes, Conformalized quantile regression (2019), arXiv 1905.03222.
    """
    shift = quantiles_of(np.concatenate([one.errors for one in parts]))
    shift[MEDIAN] = 0.0
    return shift, RULES[int(np.argmin(sum(one.away for one in parts)))]


def forecast(part: Part, model: ProfileTrees, shift: np.ndarray) -> Outcome:
    """Forecast every meter's test period, by the global model and by every simple rule."""
    with as_sent(part.surroundings, 1, part.plan.seed):
        found = [_forecast_one(table, part.plan, model, shift) for table in tables(part)]
    values, rows, inside, scored = zip(*found, strict=True)
    drawn = simulate.households(part.count, part.plan.seed, start=part.start)
    scores = pd.DataFrame(rows, index=drawn.index)
    scores.insert(0, "cluster", drawn["cluster"])
    return Outcome(np.stack(values), scores, np.sum(inside, axis=0), np.sum(scored, axis=0))


def _choose_one(table: DayTable, plan: Plan, model: ProfileTrees) -> tuple[np.ndarray, np.ndarray]:
    """Return one meter's errors on the model's scale, and those of the rules."""
    period = Backtest(table, plan.choose_from, plan.choose_to)
    seen, rules = _seen(period, model)
    values = model.predict(seen)
    level = np.repeat(seen["level"], values.shape[1], axis=1)[:, :, None]
    begin, end = period.first, period.last + 1
    rows = period.rows(np.concatenate([values, level], axis=2), model.layout, begin, end)
    actual, scale = period.actual(), rows[:, -1:]
    errors = to_scale(actual[:, None], scale) - to_scale(rows[:, :-1], scale)
    away = _away(rules, actual)
    return errors[np.isfinite(errors).all(axis=1)].astype(np.float32), away.sum(axis=0)


def _forecast_one(
    table: DayTable, plan: Plan, model: ProfileTrees, shift: np.ndarray
) -> tuple[np.ndarray, dict[str, float], np.ndarray, np.ndarray]:
    """Return one meter's forecasts and scores, and its values inside intervals by issue."""
    period = Backtest(table, plan.test_from, plan.test_to)
    seen, rules = _seen(period, model)
    level = seen["level"][:, :, None]
    moved = ascending(to_scale(model.predict(seen), level) + shift, LEVELS)
    laid = from_scale(moved, level, model.least)
    values = period.rows(laid, model.layout, period.first, period.last + 1).astype(np.float32)
    actual = period.actual()
    away = _away([values[:, [MEDIAN]], *rules], actual)
    errors = away.mean(axis=0) if len(away) else np.full(1 + len(RULES), np.nan)
    names = [f"{name}_mae_w" for name in (model.name, *RULES)]
    history = table.flat[TARGET][: table.start[period.first]]
    row = {"mean_w": float(np.nanmean(history))} | dict(zip(names, map(float, errors), strict=True))
    row |= _widths(values, actual)
    return values, row, *_inside(values, actual, table.day[table.start[period.first] :])


def _seen(period: Backtest, model: ProfileTrees) -> tuple[Inputs, list[np.ndarray]]:
    """Return the model's inputs of a period, and the simple rules' forecasts of its rows."""
    begin, end = period.first, period.last + 1
    rules = [Naive(rule, TARGET) for rule in RULES]
    functions: list[Callable[[View], Inputs]] = [model.inputs, *(rule.inputs for rule in rules)]
    seen, *others = shared_inputs(period.table, functions, range(begin, end))
    pairs = zip(rules, others, strict=True)
    return seen, [
        period.rows(rule.predict(inputs), rule.layout, begin, end) for rule, inputs in pairs
    ]


def _away(forecasts: Sequence[np.ndarray], actual: np.ndarray) -> np.ndarray:
    """Return absolute errors [W] of the hours that all forecasts and the meter have."""
    away = np.abs(np.concatenate(forecasts, axis=1) - actual[:, None])
    kept: np.ndarray = away[np.isfinite(away).all(axis=1)]
    return kept


def _widths(values: np.ndarray, actual: np.ndarray) -> dict[str, float]:
    """Return mean width and Winkler score [W] of each interval over the measured hours.

    References
    ----------
    Winkler, A decision-theoretic approach to interval estimation (1972),
    doi:10.1080/01621459.1972.10481224.
    """
    found = {}
    known = np.isfinite(actual) & np.isfinite(values).all(axis=1)
    for nominal, (low, high) in INTERVALS.items():
        below, above, truth = values[known, low], values[known, high], actual[known]
        outside = np.maximum(below - truth, 0) + np.maximum(truth - above, 0)
        score = above - below + 2 / (1 - nominal / 100) * outside
        some = known.any()
        found[f"width_{nominal}_w"] = float((above - below).mean()) if some else np.nan
        found[f"winkler_{nominal}_w"] = float(score.mean()) if some else np.nan
    return found


def _inside(
    values: np.ndarray, actual: np.ndarray, day: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the values inside each interval and those scored, by issue."""
    issue = day[: len(actual)] - day[0]
    known = np.isfinite(actual) & np.isfinite(values).all(axis=1)
    inside = [
        np.bincount(issue, known & (actual >= values[:, low]) & (actual <= values[:, high]))
        for low, high in INTERVALS.values()
    ]
    return np.array(inside).astype(int), np.bincount(issue, known).astype(int)
