import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.simulate import ZONE, households, meters, temperature_c
from lab.simulate.meters import FUSE_W, Clock


@pytest.fixture(scope="module")
def year():
    """A hundred simulated meters over a year."""
    return meters(100, 365, seed=3)


def test_a_table_says_what_it_is(year):
    assert all(name.startswith("simulated_meter_") for name in year)
    assert year.shape == (8760, 100)
    assert set(year.dtypes) == {np.dtype("float32")}
    assert str(year.index.tz) == "UTC"
    assert year.index[0] == pd.Timestamp("2023-01-01", tz=ZONE)


@settings(max_examples=8, deadline=None)
@given(start=st.integers(0, 60), count=st.integers(1, 4), seed=st.integers(0, 2**40))
def test_a_meter_is_the_same_in_every_fleet(start, count, seed):
    alone = meters(count, 3, seed, start=start)
    fleet = meters(start + count, 3, seed)
    pd.testing.assert_frame_equal(alone, fleet.iloc[:, start:], check_exact=True)


def test_power_is_plausible(year):
    mean = year.mean()
    assert 250 < mean.median() < 650, "2 to 6 MWh a year"
    assert year.min().min() >= 0 and year.max().max() <= FUSE_W
    assert mean.quantile(0.9) > 2 * mean.quantile(0.1)
    assert (year.kurt() > 3).mean() > 0.9, "heavier tails than a normal"


def test_evenings_are_busier_than_nights(year):
    hour = year.index.tz_convert(ZONE).hour
    profile = year.mean(axis=1).groupby(hour).mean()
    assert profile[18:21].mean() > 1.8 * profile[3:5].mean()
    assert profile[7] > profile[4]


def test_free_days_differ_for_those_who_go_out(year):
    local = year.index.tz_convert(ZONE)
    out = households(100, 3)["cluster"].isin(["commuters", "families"]).to_numpy()
    noon = year.loc[local.hour == 11].loc[:, out].mean(axis=1)
    weekend = noon.index.tz_convert(ZONE).dayofweek >= 5
    assert noon[weekend].mean() > 1.3 * noon[~weekend].mean()
    labour_day = noon[noon.index.tz_convert(ZONE).strftime("%m-%d") == "05-01"]
    assert labour_day.iloc[0] > 1.15 * noon[~weekend].mean()


def test_heating_answers_to_cold(year):
    heated = households(100, 3)["heating_w_per_k"].to_numpy() > 60
    cold = year.loc["2023-01", year.columns[heated]].mean().mean()
    warm = year.loc["2023-07", year.columns[heated]].mean().mean()
    assert cold > warm + 400


def test_readings_are_missing_in_stretches(year):
    share = year.isna().to_numpy().mean()
    assert 0.002 < share < 0.01
    gaps = year.isna().astype(int).diff().eq(1).to_numpy().sum()
    hours = year.isna().to_numpy().sum()
    assert 7 < hours / gaps < 25


def test_the_clock_has_days_of_23_and_25_hours():
    spring = Clock.of("2023-03-26", 1)
    autumn = Clock.of("2023-10-29", 1)
    assert (len(spring.index), len(autumn.index)) == (23, 25)
    assert 2 not in spring.hour and list(autumn.hour).count(2) == 2
    assert Clock.of("2023-05-01", 2).free.tolist() == [1] * 24 + [0] * 24


def test_the_weather_is_one_for_all_and_has_seasons():
    weather = temperature_c(365, seed=3)
    assert weather.equals(temperature_c(365, seed=3))
    assert weather.loc["2023-07"].mean() > weather.loc["2023-01"].mean() + 10
    by_hour = weather.groupby(weather.index.hour).mean()
    assert by_hour.idxmax() in (12, 13, 14)


def test_no_days_are_refused():
    with pytest.raises(UsageError, match="at least one day, got 0"):
        meters(1, 0, 1)
