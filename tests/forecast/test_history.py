"""The series behind stacked views: joined without a gap, checked before it is learnt from."""

import numpy as np
import pytest

from lab.errors import DataError, UsageError
from lab.forecast.history import HistoryInputs, check_series, log_normal, series
from lab.forecast.inputs import CALENDAR


def stacked(*views):
    """Stack views of two days with one slot: (last day's number, values)."""
    days = [(np.array(values, dtype=float)[:, None], last) for last, values in views]
    return {
        "values": np.stack([values for values, _ in days]),
        "temperature": np.stack([10 * values for values, _ in days]),
        "calendar": np.stack([np.tile(values, len(CALENDAR)) for values, _ in days]),
        "last": np.array([last for _, last in days]),
    }


def test_inputs_end_at_the_issue_and_are_padded(table):
    view = table.view(5, lead_days=2)
    found = HistoryInputs(temperature="temperature_c", days=6)(view)
    assert found["values"].shape == found["temperature"].shape == (6, 48)
    assert np.isnan(found["values"][:2]).all()
    assert (found["values"][2:] == table.days["demand_mw"][:4]).all()
    assert (found["calendar"][-1] == [table.days[name][3, 0] for name in CALENDAR]).all()
    assert (found["ahead"] == [table.days[name][5, 0] for name in CALENDAR]).all()
    assert found["last"] == table.dates[3].astype(int)
    assert found["lead"] == 2
    assert "temperature_ahead" not in found


def test_without_temperature_none_is_given(table):
    assert np.isnan(HistoryInputs(days=3)(table.view(9))["temperature"]).all()


def test_views_are_joined_to_one_series_in_any_order():
    joined = series(stacked((12, [3, 4]), (10, [1, 2]), (11, [2, 3])))
    assert np.exp(joined.log[:, 0]) == pytest.approx([1, 2, 3, 4])
    assert joined.temperature[:, 0].tolist() == [10, 20, 30, 40]
    assert joined.calendar.shape == (4, len(CALENDAR))


def test_a_day_in_no_view_is_missing_and_the_latest_days_can_be_taken():
    parts = stacked((10, [1, 2]), (12, [0, 4]))
    assert np.exp(series(parts).log[:, 0]) == pytest.approx([1, 2, np.nan, 4], nan_ok=True)
    assert len(series(parts, days=3).log) == 3


def test_quantiles_are_normal_in_the_logarithm():
    found = log_normal(np.array([0.0]), np.array([4.0]), (0.5, 0.975))
    assert found[0] == pytest.approx([1.0, np.exp(2 * 1.959964)])


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ([1, np.inf, 2], DataError, "Smoothing needs values that are finite or missing"),
        ([1, np.nan, 2], UsageError, "at least 3 days with a positive value .* got 2"),
        ([np.nan] * 3, UsageError, "got 0"),
        ([0, 0, 0], UsageError, "varies, got one constant at 1"),
    ],
    ids=["infinite", "short", "nothing", "constant"],
)
def test_a_series_that_cannot_be_learnt_from_is_refused(values, error, words):
    with pytest.raises(error, match=words):
        check_series("Smoothing", np.array(values, dtype=float)[:, None], 3)
