import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.quality.timing import coverage, edges, gaps, missing_runs, overview, regular, step_of

HOUR = pd.Timedelta("1h")


def index(*hours: float) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.Timestamp("2021-01-01", tz="UTC") + np.array(hours) * HOUR)


def test_the_step_is_the_commonest_distance():
    assert step_of(index(0, 1, 2, 3, 10)) == HOUR


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_the_step_does_not_depend_on_the_resolution_of_the_stamps(unit):
    assert step_of(index(0, 0.25, 0.5).as_unit(unit)) == pd.Timedelta("15min")


def test_one_stamp_has_no_step():
    with pytest.raises(DataError, match="two different stamps, got 1"):
        step_of(index(4, 4))


def test_gaps_by_hand():
    found = gaps(index(0, 1, 2, 5, 6, 10))
    assert found["start"].tolist() == index(3, 7).tolist()
    assert found["hours"].tolist() == [2, 3]
    assert found["samples"].tolist() == [2, 3]


def test_an_unbroken_index_has_no_gaps():
    assert gaps(index(*range(10))).empty


@pytest.mark.parametrize("day", ["2021-03-28", "2021-10-31"])
def test_a_clock_change_is_no_gap_in_utc(day):
    local = pd.date_range(day, periods=50, freq="h", tz="Europe/Brussels")
    assert gaps(local.tz_convert("UTC")).empty


def test_missing_values_by_hand():
    values = pd.Series([1, np.nan, np.nan, 4, np.nan], index(0, 1, 2, 3, 4))
    found = missing_runs(values)
    assert found["start"].tolist() == index(1, 4).tolist()
    assert found["hours"].tolist() == [2, 1]


def test_edges_of_runs_at_both_ends():
    first, last = edges(np.array([True, False, True, True]))
    assert (first.tolist(), last.tolist()) == ([0, 2], [1, 4])


def test_regular_fills_the_grid_and_drops_repeats():
    table = pd.DataFrame({"load_kw": [1.0, 2, 3, 4]}, index(0, 1, 1, 3))
    assert regular(table)["load_kw"].fillna(-1).tolist() == [1, 2, -1, 4]


def test_overview_counts_rows_and_values():
    table = pd.DataFrame({"load_kw": [1.0, 2, np.nan, 3, 4, 5]}, index(0, 1, 2, 4, 5, 5))
    line = overview(table)
    assert (line["rows"], line["rows_expected"], line["rows_missing"]) == (6, 6, 1)
    assert (line["gaps"], line["duplicates"], line["values_missing"]) == (1, 1, 1)
    # Six hours asked for; there are 0, 1, 4 and 5 with a value.
    assert line["completeness_percent"] == pytest.approx(100 * 4 / 6)


def test_coverage_per_month():
    stamps = pd.date_range("2021-01-31", periods=48, freq="h", tz="UTC")
    table = pd.DataFrame({"load_kw": 1.0}, stamps)
    table.iloc[24:36] = np.nan
    assert coverage(table).tolist() == [1.0, 0.5]
