"""Two lines that meet, found again; the clear-sky index."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError
from lab.exploration.response import breakpoint_spread, clear_sky_index, fit_response

X = pd.Series(np.linspace(0, 30, 61))


def bend(at, below, above, level=100.0):
    return level + below * np.minimum(X - at, 0) + above * np.maximum(X - at, 0)


def test_two_lines_are_found_again():
    found = fit_response(X, bend(18, -3, 5))
    assert found.breakpoint == 18
    assert (found.level, found.slope_below, found.slope_above) == pytest.approx((100, -3, 5))
    assert found.r2 == pytest.approx(1)
    assert found.r2_line < 0.6
    assert found.predict(np.array([17, 18, 20])) == pytest.approx([103, 100, 110])


@settings(max_examples=25, deadline=None)
@given(st.integers(8, 44), st.floats(-5, -1), st.floats(1, 5))
def test_any_bend_on_the_grid_is_found(half_degrees, below, above):
    found = fit_response(X, bend(half_degrees / 2, below, above))
    assert found.breakpoint == half_degrees / 2


def test_two_lines_never_fit_worse_than_one():
    found = fit_response(X, pd.Series(np.random.default_rng(0).normal(size=61)))
    assert found.r2 >= found.r2_line


def test_pairs_with_a_gap_are_skipped():
    y = bend(15, -1, 1)
    y[::5] = np.nan
    assert fit_response(X, y).breakpoint == 15


@pytest.mark.parametrize(
    ("x", "message"),
    [
        pytest.param(X.iloc[:19], "at least 20 pairs of values, got 19", id="short"),
        pytest.param(X * 0 + 5, "x to vary by more than 0.5", id="constant"),
    ],
)
def test_too_little_to_fit_is_refused(x, message):
    with pytest.raises(DataError, match=message):
        fit_response(x, x)


def test_an_exact_bend_has_no_spread():
    low, high = breakpoint_spread(X, bend(15, -2, 2), 1.0, draws=10, block=5, seed=0)
    assert low == high == 15


def test_noise_spreads_the_breakpoint_and_the_seed_decides():
    y = bend(15, -1, 1) + np.random.default_rng(0).normal(0, 4, 61)
    low, high = breakpoint_spread(X, y, 0.5, draws=40, block=5, seed=0)
    assert low < 15.5 and high > 14.5 and high - low > 1
    assert (low, high) == breakpoint_spread(X, y, 0.5, draws=40, block=5, seed=0)


def test_the_clear_sky_index_is_one_on_a_cloudless_hour_of_each_group():
    measured = pd.Series([50.0, 100, 20, 40, 5])
    clear = pd.Series([100.0, 100, 100, 100, 10])
    month = pd.Series([1, 1, 2, 2, 2])
    found = clear_sky_index(measured, clear, least=50, by=[month], top=1.0)
    assert found.iloc[:4].tolist() == [0.5, 1, 0.5, 1]
    assert np.isnan(found.iloc[4])


def test_a_group_without_power_has_no_index():
    found = clear_sky_index(
        pd.Series([0.0, 0]), pd.Series([100.0, 100]), least=50, by=[pd.Series([1, 1])]
    )
    assert found.isna().all()
