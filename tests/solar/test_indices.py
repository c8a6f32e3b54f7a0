from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lab.solar import indices
from lab.solar.indices import IndexInputs, Indices

CLEAR = np.array([0.0, 100.0, 200.0, 100.0, 0.0, 0.0])


def view(power, weather=None):
    days = len(power)
    future = dict.fromkeys(indices.KNOWN, np.zeros(6)) | {"clear_w": CLEAR}
    past = {"power_w": np.array(power, dtype=float), "clear_w": np.tile(CLEAR, (days, 1))}
    return SimpleNamespace(past_days=past | (weather or {}), future_days=future)


def test_medians_of_a_slot_pass_over_one_cloudy_day():
    found = Indices(np.outer([0.8, 0.1, 0.8], CLEAR), np.tile(CLEAR, (3, 1))).of_slots()
    assert found["median_3"] == pytest.approx(0.8)
    assert found["index_1"] == pytest.approx(0.8)


def test_smoothing_is_the_mean_of_three_slots():
    day = np.array([[0, 0, 100, 100, 0, 0]])
    found = Indices(day, CLEAR[None]).of_slots()
    assert found["index_1"].tolist() == [0, 0, 0.5, 1, 1, 1]
    assert found["smooth_1"] == pytest.approx([0, 0.5 / 3, 0.5, 2.5 / 3, 1, 1])


def test_figures_of_days_by_hand():
    found = Indices(np.outer([0.2, 0.4, 0.9], CLEAR), np.tile(CLEAR, (3, 1))).of_days()
    assert found["middle_14"] == pytest.approx(0.4)
    assert found["spread_14"] == pytest.approx(np.std([0.2, 0.4, 0.9]))
    assert found["mean_2"] == pytest.approx(0.65)


def test_an_envelope_takes_shade_out_of_the_index():
    # The third slot lies in shade every day: half the clear sky's power is all it can give.
    shade = np.array([1, 1, 1, 0.5, 1, 1])
    power = np.outer(np.tile([1.0, 0.6, 1.0, 1.0], 10), CLEAR * shade)
    with_shade = IndexInputs("power_w", envelope_days=30)(view(power))
    assert with_shade["clear"][1:4] == pytest.approx([100, 200, 100])
    # Neighbours are pooled; without them the slot's own envelope would be a half.
    alone = indices.envelope(np.full((12, 6), 0.5))
    assert alone == pytest.approx(0.5)


def test_an_envelope_without_enough_values_is_one():
    assert indices.envelope(np.full((3, 6), 0.5)).tolist() == [1.0] * 6
    assert indices.envelope(np.full((3, 6), np.nan)).tolist() == [1.0] * 6


def test_weather_of_days_by_hand():
    values = np.array([[1.0, 3.0, np.nan, 2.0, 2.0, 2.0], [4.0, 8.0, np.nan, 6.0, np.nan, 2.0]])
    found = indices.weather_of_days("t", values)
    assert found == {"t_1": 5.0, "t_change": 3.0, "t_unusual": 1.5, "t_high": 8.0, "t_late": 2.0}


def test_weather_without_values_is_unknown():
    found = indices.weather_of_days("t", np.full((2, 6), np.nan))
    assert np.isnan(list(found.values())).all()


def test_names_follow_the_columns():
    one = view(np.outer([0.5, 0.6], CLEAR), {"cold": np.ones((2, 6))})
    inputs = IndexInputs("power_w", ("cold",))
    names = inputs.names(one)
    assert inputs(one)["x"].shape == (6, len(names)) and len(set(names)) == len(names)
    assert {"cold_late", "median_28", "slot"} <= set(names)


@given(
    hnp.arrays(float, (7, 4), elements=st.one_of(st.floats(-5, 5), st.just(np.nan))),
    st.floats(0, 1),
)
def test_quantiles_equal_those_of_numpy(values, share):
    found = indices.quantile(values, share)
    for column, one in zip(values.T, found, strict=True):
        known = column[np.isfinite(column)]
        expected = np.quantile(known, share) if len(known) else np.nan
        assert one == pytest.approx(expected, nan_ok=True)


def test_gaps_are_filled_from_both_sides():
    assert indices.spread_out(np.array([np.nan, 1, np.nan, 3])).tolist() == [1, 1, 2, 3]
    assert np.isnan(indices.spread_out(np.full(3, np.nan))).all()
