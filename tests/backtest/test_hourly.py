"""Issues at every whole hour: which there are, what they may learn from, what comes out."""

import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest
from lab.backtest.hourly import HourlyBacktest, standing
from lab.errors import DataError, UsageError
from lab.forecast.linear import Ridge
from lab.forecast.view import DayTable

ZONE = "Australia/Melbourne"
AUTUMN, SPRING = "2014-04-06", "2014-10-05"


def counting(first, last, step="30min"):
    """Return a table whose target is the number of its row."""
    begin, end = (pd.Timestamp(day, tz=ZONE).tz_convert("UTC") for day in (first, last))
    index = pd.date_range(begin, end, freq=step, inclusive="left", name="time")
    frame = pd.DataFrame({"load": np.arange(len(index), dtype=float), "plan": 1.0}, index=index)
    knowledge = {"load": "past", "plan": "known_future"}
    return DayTable(frame, zone=ZONE, target="load", knowledge=knowledge, series_id="counted")


@pytest.fixture(scope="module")
def autumn():
    return counting("2014-03-28", "2014-04-10")


class Recorder:
    """Forecasts the last value known, and keeps what it was given."""

    name, levels = "recorder", (0.5,)

    def __init__(self):
        self.inputs, self.seen = last_known, []

    def fit(self, inputs, target):
        self.seen.append((inputs["last"], target))
        return self

    def predict(self, inputs):
        return np.repeat(inputs["last"][:, None, None], inputs["steps"][0], axis=1)


def last_known(view):
    past = np.concatenate([view.start.past["load"], view.since["load"]])
    return {"last": np.array(past[-1]), "steps": np.array(len(view.valid_at))}


@pytest.mark.parametrize(
    ("table", "day", "issues"),
    [
        (counting("2014-03-28", "2014-04-10"), AUTUMN, 25),
        (counting("2014-03-28", "2014-04-10"), "2014-04-07", 24),
        (counting("2014-09-28", "2014-10-10"), SPRING, 23),
        (counting("2014-09-28", "2014-10-10", "1h"), SPRING, 23),
    ],
    ids=["25 hours", "24 hours", "23 hours", "hourly steps"],
)
def test_a_day_has_an_issue_for_each_of_its_hours(table, day, issues):
    period = HourlyBacktest(table, day, day)
    assert len(period.rows) == issues
    found = period.run(Recorder()).forecasts
    issued = found.issued_at.unique()
    assert (np.diff(issued) == pd.Timedelta("1h")).all()
    assert issued[0].tz_convert(ZONE) == pd.Timestamp(day, tz=ZONE)
    assert set(found.valid_at - found.issued_at) == {k * table.step for k in range(period.steps)}


def test_every_issue_knows_the_row_before_it_and_no_more(autumn):
    period = HourlyBacktest(autumn, "2014-04-05", "2014-04-07", horizon_h=2)
    found = period.run(Recorder()).forecasts
    row = autumn.index.get_indexer(found.issued_at)
    assert found.median.tolist() == (row - 1).tolist()
    assert period.actual().tolist() == autumn.index.get_indexer(found.valid_at).tolist()
    assert found.slot.tolist() == autumn.slot[autumn.index.get_indexer(found.valid_at)].tolist()
    assert found.day.tolist() == np.repeat(np.arange(24 + 25 + 24), 4).tolist()


def test_a_fit_learns_only_what_had_come_true_at_its_midnight(autumn):
    period = HourlyBacktest(autumn, "2014-04-04", "2014-04-07")
    run = period.run(model := Recorder(), "daily")
    assert run.refits == ["2014-04-04", "2014-04-05", "2014-04-06", "2014-04-07"]
    for day, (last, target) in zip(run.refits, model.seen, strict=True):
        midnight = autumn.start[autumn.position(day)]
        # The newest target is the row before midnight; all 24 hours of all issues are kept.
        assert target.max() == midnight - 1
        assert target[:, 0].tolist() == (last + 1).tolist()
        assert target.shape == (len(last), 48)
    assert model.seen[0][0][0] == autumn.start[1] - 1
    assert len(model.seen[3][0]) - len(model.seen[2][0]) == 25


def test_a_window_learns_from_the_last_days_alone(autumn):
    period = HourlyBacktest(autumn, "2014-04-04", "2014-04-04")
    period.run(model := Recorder(), window_days=2)
    last, _ = model.seen[0]
    assert last[0] == autumn.start[autumn.position("2014-04-01")] - 1
    assert last[-1] == autumn.start[autumn.position("2014-04-03")] - 1


