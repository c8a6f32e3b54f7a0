"""Inputs are functions of one view; the calendar is right around holidays."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab.forecast import inputs
from lab.forecast.demand import day_table, holiday_dates

ZONE = "Australia/Melbourne"


def calendar(day, holidays=frozenset({date(2014, 4, 18), date(2014, 4, 25)})):
    begin = pd.Timestamp(day, tz=ZONE).tz_convert("UTC")
    index = pd.date_range(begin, periods=48, freq="30min")
    return inputs.calendar_columns(index, ZONE, holidays).iloc[0]


@pytest.mark.parametrize(
    ("day", "column", "expected"),
    [
        ("2014-04-18", "day_type", 2),
        ("2014-04-18", "holiday", 1),
        ("2014-04-17", "before_holiday", 1),
        ("2014-04-19", "after_holiday", 0),
        ("2014-04-19", "day_type", 1),
        ("2014-04-24", "before_holiday", 1),
        ("2014-04-24", "bridge_day", 0),
        ("2014-12-24", "christmas", 1),
        ("2014-12-23", "summer_break", 1),
        ("2014-01-05", "summer_break", 1),
        ("2014-07-01", "summer_break", 0),
    ],
)
def test_calendar_by_hand(day, column, expected):
    assert calendar(day)[column] == expected


def test_bridge_day_after_a_thursday_holiday():
    assert calendar("2014-05-02", {date(2014, 5, 1)})["bridge_day"] == 1


def test_daylight_saving_flag_follows_the_clock():
    index = pd.date_range("2014-04-01", "2014-04-10", freq="30min", tz="UTC")
    flag = inputs.calendar_columns(index, ZONE, set())["daylight_saving"]
    assert flag.iloc[0] == 1
    assert flag.iloc[-1] == 0


def test_holidays_come_from_the_table_and_beyond_it_from_the_law():
    index = pd.date_range("2014-04-16 14:00", periods=96, freq="30min", tz="UTC")
    local = index.tz_convert(ZONE)
    frame = pd.DataFrame({"holiday": local.day == 17}, index=index)
    found = holiday_dates(frame, ZONE, "AU", "VIC")
    assert date(2014, 4, 17) in found  # only the table says so
    assert date(2014, 4, 18) not in found  # within the table, which says no
    assert date(2014, 4, 25) in found  # beyond it, by law


def test_names_match_columns_and_values_are_known(table):
    day = inputs.DayInputs()
    view = table.view(60)
    found = day(view)
    assert found["x"].shape == (48, len(day.names(view)))
    assert np.isfinite(found["x"]).all()
    assert len(set(day.names(view))) == len(day.names(view))


def test_lags_by_hand(table):
    view = table.view(60)
    names = inputs.DayInputs().names(view)
    x = inputs.DayInputs()(view)["x"]
    lag = np.log(table.days["demand_mw"])
    assert (x[:, names.index("lag_1d")] == lag[59]).all()
    assert (x[:, names.index("lag_7d")] == lag[53]).all()
    assert (x[:, names.index("latest")] == lag[59, -1]).all()


def test_base_is_the_mean_of_the_last_four_days_of_the_type(table):
    number = table.position("2014-04-26")  # a Saturday
    before = [table.position(f"2014-04-{day:02d}") for day in (5, 12, 19)]
    before.insert(0, table.position("2014-03-29"))
    expected = np.log(table.days["demand_mw"][before]).mean(axis=0)
    assert inputs.DayInputs()(table.view(number))["base"] == pytest.approx(expected, abs=1e-12)


def test_observed_temperature_adds_inputs(frame):
    seeing = day_table(frame, ZONE, set(), observe_temperature=True)
    view = seeing.view(60)
    names = inputs.DayInputs().names(view)
    x = inputs.DayInputs()(view)["x"]
    assert (x[:, names.index("temperature_0d")] == view.future_days["temperature_c"]).all()
    window = np.concatenate(
        [view.past_days["temperature_c"][-1], x[:, names.index("temperature_0d")]]
    )
    assert x[0, names.index("temperature_last_6h")] == pytest.approx(window[37:49].mean())


def test_little_history_gives_nan_not_an_error(table):
    found = inputs.DayInputs()(table.view(1))
    assert np.isnan(found["base"]).all()


def test_demand_that_is_not_positive_is_missing():
    assert np.isnan(inputs.log_demand(np.array([-1.0, 0.0, np.nan]))).all()


def test_degrees_by_hand():
    assert inputs.cooling(np.array([19.0, 20, 25])).tolist() == [0, 0, 5]
    assert inputs.heating(np.array([15.0, 16, 25])).tolist() == [1, 0, 0]
