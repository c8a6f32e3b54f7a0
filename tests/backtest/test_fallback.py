"""One series: a model that fails at a refit is stood in for up to the next, and it is said."""

import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest, said
from lab.backtest.hourly import HourlyBacktest
from lab.backtest.many import backtest_many
from lab.backtest.pooled import Pool
from lab.backtest.results import FALLBACKS
from lab.backtest.store import Store
from lab.backtest.workers import Serial
from lab.errors import DataError, UsageError
from lab.forecast import saving
from lab.forecast.linear import Ridge
from lab.forecast.nowcast.linear import NowcastRidge
from lab.forecast.nowcast.rules import NowcastRule
from lab.forecast.view import DayTable

# Weekly refits on Wednesday 1 and on the Mondays 6 and 13 October.
FIRST, LAST = "2014-10-01", "2014-10-15"
BLOCKS = [("2014-10-01", "2014-10-05"), ("2014-10-06", "2014-10-12"), ("2014-10-13", LAST)]
SINGULAR = np.linalg.LinAlgError("Singular matrix")


class Daily:
    """Ridge, day by day."""

    kind, lead = Ridge, 1

    def period(self, table):
        return Backtest(table, FIRST, LAST)

    def days(self, period, run):
        return pd.Series(period.table.dates[period.first + run.forecasts.day].astype(str))


class Hourly(Daily):
    """Ridge of the next two hours, hour by hour."""

    kind, lead = NowcastRidge, 0

    def period(self, table):
        return HourlyBacktest(table, FIRST, LAST, horizon_h=2)

    def days(self, period, run):
        row = period.rows[run.forecasts.day]
        return pd.Series(period.table.dates[period.table.day[row]].astype(str))


ENGINES = [pytest.param(Daily(), id="days"), pytest.param(Hourly(), id="hours")]


@pytest.fixture
def failing(monkeypatch):
    """Return a function that lets some fits of a kind of model raise, counted from 0."""

    def let(kind, numbers, error):
        calls = []

        def fit(self, inputs, target, plain=kind.fit):
            calls.append(len(target))
            self.half_ = True
            if len(calls) - 1 in numbers:
                raise error
            return plain(self, inputs, target)

        monkeypatch.setattr(kind, "fit", fit)
        monkeypatch.setenv("LAB_WORKERS", "1")

    return let


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", [0, 1, 2], ids=["first", "middle", "last"])
def test_one_failing_fit_leaves_the_other_blocks_as_they_were(tables, failing, engine, number):
    period = engine.period(tables["north"])
    whole = period.run(engine.kind(), "weekly")
    assert whole.fallbacks.empty
    failing(engine.kind, {number}, SINGULAR)
    run = period.run(engine.kind(), "weekly")
    first, last = BLOCKS[number]
    days = engine.days(period, run)
    away = ~days.between(first, last).to_numpy()
    assert run.forecasts.values[away].tobytes() == whole.forecasts.values[away].tobytes()
    assert (run.forecasts.values[~away] != whole.forecasts.values[~away]).any()
    assert np.isfinite(run.forecasts.values).all()
    assert tuple(run.fallbacks) == FALLBACKS
    row = run.fallbacks.iloc[0].to_dict()
    assert row.pop("rule") in ("median_of_28_days", "mean_of_four", "last_value")
    assert list(row.values()) == [
        "north", "ridge", engine.lead, first, last, "Singular matrix",
    ]  # fmt: skip
    assert (run.refits, run.forecasts.levels) == (whole.refits, whole.forecasts.levels)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_whose_last_fit_failed_is_left_unfitted(tables, failing, engine, tmp_path):
    period = engine.period(tables["north"])
    failing(engine.kind, {0, 5}, SINGULAR)
    run = period.run(model := engine.kind(), "weekly")
    assert run.fitted
    assert len(model.coef_) > 0
    # The same model again, with what it has learned: its third fit, the last, fails.
    run = period.run(model, "weekly")
    assert len(run.fallbacks) == 1
    assert not run.fitted
    assert not [name for name in vars(model) if name.endswith("_")]


def test_a_model_that_is_not_fitted_cannot_be_saved(tmp_path):
    with pytest.raises(UsageError, match="Ridge has not been fitted; call fit first"):
        saving.save(Ridge(), tmp_path / "ridge.json")
    assert not list(tmp_path.iterdir())


def test_a_pool_leaves_no_model_half_fitted(tables, failing):
    failing(Ridge, {0}, SINGULAR)
    Pool(tables, FIRST, LAST).run(model := Ridge(), {"all": list(tables)})
    assert not [name for name in vars(model) if name.endswith("_")]


def test_the_rule_is_the_one_of_many_series(tables, failing):
    failing(Ridge, range(9), SINGULAR)
    one = {"north": tables["north"]}
    many = backtest_many(one, {"ridge": Ridge()}, FIRST, LAST, refit="weekly", workers=Serial())
    run = Backtest(tables["north"], FIRST, LAST).run(Ridge(), "weekly")
    pd.testing.assert_frame_equal(run.fallbacks, many.fallbacks)
    found = many.forecasts["north", "ridge", 1]
    assert run.forecasts.values.tobytes() == found.values.tobytes()
    assert said([run]) == said([many])


