"""Combinations of models: fixed weights, weights from past errors, averages of quantiles."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import DataError, UsageError
from lab.forecast.combination import (
    Trailing,
    average_quantiles,
    trailing_weights,
    weighted,
    weighted_by_errors,
)
from lab.forecast.table import QUANTILES, Forecasts, mean_of

DAY = pd.Timedelta(days=1)


def issues(medians, model="a", lead_days=1, levels=(0.5,), spread=1.0):
    """Return forecasts of consecutive days, medians of shape (days, slots)."""
    medians = np.asarray(medians, dtype=float)
    days, slots = medians.shape
    midnights = pd.date_range("2014-01-05", periods=days, freq="D", tz="UTC")
    steps = pd.to_timedelta(np.arange(slots) * (DAY / slots))
    valid = pd.DatetimeIndex([m + s for m in midnights for s in steps])
    return Forecasts(
        model,
        "s",
        midnights.repeat(slots) - (lead_days - 1) * DAY,
        valid,
        np.repeat(np.arange(days), slots),
        np.tile(np.arange(slots), days),
        levels,
        medians.reshape(-1, 1) + spread * (np.array(levels) - 0.5),
    )


def test_fixed_weights_count_by_their_proportions():
    members = [issues([[10.0, 20.0]]), issues([[20.0, 60.0]], "b")]
    found = weighted(members, [1, 3], "both")
    assert found.model == "both"
    assert found.levels == (0.5,)
    assert found.median.tolist() == [17.5, 50.0]


def test_equal_weights_are_the_plain_mean():
    members = [issues([[10.0, 20.0]]), issues([[20.0, 60.0]], "b")]
    plain = mean_of(members, "both")
    assert weighted(members, [2, 2], "both").median.tolist() == plain.median.tolist()


def test_quantiles_are_averaged_level_by_level():
    narrow = issues([[10.0]], levels=(0.1, 0.5, 0.9), spread=10.0)
    wide = issues([[20.0]], "b", levels=(0.1, 0.25, 0.5, 0.9), spread=30.0)
    found = average_quantiles([narrow, wide], "both")
    assert found.levels == (0.1, 0.5, 0.9)
    # 6 and 8, 10 and 20, 14 and 32.
    assert found.values[0].tolist() == pytest.approx([7, 15, 23])
    assert average_quantiles([narrow, wide], "b", [0, 1]).values[0].tolist() == [8, 20, 32]


def test_a_missing_member_leaves_the_row_missing():
    gap = issues([[np.nan, 1.0]])
    assert np.isnan(average_quantiles([gap, issues([[1.0, 1.0]])], "x").median).tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("loss", "expected"),
    # The first errs by 1, the second by 2: 1 to 1/2, and 1 to 1/4.
    [("absolute", [2 / 3, 1 / 3]), ("squared", [4 / 5, 1 / 5])],
    ids=["absolute", "squared"],
)
def test_weights_are_inverse_to_past_losses(loss, expected):
    members = [issues([[1.0]] * 4), issues([[2.0]] * 4, "b")]
    found = trailing_weights(members, np.zeros(4), Trailing(min_days=2, loss=loss))
    assert found[:2].tolist() == [[0.5, 0.5]] * 2
    assert found[2:] == pytest.approx(np.array([expected] * 2))


def test_old_errors_fall_out_of_the_window():
    members = [issues([[9.0], [1.0], [1.0], [1.0]]), issues([[0.0], [3.0], [3.0], [3.0]], "b")]
    found = trailing_weights(members, np.zeros(4), Trailing(2, 1, "absolute"))
    assert found[1].tolist() == [0.0, 1.0]
    # 9 + 1 against 0 + 3, then 1 + 1 against 3 + 3.
    assert found[2] == pytest.approx([3 / 13, 10 / 13])
    assert found[3] == pytest.approx([3 / 4, 1 / 4])


def test_lead_of_three_days_waits_for_the_end_of_what_was_forecast():
    members = [issues([[1.0]] * 5, lead_days=3), issues([[3.0]] * 5, "b", lead_days=3)]
    found = trailing_weights(members, np.zeros(5), Trailing(9, 1, "absolute"))
    assert found[:, 0].tolist() == [0.5, 0.5, 0.5, 0.75, 0.75]


def test_missing_rows_count_for_no_member():
    members = [issues([[1.0], [np.nan], [1.0]]), issues([[3.0], [5.0], [1.0]], "b")]
    found = trailing_weights(members, np.array([0.0, 0.0, np.nan]), Trailing(9, 1, "absolute"))
    assert found[2] == pytest.approx([0.75, 0.25])


def test_members_without_error_share_all_weight():
    members = [issues([[0.0]] * 2), issues([[0.0]] * 2, "b"), issues([[1.0]] * 2, "c")]
    found = trailing_weights(members, np.zeros(2), Trailing(9, 1))
    assert found[1].tolist() == [0.5, 0.5, 0.0]


def test_weighted_by_errors_uses_the_weights_of_the_issue():
    members = [issues([[1.0]] * 3), issues([[3.0]] * 3, "b")]
    found = weighted_by_errors(members, np.zeros(3), Trailing(9, 1, "absolute"), "both")
    assert found.median == pytest.approx([2.0, 1.5, 1.5])


medians = st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=12)


@given(one=medians, other=medians, actual=medians, lead=st.integers(1, 3), cut=st.integers(1, 6))
def test_what_was_not_known_moves_no_weight(one, other, actual, lead, cut):
    members = [
        issues(np.reshape(one, (6, 2)), lead_days=lead),
        issues(np.reshape(other, (6, 2)), "b", lead_days=lead),
    ]
    truth = np.array(actual)
    how = Trailing(4, 1)
    before = trailing_weights(members, truth, how)
    # Issue `cut - 1` was made lead - 1 days before its day: days from there on are hidden.
    hidden = np.arange(12) // 2 >= cut - lead
    for replaced in (np.where(hidden, np.nan, truth), np.where(hidden, truth[::-1], truth)):
        after = trailing_weights(members, replaced, how)
        assert after[:cut].tolist() == before[:cut].tolist()


@given(one=medians, other=medians, actual=medians)
def test_weights_are_shares_and_the_mean_lies_between_the_members(one, other, actual):
    members = [issues(np.reshape(one, (6, 2))), issues(np.reshape(other, (6, 2)), "b")]
    weights = trailing_weights(members, np.array(actual), Trailing(4, 1))
    assert (weights >= 0).all()
    assert weights.sum(axis=1) == pytest.approx(np.ones(6))
    found = weighted_by_errors(members, np.array(actual), Trailing(4, 1), "both").median
    low, high = np.minimum(one, other), np.maximum(one, other)
    assert (found >= low - 1e-6).all()
    assert (found <= high + 1e-6).all()


@given(
    values=st.lists(st.lists(st.floats(-1e6, 1e6), min_size=9, max_size=9), min_size=2, max_size=4),
    weights=st.lists(st.floats(0.01, 10), min_size=4, max_size=4),
)
def test_averages_of_quantiles_that_do_not_cross_do_not_cross(values, weights):
    base = issues([[0.0]], levels=QUANTILES)
    members = [
        Forecasts(**{**vars(base), "model": str(i), "values": np.sort([v])})
        for i, v in enumerate(values)
    ]
    found = average_quantiles(members, "all", weights[: len(members)])
    assert (np.diff(found.values) >= -1e-6).all()


@pytest.mark.parametrize(
    "weights", [[1.0], [1, -1], [0, 0], [1, np.nan]], ids=["few", "negative", "zero", "nan"]
)
def test_weights_that_do_not_fit_are_refused(weights):
    members = [issues([[1.0]]), issues([[2.0]], "b")]
    with pytest.raises(UsageError, match="needs as many weights"):
        weighted(members, weights, "x")


def test_other_rows_and_settings_are_refused():
    other = issues([[1.0]], "b", lead_days=2)
    with pytest.raises(DataError, match="a and b differ"):
        average_quantiles([issues([[1.0]]), other], "x")
    with pytest.raises(DataError, match="at least one member"):
        weighted([], [], "x")
    with pytest.raises(UsageError, match="one measured value"):
        trailing_weights([issues([[1.0]])], np.zeros(2), Trailing())
    with pytest.raises(UsageError, match="at least 1"):
        Trailing(window_days=0)
    with pytest.raises(UsageError, match="Unknown loss 'cubed'"):
        Trailing(loss="cubed")