def test_inputs_are_made_once_and_handed_out_as_copies(autumn):
    calls = []

    def inputs(view):
        calls.append(view.issued_at)
        return last_known(view)

    period = HourlyBacktest(autumn, "2014-04-04", "2014-04-05")
    first, second = Recorder(), Recorder()
    first.inputs = second.inputs = inputs
    period.run(first)
    learned = first.seen[0][0].copy()
    first.seen[0][0][:] = -1.0
    period.run(second, "daily")
    assert second.seen[0][0].tolist() == learned.tolist()
    # One more: the room for all inputs is measured on one issue.
    assert len(calls) == len(set(calls)) + 1


@pytest.mark.parametrize(
    ("first", "last", "options", "words"),
    [
        ("2014-04-01", "2014-04-02", {"horizon_h": 25}, "1 to 24 h .* got 25 h"),
        ("2014-04-01", "2014-04-02", {"horizon_h": 0}, "got 0 h"),
        ("2014-04-01", "2014-04-02", {"horizon_h": 1.5}, "whole horizon .* got 1.5 h"),
        ("soon", "2014-04-02", {}, "must be a date such as 2014-01-31, got 'soon'"),
        ("2014-03-30", "2014-04-02", {}, "after the table's first 3 days"),
        ("2014-04-03", "2014-04-02", {}, "not end before it starts"),
        ("2014-04-03", "2014-04-09", {}, "choose an earlier last day"),
        ("2014-04-03", "2014-05-09", {}, "2014-05-09 is not in the table"),
    ],
    ids=["long", "none", "fractional", "no date", "early", "backwards", "late", "outside"],
)
def test_impossible_periods_are_refused(autumn, first, last, options, words):
    with pytest.raises(UsageError, match=words):
        HourlyBacktest(autumn, first, last, **options)


def test_steps_that_do_not_divide_an_hour_are_refused():
    with pytest.raises(UsageError, match="steps of 0 days 02:00:00"):
        HourlyBacktest(counting("2014-06-01", "2014-06-10", "2h"), "2014-06-05", "2014-06-06")


def test_a_window_of_no_day_is_refused(autumn):
    with pytest.raises(UsageError, match="at least 1 and a whole number, got 0"):
        HourlyBacktest(autumn, "2014-04-04", "2014-04-05").run(Recorder(), window_days=0)


def test_a_missing_column_is_told(autumn):
    model = Recorder()
    model.inputs = lambda view: {"x": view.since["wind"]}
    with pytest.raises(DataError, match="'recorder' needs the column 'wind', .* plan .known_fut"):
        HourlyBacktest(autumn, "2014-04-04", "2014-04-05").run(model)


def test_a_series_without_values_is_refused():
    table = counting("2014-03-28", "2014-04-10")
    table.flat["load"] = np.full(len(table.index), np.nan)
    with pytest.raises(DataError, match="'counted' has no value of load before the first"):
        HourlyBacktest(table, "2014-04-04", "2014-04-05")


class Marked(Ridge):
    """Forecasts 100 times the lead, by the wall clock, plus nothing."""

    def __init__(self, mark):
        self.mark, self.inputs = mark, lambda view: {"slots": np.zeros(48)}

    def fit(self, inputs, target):
        return self

    def predict(self, inputs):
        return inputs["slots"][:, :, None] + self.mark


@pytest.fixture(scope="module")
def daily(autumn):
    return {
        lead: Backtest(autumn, "2014-04-04", "2014-04-08", lead).run(Marked(lead)).forecasts
        for lead in (1, 2)
    }


def test_what_stands_is_what_was_said_at_the_days_midnight(autumn, daily):
    period = HourlyBacktest(autumn, "2014-04-04", "2014-04-07")
    found = standing(period, daily[1], daily[2], "stale")
    local = [times.tz_convert(ZONE).date for times in (found.issued_at, found.valid_at)]
    assert found.model == "stale"
    assert found.median.tolist() == np.where(local[0] == local[1], 1.0, 2.0).tolist()


@pytest.mark.parametrize("swap", [True, False], ids=["other midnight", "days missing"])
def test_what_does_not_stand_is_refused(autumn, daily, swap):
    period = HourlyBacktest(autumn, "2014-04-04", "2014-04-08" if not swap else "2014-04-07")
    today, tomorrow = (daily[2], daily[1]) if swap else (daily[1], daily[2])
    with pytest.raises(UsageError, match="issued at the midnight of the issue's day"):
        standing(period, today, tomorrow, "stale")
