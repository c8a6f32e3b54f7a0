"""Lags are durations: across missing rows, clock changes and any step."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import UsageError

NAN = np.nan


def lagged(values, index, lags_h) -> pd.DataFrame:
    """Return the lags of a price."""
    table = pd.DataFrame({"price_eur_per_mwh": values}, index=index)
    return features.build(table, {"families": ["lags"], "lags_h": lags_h}, zone="Europe/Brussels")


def hours(count: int, start: str = "2016-01-01", step: str = "1h") -> pd.DatetimeIndex:
    """Return UTC stamps."""
    return pd.date_range(start, periods=count, freq=step, tz="UTC")


def test_a_lag_is_the_value_so_many_hours_ago():
    table = lagged([10.0, -5.0, NAN, 7.0], hours(4), [1, 2])
    np.testing.assert_array_equal(table["price_eur_per_mwh_lag_1h"], [NAN, 10, -5, NAN])
    np.testing.assert_array_equal(table["price_eur_per_mwh_lag_2h"], [NAN, NAN, 10, -5])


def test_a_missing_row_does_not_shift_a_lag():
    # 02:00 is absent: one hour before 03:00 nothing is known, two hours before it is -5.
    table = lagged([10.0, -5.0, 7.0, 8.0], hours(5).delete(2), [1, 2])
    np.testing.assert_array_equal(table["price_eur_per_mwh_lag_1h"], [NAN, 10, NAN, 7])
    np.testing.assert_array_equal(table["price_eur_per_mwh_lag_2h"], [NAN, NAN, -5, NAN])


@pytest.mark.parametrize(
    "start", [pytest.param("2016-03-26", id="spring"), pytest.param("2016-10-29", id="autumn")]
)
def test_a_day_is_24_elapsed_hours_when_the_clock_changes(start):
    values = np.arange(72.0)
    table = lagged(values, hours(72, start), [24])
    np.testing.assert_array_equal(table["price_eur_per_mwh_lag_24h"].iloc[24:], values[:-24])


@pytest.mark.parametrize(
    ("step", "rows"),
    [("1min", 60), ("5min", 12), ("15min", 4), ("30min", 2), ("1h", 1)],
)
def test_an_hour_has_as_many_rows_as_the_step_says(step, rows):
    table = lagged(np.arange(100.0), hours(100, step=step), [1])
    lag = table["price_eur_per_mwh_lag_1h"]
    assert lag.isna().sum() == rows
    assert lag.iloc[-1] == 99 - rows


def test_quarter_hour_lags_have_a_name():
    assert features.names({"families": ["lags"], "lags_h": [0.25]}) == [
        "price_eur_per_mwh_lag_15min"
    ]


@pytest.mark.parametrize(("step", "lag"), [("1h", 1.5), ("1h", 0.5), ("30min", 0.75), ("7min", 1)])
def test_a_lag_that_is_no_multiple_of_the_step_ends_in_a_sentence(step, lag):
    with pytest.raises(UsageError, match=f"multiple of the table's step of .*, got {lag:g} h"):
        lagged(np.arange(20.0), hours(20, step=step), [lag])
