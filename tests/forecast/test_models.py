"""Each learning model on tiny parameters: it learns, repeats itself, and refuses nonsense."""

import numpy as np
import pytest

from lab.backtest import Backtest
from lab.errors import UsageError
from lab.forecast.linear import Ridge
from lab.forecast.model import usable
from lab.forecast.naive import Naive
from lab.forecast.networks.lstm import Lstm
from lab.forecast.prophet import Prophet
from lab.forecast.trees import XGBoost

TINY = {
    "ridge": lambda: Ridge(1.0),
    "xgboost": lambda: XGBoost(trees=20, depth=3, learning_rate=0.3),
    "prophet": lambda: Prophet(yearly_order=1, daily_order=3),
    "lstm": lambda: Lstm(
        units=(6, 4), epochs=6, validation_days=10, step_hours=12, learning_rate=0.01
    ),
}


@pytest.fixture(scope="module")
def period(table):
    return Backtest(table, "2014-04-27", "2014-05-10")


def error(period, model):
    found = period.run(model).forecasts
    return np.abs(found.median / period.actual() - 1).mean()


@pytest.mark.parametrize("name", TINY)
def test_model_beats_yesterday(period, name):
    assert error(period, TINY[name]()) < error(period, Naive("yesterday"))


@pytest.mark.parametrize("name", TINY)
def test_model_repeats_itself_to_the_bit(period, name):
    first, second = (period.run(TINY[name]()).forecasts.values.tobytes() for _ in range(2))
    assert first == second


def test_xgboost_gives_nine_ascending_quantiles(period):
    values = period.run(TINY["xgboost"]()).forecasts.values
    assert values.shape[1] == 9
    assert (np.diff(values, axis=1) >= 0).all()


def test_ridge_recovers_a_straight_line():
    x = np.random.default_rng(1).normal(size=(300, 2, 3))
    target = np.exp(x @ np.array([0.1, 0.0, -0.2]) + 8)
    model = Ridge(1e-6).fit({"x": x, "base": np.zeros((300, 2))}, target)
    assert model.coef_ / model.scale_ == pytest.approx(np.array([[0.1, 0, -0.2]] * 2), abs=1e-6)
    assert model.predict({"x": x, "base": np.zeros((300, 2))})[:, :, 0] == pytest.approx(target)


def test_ridge_counts_a_missing_input_as_average():
    x = np.random.default_rng(1).normal(size=(50, 1, 2))
    target = np.exp(x[:, :, 0])
    x[3, 0, 1] = np.nan
    model = Ridge(1.0).fit({"x": x, "base": np.zeros((50, 1))}, target)
    average = x.copy()
    average[3, 0, 1] = np.nanmean(x[:, 0, 1])
    gap, filled = (model.predict({"x": v, "base": np.zeros((50, 1))}) for v in (x, average))
    assert gap == pytest.approx(filled)


def test_lstm_keeps_its_learning_curve_and_best_epoch(period):
    model = TINY["lstm"]()
    period.run(model)
    losses = model.history_["val_loss"]
    assert len(losses) == len(model.history_["loss"]) <= 6
    assert losses[model.best_epoch_ - 1] == min(losses)


def test_days_without_demand_are_not_learnt():
    base, target = np.zeros((3, 2)), np.array([[1.0, 2], [np.nan, 1], [3, 4]])
    base[2, 0] = np.nan
    assert usable(base, target).tolist() == [True, False, False]
    with pytest.raises(UsageError, match="3 days of which none is"):
        usable(np.full((3, 2), np.nan), target)


@pytest.mark.parametrize("levels", [(0.5,), (0.1, 0.5, 0.9)], ids=["median", "three"])
def test_xgboost_forecasts_the_levels_that_are_asked_for(period, levels):
    found = period.run(XGBoost(trees=5, depth=2, levels=levels)).forecasts
    assert found.values.shape == (len(period.actual()), len(levels))
    assert (np.diff(found.values, axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Ridge(0), "alpha must be above 0, got 0"),
        (lambda: XGBoost(trees=0), "at least 1, got 0 and 5"),
        (lambda: XGBoost(learning_rate=-1), "XGBoost needs a learning_rate above 0 up to 1, got"),
        (lambda: XGBoost(subsample=0), "a subsample above 0 up to 1, got 0"),
        (lambda: XGBoost(levels=(0.1, 0.4)), r"contain 0.5, got \[0.1, 0.4\]"),
        (lambda: Lstm(step_hours=5), "step_hours must divide 24, got 5"),
    ],
    ids=["ridge", "xgboost", "rate", "subsample", "levels", "lstm"],
)
def test_impossible_parameters_are_refused(build, words):
    with pytest.raises(UsageError, match=words):
        build()


def test_lstm_refuses_too_short_a_training(period):
    with pytest.raises(UsageError, match="more than validation_days = 200"):
        period.run(Lstm(validation_days=200, step_hours=24), forgiving=False)
