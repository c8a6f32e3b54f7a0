import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.quality.stuck import (
    frozen_together,
    is_rounded,
    is_stepwise,
    mask,
    runs,
    stuck_runs,
)
from lab.quality.timing import HOUR


def varying(samples: int, step: str, seed: int) -> pd.Series:
    """Return values that all differ, as a meter with many digits gives them."""
    values = np.random.default_rng(seed).permutation(samples) + 0.5
    stamps = pd.date_range("2021-03-20", periods=samples, freq=step, tz="UTC")
    return pd.Series(values.astype(float), stamps, name="load_kw")


def test_runs_by_hand(hourly):
    values = pd.Series([1, 1, 2, np.nan, 2, 3, 3, 3], hourly[:8], dtype=float)
    found = runs(values)
    assert found["start"].tolist() == [hourly[0], hourly[5]]
    assert found["end"].tolist() == [hourly[1], hourly[7]]
    assert found["hours"].tolist() == [1, 2]
    assert found["samples"].tolist() == [2, 3]
    assert found["value"].tolist() == [1, 3]


def test_missing_values_or_rows_end_a_run(hourly):
    values = pd.Series([5.0, 5, 5, 5, 6, 7], hourly[[0, 1, 7, 8, 9, 10]])
    assert runs(values)["hours"].tolist() == [1, 1]


def test_a_series_without_values_has_no_runs(hourly):
    assert runs(pd.Series(np.nan, hourly)).empty


STEPS = {"15min": 0.25, "30min": 0.5, "1h": 1.0}


@settings(max_examples=60, deadline=None)
@given(
    step=st.sampled_from(list(STEPS)),
    seed=st.integers(0, 1000),
    start=st.integers(1, 300),
    length=st.integers(2, 150),
)
def test_an_injected_run_is_found_from_six_hours_on_with_start_and_length(
    rules, step, seed, start, length
):
    series = varying(500, step, seed)
    series.iloc[start : start + length] = series.iloc[start]
    found = stuck_runs(series, rules.stuck)
    hours = (length - 1) * STEPS[step]
    if hours < rules.stuck.min_hours:
        assert found.empty
    else:
        (run,) = found.itertuples()
        assert (run.start, run.hours, run.kind) == (series.index[start], hours, "stuck")
        assert mask(series.index, found).sum() == length


@settings(max_examples=40, deadline=None)
@given(step=st.sampled_from(list(STEPS)), seed=st.integers(0, 1000))
def test_where_nothing_is_injected_nothing_is_found(rules, step, seed):
    assert stuck_runs(varying(400, step, seed), rules.stuck).empty


def test_the_night_of_a_pv_system_is_no_fault(rules, hourly):
    hour = hourly.hour.to_numpy()
    power = np.where((hour > 6) & (hour < 18), np.arange(len(hourly)) + 1.0, 0.0)
    assert stuck_runs(pd.Series(power, hourly), rules.stuck, rests_at_zero=True).empty


def test_a_pv_system_dead_for_days_is_a_long_rest(rules, hourly):
    hour = hourly.hour.to_numpy()
    power = np.where((hour > 6) & (hour < 18), np.arange(len(hourly)) + 1.0, 0.0)
    power[240:312] = 0
    (run,) = stuck_runs(pd.Series(power, hourly), rules.stuck, rests_at_zero=True).itertuples()
    assert run.kind == "long_rest"
    assert run.hours > 72


def test_standby_at_one_level_every_night_is_no_fault(rules, noise):
    asleep = noise.index.hour < 8
    assert stuck_runs(noise.mask(asleep, 3.2), rules.stuck).empty


def test_but_the_same_meter_frozen_elsewhere_is(rules, noise):
    frozen = noise.mask(noise.index.hour < 8, 3.2)
    frozen.iloc[500:530] = 77.7
    (run,) = stuck_runs(frozen, rules.stuck).itertuples()
    assert (run.start, run.hours, run.value) == (noise.index[500], 29, 77.7)


def test_a_tariff_is_stepwise(rules, hourly):
    tariff = pd.Series(np.where(hourly.hour < 17, 0.21, 0.5), hourly)
    assert is_stepwise(tariff, rules.stuck)
    assert stuck_runs(tariff, rules.stuck).empty


def test_a_flat_tariff_and_an_empty_column_are_stepwise(rules, hourly):
    assert is_stepwise(pd.Series(0.3, hourly), rules.stuck)
    assert is_stepwise(pd.Series(np.nan, hourly), rules.stuck)


def test_a_rounded_column_may_stand_still_for_half_a_day(rules, noise):
    humidity = (noise / 1000).round(2)
    humidity.iloc[100:112] = 0.9
    assert is_rounded(humidity, rules.stuck)
    assert stuck_runs(humidity, rules.stuck).empty


def test_a_rounded_column_still_for_two_days_is_stuck(rules, noise):
    humidity = (noise / 1000).round(2)
    humidity.iloc[100:148] = 0.99
    (run,) = stuck_runs(humidity, rules.stuck).itertuples()
    assert (run.start, run.hours) == (noise.index[100], 47)


def test_freezing_together_needs_the_same_first_and_last_stamp(hourly):
    found = pd.DataFrame(
        {
            "start": hourly[[0, 0, 5]],
            "end": hourly[[9, 9, 9]],
            "hours": [9.0, 9.0, 4.0],
            "kind": "stuck",
            "column": ["a", "b", "c"],
        }
    )
    (group,) = frozen_together(found).itertuples()
    assert (group.columns, group.hours) == ("a, b", 9)


@pytest.mark.parametrize("day", ["2021-03-28", "2021-10-31"])
def test_hours_count_real_time_on_clock_change_days(rules, day):
    local = pd.date_range(day, periods=72, freq="h", tz="Europe/Brussels")
    series = pd.Series(np.arange(72.0) ** 1.5, local.tz_convert("UTC"))
    series.iloc[:24] = 7.7
    (run,) = stuck_runs(series, rules.stuck).itertuples()
    assert run.hours == 23
    assert run.end - run.start == 23 * HOUR
