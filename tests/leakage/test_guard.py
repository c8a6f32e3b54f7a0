"""Cheats are caught, their honest twins pass, and so does every model of the project."""

import importlib
import inspect
import pkgutil

import numpy as np
import pandas as pd
import pytest

from lab import forecast, leakage
from lab.errors import UsageError
from lab.forecast import networks, prices
from lab.forecast.band import Band
from lab.forecast.difficulty import Announced
from lab.forecast.linear import Ridge
from lab.forecast.model import CLOCK, Model
from lab.forecast.naive import RULES, Naive
from lab.forecast.prices.channels import Channels
from lab.forecast.prices.realtime import RealtimeForecaster
from lab.forecast.prices.sequence import PriceSequence
from lab.forecast.published import Combined, Published
from lab.forecast.view import DayTable

FIRST, LAST = "2014-04-04", "2014-04-10"
PACKAGES = (forecast, networks, prices)
PROFILE = {"target": "demand_mw", "year": False}
NETWORK = {"epochs": 1, "validation_days": 5}
STEPS = NETWORK | {"step_hours": 24, "units": (3, 2)}
CHANNELS = Channels(("demand_mw", "temperature_c"), ("level", "plain"))
WEEK = {"inputs": PriceSequence("demand_mw", CHANNELS)}
NETWORKS = {
    "Dnn": NETWORK | {"units": (3,)},
    "Lstm": STEPS,
    "StackedLstm": STEPS | {"units": (3, 2, 2)},
    "Gru": STEPS,
    "CnnLstm": STEPS | {"filters": (2, 2)},
    "Transformer": NETWORK | {"step_hours": 24, "width": 4, "heads": 1, "key_size": 2},
    "PriceCnnLstm": NETWORK | WEEK | {"filters": (2, 2), "units": (3, 2), "pools": (4, 3)},
    "PriceTransformer": NETWORK | WEEK | {"width": 4, "heads": 1, "key_size": 2, "patch": 24},
}
SMALL = NETWORKS | {
    "HourDnn": {"target": "demand_mw", "units": (3,), "first_passes": 1},
    "Lear": {"target": "demand_mw"},
    "LightGBM": {"trees": 3},
    "MeterTrees": {"target": "demand_mw", "trees": 3},
    "PriceDnn": {"target": "demand_mw", "units": (3,), "first_passes": 2},
    "PriceKernel": {"target": "demand_mw"},
    "PriceLightGBM": {"target": "demand_mw", "trees": 3},
    "PriceXGBoost": {"target": "demand_mw", "trees": 3, "depth": 2},
    "ProfileRidge": PROFILE,
    "ProfileTrees": PROFILE | {"trees": 3},
    "Prophet": {"yearly_order": 1, "daily_order": 2},
    "WeeklyOrDaily": {"target": "demand_mw"},
    "XGBoost": {"trees": 3, "depth": 2},
}
TOLD = Announced(np.array([-4.0]), np.array([1.0]), np.array([0.3]))
RULED = {rule: lambda table, rule=rule: Naive(rule) for rule in RULES}


def published(table):
    """Return members that learn, one of them by elapsed steps, with a state that moves them."""
    band = Band(np.sort(np.random.default_rng(1).normal(0, 50, (48, 9))), 1.1, TOLD)
    return Published("published", [Ridge(), Naive("yesterday")], np.full(48, 0.01), band)


def learning_models():
    """Return every class of the packages that can fit and predict: name to class."""
    modules = [m.name for p in PACKAGES for m in pkgutil.iter_modules(p.__path__, f"{p.__name__}.")]
    return {
        name: kind
        for module in map(importlib.import_module, modules)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and kind.__module__ == module.__name__
        if hasattr(kind, "fit") and hasattr(kind, "predict") and not name.startswith("_")
        # Minutes of several regions at once are no days of a table: its own tests check that.
        if kind not in (Model, Naive, RealtimeForecaster) and not inspect.isabstract(kind)
    }


