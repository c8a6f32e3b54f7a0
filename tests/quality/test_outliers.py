import numpy as np
import pandas as pd
import pytest

from lab.quality.outliers import deviations, outlying


@pytest.fixture
def daily(hourly) -> pd.Series:
    """A daily curve with a little noise."""
    wave = 50 + 30 * np.sin(hourly.hour / 24 * 2 * np.pi)
    return pd.Series(wave + np.random.default_rng(3).normal(0, 1, len(hourly)), hourly)


def test_a_spike_is_found_and_nothing_else(rules, daily):
    daily.iloc[700] += 60
    assert outlying(daily, rules.outliers).index.tolist() == [daily.index[700]]


def test_a_usual_value_at_an_unusual_time_is_found(rules, daily):
    midnight = daily.index[30 * 24 + 18]
    daily[midnight] = daily.max()
    assert outlying(daily, rules.outliers).index.tolist() == [midnight]


def test_the_sign_tells_high_from_low(rules, daily):
    daily.iloc[700] -= 60
    assert outlying(daily, rules.outliers).iloc[0] < -12


def test_nothing_is_far_off_in_a_regular_series(rules, daily):
    assert outlying(daily, rules.outliers).empty


def test_a_load_that_often_jumps_is_not_all_outliers(rules, daily):
    jumps = np.random.default_rng(5).random(len(daily)) < 0.05
    assert len(outlying(daily + 100 * jumps, rules.outliers)) < 5


def test_a_negative_price_is_judged_like_any_other(rules, daily):
    prices = daily - 50
    assert (prices < 0).any()
    assert outlying(prices, rules.outliers).empty


def test_missing_values_have_no_deviation(rules, daily):
    daily.iloc[10:13] = np.nan
    assert deviations(daily, rules.outliers).isna().sum() == 3


def test_an_empty_column_has_no_outliers(rules, hourly):
    assert outlying(pd.Series(np.nan, hourly), rules.outliers).empty
