"""Daily totals and where a day begins."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.forecast.daily.table import TARGET, daily_table

ZONE = "Australia/Melbourne"


def halves(first, periods, values=None):
    index = pd.date_range(first, periods=periods, freq="30min", tz="UTC", name="time")
    demand = np.arange(periods, dtype=float) if values is None else values
    return pd.DataFrame({"demand_mw": demand, "temperature_c": 20.0}, index=index)


def test_a_total_is_the_sum_of_the_48_values_of_its_day():
    table = daily_table(halves("2014-03-01", 96), ZONE, set())
    # 0 + ... + 47 and 48 + ... + 95.
    assert table.flat[TARGET].tolist() == [1128, 1128 + 48 * 48]
    assert table.flat["demand_last_6h_mw"].tolist() == [41.5, 89.5]


def test_days_that_are_not_whole_are_left_out():
    table = daily_table(halves("2014-03-01 06:00", 144), ZONE, set())
    assert [str(day) for day in table.dates] == ["2014-03-02", "2014-03-03"]
    assert table.flat[TARGET].tolist() == [sum(range(36, 84)), sum(range(84, 132))]


@pytest.mark.parametrize(
    ("zone", "stamp", "total"),
    [("UTC", "2014-03-01 00:00", 1128), ("Etc/GMT-10", "2014-03-01 14:00", sum(range(28, 76)))],
    ids=["utc", "standard time"],
)
def test_a_day_begins_where_it_is_told_to(zone, stamp, total):
    table = daily_table(halves("2014-03-01", 124), ZONE, set(), day_zone=zone)
    assert table.index[0] == pd.Timestamp(stamp, tz="UTC")
    assert table.flat[TARGET][0] == total


def test_a_day_that_begins_at_14_utc_is_the_next_one_in_the_east():
    table = daily_table(halves("2014-03-01", 124), ZONE, set(), day_zone="Etc/GMT-10")
    assert str(table.dates[0]) == "2014-03-02"
    # 2 March 2014 was a Sunday.
    assert table.flat["weekday"][0] == 6


def test_flags_are_shares_of_the_day_by_the_local_clock():
    # Melbourne is 11 h ahead in March: its 10 March begins at 13:00 UTC of the 9th.
    table = daily_table(halves("2014-03-08", 48 * 4), ZONE, {date(2014, 3, 10)})
    assert table.flat["holiday"] == pytest.approx([0, 22 / 48, 26 / 48, 0])
    assert table.flat["after_holiday"] == pytest.approx([0, 0, 22 / 48, 26 / 48])
    # The type of most of the day: Saturday and Sunday in turn, holiday, workday.
    assert table.flat["day_type"].tolist() == [1, 2, 2, 0]


def test_both_clock_changes_have_whole_days():
    april = daily_table(halves("2014-04-04", 48 * 4), ZONE, set())
    october = daily_table(halves("2014-10-03", 48 * 4), ZONE, set())
    assert len(april) == len(october) == 4
    assert april.flat["daylight_saving"].tolist() == [1, pytest.approx(32 / 48), 0, 0]
    assert october.flat["daylight_saving"].tolist() == [0, pytest.approx(16 / 48), 1, 1]


def test_a_missing_half_hour_makes_its_total_missing():
    values = np.ones(96)
    values[50] = np.nan
    assert daily_table(halves("2014-03-01", 96, values), ZONE, set()).flat[TARGET].tolist() == [
        48,
        pytest.approx(np.nan, nan_ok=True),
    ]


def test_knowledge_is_declared():
    knowledge = daily_table(halves("2014-03-01", 96), ZONE, set()).knowledge
    assert {name for name, kind in knowledge.items() if kind == "past"} == {
        TARGET,
        "demand_last_6h_mw",
        "temperature_mean_c",
        "temperature_min_c",
        "temperature_last_6h_c",
        "temperature_latest_c",
        "cooling_k",
        "hot_k",
        "heating_k",
    }
    assert knowledge["holiday"] == knowledge["weekday"] == "known_future"


@pytest.mark.parametrize(
    ("frame", "zone"),
    [
        (halves("2014-03-01", 47), "UTC"),
        (halves("2014-03-01", 200).resample("10min").ffill(), "UTC"),
        (halves("2014-03-31", 48 * 12), "Australia/Melbourne"),
    ],
    ids=["short", "ten minutes", "clock change"],
)
def test_what_has_no_whole_days_is_refused(frame, zone):
    with pytest.raises(DataError, match="whole days of 48 half-hours"):
        daily_table(frame, ZONE, set(), day_zone=zone)