def combined(table):
    """Return an average of quantiles."""
    return Combined("combined", [Ridge(), Naive("yesterday")])


MODELS = {
    name: lambda table, name=name, kind=kind: kind(**SMALL.get(name, {}))
    for name, kind in learning_models().items()
    if kind not in (Combined, Published)
} | {"Combined": combined, "Published": published}


class Plain:
    """Forecasts the one array of its inputs: the least that a model can be."""

    name, levels, layout = "plain", (0.5,), CLOCK

    def __init__(self, inputs):
        self.inputs = lambda view: {"day": np.array(inputs(view), dtype=float)}

    def fit(self, inputs, target):
        return self

    def predict(self, inputs):
        return inputs["day"][:, :, None]


class Shrunk(Plain):
    """Draws yesterday towards a mean: the one given, or else that of its training."""

    def __init__(self, mean=None):
        super().__init__(lambda view: view.past_days["demand_mw"][-1])
        self.mean = mean

    def fit(self, inputs, target):
        self.mean_ = np.nanmean(target) if self.mean is None else self.mean
        return self

    def predict(self, inputs):
        return (0.9 * inputs["day"] + 0.1 * self.mean_)[:, :, None]


def series(table):
    return pd.Series(table.flat["demand_mw"])


def last_known(table, values):
    """Return an inputs function: the last day that had ended, of values made from the table."""
    days = table.clock_days(np.asarray(values))
    return lambda view: days[table.position(view.date) - view.lead_days]


def smooth(view):
    return pd.Series(view.past["demand_mw"]).rolling(5).mean().to_numpy()[-48:]


def filled(view):
    return pd.Series(view.past["demand_mw"]).ffill().to_numpy()[-48:]


class Learner(Plain):
    """Closed over the table: learns from its last day, whenever that is."""

    def __init__(self, table):
        super().__init__(lambda view: view.past_days["demand_mw"][-1])
        self.table = table

    def fit(self, inputs, target):
        self.shift_ = float(np.nanmean(self.table.days["demand_mw"][-1])) - 4000
        return self

    def predict(self, inputs):
        return (inputs["day"] + self.shift_)[:, :, None]


CHEATS = {
    "centred rolling mean": lambda t: Plain(
        last_known(t, series(t).rolling(9, 1, center=True).mean())
    ),
    "scaler of all data": lambda t: Shrunk(series(t).mean()),
    "lag shorter than the horizon": lambda t: Plain(
        lambda view: t.days["demand_mw"][t.position(view.date) - 1]
    ),
    "imputation from the future": lambda t: Plain(last_known(t, series(t).interpolate())),
    "backward filling": lambda t: Plain(last_known(t, series(t).bfill())),
    "learns from the last day of all": Learner,
}
HONEST = {
    "trailing rolling mean": lambda t: Plain(smooth),
    "scaler of the training": lambda t: Shrunk(),
    "lag as long as the horizon": lambda t: Plain(lambda view: view.past_days["demand_mw"][-1]),
    "forward filling": lambda t: Plain(filled),
    "interpolated within the past": lambda t: Plain(
        lambda view: pd.Series(view.past["demand_mw"]).interpolate().to_numpy()[-48:]
    ),
}


@pytest.mark.parametrize("share_fit", [True, False], ids=["one fit", "every fit"])
@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_caught(gappy, build, name, share_fit):
    result = leakage.check(
        CHEATS[name], build(gappy), FIRST, LAST, lead_days=2, share_fit=share_fit
    )
    moved = result.moved
    assert moved is not None
    assert np.float64(moved.old).tobytes() != np.float64(moved.new).tobytes()
    assert moved.valid_at >= moved.issued_at + pd.Timedelta(hours=23)
    with pytest.raises(leakage.LeakError, match="plain leaks: its forecast for 2014-04-0"):
        leakage.require(result)


