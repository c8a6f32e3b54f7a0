"""The table's index and columns are checked once, in one sentence each."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import DataError, UsageError

LAGS = {"families": ["lags"], "lags_h": [1]}


def hourly(*hours: float) -> pd.DatetimeIndex:
    """Return UTC stamps at the given hours of a day."""
    return pd.Timestamp("2016-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h")


def build(values, index, **options) -> pd.DataFrame:
    """Return one lag of a price."""
    table = pd.DataFrame({"price_eur_per_mwh": values}, index=index)
    return features.build(table, LAGS, **{"zone": "Europe/Brussels", **options})


@pytest.mark.parametrize(
    ("index", "message"),
    [
        pytest.param(pd.RangeIndex(3), "DatetimeIndex in UTC, got a RangeIndex", id="rows"),
        pytest.param(hourly(0, 1, 2).tz_localize(None), "got no time zone", id="naive"),
        pytest.param(hourly(0, 1, 2).tz_convert("Europe/Paris"), "got Europe/Paris", id="local"),
        pytest.param(hourly(0, 1, 1), "unique, got 2016-01-01 01:00:00", id="duplicate"),
        pytest.param(hourly(0, 2, 1), "01:00:00.* follows a later one", id="order"),
        pytest.param(hourly(0, 1).append(pd.DatetimeIndex([pd.NaT], tz="UTC")), "NaT", id="nat"),
        pytest.param(hourly(0, 1, 2.5), "one grid with a step of 1 h, but .*02:30", id="off-grid"),
        pytest.param(hourly(0, 1, 999999), "3 rows for 1000000 steps of 1 h", id="sparse"),
    ],
)
def test_a_wrong_index_is_one_sentence(index, message):
    with pytest.raises(DataError, match=message):
        build([1.0, 2.0, 3.0], index)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param(["1", "x", "3"], "'price_eur_per_mwh' must be numeric, got", id="text"),
        pytest.param([1.0, None, object()], "must be numeric, got object", id="object"),
        pytest.param([1.0, np.inf, 3.0], "infinity at 2016-01-01 01:00", id="infinite"),
        pytest.param([1j, 2j, 3j], "must be numeric, got complex", id="complex"),
        pytest.param(hourly(1, 2, 3), "must be numeric, got datetime", id="stamps"),
    ],
)
def test_a_wrong_column_is_one_sentence(values, message):
    with pytest.raises(DataError, match=message):
        build(values, hourly(0, 1, 2))


def test_a_missing_and_a_repeated_column_are_named():
    table = pd.DataFrame([[1.0, 2.0]] * 3, index=hourly(0, 1, 2), columns=["a", "a"])
    with pytest.raises(DataError, match="unique, got 'a'"):
        features.build(table, LAGS, zone="UTC")
    with pytest.raises(DataError, match="no column 'price_eur_per_mwh'; it has b"):
        features.build(table.set_axis(["b", "c"], axis=1), LAGS, zone="UTC")


def test_an_unknown_zone_or_country_is_refused():
    with pytest.raises(UsageError, match="Unknown time zone 'Mars'"):
        build([1.0, 2.0], hourly(0, 1), zone="Mars")
    table = pd.DataFrame({"price_eur_per_mwh": [1.0, 2.0]}, index=hourly(0, 1))
    with pytest.raises(UsageError, match="No public holidays known for 'ZZ'"):
        features.build(table, {"families": ["temporal"]}, zone="UTC", country="ZZ")


@pytest.mark.parametrize("dtype", ["int64", "float32", "Float64", "bool"])
def test_every_real_number_type_is_read(dtype):
    table = build(pd.array([1, 0, 1], dtype=dtype), hourly(0, 1, 2))
    np.testing.assert_array_equal(table.iloc[:, 0], [np.nan, 1, 0])


def test_the_resolution_of_the_index_does_not_matter():
    for unit in ("s", "us", "ns"):
        index = hourly(0, 1, 2).as_unit(unit)
        table = build([1.0, 2.0, 3.0], index)
        np.testing.assert_array_equal(table.iloc[:, 0], [np.nan, 1, 2])
        assert table.index.equals(index)


def test_one_row_has_no_step():
    with pytest.raises(DataError, match="at least two time stamps, got 1"):
        build([1.0], hourly(0))
