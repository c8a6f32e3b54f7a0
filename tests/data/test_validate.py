import pandas as pd
import pytest

from lab.data import validate
from lab.data.records import LIMITS, Column
from lab.errors import DataError

HEADERS = {"time": "T"}


def hourly(periods=4, **columns):
    time = pd.date_range("2016-01-01", periods=periods, freq="h", tz="UTC", unit="us")
    return pd.DataFrame({"time": time, **columns})


def test_a_table_that_keeps_its_contract_passes():
    frame = hourly(demand_mw=[1.0, None, -5.0, 0.0])
    validate.check(frame, [Column("demand_mw", "D", "MW")], "f", HEADERS, step="1h")


@pytest.mark.parametrize("unit", LIMITS)
def test_every_unit_has_limits_that_are_named(unit):
    low, high = LIMITS[unit]
    for value in (low * 1.01, high * 1.01):
        with pytest.raises(DataError, match=rf"f, column 'D', row 3 .*what a cell in {unit} can"):
            validate.check(hourly(2, x=[high, value]), [Column("x", "D", unit)], "f", HEADERS)


def test_a_wrong_type_is_a_sentence_too():
    with pytest.raises(DataError, match="f, column 'D'"):
        validate.check(hourly(2, x=["a", "b"]), [Column("x", "D", "MW")], "f", HEADERS)


def test_thousands_of_broken_rows_give_one_short_sentence():
    frame = hourly(20_000, x=[1e300] * 20_000).iloc[::-1].reset_index(drop=True)
    with pytest.raises(DataError, match="row 2|row 3") as caught:
        validate.check(frame, [Column("x", "D", "MW")], "f", HEADERS)
    assert len(str(caught.value)) < 200


def test_time_is_ordered_within_each_group():
    frame = pd.concat([hourly(2), hourly(2)], ignore_index=True).assign(zone=["A", "A", "B", "B"])
    validate.check(frame, [], "f", HEADERS, by="zone", step="1h")
    with pytest.raises(DataError, match="row 4 .*comes twice"):
        validate.check(frame, [], "f", HEADERS)
    with pytest.raises(DataError, match="row 3 .*earlier"):
        validate.check(frame.iloc[[1, 0]].reset_index(drop=True), [], "f", HEADERS, by="zone")


def test_a_delivery_day_needs_24_hours():
    time = pd.Series(pd.date_range("2016-01-01", periods=47, freq="h", unit="us"))
    with pytest.raises(DataError, match="row 26 .*not exactly 24 hours"):
        validate.check(pd.DataFrame({"time": time}), [], "f", HEADERS, whole_days=True)
    validate.check(pd.DataFrame({"time": time[:24]}), [], "f", HEADERS, whole_days=True)
