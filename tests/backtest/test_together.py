"""Backtests side by side leave what each leaves alone: bytes, stand-ins and fitted models."""

import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor

from lab import compute
from lab.backtest import Backtest
from lab.backtest.conditions import conditions
from lab.backtest.store import Store
from lab.backtest.together import ONE_THREAD, Work, run_together, side_by_side
from lab.backtest.workers import Processes, Serial
from lab.errors import DataError, UsageError
from lab.forecast.lightgbm import LightGBM
from lab.forecast.linear import Ridge
from lab.forecast.naive import Naive
from lab.forecast.networks.lstm import Lstm
from lab.forecast.prophet import Prophet
from lab.forecast.trees import XGBoost

FIRST, LAST = "2014-09-29", "2014-10-15"
# One fit, some that are spread, and many that stay together.
CADENCE = {"lstm": "monthly", "ridge": "daily", "prophet": "monthly", "xgboost": "weekly"}


def models():
    small = {"units": (4,), "epochs": 2, "validation_days": 14, "step_hours": 6}
    return {
        "lstm": Lstm(**small),
        "xgboost": XGBoost(trees=5, depth=3),
        "lightgbm": LightGBM(trees=5, leaves=4),
        "prophet": Prophet(),
        "ridge": Ridge(),
        "last_week": Naive("last_week"),
    }


def works(period, built):
    return {name: Work(period, m, CADENCE.get(name, "once")) for name, m in built.items()}


@pytest.fixture(autouse=True, scope="module")
def new_processes():
    """Let no process of an earlier test take part: its environment may be another."""
    get_reusable_executor().shutdown(wait=True)


@pytest.fixture(scope="module")
def alone(tables):
    built = models()
    period = Backtest(tables["south"], FIRST, LAST)
    with conditions(ONE_THREAD, compute.seed()):
        return built, {n: period.run(m, CADENCE.get(n, "once")) for n, m in built.items()}


@pytest.mark.parametrize("workers", [Serial(), Processes(2)], ids=["serial", "processes"])
def test_each_run_is_that_of_the_model_alone(tables, alone, workers):
    period, built = Backtest(tables["south"], FIRST, LAST), models()
    found = run_together(works(period, built), workers)
    assert list(found) == list(built)
    for name, run in found.items():
        theirs = alone[1][name]
        assert run.forecasts.values.tobytes() == theirs.forecasts.values.tobytes(), name
        assert (run.forecasts.model, run.refits) == (theirs.forecasts.model, theirs.refits)
        assert run.fit_s > 0
        assert run.fitted


def test_models_are_left_as_fitted_last(tables, alone):
    period, built = Backtest(tables["south"], FIRST, LAST), models()
    run_together(works(period, built), Processes(2))
    for name, model in built.items():
        theirs = alone[0][name]
        issues = period.inputs(model, period.last, period.last + 1)
        assert model.predict(issues).tobytes() == theirs.predict(issues).tobytes(), name
    assert built["lstm"].history_ == alone[0]["lstm"].history_


def test_a_rule_stands_in_and_leaves_the_model_unfitted(tables):
    period = Backtest(tables["below"], FIRST, LAST)
    alone = period.run(Ridge(), "monthly")
    ridge = Ridge()
    Backtest(tables["south"], FIRST, LAST).run(ridge)
    found = run_together({"ridge": Work(period, ridge, "monthly")}, Processes(2))["ridge"]
    assert len(found.fallbacks) == 2
    pd.testing.assert_frame_equal(found.fallbacks, alone.fallbacks)
    np.testing.assert_array_equal(found.forecasts.values, alone.forecasts.values)
    assert not found.fitted
    with pytest.raises(UsageError, match="has not been fitted"):
        ridge.predict(period.inputs(ridge, period.last, period.last + 1))


