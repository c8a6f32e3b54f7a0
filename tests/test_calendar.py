"""Local days, market days and holidays, on both daylight-saving days and around them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import calendar
from lab.errors import DataError, UsageError

BRUSSELS = "Europe/Brussels"
MELBOURNE = "Australia/Melbourne"


def utc(first: str, last: str, step: str = "h") -> pd.DatetimeIndex:
    """Return UTC stamps from `first` up to but not including `last`."""
    return pd.date_range(first, last, freq=step, tz="UTC", inclusive="left")


@pytest.mark.parametrize(
    ("zone", "day", "half_hours"),
    [
        pytest.param(BRUSSELS, "2016-03-27", 46, id="brussels-spring"),
        pytest.param(BRUSSELS, "2016-10-30", 50, id="brussels-autumn"),
        pytest.param(BRUSSELS, "2016-06-01", 48, id="brussels-summer"),
        pytest.param(MELBOURNE, "2013-10-06", 46, id="melbourne-spring"),
        pytest.param(MELBOURNE, "2013-04-07", 50, id="melbourne-autumn"),
        pytest.param("America/Sao_Paulo", "2018-11-04", 46, id="no-midnight"),
        pytest.param("America/Havana", "2018-11-04", 50, id="two-midnights"),
    ],
)
def test_a_local_day_is_as_long_as_the_zone_says(zone, day, half_hours):
    following = str((pd.Timestamp(day) + pd.Timedelta(days=1)).date())
    begin, end = calendar.midnights(day, following, zone)
    days = calendar.local_days(utc(begin, end, "30min"), zone)

    assert len(days) == half_hours
    assert set(days["steps_in_day"]) == {half_hours}
    assert set(days["local_date"]) == {pd.Timestamp(day)}
    assert days["step_of_day"].tolist() == list(range(half_hours))


def test_clock_slots_skip_two_in_spring_and_repeat_two_in_autumn():
    spring = calendar.local_days(utc("2016-03-27 00:00", "2016-03-27 02:00", "30min"), BRUSSELS)
    autumn = calendar.local_days(utc("2016-10-29 23:30", "2016-10-30 02:30", "30min"), BRUSSELS)

    assert spring["clock_slot"].tolist() == [2, 3, 6, 7]
    assert autumn["clock_slot"].tolist() == [3, 4, 5, 4, 5, 6]


def test_days_need_no_complete_table_and_know_their_length():
    index = utc("2016-03-26 23:00", "2016-03-27 22:00").delete([3, 4, 5])
    days = calendar.local_days(index, BRUSSELS)
    assert set(days["steps_in_day"]) == {23}


def test_the_step_is_the_most_common_distance():
    index = pd.DatetimeIndex(["2016-01-01 00:00", "2016-01-01 00:15", "2016-01-01 00:30",
                              "2016-01-01 01:30"], tz="UTC")  # fmt: skip
    assert calendar.step_of(index) == pd.Timedelta(minutes=15)
    with pytest.raises(DataError, match="at least two time stamps, got 1"):
        calendar.step_of(index[:1])


def test_a_single_stamp_has_a_day_when_the_step_is_named():
    days = calendar.local_days(utc("2016-10-30 01:00", "2016-10-30 02:00"), BRUSSELS, step="1h")
    assert days[["clock_slot", "step_of_day", "steps_in_day"]].to_numpy().tolist() == [[2, 3, 25]]


def test_midnights_are_23_24_or_25_hours_apart():
    year = calendar.midnights("2016-01-01", date(2017, 1, 1), BRUSSELS)
    lengths = pd.Series(np.diff(year) / np.timedelta64(1, "h")).value_counts()
    assert lengths.to_dict() == {24.0: 364, 23.0: 1, 25.0: 1}


def test_market_day_in_spring_has_no_instant_for_the_hour_the_clock_skips():
    stamps = calendar.market24_to_utc(["2016-03-27"] * 24, range(24), BRUSSELS)
    kept = stamps.delete(2)

    assert stamps[2] is pd.NaT
    assert kept.equals(utc("2016-03-26 23:00", "2016-03-27 22:00").as_unit(stamps.unit))


def test_market_day_in_autumn_takes_the_first_of_the_repeated_hours():
    stamps = calendar.market24_to_utc(["2016-10-30"] * 24, range(24), BRUSSELS)
    every = utc("2016-10-29 22:00", "2016-10-30 23:00").as_unit(stamps.unit)

    assert len(every) == 25
    assert stamps.equals(every.delete(3))  # 01:00 UTC is the second 02:00 of the day


def test_market_day_on_the_other_side_of_the_world():
    stamps = calendar.market24_to_utc(["2013-10-06"] * 4, [0, 1, 2, 3], MELBOURNE)
    assert stamps[2] is pd.NaT
    assert str(stamps[3]) == "2013-10-05 16:00:00+00:00"


@given(
    start=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    zone=st.sampled_from([BRUSSELS, MELBOURNE, "Europe/Dublin", "America/Chicago", "UTC"]),
)
def test_market_days_map_one_to_one_in_order_and_back(start, zone):
    days = np.repeat(pd.date_range(start, periods=200, freq="D"), 24)
    hours = np.tile(np.arange(24), 200)
    stamps = calendar.market24_to_utc(days, hours, zone)
    exists = stamps.notna()
    back = calendar.utc_to_market24(stamps[exists], zone)

    assert (np.diff(stamps[exists].asi8) > 0).all()
    assert (~exists).sum() <= 1  # 200 days hold at most one spring
    assert (back["delivery_date"].to_numpy() == days[exists].to_numpy()).all()
    assert (back["hour"].to_numpy() == hours[exists]).all()


@pytest.mark.parametrize(
    ("days", "hours", "message"),
    [
        pytest.param(["2016-01-01"], [24], "from 0 to 23, got 24 to 24", id="hour-24"),
        pytest.param(["2016-01-01"], [-1], "from 0 to 23, got -1", id="hour-negative"),
        pytest.param(["2016-01-01"], [1.5], "whole numbers", id="hour-fraction"),
        pytest.param(["2016-01-01"], [1, 2], "equally many, got 1 and 2", id="lengths"),
        pytest.param([None], [1], "plain local dates", id="date-missing"),
        pytest.param(["2016-01-01T00:00Z"], [1], "plain local dates", id="date-zoned"),
    ],
)
def test_bad_market_hours_end_in_a_sentence(days, hours, message):
    with pytest.raises(DataError, match=message):
        calendar.market24_to_utc(days, hours, BRUSSELS)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        pytest.param(pd.RangeIndex(3), "got a RangeIndex", id="rows"),
        pytest.param(pd.date_range("2016", periods=3), "got no time zone", id="naive"),
        pytest.param(
            pd.date_range("2016", periods=3, tz=BRUSSELS), "got Europe/Brussels", id="local"
        ),
    ],
)
def test_an_index_that_is_not_utc_is_refused(index, message):
    with pytest.raises(DataError, match=message):
        calendar.local_days(index, BRUSSELS)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", None])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(UsageError, match="Unknown time zone"):
        calendar.check_zone(zone)


def test_holidays_come_by_country_and_subdivision():
    belgium = calendar.holidays_of("BE", None, [2016])
    victoria = calendar.holidays_of("AU", "VIC", range(2012, 2015))
    assert belgium[date(2016, 7, 21)] == "National Day"
    assert date(2013, 11, 5) in victoria  # Melbourne Cup
    assert list(victoria) == sorted(victoria)


@pytest.mark.parametrize(("country", "subdiv"), [("ZZ", None), ("BE", "ZZ")])
def test_an_unknown_country_is_refused(country, subdiv):
    with pytest.raises(UsageError, match="No public holidays known for '(ZZ|BE, ZZ)'"):
        calendar.holidays_of(country, subdiv, [2016])


def test_a_holiday_counts_as_a_sunday_on_any_weekday():
    free = {date(2016, 12, 23): "made up", date(2016, 12, 24): "made up"}
    days = pd.date_range("2016-12-22", periods=5)
    assert list(calendar.day_types(days, free)) == [
        "workday",
        "sunday_or_holiday",
        "sunday_or_holiday",
        "sunday_or_holiday",
        "workday",
    ]
    assert list(calendar.day_types(["2016-12-24"])) == ["saturday"]


def test_the_day_before_and_the_day_after_a_holiday():
    days = pd.date_range("2016-07-20", periods=3)
    free = [date(2016, 7, 21)]
    assert calendar.is_holiday(days, free).tolist() == [False, True, False]
    assert calendar.is_holiday(days, free, offset_days=1).tolist() == [True, False, False]
    assert calendar.is_holiday(days, free, offset_days=-1).tolist() == [False, False, True]
    assert calendar.is_holiday(days, []).tolist() == [False] * 3
