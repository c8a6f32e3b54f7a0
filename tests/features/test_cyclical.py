"""Waves over the local day, week and year."""

import numpy as np
import pandas as pd
import pytest

from lab import features

SPEC = {"families": ["cyclical"]}


def waves(stamps) -> pd.DataFrame:
    """Return the cyclical family for UTC stamps."""
    index = pd.DatetimeIndex(stamps, tz="UTC")
    table = pd.DataFrame({"price_eur_per_mwh": 0.0}, index=index)
    return features.build(table, SPEC, zone="Europe/Brussels")


def test_six_waves_on_the_unit_circle():
    table = waves(pd.date_range("2016-01-01", periods=9000, freq="h"))
    assert list(table) == ["sin_day", "cos_day", "sin_week", "cos_week", "sin_year", "cos_year"]
    for period in ("day", "week", "year"):
        radius = table[f"sin_{period}"] ** 2 + table[f"cos_{period}"] ** 2
        np.testing.assert_allclose(radius, 1)


def test_six_in_the_morning_by_the_local_clock_is_a_quarter_of_the_day():
    # 05:00 UTC in winter, 04:00 UTC in summer.
    table = waves(["2016-01-15 05:00", "2016-01-15 06:00", "2016-07-15 04:00"])
    assert table["sin_day"].iloc[[0, 2]].tolist() == pytest.approx([1, 1])
    assert table["cos_day"].iloc[[0, 2]].tolist() == pytest.approx([0, 0], abs=1e-12)


def test_monday_midnight_begins_the_week_and_new_year_the_year():
    table = waves(["2017-12-31 23:00", "2018-01-01 00:00"])  # Monday, 1 January 2018, 00:00 local
    assert table[["sin_week", "sin_year"]].iloc[0].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert table[["cos_week", "cos_year"]].iloc[0].tolist() == pytest.approx([1, 1])
