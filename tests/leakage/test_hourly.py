"""Issues within the day: cheats are caught, every model of the next hours passes."""

import importlib
import pkgutil

import numpy as np
import pandas as pd
import pytest

from lab import leakage
from lab.errors import DataError
from lab.forecast import nowcast
from lab.forecast.naive import RULES
from lab.forecast.nowcast.rules import NowcastRule
from lab.forecast.view import DayTable
from lab.leakage.hourly import check_hourly

ZONE = "Australia/Melbourne"
FIRST, LAST = "2014-04-04", "2014-04-09"
SMALL = {"NowcastTrees": {"trees": 3, "leaves": 4}}
RULED = {rule: lambda table, rule=rule: NowcastRule(rule) for rule in RULES}


def learning_models():
    """Return every class of lab.forecast.nowcast that can fit and predict: name to class."""
    names = [m.name for m in pkgutil.iter_modules(nowcast.__path__)]
    modules = [importlib.import_module(f"lab.forecast.nowcast.{name}") for name in names]
    return {
        name: kind
        for module in modules
        for name, kind in vars(module).items()
        if isinstance(kind, type) and kind.__module__ == module.__name__
        if hasattr(kind, "fit") and hasattr(kind, "predict") and kind is not NowcastRule
    }


MODELS = {
    name: lambda table, name=name, kind=kind: kind(**SMALL.get(name, {}))
    for name, kind in learning_models().items()
}


class Plain:
    """Forecasts the one array of its inputs, plus what the training was like."""

    name, levels = "plain", (0.5,)

    def __init__(self, inputs):
        self.inputs = lambda view: {"value": np.full(len(view.valid_at), float(inputs(view)))}

    def fit(self, inputs, target):
        self.mean_ = np.nanmean(target)
        return self

    def predict(self, inputs):
        return inputs["value"][:, :, None] + self.mean_


def row_of(table, view):
    return int(table.index.get_loc(view.issued_at))


CHEATS = {
    "knows the first half-hour": lambda t: Plain(lambda view: t.flat["demand_mw"][row_of(t, view)]),
    "mean of the begun day": lambda t: Plain(
        lambda view: t.days["demand_mw"][t.day[row_of(t, view)]].mean()
    ),
    "centred rolling mean": lambda t: Plain(
        lambda view: (
            pd.Series(t.flat["demand_mw"]).rolling(9, center=True).mean()[row_of(t, view) - 1]
        )
    ),
    "scaler of all data": lambda t: Plain(
        lambda view: view.start.past["demand_mw"][-1] / t.flat["demand_mw"].max()
    ),
}
HONEST = {
    "last value": lambda t: Plain(lambda view: t.flat["demand_mw"][row_of(t, view) - 1]),
    "mean since midnight": lambda t: Plain(lambda view: view.since["demand_mw"].sum()),
    "calendar of the last step": lambda t: Plain(lambda view: view.future["weekday"][-1]),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_caught(table, name):
    views, result = check_hourly({name: CHEATS[name]}, table, FIRST, LAST, window_days=2)
    assert views.moved is None
    assert result.moved is not None
    with pytest.raises(leakage.LeakError, match="leaks: its forecast for 2014-04-0"):
        leakage.require([views, result])


@pytest.mark.parametrize("name", HONEST)
def test_the_honest_twin_passes(table, name):
    _, result = check_hourly({name: HONEST[name]}, table, FIRST, LAST, window_days=2)
    assert result.moved is None
    assert (result.checks, result.forecasts) == (8, 8 * 48)


def test_models_are_found():
    assert {"NowcastRidge", "NowcastTrees"} <= set(MODELS)


def test_no_rule_leaks(table):
    results = check_hourly(RULED, table, FIRST, LAST, window_days=2)
    assert [result.model for result in results] == ["views", *RULED]
    assert leakage.require(results).startswith("2,304 forecasts of 6 models and the views")


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", MODELS)
def test_no_learning_model_leaks(simulate, build, name, seed):
    table = build(simulate("2014-01-20", "2014-04-12"))
    (result,) = check_hourly(
        {name: MODELS[name]}, table, FIRST, LAST, issues=2, seed=seed, window_days=20, views=False
    )
    assert result.moved is None
    assert result.forecasts == 2 * 2 * 48


@pytest.mark.parametrize("day", ["2014-04-06", "2014-10-05"])
@pytest.mark.parametrize("horizon_h", [1, 24])
def test_no_hour_of_a_clock_change_day_knows_what_follows(simulate, build, day, horizon_h):
    around = [str((pd.Timestamp(day) + pd.Timedelta(days=n)).date()) for n in (-9, 3)]
    table = build(simulate(*around))
    hours = set()
    for seed in range(7):
        (views,) = check_hourly(
            {}, table, day, day, horizon_h=horizon_h, issues=1, seed=seed, window_days=1
        )
        assert views.moved is None
        assert views.checks == 2
        hours.add(int(np.random.default_rng(seed).integers(25 if day == "2014-04-06" else 23)))
    assert len(hours) > 4


class Early(DayTable):
    """Knows each half-hour one step early."""

    def view_at(self, row, steps, start=None):
        view = super().view_at(row + 1, steps, start)
        issued = super().view_at(row, steps, start)
        return type(view)(**(vars(issued) | {"since": view.since}))


class Bridging(DayTable):
    """Fills the begun day from both sides."""

    def view_at(self, row, steps, start=None):
        view = super().view_at(row, steps, start)
        filled = {n: self.days[n][self.day[row]] for n in view.today}
        return type(view)(**(vars(view) | {"today": filled}))


@pytest.mark.parametrize("cheat", [Early, Bridging])
def test_a_table_that_cheats_is_caught(frame, cheat):
    knowledge = {"demand_mw": "past", "temperature_c": "past"}
    table = cheat(frame, zone=ZONE, target="demand_mw", knowledge=knowledge)
    (views,) = check_hourly({}, table, FIRST, LAST, window_days=1)
    assert views.moved is not None


@pytest.mark.parametrize(
    ("fill", "leaks"),
    [(lambda raw: raw.interpolate(), True), (lambda raw: raw.ffill(), False)],
    ids=["interpolated", "forwards"],
)
def test_the_making_of_the_table_is_checked(frame, build, fill, leaks):
    # From 6 to midnight nothing is measured: most issues lie within a gap.
    gappy = frame.mask(pd.Series(frame.index.tz_convert(ZONE).hour >= 6, index=frame.index), axis=0)
    prepared = leakage.Prepared(gappy, lambda raw: build(fill(raw)))
    (views,) = check_hourly({}, prepared, FIRST, LAST, issues=2, window_days=1)
    assert (views.moved is not None) == leaks


def test_a_silent_model_cannot_be_checked(table):
    silent = {"silent": lambda _: Plain(lambda view: np.nan)}
    with pytest.raises(DataError, match="The model 'plain' forecast no number"):
        check_hourly(silent, table, FIRST, LAST, window_days=2, views=False)


def test_two_runs_say_the_same(table):
    said = [check_hourly(RULED, table, FIRST, LAST, issues=2, window_days=2) for _ in range(2)]
    assert said[0] == said[1]
