import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.solar import flags


def days(values):
    index = pd.date_range("2021-01-01", periods=2 * len(values), freq="12h", tz="UTC")
    power = pd.Series(np.repeat(np.asarray(values, dtype=float), 2), index=index)
    return power, np.ones(len(power)), np.ones(len(power), dtype=bool)


def test_ratio_is_the_days_energy_over_the_expected():
    power, expected, daylight = days([1.0, 0.5, 2.0])
    power.iloc[3] = np.nan
    daylight[5] = False
    power.iloc[5] = 99.0
    ratio = flags.day_ratio(power, expected, daylight, "UTC")
    assert ratio.tolist() == [1.0, 1.0, 0.5, 0.5, 2.0, 2.0]


def test_a_day_without_power_has_no_ratio_and_no_flag():
    power, expected, daylight = days([np.nan, 1.0])
    ratio = flags.day_ratio(power, expected, daylight, "UTC")
    assert ratio.isna().tolist() == [True, True, False, False]
    assert flags.flags(ratio, flags.Fence(0.5, 1.5)).tolist() == [""] * 4


def test_fence_by_hand():
    # Quartiles 1.0 and 1.2: three distances of 0.2 out are 0.4 and 1.8.
    ratio = flags.day_ratio(*days([1.0] * 20 + [1.2] * 20), "UTC")
    found = flags.fence(ratio, "UTC")
    assert (found.low, found.high) == pytest.approx((0.4, 1.8))


def test_flags_name_too_little_and_too_much():
    ratio = pd.Series([0.1, 1.0, 3.0])
    assert flags.flags(ratio, flags.Fence(0.4, 1.8)).tolist() == ["shed", "", "hidden"]


def test_fence_needs_a_month():
    ratio = flags.day_ratio(*days([1.0] * 5), "UTC")
    with pytest.raises(DataError, match="at least 30 days of training, got 5"):
        flags.fence(ratio, "UTC")
