import numpy as np
import pytest

from lab.errors import UsageError
from lab.simulate.minutes import ZONE, Clock


@pytest.mark.parametrize(
    ("first", "hours"), [("2023-03-12", 23), ("2023-04-10", 24), ("2023-11-05", 25)]
)
def test_a_local_day_has_its_hours(first, hours):
    clock = Clock.of(first, 1)
    assert len(clock.index) == 60 * hours
    assert clock.hour[-1] == hours - 1 and (np.bincount(clock.hour) == 60).all()
    assert clock.index[0].tz_convert(ZONE).hour == 0 and clock.local_h[-1] > 23.9


def test_days_are_numbered_and_weekends_known():
    clock = Clock.of("2023-04-14", 3)
    assert np.bincount(clock.day).tolist() == [1440] * 3
    assert clock.weekend[::1440].tolist() == [False, True, True]


def test_no_days_are_refused():
    with pytest.raises(UsageError, match="at least one day, got 0"):
        Clock.of("2023-04-14", 0)
