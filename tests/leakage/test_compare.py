"""Two forecasts bit by bit: rounding, a NaN, other times."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.forecast.table import Forecasts
from lab.leakage.compare import first_moved

TIMES = pd.date_range("2014-03-01", periods=2, freq="h", tz="UTC")
OLD = Forecasts("rule", "one", TIMES, TIMES, np.zeros(2, int), np.arange(2), (0.1, 0.5),
                np.array([[1.0, np.nan], [3.0, -4.0]]))  # fmt: skip


@pytest.mark.parametrize(
    ("row", "level", "value"),
    [(1, 1, np.nextafter(-4.0, 0)), (0, 0, np.nan), (0, 1, 0.0)],
    ids=["last bit", "becomes NaN", "was NaN"],
)
def test_one_bit_is_a_move(row, level, value):
    values = OLD.values.copy()
    values[row, level] = value
    found = first_moved("me", OLD, replace(OLD, values=values), "noise")
    assert (found.model, found.filling, found.error) == ("me", "noise", "")
    assert (found.valid_at, found.level) == (TIMES[row], OLD.levels[level])
    assert found.new == pytest.approx(value, nan_ok=True, abs=0)


def test_equal_bits_are_none_and_a_nan_equals_itself():
    assert first_moved("me", OLD, replace(OLD, values=OLD.values.copy()), "NaN") is None


def test_other_times_are_a_move():
    found = first_moved("me", OLD, replace(OLD, valid_at=TIMES + pd.Timedelta("1h")), "NaN")
    assert found.error == "it forecast other times"