def test_the_hours_get_the_best_rule_of_the_hours(tables, failing):
    period = HourlyBacktest(tables["north"], FIRST, LAST, horizon_h=2)
    failing(NowcastRidge, {1}, SINGULAR)
    run = period.run(NowcastRidge(), "weekly")
    rule = run.fallbacks["rule"].item()
    alone = period.run(NowcastRule(rule)).forecasts
    block = Hourly().days(period, run).between(*BLOCKS[1]).to_numpy()
    assert run.forecasts.median[block].tobytes() == alone.median[block].tobytes()


def test_the_hours_of_a_table_without_types_of_day_have_rules_too(tables, failing):
    north = tables["north"]
    frame = pd.DataFrame({"demand_mw": north.flat["demand_mw"]}, index=north.index)
    table = DayTable(
        frame, zone="Australia/Melbourne", target="demand_mw",
        knowledge={"demand_mw": "past"}, series_id="bare",
    )  # fmt: skip

    class Failing(NowcastRule):
        def fit(self, inputs, target):
            raise SINGULAR

    model = Failing("yesterday")
    model.inputs = lambda view: {"yesterday": view.since["demand_mw"][:0]}
    run = HourlyBacktest(table, FIRST, LAST, horizon_h=2).run(model)
    assert run.fallbacks["rule"].item() in ("median_of_28_days", "last_value")
    assert np.isfinite(run.forecasts.values).all()


def test_a_warm_model_is_stood_in_for_all_the_way(tables, failing, monkeypatch):
    monkeypatch.setattr(Ridge, "warm_start", True, raising=False)
    failing(Ridge, {1}, SINGULAR)
    run = Backtest(tables["north"], FIRST, LAST).run(Ridge(), "weekly")
    assert run.fallbacks[["first", "last"]].to_numpy().tolist() == [[FIRST, LAST]]
    assert not run.fitted


def test_kept_failures_of_the_hours_are_told_again(tables, failing, tmp_path):
    period = HourlyBacktest(tables["north"], FIRST, LAST, horizon_h=2)
    failing(NowcastRidge, {1}, SINGULAR)
    first, again = (
        period.run(NowcastRidge(), "weekly", store=Store(tmp_path), fitted=False) for _ in "12"
    )
    pd.testing.assert_frame_equal(first.fallbacks, again.fallbacks)
    assert first.forecasts.values.tobytes() == again.forecasts.values.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_faults_of_the_program_and_of_the_request_are_raised(tables, failing, engine):
    period = engine.period(tables["north"])
    with pytest.raises(UsageError, match="window_days must be at least 1"):
        period.run(engine.kind(), window_days=0)
    with pytest.raises(UsageError, match="Unknown refit cadence 'hourly'"):
        period.run(engine.kind(), "hourly")
    lacking = engine.kind()
    lacking.inputs = lambda view: {"x": view.wind["wind"]}
    with pytest.raises(AttributeError, match="wind"):
        period.run(lacking)
    lacking.inputs = lambda view: {"x": {}["wind"]}
    with pytest.raises(DataError, match="'ridge' needs the column 'wind'"):
        period.run(lacking)
    failing(engine.kind, {1}, TypeError("a fault of the program"))
    with pytest.raises(TypeError, match="a fault of the program"):
        period.run(engine.kind(), "weekly")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_failure_is_raised_where_that_is_asked(tables, failing, engine):
    failing(engine.kind, {1}, SINGULAR)
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        engine.period(tables["north"]).run(engine.kind(), "weekly", forgiving=False)


def test_a_series_that_was_let_in_gets_a_rule(tables):
    north = tables["north"]
    frame = pd.DataFrame({**north.flat, "demand_mw": 7.0}, index=north.index)
    table = DayTable(
        frame, zone="Australia/Melbourne", target="demand_mw",
        knowledge=north.knowledge, series_id="still",
    )  # fmt: skip
    run = Backtest(table, FIRST, LAST, strict=False).run(Ridge())
    assert "is constant at 7" in run.fallbacks["reason"].item()
    assert (run.forecasts.values == 7.0).all()


def test_blocks_of_ones_own_are_stood_in_for_one_by_one(tables, failing):
    period = Backtest(tables["north"], FIRST, LAST)
    cut = period.first + 3
    edges = [(period.first, cut), (cut, period.last + 1)]
    assert period.over(Ridge(), edges).refits == ["2014-10-01", "2014-10-04"]
    failing(Ridge, {0}, SINGULAR)
    run = period.over(Ridge(), edges)
    assert run.fallbacks[["first", "last"]].to_numpy().tolist() == [[FIRST, "2014-10-03"]]
    assert run.fitted
