"""What SARIMAX, smoothing and MSTL have in common: they continue a series, and say how surely."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest
from lab.errors import DataError, UsageError
from lab.forecast.demand import day_table
from lab.forecast.ets import Ets
from lab.forecast.mstl import Mstl
from lab.forecast.naive import Naive
from lab.forecast.sarimax import Sarimax

SIMPLE = {"order": (1, 0, 0), "seasonal_order": (1, 0, 0)}
BUILD = {
    "sarimax": lambda: Sarimax(**SIMPLE),
    "ets": Ets,
    "mstl": lambda: Mstl(**SIMPLE),
}
ZONE = "Australia/Melbourne"


@pytest.fixture(scope="module", params=BUILD)
def model(request, table):
    """A model fitted on all but the last eleven days."""
    found = BUILD[request.param]()
    period = Backtest(table, "2014-04-30", "2014-04-30")
    target = table.days["demand_mw"][1 : period.first]
    return found.fit(period.inputs(found, 1, period.first), target)


def learn(name, values):
    """Fit on the inputs of 50 days, of which all values are replaced."""
    model = BUILD[name]()
    index = pd.date_range("2014-01-01", periods=50 * 24, freq="h", tz="UTC", name="time")
    frame = pd.DataFrame({"demand_mw": values, "temperature_c": 15.0}, index=index)
    table = day_table(frame, "UTC", {date(2014, 1, 1)})
    views = [model.inputs(table.view(day)) for day in range(1, 50)]
    inputs = {key: np.stack([view[key] for view in views]) for key in views[0]}
    return model.fit(inputs, table.days["demand_mw"][1:50])


@pytest.mark.parametrize("lead", [1, 3])
def test_forecast_beats_last_week_with_ascending_quantiles(table, model, lead):
    period = Backtest(table, "2014-05-02", "2014-05-10", lead_days=lead)
    values = model.predict(period.inputs(model, period.first, period.last + 1))
    rows = period.rows(values, model.layout, period.first, period.last + 1)
    assert (np.diff(rows, axis=1) > 0).all()
    median, actual = rows[:, model.levels.index(0.5)], period.actual()
    naive = period.run(Naive("last_week")).forecasts.median
    assert np.abs(median / actual - 1).mean() < np.abs(naive / actual - 1).mean()
    inside = (rows[:, model.levels.index(0.025)] < actual) & (
        actual < rows[:, model.levels.index(0.975)]
    )
    assert 0.8 < inside.mean() <= 1


def test_days_are_forecast_alone_as_together(table, model):
    period = Backtest(table, "2014-05-02", "2014-05-04")
    together = model.predict(period.inputs(model, period.first, period.last + 1))
    alone = model.predict(period.inputs(model, period.last, period.last + 1))
    assert alone.tobytes() == together[-1:].tobytes()


def test_a_gap_is_bridged_and_no_history_is_no_forecast(table, model):
    period = Backtest(table, "2014-05-02", "2014-05-03")
    inputs = period.inputs(model, period.first, period.last + 1)
    known = model.predict(inputs)
    gap = inputs["values"].copy()
    gap[0, -2:, 20:30], gap[1] = np.nan, np.nan
    found = model.predict(inputs | {"values": gap})
    assert found[0] == pytest.approx(known[0], rel=0.15)
    assert np.isnan(found[1]).all()


@pytest.mark.parametrize("name", BUILD)
def test_hourly_tables_are_forecast(frame, name):
    hourly = frame.resample("h").mean()
    table = day_table(hourly, ZONE, {date(2014, 4, 25)})
    period = Backtest(table, "2014-05-05", "2014-05-09", lead_days=2)
    run = period.run(BUILD[name]())
    assert np.abs(run.forecasts.median / period.actual() - 1).mean() < 0.05


@pytest.mark.parametrize("name", BUILD)
@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda v: np.where(np.arange(len(v)) < 700, np.nan, v), UsageError, "at least .* got 20"),
        (lambda v: np.full(len(v), np.nan), UsageError, "positive value to learn from, got 0"),
        (lambda v: np.full(len(v), 7.0), UsageError, "varies, got one constant at 7"),
        (lambda v: np.where(np.arange(len(v)) == 500, np.inf, v), DataError, "is infinite at"),
    ],
    ids=["too short", "nothing", "constant", "infinite"],
)
def test_a_series_that_cannot_be_learnt_from_is_refused(name, change, error, words):
    values = 100 + np.random.default_rng(0).normal(size=50 * 24)
    with pytest.raises(error, match=words):
        learn(name, change(values))


def test_sarimax_uses_the_temperature_of_the_target_day_where_it_is_known(frame):
    observed = day_table(frame, ZONE, set(), observe_temperature=True)
    for lead in (1, 2):
        period = Backtest(observed, "2014-05-08", "2014-05-08", lead_days=lead)
        model = Sarimax(**SIMPLE)
        seeing = period.run(model).forecasts.median
        inputs = period.inputs(model, period.first, period.last + 1)
        warmer = {"temperature_ahead": inputs["temperature_ahead"] + 15}
        hotter = model.predict(inputs | warmer)[0, :, 4]
        # The simulation gives 30 MW per degree, part of which looks like the hour's own.
        assert (hotter - seeing)[24:].mean() > 100


def test_sarimax_needs_no_temperature(table):
    period = Backtest(table, "2014-05-05", "2014-05-09")
    run = period.run(Sarimax(temperature=None, **SIMPLE))
    assert np.abs(run.forecasts.median / period.actual() - 1).mean() < 0.03


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"order": (1, 0)}, "order of a SARIMA must be three"),
        ({"window_days": 5}, "window_days of at least 8, got 56 and 5"),
    ],
    ids=["order", "window"],
)
def test_impossible_settings_are_refused(settings, words):
    with pytest.raises(UsageError, match=words):
        Sarimax(**settings)
