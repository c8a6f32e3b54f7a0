"""Settings and measured values that do not fit, told in one sentence with what was got."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.checks import check_least, check_measured
from lab.forecast.combination import Trailing
from lab.forecast.ets import Ets
from lab.forecast.intervals import Calibration
from lab.forecast.mstl import Mstl
from lab.forecast.qra import Regression
from lab.forecast.sarimax import Sarimax


def test_settings_at_the_least_are_taken_and_those_below_listed():
    check_least("A model", 2, days=2, trees=3)
    with pytest.raises(
        UsageError, match=r"^A model needs a, b and c of at least 2, got 5, 1 and 2\.$"
    ):
        check_least("A model", 2, a=5, b=1, c=2)
    with pytest.raises(UsageError, match=r"^A model needs days of at least 1, got 0\.$"):
        check_least("A model", 1, days=0)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Ets(history_days=20), "history_days and window_days of at least 36, got 20 and"),
        (lambda: Mstl(window_days=27), "window_days of at least 28, got 56 and 27"),
        (lambda: Sarimax(window_days=7), "window_days of at least 8, got 56 and 7"),
        (lambda: Trailing(min_days=0), "past errors needs .* of at least 1, got 90 and 0"),
        (lambda: Regression(refresh_days=0), "averaging needs .* got 365, 60 and 0"),
        (lambda: Calibration(window_days=0), "Calibration needs .* got 0, 60 and 7"),
    ],
    ids=["ets", "mstl", "sarimax", "trailing", "regression", "calibration"],
)
def test_windows_that_are_too_short_are_refused(build, words):
    with pytest.raises(UsageError, match=words):
        build()


@pytest.mark.parametrize("shape", [(2,), (3, 1), ()], ids=["few", "table", "number"])
def test_measured_values_are_one_for_each_row(shape):
    forecasts = SimpleNamespace(day=np.zeros(3, dtype=int))
    check_measured("Calibration", forecasts, np.zeros(3))
    with pytest.raises(UsageError, match="Calibration needs one measured value for each of the 3"):
        check_measured("Calibration", forecasts, np.zeros(shape))
