import gzip
from dataclasses import replace

import pandas as pd
import pytest

from lab.data import layout, readers, sources
from lab.data.records import Clock, Column, Source
from lab.errors import DataError

HOURS = [f"{hour:02}:00:00" for hour in range(24)]


def market_day(day, zone="", price="5"):
    return "".join(f"{zone}{day} {hour},{price},1,2\n" for hour in HOURS)


@pytest.fixture
def meters() -> Source:
    return sources()["be_meters"]


@pytest.fixture
def epf() -> Source:
    return layout("epf")


def test_a_series_keeps_its_values_and_counts(file, good, vic):
    frame = readers.read(file(good), vic)
    expected = pd.DataFrame(
        {
            "demand_mw": [4000.5, None, -3.0, 1000.0],
            "temperature_c": [20.0, 19.5, None, 18.0],
            "holiday": [True, False, False, False],
        },
        index=pd.DatetimeIndex(
            ["2012-03-31 15:00", "2012-03-31 15:30", "2012-03-31 16:00", "2012-03-31 17:00"],
            tz="UTC",
            name="time",
        ),
    )
    pd.testing.assert_frame_equal(frame, expected, check_index_type=False)
    assert frame.attrs["reading"] == {
        "rows_in_file": 4,
        "missing_cells": 2,
        "reordered_rows": 0,
        "clock": "utc",
        "divided": {},
    }


def test_a_plain_file_reads_like_a_gzipped_one(file, good, vic):
    plain = readers.read(file(good, "x.csv"), vic)
    pd.testing.assert_frame_equal(plain, readers.read(file(good), vic))


