"""Groups of households: two kinds of day are told apart."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.forecast import clusters, meters

ZONE = "Europe/Brussels"
EVENING = np.where((np.arange(24) >= 17) & (np.arange(24) < 23), 5.0, 1.0)
MIDDAY = np.where((np.arange(24) >= 10) & (np.arange(24) < 16), 5.0, 1.0)


@pytest.fixture(scope="module")
def tables():
    """Three evening and two midday meters of different size; 14 days from 1 January 2016."""
    index = pd.date_range("2015-12-31 23:00", periods=14 * 24, freq="h", tz="UTC")
    shapes = {"e1": EVENING, "m1": 10 * MIDDAY, "e2": 3 * EVENING, "m2": MIDDAY, "e3": EVENING}
    loads = pd.DataFrame({name: np.tile(day, 14) for name, day in shapes.items()}, index=index)
    loads.iloc[-24:] *= 100
    loads.iloc[3, 0] = np.nan
    return meters.day_tables(loads, pd.DataFrame(index=index), ZONE, set())


def test_profiles_are_in_units_of_the_mean_and_end_in_time(tables):
    profiles = clusters.daily_profiles(tables, "2016-01-14")
    assert profiles.shape == (5, 48)
    # Six hours of 5 and eighteen of 1: mean 2.
    assert profiles.loc["m1", ("workday", 12)] == pytest.approx(2.5)
    assert profiles.loc["e2", ("free", 0)] == pytest.approx(0.5)
    later = clusters.daily_profiles(tables, "2016-01-13")
    assert later.loc["m1"].to_numpy() == pytest.approx(profiles.loc["m1"].to_numpy())


def test_alike_meters_are_one_group_the_largest_first(tables):
    profiles = clusters.daily_profiles(tables, "2016-01-14")
    assert clusters.clusters(profiles, 2) == {"A": ["e1", "e2", "e3"], "B": ["m1", "m2"]}
    assert clusters.clusters(profiles, 1) == {"A": ["e1", "m1", "e2", "m2", "e3"]}
    assert clusters.clusters(profiles.loc[["m1"]], 1) == {"A": ["m1"]}


@pytest.mark.parametrize("count", [0, 6])
def test_impossible_numbers_are_refused(tables, count):
    profiles = clusters.daily_profiles(tables, "2016-01-14")
    with pytest.raises(UsageError, match=f"between 1 and 5, got {count}"):
        clusters.clusters(profiles, count)


def test_traits_by_hand(tables):
    traits = clusters.traits(clusters.daily_profiles(tables, "2016-01-14"))
    # 30 of 48 in the six hours, 6 of 48 in six others.
    assert traits.loc["e2", "evening_share_percent"] == pytest.approx(62.5)
    assert traits.loc["e2", "night_share_percent"] == pytest.approx(12.5)
    assert traits.loc["m1", "midday_share_percent"] == pytest.approx(62.5)
    assert traits.loc["m1", "free_day_percent"] == pytest.approx(100.0)
    assert traits.loc["e2", "peak_h"] == 17
    assert traits.loc["m1", "peak_h"] == 10


def test_a_meter_silent_at_some_hour_is_refused(tables):
    silent = tables["e1"]
    days = silent.days[silent.target].copy()
    days[:, 4] = np.nan
    broken = type("Broken", (), vars(silent) | {"position": silent.position})()
    broken.days = silent.days | {silent.target: days}
    with pytest.raises(DataError, match="Meter 'e1' has no value at some hour before 2016-01-14"):
        clusters.daily_profiles({"e1": broken}, "2016-01-14")