@pytest.mark.parametrize("lead_days", [1, 2])
@pytest.mark.parametrize("name", HONEST)
def test_the_honest_twin_passes(gappy, build, name, lead_days):
    result = leakage.check(HONEST[name], build(gappy), FIRST, LAST, lead_days=lead_days)
    assert result.moved is None
    assert result.checks == 8
    # Four days of 48 half-hours, one of them with 50, under both fillings; wall-clock
    # forecasts from 22:00 on are missing where the measurements are and nothing fills them.
    assert 0 < result.forecasts <= 2 * (3 * 48 + 50)


def test_a_lag_of_a_day_is_honest_one_day_ahead(gappy, build):
    cheat = CHEATS["lag shorter than the horizon"]
    assert leakage.check(cheat, build(gappy), FIRST, LAST, lead_days=1).moved is None


@pytest.fixture
def no_graphs(name):
    """Let TensorFlow compute step by step: a graph takes longer to build than to run once."""
    if name not in NETWORKS:
        yield
        return
    import tensorflow

    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


def test_models_are_found():
    assert {"Ridge", "XGBoost", "Prophet", *NETWORKS} <= set(MODELS)


@pytest.mark.parametrize("lead_days", [1, 3])
def test_no_simple_rule_leaks(table, lead_days):
    results = leakage.check_all(RULED, table, FIRST, LAST, lead_days=lead_days, issues=3)
    assert [result.model for result in results] == ["views", *RULED]
    # Days of 48, 50 and 48 half-hours, under noise and under NaN.
    assert leakage.require(results).startswith(f"{2 * 146 * len(RULED):,} forecasts of 6 models")
    assert {result.checks for result in results} == {6}


@pytest.mark.parametrize("lead_days", [1, 3])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.usefixtures("no_graphs")
@pytest.mark.filterwarnings("ignore:Even though the .tf.config")
def test_no_learning_model_leaks(table, name, lead_days):
    issues = 3 if lead_days == 1 else 1
    result = leakage.check(MODELS[name], table, FIRST, LAST, lead_days=lead_days, issues=issues)
    assert result.moved is None
    assert result.forecasts >= 2 * 48 * issues


@pytest.mark.parametrize("name", ["last_value", "yesterday", "Ridge", "XGBoost", "Prophet"])
def test_any_model_is_caught_when_its_table_cheats(frame, build, name):
    prepared = leakage.Prepared(frame, lambda raw: build(raw.shift(-1).fillna(1.0)))
    result = leakage.check((RULED | MODELS)[name], prepared, FIRST, LAST, issues=1)
    assert result.moved is not None


@pytest.mark.parametrize(
    ("fill", "leaks"),
    [
        (lambda raw: raw.interpolate(), True),
        (lambda raw: raw.bfill().ffill(), True),
        (lambda raw: raw.fillna(raw.mean()), True),
        (lambda raw: raw.ffill(), False),
    ],
    ids=["interpolated", "backwards", "by the mean of all", "forwards"],
)
def test_the_making_of_the_table_is_checked(gappy, build, fill, leaks):
    prepared = leakage.Prepared(gappy, lambda raw: build(fill(raw)))
    results = leakage.check_all({"naive": lambda t: Naive("yesterday")}, prepared, FIRST, LAST)
    assert [result.moved is not None for result in results] == [leaks, leaks]
    if leaks:
        with pytest.raises(leakage.LeakError, match=r"The table leaks: its view for 2014-04-0"):
            leakage.require(results)


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Australia/Melbourne", "2014-04-06"),
        ("Australia/Melbourne", "2014-10-05"),
        ("Australia/Lord_Howe", "2014-04-06"),
        ("America/Sao_Paulo", "2014-02-15"),
        ("America/Sao_Paulo", "2014-10-19"),
        ("Asia/Beirut", "2014-03-30"),
        ("Asia/Beirut", "2014-10-25"),
    ],
)
def test_no_view_reaches_over_a_clock_change(simulate, zone, change):
    day = pd.Timestamp(change)
    around = [str((day + pd.Timedelta(days=n)).date()) for n in (-12, -2, 3, 6)]
    table = DayTable(
        simulate(around[0], around[3], zone),
        zone=zone,
        target="demand_mw",
        knowledge={"demand_mw": "past", "temperature_c": "known_future"},
        history_days=6,
    )
    for lead_days in (1, 2, 4):
        options = {"lead_days": lead_days, "issues": 6}
        (views,) = leakage.check_all({}, table, around[1], around[2], **options)
        assert views.moved is None
        assert views.checks == 12
    assert leakage.require(views) == (
        "The views of the table compared after everything unknown was replaced by noise and NaN; "
        "none moved."
    )


