"""One line for one series."""

import numpy as np
import pandas as pd
import pytest

from lab.exploration.overview import describe

INDEX = pd.date_range("2016-01-03 23:00", periods=20 * 168, freq="h", tz="UTC")
SETTINGS = {"folds": 5, "strength_hours": 4 * 168, "min_days": 60, "shift_days": 28}


def test_a_line_holds_level_memory_and_verdict():
    hour = INDEX.tz_convert("Europe/Brussels").hour
    noise = np.random.default_rng(0).normal(size=len(INDEX))
    values = pd.Series(hour + 0.1 * noise, index=INDEX)
    values.iloc[24:36] = np.nan
    found = describe(values, "Europe/Brussels", (), **SETTINGS)
    assert found["first"] == "2016-01-04"
    assert found["missing_percent"] == pytest.approx(100 * 12 / 3360)
    assert found["mean"] == pytest.approx(11.5, abs=0.1)
    assert found["hour_percent"] > 99
    assert found["autocorrelation_week"] > 0.95
    assert found["strength_day"] > 0.99
    assert found["verdict"] in {"stationary", "shifting level", "undecided", "wanders"}


def test_a_short_or_constant_series_gets_gaps_instead_of_numbers():
    found = describe(pd.Series(1.0, index=INDEX[:48]), "UTC", (), **SETTINGS)
    assert found["verdict"] == "too short"
    assert found["shift_day"] is None
    assert np.isnan([found["hour_percent"], found["strength_day"], found["adf_p"]]).all()
