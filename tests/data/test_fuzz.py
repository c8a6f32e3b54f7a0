"""Whatever a file holds, reading it ends in a table or in one sentence of ours."""

import gzip
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.data import layout, readers, sources
from lab.errors import DataError

SOURCES = {**sources(), "epf": layout("epf")}
SMALL = {
    "vic_demand": "Time,Demand,Temperature,Date,Holiday\n"
    "2012-03-31T15:00:00Z,4000.5,20.0,2012-04-01,True\n"
    "2012-03-31T15:30:00Z,4100,,2012-04-01,False\n",
    "be_meters": "time_utc,meter_e1de_W,meter_3aa4_W\n"
    "2015-12-31 23:00:00+00:00,157.421,1604.483\n2016-01-01 00:00:00+00:00,159.043,976.0\n",
    "ev_sessions": "arrival,departure,requested_energy (kWh),delivered_energy (kWh),station_id,"
    "session_id,estimated_departure,claimed,site\n2019-05-01 01:18:45-07:00,"
    "2019-05-01 15:52:36-07:00,60.0,44.069,CA-305,s1,2019-05-01 09:20:45-07:00,True,caltech\n",
    "ercot_prices": "Delivery Date,Hour Ending,Repeated Hour Flag,Settlement Point,"
    "Settlement Point Price\n01/01/2021,01:00,N,HB_HUBAVG,18.26\n"
    "01/01/2021,01:00,N,LZ_HOUSTON,18.31\n01/01/2021,01:00,N,LZ_WEST,18.32\n",
    "epf": "Date,Price,Exogenous 1,Exogenous 2\n"
    + "".join(f"2016-01-01 {hour:02}:00:00,5,1,2\n" for hour in range(24)),
}
LOCAL = replace(
    SOURCES["vic_demand"],
    clock=replace(SOURCES["vic_demand"].clock, kind="local", zone="Europe/Brussels"),
)
NASTY = st.sampled_from(
    [
        "",
        "inf",
        "-1e309",
        "1e308",
        "9" * 400,
        "nan",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"',
        '""',
        '"a""b"',
        "'; DROP TABLE x; --",
        "$\\frac{1}{0}$",
        "\0",
        "\r",
        "\n",
        ",",
        "\u202e\u0661",
        "2012-02-30T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01",
        "2016-03-27 02:30:00",
        "24:00",
        "True",
    ]
)
TEXT = NASTY | st.text(max_size=20)


def outcome(data: bytes, source, file="x.csv"):
    """Return the table or the sentence; anything else is a failure of the test."""
    try:
        return readers.from_bytes(data, file, source)
    except DataError as error:
        assert "x.csv" in str(error)
        assert "\n" not in str(error)
        assert len(str(error)) < 600
        return str(error)


FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("name", SMALL)
def test_the_small_tables_are_sound(name):
    assert len(outcome(SMALL[name].encode(), SOURCES[name])) >= 1
    assert not isinstance(outcome(SMALL[name].encode(), SOURCES[name]), str)


@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.csv.gz"]))
@FUZZ
def test_random_bytes(data, file):
    outcome(data, SOURCES["vic_demand"], file)
    outcome(gzip.compress(data), SOURCES["vic_demand"], "x.csv.gz")
    outcome(data + SMALL["vic_demand"].encode() + data, SOURCES["vic_demand"])


@pytest.mark.parametrize("name", SMALL)
@given(data=st.data())
@FUZZ
def test_a_cell_replaced_by_anything(name, data):
    lines = [line.split(",") for line in SMALL[name].splitlines()]
    row = data.draw(st.integers(0, len(lines) - 1))
    cell = data.draw(st.integers(0, len(lines[row]) - 1))
    lines[row][cell] = data.draw(TEXT)
    text = "\n".join(",".join(line) for line in lines)
    outcome(text.encode("utf-8", "surrogatepass"), SOURCES[name])


@pytest.mark.parametrize("name", SMALL)
@given(data=st.data())
@FUZZ
def test_lines_dropped_doubled_and_shuffled(name, data):
    lines = SMALL[name].splitlines()
    picked = data.draw(st.lists(st.sampled_from(lines), max_size=2 * len(lines)))
    outcome("\n".join(picked).encode(), SOURCES[name])
    outcome("\n".join([lines[0], *picked]).encode(), SOURCES[name])


@pytest.mark.parametrize("name", SMALL)
@given(data=st.data())
@FUZZ
def test_a_file_cut_off_anywhere(name, data):
    whole = SMALL[name].encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    outcome(whole[:cut], SOURCES[name])
    zipped = gzip.compress(whole)
    cut = data.draw(st.integers(0, len(zipped) - 1))
    assert isinstance(outcome(zipped[:cut], SOURCES[name], "x.csv.gz"), str)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252", "cp037", "utf-7"]
)
@pytest.mark.parametrize("name", SMALL)
def test_other_encodings(name, encoding):
    text = SMALL[name].replace("Temperature", "Température").replace("caltech", "cältech")
    found = outcome(text.encode(encoding), SOURCES[name])
    if encoding.startswith(("utf-16", "utf-32", "cp037")):
        assert isinstance(found, str)


@given(st.lists(TEXT, max_size=8))
@FUZZ
def test_any_header(names):
    for source in (SOURCES["be_meters"], SOURCES["vic_demand"], SOURCES["epf"]):
        row = ",".join(["2016-01-01 00:00:00+00:00", *("1" for _ in names)])
        outcome(f"time_utc,{','.join(names)}\n{row}\n".encode("utf-8", "replace"), source)


@given(st.text(max_size=12))
@FUZZ
def test_a_meter_id_is_letters_and_digits_or_refused(name):
    text = f"time_utc,meter_{name}_W\n2016-01-01 00:00:00+00:00,1\n"
    found = outcome(text.encode("utf-8", "replace"), SOURCES["be_meters"])
    if not isinstance(found, str):
        [column] = found.columns
        assert column.isascii()
        assert column.replace("_", "").isalnum()


@given(st.lists(st.datetimes().map(str) | NASTY, min_size=1, max_size=6))
@FUZZ
def test_any_stamps_on_a_local_clock(stamps):
    lines = [f"{stamp},1,2,x,True" for stamp in stamps]
    outcome("\n".join(["Time,Demand,Temperature,Date,Holiday", *lines]).encode(), LOCAL)


def test_text_from_a_file_passes_as_data_and_nothing_else():
    text = SMALL["ev_sessions"].replace("CA-305", "<script>alert(1)</script>")
    assert outcome(text.encode(), SOURCES["ev_sessions"])["station_id"][0].startswith("<script>")
