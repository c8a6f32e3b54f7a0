"""Means by local hour and type of day."""

from datetime import date

import pandas as pd
import pytest

from lab.exploration.profiles import calendar_keys, day_profile, month_profile

# Monday to Sunday, local days of Brussels in winter.
INDEX = pd.date_range("2016-01-03 23:00", periods=7 * 24, freq="h", tz="UTC")


def test_keys_are_those_of_the_local_clock():
    keys = calendar_keys(INDEX, "Europe/Brussels", {date(2016, 1, 6)})
    assert keys["hour"].iloc[:3].tolist() == [0, 1, 2]
    types = keys.groupby("date")["day_type"].first().tolist()
    rest = "sunday_or_holiday"
    assert types == ["workday", "workday", rest, "workday", "workday", "saturday", rest]
    assert keys["month"].unique().tolist() == [1]


def test_a_week_lasts_from_monday_to_sunday():
    keys = calendar_keys(INDEX, "Europe/Brussels")
    assert keys["week"].nunique() == 1
    next_monday = calendar_keys(INDEX[-1:] + pd.Timedelta(hours=1), "Europe/Brussels")
    assert next_monday["week"].iloc[0] == keys["week"].iloc[0] + 1


def test_a_profile_is_a_multiple_of_the_mean():
    keys = calendar_keys(INDEX, "Europe/Brussels")
    values = pd.Series(2.0, index=INDEX)
    values[(keys["hour"] == 12) & (keys["day_type"] == "saturday")] = 26.0
    found = day_profile(values, keys)
    mean = (2 * 167 + 26) / 168
    assert found.shape == (24, 3)
    assert found.loc[12, "saturday"] == pytest.approx(26 / mean)
    assert found.loc[12, "workday"] == pytest.approx(2 / mean)


def test_months_keep_the_unit_and_skip_gaps():
    keys = calendar_keys(INDEX, "Europe/Brussels")
    values = keys["hour"].astype(float)
    values.iloc[5] = float("nan")
    found = month_profile(values, keys)
    assert found.loc[1].tolist() == list(range(24))
