"""Daily models: what they find, that they do not look ahead, and their files."""

import importlib
import pkgutil

import numpy as np
import pytest

from lab import leakage
from lab.backtest import Backtest
from lab.errors import DataError, UsageError
from lab.forecast import daily, saving
from lab.forecast.daily.inputs import CALENDAR, EFFECTS, DailyInputs, calendar
from lab.forecast.daily.models import Daily, DailyRidge, DailyTrees, recent_mean, ridge
from lab.forecast.daily.peer import LagTrees
from lab.forecast.daily.table import PAST, TARGET
from lab.forecast.inputs import FLAGS
from lab.forecast.naive import Naive

BUILD = {
    "daily_ridge": lambda: DailyRidge(5.0),
    "daily_trees": lambda: DailyTrees(trees=8),
    "lag_trees": lambda: LagTrees(trees=2, leaves=4),
}
FIRST, LAST = "2013-08-10", "2013-09-10"


def test_the_calendar_keeps_its_order():
    columns = {"weekday": np.array([0.0, 6.0]), "year_angle": np.array([np.pi / 2, 0.0])}
    columns |= {name: np.array([0.25, 0.5]) for name in FLAGS}
    first, second = (dict(zip(CALENDAR, row, strict=True)) for row in calendar(columns))
    assert first["weekday_0"] == 1
    assert second["weekday_6"] == 1
    assert (first["holiday_on_workday"], first["holiday_on_weekend"]) == (0.25, 0)
    assert (second["holiday_on_workday"], second["holiday_on_weekend"]) == (0, 0.5)
    assert first["daylight_saving"] == 0.25
    assert first["year_sin_1"] == pytest.approx(1)
    assert second["year_cos_3"] == pytest.approx(1)
    assert EFFECTS[-1] == "summer_break"


def test_inputs_before_the_table_begins_are_missing(table):
    seen = DailyInputs(days=10)(table.view(4, 2))
    assert seen["past"].shape == (10, len(PAST))
    # Day 4, issued a day before: days 0 to 2 are known.
    assert np.isnan(seen["past"][:7]).all()
    assert seen["past"][-1, 0] == pytest.approx(np.log(table.flat[TARGET][2]))
    assert seen["ahead"].shape == (len(CALENDAR),)


def test_recent_means_weigh_by_age_and_pass_over_gaps():
    values = np.array([[4.0, 2.0], [np.nan, 3.0], [np.nan, np.nan]])
    # Half-life of a day: weights 1/2 and 1.
    assert recent_mean(values, 1.0)[:2].tolist() == pytest.approx([(2 + 2) / 1.5, 3])
    assert np.isnan(recent_mean(values, 1.0)[2])


def test_ridge_without_penalty_finds_the_line():
    x = np.array([[0.0, 1], [1, 1], [2, 1], [3, 1]])
    coef, intercept = ridge(x, 1 + 2 * x[:, 0], 1e-9)
    assert coef == pytest.approx([2, 0], abs=1e-6)
    assert intercept == pytest.approx(1)


@pytest.mark.parametrize("model", [DailyRidge(), DailyTrees(trees=40)], ids=["ridge", "trees"])
@pytest.mark.parametrize("lead_days", [1, 5])
def test_models_beat_last_week(table, model, lead_days):
    period = Backtest(table, FIRST, LAST, lead_days)
    actual = period.actual()
    week = period.run(Naive("last_week", target=TARGET)).forecasts
    found = period.run(model).forecasts
    error = [np.abs(f.median / actual - 1).mean() for f in (found, week)]
    assert error[1] > 0.01
    assert error[0] < 0.9 * error[1]


def test_lag_trees_give_quantiles_in_order(table):
    found = Backtest(table, FIRST, LAST, 3).run(LagTrees(trees=5)).forecasts
    assert (np.diff(found.values, axis=1) >= 0).all()
    assert found.values[:, -1].mean() > found.values[:, 0].mean()


def test_every_model_of_the_package_is_checked():
    modules = [m.name for m in pkgutil.iter_modules(daily.__path__, "lab.forecast.daily.")]
    found = {
        kind
        for module in map(importlib.import_module, modules)
        for kind in vars(module).values()
        if isinstance(kind, type) and hasattr(kind, "fit") and hasattr(kind, "predict")
        if kind.__module__ == module.__name__ and kind is not Daily
    }
    assert found == {type(make()) for make in BUILD.values()}


@pytest.mark.parametrize("name", BUILD)
@pytest.mark.parametrize("lead_days", [1, 7])
def test_nothing_unknown_moves_a_forecast(table, name, lead_days):
    result = leakage.check(
        lambda table: BUILD[name](),
        table,
        "2013-07-20",
        "2013-08-20",
        lead_days=lead_days,
        issues=2,
    )
    assert leakage.require(result)


@pytest.mark.parametrize("name", BUILD)
def test_same_model_same_bytes_same_forecasts(table, name, tmp_path):
    period = Backtest(table, FIRST, "2013-08-12", 2)
    period.run(model := BUILD[name]())
    first = saving.save(model, tmp_path / saving.file_name(model))
    period.run(again := BUILD[name]())
    assert saving.save(again, tmp_path / "again").read_bytes() == first.read_bytes()
    loaded = saving.load(first)
    assert saving.save(loaded, tmp_path / "loaded").read_bytes() == first.read_bytes()
    inputs = period.inputs(model, period.first, period.last)
    assert loaded.predict(inputs).tobytes() == model.predict(inputs).tobytes()


def test_a_file_of_another_version_is_refused(table, tmp_path):
    Backtest(table, FIRST, FIRST).run(model := DailyRidge())
    path = saving.save(model, tmp_path / "m.json")
    path.write_text(path.read_text().replace('"version": 2', '"version": 99'))
    with pytest.raises(DataError, match="version"):
        saving.load(path)


@pytest.mark.parametrize("name", BUILD)
def test_a_gap_leaves_a_gap(simulate, build, name):
    frame = simulate(days=220)
    frame.loc["2013-08-01 10:00":"2013-08-01 11:00", "demand_mw"] = np.nan
    period = Backtest(build(frame), "2013-07-20", "2013-08-06")
    found = period.run(BUILD[name]()).forecasts
    assert np.isnan(found.median[found.valid_at == "2013-08-02"]).all()
    assert np.isfinite(found.median[found.valid_at <= "2013-08-01"]).all()


def test_too_little_history_and_bad_settings_are_refused(table):
    with pytest.raises(UsageError, match="at least 60 days"):
        Backtest(table, "2013-02-01", "2013-02-02").run(DailyRidge(), forgiving=False)
    with pytest.raises(UsageError, match="above 0, got 0"):
        DailyRidge(0)
    with pytest.raises(UsageError, match="at least 1 tree and 2 leaves"):
        DailyTrees(leaves=1)
    with pytest.raises(UsageError, match="at least 1 lag"):
        LagTrees(lags=0)
    with pytest.raises(UsageError, match="at least one day with 9 lags"):
        Backtest(table, "2013-01-06", "2013-01-06").run(LagTrees(lags=9), forgiving=False)
