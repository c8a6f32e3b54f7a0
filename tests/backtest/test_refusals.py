"""What is refused of one series as of many, in one sentence each."""

import numpy as np
import pandas as pd
import pytest

from lab.backtest import refusals
from lab.errors import DataError, UsageError
from lab.forecast.view import DayTable


def hourly(values):
    index = pd.date_range("2019-06-01", periods=len(values), freq="1h", tz="UTC")
    frame = pd.DataFrame({"load": values, "plan": 1.0}, index=index)
    knowledge = {"load": "past", "plan": "known_future"}
    return DayTable(frame, zone="UTC", target="load", knowledge=knowledge, series_id="s")


@pytest.mark.parametrize("value", [0, -1, 1.5, 2.0, True, np.nan])
def test_counts_are_whole_numbers_from_one_on(value):
    with pytest.raises(UsageError, match=r"n must be at least 1 and a whole number, got"):
        refusals.check_count("n", value)


@pytest.mark.parametrize("value", [1, np.int64(7)], ids=["int", "numpy"])
def test_whole_numbers_are_taken(value):
    refusals.check_count("n", value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([np.nan] * 48, "no value of load before the first"),
        ([3.0, np.nan] * 24, "is constant at 3 before the first"),
        ([3.0] * 24 + [4.0] * 24, "is constant at 3 before the first"),
    ],
    ids=["no value", "constant", "varies only later"],
)
def test_a_series_to_learn_from_varies_before_the_first_issue(values, words):
    table = hourly(values)
    assert words in refusals.fault(table, 1)
    with pytest.raises(DataError, match=f"'s' .*{words}"):
        refusals.check_series(table, 1)


def test_a_series_that_varies_is_taken():
    table = hourly([3.0, *[np.nan] * 46, 4.0])
    assert refusals.fault(table, 2) == ""
    refusals.check_series(table, 2)


class Warm:
    name = "warm"

    def inputs(self, view):
        return {"x": view.future["temperature_c"]}


def test_a_missing_column_is_told_with_those_there_are():
    table = hourly(np.arange(48.0))
    with pytest.raises(
        DataError,
        match=r"'warm' needs the column 'temperature_c', known at its issue time; "
        r"the series have load \(past\), plan \(known_future\)\.",
    ):
        refusals.inputs_of(Warm(), table.view(1), table)
