"""The simple rules of the next hours, each against the table itself."""

import numpy as np
import pytest

from lab.backtest.hourly import HourlyBacktest
from lab.errors import UsageError
from lab.forecast.demand import day_table
from lab.forecast.naive import RULES
from lab.forecast.nowcast.rules import HourRules, NowcastRule

ZONE = "Australia/Melbourne"


def at(table, day, hour, steps=48):
    """Return the rules' forecasts at an hour of a day, and the row of the issue."""
    row = int(table.start[table.position(day)]) + 2 * hour
    return HourRules()(table.view_at(row, steps)), row


def test_rules_by_elapsed_time(table):
    found, row = at(table, "2014-04-06", 9)
    demand = table.flat["demand_mw"]
    assert (found["last_value"] == demand[row - 1]).all()
    np.testing.assert_array_equal(found["yesterday"], demand[row - 48 : row])
    np.testing.assert_array_equal(found["last_week"], demand[row - 336 : row - 288])


@pytest.mark.parametrize(
    ("day", "hour", "today", "tomorrow"),
    [
        # Wednesday to Thursday: until the hour, Wednesday itself is the last workday.
        ("2014-03-12", 10, ["2014-03-11"], "2014-03-12"),
        # Friday to Saturday, Sunday to Monday.
        ("2014-03-14", 10, ["2014-03-13"], "2014-03-08"),
        ("2014-03-16", 10, ["2014-03-09"], "2014-03-14"),
        ("2014-03-12", 0, ["2014-03-11"], None),
    ],
    ids=["workdays", "into saturday", "into monday", "midnight"],
)
def test_the_last_day_of_the_type_of_the_steps_own_day(table, day, hour, today, tomorrow):
    found, _ = at(table, day, hour)
    days = table.days["demand_mw"]
    first = 48 - 2 * hour
    last = days[table.position(today[0])]
    np.testing.assert_array_equal(found["same_day_type"][:first], last[2 * hour :])
    if tomorrow:
        np.testing.assert_array_equal(
            found["same_day_type"][first:], days[table.position(tomorrow)][: 2 * hour]
        )


def test_the_mean_of_four_counts_today_where_it_is_measured(table):
    found, _ = at(table, "2014-03-12", 10)
    days = table.days["demand_mw"]
    four = [table.position(d) for d in ("2014-03-12", "2014-03-11", "2014-03-10", "2014-03-07")]
    np.testing.assert_allclose(found["mean_of_four"][28:], days[four][:, :20].mean(axis=0))
    before = [table.position(d) for d in ("2014-03-11", "2014-03-10", "2014-03-07", "2014-03-06")]
    np.testing.assert_allclose(found["mean_of_four"][:28], days[before][:, 20:].mean(axis=0))


def test_the_median_is_of_the_28_days_that_had_ended(table):
    found, _ = at(table, "2014-03-12", 10)
    number = table.position("2014-03-12")
    median = np.median(table.days["demand_mw"][number - 28 : number], axis=0)
    np.testing.assert_allclose(found["median_of_28_days"], np.roll(median, -20))


@pytest.mark.parametrize("row", range(0, 46, 2))
def test_every_hour_of_the_23_hour_day_has_a_forecast(spring, row):
    first = int(spring.start[spring.position("2014-10-05")])
    found = HourRules()(spring.view_at(first + row, 48))
    for rule in RULES:
        assert np.isfinite(found[rule]).all(), rule


def test_too_short_a_history_gives_nothing(table):
    found, _ = at(table, "2014-01-16", 3)
    assert np.isfinite(found["last_value"]).all()
    for rule in ("last_week", "mean_of_four", "median_of_28_days"):
        assert np.isnan(found[rule]).all()


def test_missing_values_stay_missing_but_for_the_median(frame):
    gappy = frame.copy()
    table = day_table(frame, ZONE, set())
    rows = table.index[table.start[table.position("2014-03-11")] :][:48]
    gappy.loc[rows, "demand_mw"] = np.nan
    found, _ = at(day_table(gappy, ZONE, set()), "2014-03-12", 0)
    assert np.isnan(found["yesterday"]).all()
    assert np.isnan(found["same_day_type"]).all()
    assert np.isnan(found["mean_of_four"]).all()
    assert np.isfinite(found["median_of_28_days"]).all()


def test_all_rules_share_their_inputs(table, monkeypatch):
    calls = []
    once = HourRules.__call__
    monkeypatch.setattr(HourRules, "__call__", lambda *args: calls.append(1) or once(*args))
    period = HourlyBacktest(table, "2014-04-05", "2014-04-06")
    runs = {rule: period.run(NowcastRule(rule), window_days=1) for rule in RULES}
    # The issues of two days, one of 25 hours, those learnt from, and one for the room.
    assert len(calls) == 24 + 25 + 25 + 1
    for rule, run in runs.items():
        assert run.forecasts.model == rule
        assert np.isfinite(run.forecasts.median).all()
    assert HourRules() == HourRules()
    assert HourRules() != HourRules("load")
    assert hash(HourRules()) == hash(HourRules())


def test_an_unknown_rule_is_refused():
    with pytest.raises(UsageError, match="Unknown simple rule 'guess'; choose one of last_value"):
        NowcastRule("guess")
