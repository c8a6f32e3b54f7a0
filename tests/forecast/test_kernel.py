"""Kernel ridge and LightGBM on the simulated demand, and what they refuse."""

import numpy as np
import pytest

from lab.backtest import Backtest
from lab.errors import UsageError
from lab.forecast.kernel import KernelRidge, constant_within_days, day_vectors
from lab.forecast.lightgbm import LightGBM
from lab.forecast.naive import Naive


def mae(period, model):
    return float(np.nanmean(np.abs(period.run(model).forecasts.median - period.actual())))


@pytest.mark.parametrize("build", [KernelRidge, lambda: LightGBM(trees=40, leaves=8)])
def test_beats_yesterday_on_simulated_demand(table, build):
    period = Backtest(table, "2014-04-28", "2014-05-08")
    assert mae(period, build()) < mae(period, Naive("yesterday"))


def test_day_vectors_hold_constant_inputs_once_and_means_of_three_hours():
    x = np.zeros((2, 16, 2))
    x[:, :, 0] = [[3.0], [4.0]]
    x[:, :, 1] = np.arange(16)
    constant = constant_within_days(x)
    assert constant.tolist() == [True, False]
    rows = day_vectors(x, constant)
    assert rows[1].tolist() == [4, 0.5, 2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5]


def test_a_huge_penalty_leaves_the_usual_day_alone(table):
    period = Backtest(table, "2014-05-05", "2014-05-06")
    model = KernelRidge(penalty=1e12)
    model_inputs = [model.inputs(table.view(day)) for day in range(60, 70)]
    stacked = {key: np.stack([one[key] for one in model_inputs]) for key in model_inputs[0]}
    model.fit(stacked, table.days["demand_mw"][60:70])
    expected = np.exp(stacked["base"] + model.intercept_)
    assert model.predict(stacked)[:, :, 0] == pytest.approx(expected)
    assert period.actual().shape == (96,)


def test_shap_values_add_up_to_the_forecast(table):
    period = Backtest(table, "2014-05-05", "2014-05-06")
    model = LightGBM(trees=5, leaves=4)
    period.run(model)
    one = model.inputs(table.view(100))
    stacked = {key: value[None] for key, value in one.items()}
    total = model.contributions(stacked).sum(axis=2)
    assert np.exp(stacked["base"] + total) == pytest.approx(model.predict(stacked)[:, :, 0])


def test_levels_ascend_around_the_same_median_and_hold_their_share(table):
    period = Backtest(table, "2014-04-28", "2014-05-08")
    levels = (0.1, 0.5, 0.9)
    found = period.run(LightGBM(trees=40, leaves=8, levels=levels)).forecasts
    assert found.levels == levels
    assert (np.diff(found.values, axis=1) >= 0).all()
    alone = period.run(LightGBM(trees=40, leaves=8)).forecasts
    assert found.median.tobytes() == alone.median.tobytes()
    inside = (found.values[:, 0] <= period.actual()) & (period.actual() <= found.values[:, 2])
    assert 0.5 < inside.mean() < 0.99


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: KernelRidge(penalty=0), "penalty and a length above 0"),
        (lambda: KernelRidge(linear=-1), "got 0.05, 2.0 and -1"),
        (lambda: LightGBM(leaves=1), "2 leaves, got 200 and 1"),
        (lambda: LightGBM(learning_rate=-1), "a learning_rate above 0 up to 1, got -1"),
        (lambda: LightGBM(share=1.5), "a share above 0 up to 1, got 1.5"),
        (lambda: LightGBM(input_share=float("nan")), "input_share above 0 up to 1, got nan"),
        (lambda: LightGBM(depth=0), "depth of at least 1, or -1 for any, got 0"),
        (lambda: LightGBM(levels=(0.1, 0.9)), r"contain 0.5, got \[0.1, 0.9\]"),
        (lambda: LightGBM(levels=(0.5, 0.2)), "levels of LightGBM must ascend"),
        (lambda: LightGBM(levels=(0.0, 0.5)), "between 0 and 1"),
    ],
    ids=[
        *("penalty", "linear", "leaves", "rate", "share", "input share", "depth"),
        *("no median", "order", "zero"),
    ],
)
def test_impossible_settings_are_refused(build, words):
    with pytest.raises(UsageError, match=words):
        build()