BROKEN = {
    "missing column": ("Demand", "Load", r"column 'Demand', row 1 .*missing; the file has 'Time'"),
    "extra column": ("Date", "Extra", r"column 'Extra', row 1 .*does not declare"),
    "time missing": ("Time", "When", r"column 'Time', row 1 .*missing"),
    "not a number": ("4000.5", "four", r"column 'Demand', row 2 .*'four' is not a number"),
    "naive stamp": ("16:00:00Z", "16:00:00", r"column 'Time', row 4 .*says no time zone"),
    "duplicate": ("15:30:00Z", "15:00:00Z", r"column 'Time', row 3 .*15:00:00.*comes twice"),
    "backwards": ("17:00:00Z", "15:45:00Z", r"column 'Time', row 5 .*earlier than the row before"),
    "off the grid": ("17:00:00Z", "17:10:00Z", r"column 'Time', row 5 .*grid of 30min"),
    "1e308": ("1e3", "1e308", r"column 'Demand', row 5 .*1e\+308 is outside -1e\+07 to 1e\+07"),
    "1e999": ("1e3", "1e999", r"column 'Demand', row 5 .*inf is outside"),
    "-inf": ("1e3", "-inf", r"column 'Demand', row 5 .*-inf is outside"),
    "impossible heat": ("19.5", "451", r"column 'Temperature', row 3 .*451.0 is outside"),
    "no flag": ("True", "maybe", r"column 'Holiday', row 2 .*'maybe' is not a flag"),
    "markup in a header": ("Demand", "<img src=x>", r"column 'Demand', row 1 .*missing"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_series_ends_in_one_sentence(file, good, vic, case):
    old, new, expected = BROKEN[case]
    assert old in good
    path = file(good.replace(old, new, 1))
    with pytest.raises(DataError, match=expected) as caught:
        readers.read(path, vic)
    assert str(path) in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_broken_last_row_of_a_long_file_is_named(file, good, vic):
    header, row = good.splitlines()[:2]
    days = pd.date_range("2012-01-01", periods=5000, freq="30min")
    lines = [row.replace("2012-03-31T15:00:00", day.isoformat()) for day in days]
    lines[-1] = lines[-1].replace("4000.5", "x")
    with pytest.raises(DataError, match="column 'Demand', row 5001 "):
        readers.read(file("\n".join((header, *lines))), vic)


def test_a_family_takes_any_letters_and_digits(file, meters):
    text = "time_utc,meter_00ab_W,meter_Z9_W\n2016-01-01 00:00:00+00:00,1,2\n"
    frame = readers.read(file(text), meters)
    assert list(frame.columns) == ["meter_00ab_w", "meter_Z9_w"]


@pytest.mark.parametrize(
    "header",
    ["meter_<b>_W", "meter__W", "meter_a b_W", "meter_é_W", "meter_a_W_W", f"meter_{'a' * 33}_W"],
)
def test_a_meter_id_that_is_no_plain_name_is_refused(file, meters, header):
    text = f"time_utc,meter_e1de_W,{header}\n2016-01-01 00:00:00+00:00,1,2\n"
    with pytest.raises(DataError, match=r"row 1 .*does not declare this column"):
        readers.read(file(text), meters)


def test_a_family_without_a_member_is_refused(file, meters):
    with pytest.raises(DataError, match=r"column 'meter_\{id\}_W', row 1 .*missing"):
        readers.read(file("time_utc\n2016-01-01 00:00:00+00:00\n"), meters)


def test_the_file_of_record_must_have_every_listed_meter(tmp_path, meters):
    data = b"time_utc,meter_e1de_W\n2016-01-01 00:00:00+00:00,1\n"
    (tmp_path / "x.csv").write_bytes(data)
    with pytest.raises(DataError, match=r"column 'meter_3aa4_W', row 1 .*missing.*SHA-256"):
        readers.load(tmp_path / "x.csv", replace(meters, file="x.csv"))


def test_market_days_keep_date_and_hour_without_a_zone(file, epf):
    text = "Date,Price,Exogenous 1,Exogenous 2\n" + market_day("2016-03-27")
    frame = readers.read(file(text), epf)
    assert list(frame.columns) == ["delivery_date", "hour", "price", "exogenous_1", "exogenous_2"]
    assert frame["hour"].tolist() == list(range(24))
    assert (frame["delivery_date"] == pd.Timestamp("2016-03-27")).all()


@pytest.mark.parametrize(
    "header", ["Date, Prices, System load forecast, Generation forecast", ",Price,Load,PV+Wind"]
)
def test_market_headers_are_read_by_position(file, epf, header):
    frame = readers.read(file(f"{header}\n{market_day('2016-01-01', price='-7.5')}"), epf)
    assert (frame["price"] == -7.5).all()
    assert (frame["exogenous_2"] == 2).all()


BROKEN_DAYS = {
    "23 hours": (" 02:00:00,5,1,2\n", None, r"row 2 .*delivery day that has not exactly 24 hours"),
    "hour twice": (" 02:00:00", " 01:00:00", r"column 'Date', row 4 .*comes twice"),
    "half hour": (" 02:00:00", " 02:30:00", r"column 'Date', row 4 .*grid of 1h"),
    "text price": (" 02:00:00,5", " 02:00:00,five", r"column 'Price', row 4 .*'five'"),
    "with zone": (" 02:00:00", "T02:00:00Z", r"column 'Date', row 4 .*not a naive"),
}


@pytest.mark.parametrize("case", BROKEN_DAYS)
def test_a_broken_market_day_ends_in_one_sentence(file, epf, case):
    old, new, expected = BROKEN_DAYS[case]
    text = "Date,Price,Exogenous 1,Exogenous 2\n" + market_day("2016-01-01")
    if new is None:
        text = "".join(line for line in text.splitlines(keepends=True) if not line.endswith(old))
    else:
        text = text.replace(old, new, 1)
    with pytest.raises(DataError, match=expected):
        readers.read(file(text), epf)


@pytest.mark.parametrize(
    ("header", "expected"),
    [("Date,Price,Load", "3 columns, expected 4: Date, Price"), ("Date,P,A,B,C", "5 columns, exp")],
    ids=["one less", "one more"],
)
def test_a_market_with_another_number_of_columns_is_refused(file, epf, header, expected):
    row = "2016-01-01 00:00:00" + ",1" * header.count(",")
    with pytest.raises(DataError, match=rf"row 1 .*{expected}"):
        readers.read(file(f"{header}\n{row}\n"), epf)


def test_each_zone_has_its_own_order(file):
    source = sources()["prices_fr_be"]
    header = "unique_id,time_local_naive,price_eur_mwh,gen_forecast,system_load,week_day\n"
    days = "".join(market_day("2016-01-01", zone) for zone in ("FR,", "BE,"))
    frame = readers.read(file(header + days.replace("1,2\n", "1,2,4\n")), source)
    assert frame["zone"].value_counts().to_dict() == {"FR": 24, "BE": 24}


def test_events_are_ordered_and_the_moved_rows_counted(file):
    source = Source(
        name="x",
        file="",
        sha256=None,
        shape="events",
        clock=Clock("offset", "start"),
        columns=(Column("begin", "start", "time"), Column("energy_kwh", "kWh", "kWh")),
    )
    text = (
        "start,kWh\n2020-01-01 02:00:00+01:00,2\n2020-01-01 00:30:00Z,1\n2020-01-01 03:00:00Z,3\n"
    )
    frame = readers.read(file(text), source)
    assert frame["energy_kwh"].tolist() == [1, 2, 3]
    assert frame.attrs["reading"]["reordered_rows"] == 1


def test_a_truncated_file_of_record_is_named(tmp_path, vic, good):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(good.encode())[:-9])
    with pytest.raises(DataError, match=r"x\.csv\.gz: the gzip stream is cut off.*SHA-256"):
        readers.load(path, replace(vic, file="x.csv.gz"))
