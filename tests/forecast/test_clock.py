"""The wall clock of local days, by hand: four slots a day."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.forecast import clock

NAN = np.nan


@pytest.mark.parametrize(
    ("values", "slot", "expected"),
    [
        ([], [], [NAN, NAN, NAN, NAN]),
        ([5.0, NAN], [0, 1], [5.0, NAN, NAN, NAN]),
        ([1.0, 2.0, 4.0, 8.0], [0, 1, 1, 2], [1.0, 3.0, 8.0, NAN]),
        ([1.0, NAN, 4.0], [0, 1, 1], [1.0, 4.0, NAN, NAN]),
        ([1.0, 3.0], [0, 2], [1.0, 2.0, 3.0, NAN]),
    ],
    ids=["not begun", "missing", "twice", "twice, once missing", "skipped"],
)
def test_a_day_that_has_begun(values, slot, expected):
    found = clock.begun_day(np.array(values), np.array(slot, dtype=int), 4)
    assert found.tolist() == pytest.approx(expected, nan_ok=True)
    assert not found.flags.writeable


def test_whole_days_average_what_comes_twice_and_bridge_what_is_skipped():
    values = np.array([1.0, 2.0, 4.0, 8.0, -1.0, 1.0, 3.0, 3.0, NAN])
    day = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1])
    slot = np.array([0, 2, 3, 0, 1, 1, 2, 3, 3])
    found = clock.clock_days(values, day, slot, (2, 4))
    assert found.tolist() == [[1.0, 1.5, 2.0, 4.0], [8.0, 0.0, 3.0, 3.0]]


def test_only_complete_local_days_are_whole():
    index = pd.date_range("2014-10-03 20:00", "2014-10-06 20:00", freq="h", tz="UTC")
    found = clock.whole_days(pd.DataFrame(index=index), "Australia/Melbourne")
    # 5 October has 23 hours; the 4th and the 7th are cut off.
    assert found.groupby("local_date").size().tolist() == [23, 24]
    with pytest.raises(DataError, match="evenly spaced"):
        clock.whole_days(pd.DataFrame(index=index.delete(5)), "Australia/Melbourne")


def test_a_day_is_a_date():
    assert clock.day_of("2014-01-31") == np.datetime64("2014-01-31")
    with pytest.raises(UsageError, match="must be a date such as 2014-01-31, got 'soon'"):
        clock.day_of("soon")
