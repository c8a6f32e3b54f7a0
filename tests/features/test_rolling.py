"""Trailing statistics that include t and say NaN when too little was observed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import features
from lab.errors import UsageError

NAN = np.nan
PRICE = "price_eur_per_mwh"


def rolled(values, windows=(3,), min_share=1.0, step="1h", index=None) -> pd.DataFrame:
    """Return the rolling family of a price."""
    if index is None:
        index = pd.date_range("2016-03-26 22:00", periods=len(values), freq=step, tz="UTC")
    spec = {"families": ["rolling"], "rolling_h": list(windows), "min_share": min_share}
    return features.build(pd.DataFrame({PRICE: values}, index=index), spec, zone="Europe/Brussels")


def test_five_statistics_of_three_hours_by_hand():
    table = rolled([10.0, -20.0, 40.0, 70.0])
    np.testing.assert_array_equal(table[f"{PRICE}_mean_3h"], [NAN, NAN, 10, 30])
    np.testing.assert_array_equal(table[f"{PRICE}_min_3h"], [NAN, NAN, -20, -20])
    np.testing.assert_array_equal(table[f"{PRICE}_max_3h"], [NAN, NAN, 40, 70])
    np.testing.assert_array_equal(table[f"{PRICE}_range_3h"], [NAN, NAN, 60, 90])
    np.testing.assert_allclose(table[f"{PRICE}_std_3h"], [NAN, NAN, 30, np.sqrt(2100)])


def test_a_window_is_a_duration_when_rows_are_missing():
    index = pd.date_range("2016-01-01", periods=5, freq="h", tz="UTC").delete(2)
    table = rolled([1.0, 2.0, 4.0, 8.0], min_share=0.5, index=index)
    # (t-3h, t] at 03:00 holds 01:00 and 03:00, at 04:00 holds 03:00 and 04:00.
    np.testing.assert_array_equal(table[f"{PRICE}_mean_3h"], [NAN, 1.5, 3, 6])


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        pytest.param(1.0, [NAN, NAN, NAN, NAN, NAN], id="all-needed"),
        pytest.param(0.75, [NAN, NAN, NAN, 7 / 3, 13 / 3], id="three-of-four"),
    ],
)
def test_the_share_that_must_be_observed(share, expected):
    table = rolled([1.0, 2.0, NAN, 4.0, 7.0], windows=[4], min_share=share)
    np.testing.assert_allclose(table[f"{PRICE}_mean_4h"], expected)


@given(
    values=st.lists(
        st.one_of(st.floats(-500, 3000).map(lambda v: round(v, 2)), st.just(NAN)),
        min_size=12,
        max_size=60,
    ),
    window=st.integers(2, 10),
)
def test_every_statistic_equals_the_plain_definition(values, window):
    table = rolled(values, [window])
    for row in range(len(values)):
        seen = np.array(values[max(0, row - window + 1) : row + 1])
        if len(seen) < window or np.isnan(seen).any():
            assert table.iloc[row].isna().all()
            continue
        expected = [seen.mean(), seen.std(ddof=1), seen.min(), seen.max(), np.ptp(seen)]
        np.testing.assert_allclose(table.iloc[row], expected, rtol=1e-9, atol=1e-5)


def test_a_window_of_one_step_is_refused():
    with pytest.raises(UsageError, match="at least two steps of 1 h, got 1 h"):
        rolled(np.arange(5.0), [1])


def test_two_families_share_the_weekly_mean(simulated):
    table = features.build(
        simulated(400), {"families": ["rolling", "seasonal"]}, zone="Europe/Brussels"
    )
    pd.testing.assert_series_equal(
        table[f"{PRICE}_mean_168h"], table[f"{PRICE}_trend"], check_names=False
    )
