"""Inputs of meters: quantiles by hand, and what becomes of gaps and short histories."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lab.forecast import meters
from lab.forecast.meter_inputs import (
    MeterInputs,
    mean_of,
    quantiles,
    steady_level,
    weighted_median,
)

ZONE = "Europe/Brussels"
NAN = float("nan")


def table(values, weather=()):
    """Return a table that begins on Friday 1 January 2016; values by (days, 24)."""
    index = pd.date_range("2015-12-31 23:00", periods=values.size, freq="h", tz="UTC")
    loads = pd.DataFrame({"a": values.ravel()}, index=index)
    measured = pd.DataFrame({"temperature_c": np.repeat(np.arange(len(values)), 24)}, index=index)
    return meters.day_tables(loads, measured.astype(float), ZONE, set(), weather)["a"]


def of(table, number, lead_days=1, **settings):
    """Return the inputs of a day by name, and its level."""
    inputs = MeterInputs(**settings)
    view = table.view(number, lead_days)
    found = inputs(view)
    assert found["x"].dtype == np.float32
    return dict(zip(inputs.names(view), found["x"].T, strict=True)), found["level"][0]


@given(
    arrays(float, (7, 3), elements=st.floats(-5, 5) | st.just(NAN)),
    st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]),
)
def test_quantiles_are_those_of_numpy(values, level):
    known = np.isfinite(values).any(axis=0)
    found = quantiles(values, (level,))[0]
    assert np.isnan(found[~known]).all()
    expected = np.nanquantile(values[:, known], level, axis=0)
    assert found[known] == pytest.approx(expected, abs=1e-9)


def test_quantiles_of_nothing_are_missing():
    assert np.isnan(quantiles(np.empty((0, 2)), (0.5, 0.9))).all()


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        pytest.param([1, 1, 1], 3.0, id="even"),
        pytest.param([1, 1, 5], 9.0, id="last-heavy"),
        pytest.param([5, 1, 1], 3.0, id="first-heavy"),
    ],
)
def test_weighted_median_by_hand(weights, expected):
    values = np.array([[3.0, NAN], [1.0, NAN], [9.0, NAN]])
    found = weighted_median(values, np.array(weights, dtype=float))
    assert found[0] == expected
    assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("days", "level"),
    [
        pytest.param(np.full((10, 2), 4.0), 4.0, id="steady"),
        pytest.param(np.repeat([8.0, 2.0], 7)[:, None], 2.0, id="last-week"),
        pytest.param(np.repeat([40.0, 0.0], 7)[:, None], 5.0, id="a-quarter-of-all"),
        pytest.param(np.repeat([3.0, NAN], 7)[:, None], 3.0, id="week-missing"),
        pytest.param(np.zeros((3, 2)), 1.0, id="zeros"),
        pytest.param(np.full((3, 2), NAN), NAN, id="nothing"),
    ],
)
def test_level_by_hand(days, level):
    assert steady_level(days) == pytest.approx(level, nan_ok=True)


def test_inputs_count_days_back_from_the_issue():
    values = np.repeat(np.arange(1.0, 41.0), 24).reshape(40, 24)
    found, level = of(table(values), 35)
    assert level == 32.0  # days 29 to 35
    assert found["day_1"][0] * level == pytest.approx(35.0)
    assert found["day_3"][0] * level == pytest.approx(33.0)
    assert found["week_1"][0] * level == pytest.approx(29.0)
    assert found["median_7"][5] * level == pytest.approx(32.0)
    assert found["median_28"][5] * level == pytest.approx(21.5)
    assert found["deviation_1"][0] * level == pytest.approx(13.5)
    # 35 days from a Friday: the 36th is one again, and so were days 8, 15, 22 and 29.
    assert found["mean_same_weekday"][0] * level == pytest.approx(18.5)
    assert found["weekday"].tolist() == [4.0] * 24
    assert found["hour"].tolist() == list(range(24))


def test_a_longer_lead_sees_older_days():
    values = np.repeat(np.arange(1.0, 41.0), 24).reshape(40, 24)
    found, level = of(table(values), 35, lead_days=7)
    assert found["day_1"][0] * level == pytest.approx(29.0)
    # The same weekday, one week before the target: the last day before the issue.
    assert found["week_1"][0] * level == pytest.approx(29.0)
    assert found["week_2"][0] * level == pytest.approx(22.0)


def test_steadiness_tells_a_rest_from_a_habit():
    rng = np.random.default_rng(1)
    habit = np.tile(rng.uniform(1, 9, 24), (40, 1)) + rng.normal(0, 0.1, (40, 24))
    drift = np.repeat(rng.normal(0, 1, 40).cumsum() + 30, 24).reshape(40, 24)
    steady, _ = of(table(habit), 35)
    moving, _ = of(table(drift), 35)
    assert steady["from_before_to_from_median"][0] > 1 > moving["from_before_to_from_median"][0]


def test_weather_of_past_days_is_an_input_only_if_asked_for():
    values = np.ones((40, 24))
    found, _ = of(table(values, ["temperature_c"]), 35, weather=("temperature_c",))
    assert found["temperature_c_1"][0] == pytest.approx(34.0)
    assert found["temperature_c_7"][0] == pytest.approx(31.0)
    assert found["temperature_c_change"][0] == pytest.approx(13.5)
    plain, _ = of(table(values, ["temperature_c"]), 35)
    assert not [name for name in plain if name.startswith("temperature")]


def test_gaps_and_first_days_are_missing_not_wrong():
    values = np.full((40, 24), 2.0)
    values[33:] = NAN
    found, level = of(table(values), 35)
    assert level == 2.0
    assert np.isnan(found["day_1"]).all()
    assert np.isnan(found["deviation_1"]).all()
    assert found["median_28"][0] == pytest.approx(1.0)
    first, level = of(table(values), 0)
    assert np.isnan(level)
    assert np.isnan(first["median_28"]).all()


def test_mean_of_passes_over_gaps():
    assert mean_of(np.array([1.0, NAN, 3.0])) == 2.0
    assert np.isnan(mean_of(np.array([NAN])))
