"""Rolling origins: no view of the future, refits in time, both clock-change days."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab import data, metrics
from lab.backtest import Backtest, refit_positions, write_timings
from lab.errors import DataError, UsageError
from lab.forecast import demand
from lab.forecast.linear import Ridge
from lab.forecast.naive import RULES, Naive
from lab.forecast.networks.lstm import Lstm
from lab.forecast.prophet import Prophet
from lab.forecast.trees import XGBoost

ZONE = "Australia/Melbourne"
MODELS = {
    **{rule: lambda rule=rule: Naive(rule) for rule in RULES},
    "ridge": Ridge,
    "xgboost": lambda: XGBoost(trees=3, depth=2),
    "prophet": lambda: Prophet(yearly_order=1, daily_order=2),
    "lstm": lambda: Lstm(units=(3, 2), epochs=1, validation_days=10, step_hours=24),
}


def simulated():
    """Demand over both clock changes of 2014 (6 April, 5 October), days apart cut short."""
    index = pd.date_range("2014-02-28 13:00", "2014-05-05 14:00", freq="30min", tz="UTC")[:-1]
    hour = index.tz_convert(ZONE).hour.to_numpy()
    rng = np.random.default_rng(3)
    values = 4000 + 500 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(0, 50, len(index))
    warm = 20 + rng.normal(0, 3, len(index))
    return pd.DataFrame({"demand_mw": values, "temperature_c": warm}, index=index)


def run(frame, model, first="2014-04-20", last="2014-04-24", refit="once"):
    table = demand.day_table(frame, ZONE, {date(2014, 4, 21)})
    return Backtest(table, first, last).run(model, refit)


@pytest.mark.parametrize("name", MODELS)
def test_what_happens_after_the_issue_changes_no_forecast(name):
    frame = simulated()
    issue = pd.Timestamp("2014-04-22", tz=ZONE).tz_convert("UTC")
    changed = frame.copy()
    later = changed.index >= issue
    changed.loc[later, "demand_mw"] = np.random.default_rng(5).uniform(1, 9e3, later.sum())
    changed.loc[later, "temperature_c"] = np.nan
    before, after = (run(f, MODELS[name]()).forecasts for f in (frame, changed))
    known = np.asarray(before.issued_at <= issue)
    assert known.sum() == 3 * 48
    assert np.isfinite(before.values[known]).all()
    assert before.values[known].tobytes() == after.values[known].tobytes()


def test_a_refit_learns_from_the_days_before_it_alone():
    seen = []

    class Watching(Naive):
        def fit(self, inputs, target):
            seen.append((len(target), len(inputs["forecast"])))
            return self

    run(simulated(), Watching("yesterday"), refit="daily")
    assert seen == [(n, n) for n in range(49, 54)]


def test_clock_change_day_has_fifty_rows_and_repeats_the_wall_clock():
    found = run(simulated(), Ridge(), "2014-04-05", "2014-04-07").forecasts
    assert np.bincount(found.day).tolist() == [48, 50, 48]
    sunday = found.slot[found.day == 1]
    assert sunday[4:8].tolist() == [4, 5, 4, 5]
    values = found.median[found.day == 1]
    assert values[4:6].tolist() == values[6:8].tolist()


def test_spring_day_has_forty_six_rows():
    index = pd.date_range("2014-09-25 14:00", "2014-10-06 13:00", freq="30min", tz="UTC")[:-1]
    frame = pd.DataFrame({"demand_mw": np.arange(len(index)) + 1.0, "temperature_c": 15.0}, index)
    found = run(frame, Naive("yesterday"), "2014-10-04", "2014-10-06").forecasts
    assert np.bincount(found.day).tolist() == [48, 46, 48]
    assert (frame["demand_mw"].reindex(found.valid_at) - found.median == 48).all()


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [
        ("once", [0]),
        ("yearly", [0, 3]),
        ("quarterly", [0, 3]),
        ("monthly", [0, 3]),
        ("weekly", [0, 1, 8]),
        ("daily", list(range(10))),
    ],
)
def test_refit_days(cadence, expected):
    days = np.arange("2013-12-29", "2014-01-08", dtype="datetime64[D]")
    assert refit_positions(days, cadence) == expected


def test_unknown_cadence_is_refused():
    with pytest.raises(UsageError, match="Unknown refit cadence 'hourly'; choose one of once"):
        refit_positions(np.arange(3).astype("datetime64[D]"), "hourly")


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2014-04-24", "2014-04-20", "not end before it starts"),
        ("2014-03-01", "2014-03-05", "must start after the table's first 2 days"),
        ("2015-01-01", "2015-01-02", "The day 2015-01-01 is not in the table"),
    ],
    ids=["backwards", "no history", "outside"],
)
def test_impossible_periods_are_refused(first, last, words):
    with pytest.raises(UsageError, match=words):
        run(simulated(), Naive("yesterday"), first, last)


def test_timings_go_outside_the_outputs(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_TIMINGS", str(tmp_path / "stage"))
    path = write_timings("tiny", {"ridge": run(simulated(), Ridge())})
    assert path == tmp_path / "stage" / "tiny.json"
    assert json.loads(path.read_text())["ridge"]["fits"] == 1


@pytest.fixture(scope="module")
def victoria():
    """The scores of simple rules and ridge on 2014, as the study computes them."""
    raw = data.load("vic_demand")
    holidays = demand.holiday_dates(raw, ZONE, "AU", "VIC")
    period = Backtest(demand.day_table(raw, ZONE, holidays), "2014-01-01", "2014-12-31")
    runs = [period.run(Naive(rule)) for rule in RULES] + [period.run(Ridge(30.0), "quarterly")]
    table = pd.concat([run.forecasts.to_table() for run in runs])
    return metrics.evaluate(table, raw["demand_mw"], unit="mw")


@pytest.mark.parametrize(
    ("rule", "mae_mw", "mape_percent"),
    [("last_week", 343, 7.06), ("yesterday", 367, 7.81), ("same_day_type", None, 5.29)],
)
def test_published_numbers_of_the_simple_rules(victoria, rule, mae_mw, mape_percent):
    # To the last published digit; the MAE of same_day_type was not published.
    if mae_mw is not None:
        assert victoria.loc[rule, "mae_mw"] == pytest.approx(mae_mw, abs=0.5)
    assert victoria.loc[rule, "mape_percent"] == pytest.approx(mape_percent, abs=0.005)
    assert victoria.loc[rule, "missing"] == 0


def test_ridge_is_better_than_the_quick_published_try(victoria):
    assert victoria.loc["ridge", "mape_percent"] < 3.63


def test_a_window_without_a_day_is_refused():
    table = demand.day_table(simulated(), ZONE, set())
    with pytest.raises(
        UsageError, match="window_days must be at least 1 and a whole number, got 0"
    ):
        Backtest(table, "2014-04-20", "2014-04-24").run(Ridge(), window_days=0)


@pytest.mark.parametrize("lead", [1.5, 0], ids=["fractional", "none"])
def test_a_lead_is_whole_days(lead):
    table = demand.day_table(simulated(), ZONE, set())
    with pytest.raises(UsageError, match="lead_days must be at least 1 and a whole number, got"):
        Backtest(table, "2014-04-20", "2014-04-24", lead)


def test_a_day_that_is_no_date_is_refused():
    with pytest.raises(UsageError, match="A day must be a date such as 2014-01-31, got 'soon'"):
        run(simulated(), Naive("yesterday"), "soon")


def test_a_constant_series_is_refused_unless_a_rule_may_stand_in():
    table = demand.day_table(simulated().assign(demand_mw=7.0), ZONE, set())
    with pytest.raises(DataError, match="'victoria' is constant at 7 before the first forecast"):
        Backtest(table, "2014-04-20", "2014-04-24")
    assert len(Backtest(table, "2014-04-20", "2014-04-24", strict=False).actual()) == 5 * 48


def test_a_missing_column_is_told_by_the_run():
    def inputs(view):
        return {"x": view.past_days["wind"]}

    model = Naive("yesterday")
    model.inputs = inputs
    with pytest.raises(DataError, match="'yesterday' needs the column 'wind', known at its issue"):
        run(simulated(), model)


class Blank(Ridge):
    """Forecasts nothing but NaN, after fits that take their time."""

    def predict(self, inputs):
        return np.full_like(super().predict(inputs), np.nan)


def test_forecasts_without_a_number_are_a_failure():
    found = run(simulated(), Blank())
    assert np.isfinite(found.forecasts.values).all()
    assert found.fallbacks["reason"].tolist() == ["The model 'ridge' forecast no number."]
    # Its seconds count, though its forecasts do not.
    assert found.fit_s > 0
    assert found.predict_s > 0
    assert not found.fitted