class Bridging(DayTable):
    """Fills every gap from both sides, across midnight too."""

    def clock_days(self, values):
        return super().clock_days(pd.Series(values).interpolate().to_numpy())


class Ahead(DayTable):
    """Knows each half-hour one step early."""

    def view(self, number, lead_days=1):
        self.start = self.start + 1
        try:
            return super().view(number, lead_days)
        finally:
            self.start = self.start - 1


@pytest.mark.parametrize("cheat", [Bridging, Ahead])
def test_a_table_that_cheats_is_caught(gappy, cheat):
    table = cheat(
        gappy,
        zone="Australia/Melbourne",
        target="demand_mw",
        knowledge={"demand_mw": "past", "temperature_c": "past"},
    )
    (views,) = leakage.check_all({}, table, FIRST, LAST)
    assert views.moved is not None


def test_known_future_counts_up_to_the_end_of_the_target_day(frame):
    knowledge = {"demand_mw": "past", "temperature_c": "known_future"}
    table = DayTable(frame, zone="Australia/Melbourne", target="demand_mw", knowledge=knowledge)
    own, next_day = (
        lambda t, n=n: Plain(lambda view: t.days["temperature_c"][t.position(view.date) + n])
        for n in (0, 1)
    )
    assert leakage.check(own, table, FIRST, LAST).moved is None
    assert leakage.check(next_day, table, FIRST, LAST).moved is not None


def test_clock_change_days_and_both_ends_are_sampled_first(table):
    days = [str(table.dates[n]) for n in leakage.sample(table, FIRST, LAST, 3, seed=0)]
    assert days == ["2014-04-04", "2014-04-06", "2014-04-10"]
    every = leakage.sample(table, FIRST, LAST, 99, seed=0)
    assert every == list(range(every[0], every[0] + 7))
    assert leakage.sample(table, FIRST, LAST, 1, seed=0) == every[:1]


@pytest.mark.parametrize(
    ("first", "last", "issues", "words"),
    [
        (FIRST, LAST, 0, "got 0 issues"),
        (LAST, FIRST, 2, "got 2 issues, 2014-04-10 to 2014-04-04"),
        ("2013-01-01", LAST, 2, "The day 2013-01-01 is not in the table"),
    ],
    ids=["none", "backwards", "outside"],
)
def test_impossible_samples_are_refused(table, first, last, issues, words):
    with pytest.raises(UsageError, match=words):
        leakage.check_all({}, table, first, last, issues=issues)


def test_two_runs_say_the_same(table):
    said = [leakage.check(MODELS["Ridge"], table, FIRST, LAST, issues=2) for _ in range(2)]
    assert said[0] == said[1]


def test_a_window_is_learnt_from_alone(table):
    seen = []

    class Counting(Shrunk):
        def fit(self, inputs, target):
            seen.append(len(target))
            return super().fit(inputs, target)

    options = {"issues": 2, "window_days": 9}
    assert leakage.check(lambda t: Counting(), table, FIRST, LAST, **options).moved is None
    # Once as measured, then with noise and with NaN; the second day takes the fit over.
    assert seen == [9, 9, 9]
    seen.clear()
    leakage.check(lambda t: Counting(), table, FIRST, LAST, share_fit=False, **options)
    assert seen == [9] * 6
