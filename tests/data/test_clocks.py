import datetime

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.data import clocks
from lab.data.records import Clock
from lab.errors import DataError

BRUSSELS = Clock("local", "T", zone="Europe/Brussels")


def utc(clock, *stamps):
    column = pa.chunked_array([list(stamps)], type=pa.string())
    return clocks.to_utc(column, clock, "T", "f")


def hours(series):
    return series.dt.strftime("%d %H:%M").tolist()


@pytest.mark.parametrize(
    ("clock", "stamp", "expected"),
    [
        (Clock("utc", "T"), "2012-01-01T00:30:00Z", "2012-01-01 00:30Z"),
        (Clock("utc", "T"), "2012-01-01 00:30+00:00", "2012-01-01 00:30Z"),
        (Clock("utc", "T", naive=True), "2012-01-01 00:30:00", "2012-01-01 00:30Z"),
        (Clock("offset", "T"), "2012-01-01 00:30:00.25-07:00", "2012-01-01 07:30:00.25Z"),
        (BRUSSELS, "2016-07-01 12:00:00", "2016-07-01 10:00Z"),
        (BRUSSELS, "2016-01-01 12:00:00", "2016-01-01 11:00Z"),
        (
            Clock("local_standard", "T", zone="America/Los_Angeles"),
            "2016-07-01 12:00:00",
            "2016-07-01 20:00Z",
        ),
        (
            Clock("local_standard", "T", zone="Australia/Melbourne"),
            "2016-01-01 12:00:00",
            "2016-01-01 02:00Z",
        ),
    ],
    ids=["Z", "zero offset", "naive", "offset", "summer", "winter", "standard", "standard south"],
)
def test_each_clock_gives_utc(clock, stamp, expected):
    found = utc(clock, stamp)
    assert found.dtype == pd.DatetimeTZDtype("us", "UTC")
    assert found[0] == pd.Timestamp(expected)


def test_the_hour_that_comes_twice_is_read_in_order():
    stamps = [
        f"2016-10-30 {hour}" for hour in ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00")
    ]
    assert hours(utc(BRUSSELS, *stamps)) == [
        "29 23:30",
        "30 00:00",
        "30 00:30",
        "30 01:00",
        "30 01:30",
        "30 02:00",
    ]


def test_the_hour_that_comes_twice_but_only_once_in_the_file_is_refused():
    with pytest.raises(
        DataError, match=r"column 'T', row 3 .*02:00:00 comes twice .*only once here"
    ):
        utc(BRUSSELS, "2016-10-30 01:00", "2016-10-30 02:00", "2016-10-30 03:00")


def test_the_hour_that_is_left_out_does_not_exist():
    with pytest.raises(DataError, match=r"row 3 .*2016-03-27 02:00:00: this hour does not exist"):
        utc(BRUSSELS, "2016-03-27 01:00", "2016-03-27 02:00", "2016-03-27 03:00")


def test_a_repeated_local_stamp_on_an_ordinary_day_is_refused():
    with pytest.raises(DataError, match=r"row 3 .*comes only once on the clock of Europe/Brussels"):
        utc(BRUSSELS, "2016-05-01 01:00", "2016-05-01 01:00")


BROKEN = {
    "naive under utc": (Clock("utc", "T"), "2012-01-01 00:30:00", "says no time zone"),
    "naive under offset": (Clock("offset", "T"), "2012-01-01", "says no time zone"),
    "offset under utc": (Clock("utc", "T"), "2012-01-01 00:30:00+02:00", "with Z or"),
    "zone under naive": (Clock("utc", "T", naive=True), "2012-01-01T00:30:00Z", "not a naive"),
    "zone under local": (BRUSSELS, "2012-01-01T00:30:00Z", "not a naive"),
    "empty": (Clock("utc", "T"), "", "is not a time stamp"),
    "no such month": (Clock("utc", "T"), "2012-13-01T00:30:00Z", "no date from 1900"),
    "no such day": (BRUSSELS, "2013-02-29 00:30", "no date from 1900"),
    "no such hour": (Clock("utc", "T"), "2012-01-01T25:30:00Z", "no date from 1900"),
    "year 9999": (Clock("utc", "T"), "9999-01-01T00:30:00Z", "no date from 1900"),
    "year 0": (Clock("utc", "T", naive=True), "0000-01-01", "no date from 1900"),
    "american": (Clock("utc", "T", naive=True), "01/02/2012 00:30", "not a naive"),
    "markup": (Clock("utc", "T"), "<script>", "is not a time stamp"),
    "epoch": (Clock("utc", "T"), "1325376000", "is not a time stamp"),
    "offset too far": (Clock("offset", "T"), "2012-01-01T00:30:00+99:99", "no date|not a time"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_stamp_against_its_clock_is_named(case):
    clock, stamp, expected = BROKEN[case]
    good = "2012-01-01 00:00:00" if clock.naive or clock.zone else "2012-01-01T00:00:00Z"
    with pytest.raises(DataError, match=rf"f, column 'T', row 3 .*{expected}"):
        utc(clock, good, stamp)


CLOCKS = (Clock("utc", "T"), Clock("utc", "T", naive=True), Clock("offset", "T"), BRUSSELS)
STAMPS = st.text(max_size=30) | st.from_regex(clocks._OFFSET) | st.from_regex(clocks._NAIVE)


@given(clock=st.sampled_from(CLOCKS), stamp=STAMPS)
def test_any_text_is_an_instant_or_a_sentence(clock, stamp):
    try:
        assert utc(clock, stamp.rstrip("\n")).notna().all()
    except DataError as error:
        assert "column 'T', row 2" in str(error)


@given(st.datetimes(datetime.datetime(1901, 1, 1), datetime.datetime(2198, 1, 1)))
def test_every_instant_comes_back_from_its_utc_stamp(instant):
    found = utc(Clock("utc", "T"), instant.isoformat() + "Z")[0]
    assert found == pd.Timestamp(instant, tz="UTC")


def test_standard_time_is_that_of_winter_in_both_hemispheres():
    assert clocks.standard_time("Europe/Brussels") == datetime.timezone(datetime.timedelta(hours=1))
    assert clocks.standard_time("Australia/Melbourne").utcoffset(None).total_seconds() == 36000