def test_nothing_is_fitted_before_every_work_is_possible(tables):
    period = Backtest(tables["south"], FIRST, LAST)
    good, bad = Work(period, Naive("last_week")), Work(period, Naive("last_week", "power_w"))
    with pytest.raises(DataError, match="power_w"):
        run_together({"good": good, "bad": bad}, Serial())
    with pytest.raises(UsageError, match="window_days"):
        run_together({"good": Work(period, Ridge(), window_days=0)}, Serial())
    with pytest.raises(UsageError, match="hourly"):
        run_together({"good": Work(period, Ridge(), "hourly")}, Serial())


@pytest.mark.parametrize("workers", [Serial(), Processes(2)], ids=["serial", "processes"])
def test_functions_are_called_under_fixed_conditions(workers):
    def drawn(size):
        return lambda: (compute.threads(), np.random.default_rng(compute.seed()).random(size))

    found = side_by_side({size: drawn(size) for size in (3, 1)}, workers)
    assert list(found) == [3, 1]
    for size, (threads, values) in found.items():
        assert threads == 1
        np.testing.assert_array_equal(values, drawn(size)()[1])


@pytest.mark.parametrize("fitted", [True, False])
def test_an_interrupted_run_goes_on_where_it_was(tables, tmp_path, monkeypatch, fitted):
    period, store = Backtest(tables["south"], FIRST, LAST), Store(tmp_path)
    # The number of threads is a part of what a result depends on.
    monkeypatch.setenv("LAB_THREADS", str(ONE_THREAD))
    whole = period.run(Ridge(), "daily")
    with monkeypatch.context() as patch:
        patch.setattr(Ridge, "fit", cut_off(Ridge.fit, 5))
        with pytest.raises(KeyboardInterrupt):
            period.run(Ridge(), "daily", store=store)
    assert len(list(tmp_path.glob("*/*.npz"))) == 5
    counted = []
    monkeypatch.setattr(Ridge, "fit", counting(Ridge.fit, counted))
    again = Ridge()
    found = run_together(
        {"ridge": Work(period, again, "daily", fitted=fitted)}, Serial(), store=store
    )
    assert len(counted) == len(whole.refits) - 5
    assert found["ridge"].forecasts.values.tobytes() == whole.forecasts.values.tobytes()
    # A store keeps forecasts alone: the last fit comes again if the model is wanted.
    counted.clear()
    resumed = period.run(again, "daily", store=store, fitted=fitted)
    assert len(counted) == fitted
    assert resumed.forecasts.values.tobytes() == whole.forecasts.values.tobytes()
    assert hasattr(again, "coef_") == fitted


def cut_off(fit, left):
    """Return a fit that is interrupted after some calls."""
    calls = iter([fit] * left)

    def fitting(model, inputs, target):
        one = next(calls, None)
        if one is None:
            raise KeyboardInterrupt
        return one(model, inputs, target)

    return fitting


def counting(fit, counted):
    """Return a fit that counts its calls."""

    def fitting(model, inputs, target):
        counted.append(model)
        return fit(model, inputs, target)

    return fitting


def test_what_is_kept_is_no_other_models_and_no_other_periods(tables, tmp_path):
    store = Store(tmp_path)
    for period, model, refit in (
        (Backtest(tables["south"], FIRST, LAST), Ridge(), "weekly"),
        (Backtest(tables["north"], FIRST, LAST), Ridge(), "weekly"),
        (Backtest(tables["south"], FIRST, LAST, 2), Ridge(), "weekly"),
        (Backtest(tables["south"], FIRST, LAST), Ridge(50.0), "weekly"),
    ):
        alone = period.run(model, refit, 20)
        found = period.run(model, refit, 20, store=store, fitted=False)
        assert found.forecasts.values.tobytes() == alone.forecasts.values.tobytes()
    assert len(list(tmp_path.glob("*/*.npz"))) == 4 * len(alone.refits)


def test_params_can_ask_for_a_store(tables, tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_KEEP", "1")
    monkeypatch.setattr("lab.paths.root", lambda: tmp_path)
    period = Backtest(tables["south"], FIRST, LAST)
    run_together({"ridge": Work(period, Ridge(), "weekly")}, Serial())
    assert list((tmp_path / ".lab" / "backtest").glob("*/*.npz"))
