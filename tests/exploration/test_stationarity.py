"""Two tests and a verdict; the place of a shift."""

import numpy as np
import pandas as pd
import pytest

from lab.exploration.stationarity import (
    VERDICTS,
    Stationarity,
    largest_shift,
    stationarity,
    tamed,
)

RNG = np.random.default_rng(1)
NOISE = pd.Series(RNG.normal(size=400), index=pd.date_range("2016-01-01", periods=400, freq="D"))


def test_noise_is_stationary():
    found = stationarity(NOISE)
    assert found.verdict == "stationary"
    assert found.adf_p < 0.01
    assert found.kpss_text == "≥ 0.10"


def test_a_random_walk_wanders():
    found = stationarity(NOISE.cumsum())
    assert found.verdict == "wanders"
    assert found.kpss_text == "≤ 0.01"


def test_a_step_between_two_levels_is_a_shifting_level():
    found = stationarity(NOISE + np.where(np.arange(400) < 200, 0, 1.5))
    assert found.verdict in ("shifting level", "wanders")
    assert found.kpss_p == 0.01


@pytest.mark.parametrize(
    ("adf_rejects", "kpss_rejects", "word"),
    [
        (True, False, "stationary"),
        (False, True, "wanders"),
        (True, True, "shifting level"),
        (False, False, "undecided"),
    ],
    ids=lambda value: str(value),
)
def test_each_pair_of_answers_has_its_word(adf_rejects, kpss_rejects, word):
    assert VERDICTS[adf_rejects, kpss_rejects] == word


@pytest.mark.parametrize(
    "daily",
    [
        pytest.param(NOISE.iloc[:59], id="59 days"),
        pytest.param(NOISE * 0, id="constant"),
        pytest.param(NOISE.where(NOISE.index < "2016-02-01"), id="a month and gaps"),
    ],
)
def test_too_little_gets_no_verdict(daily):
    found = stationarity(daily, min_days=60)
    assert found.verdict == "too short"
    assert found.kpss_text == ""


def test_a_value_inside_the_table_has_no_sign():
    assert Stationarity(0.2, 0.034, "wanders").kpss_text == "0.03"


def test_a_shift_is_found_on_its_day():
    level = pd.Series(np.repeat([0.0, 10.0], 40), index=NOISE.index[:80])
    day, step = largest_shift(level, window=10)
    assert day == NOISE.index[40]
    # The median of all days is 5 and each is 5 away from it.
    assert step == pytest.approx(10 / (1.4826 * 5))
    assert largest_shift(-level, window=10) == (day, -step)


def test_a_few_wild_days_are_no_shift():
    level = pd.Series(np.tile([0.0, 1.0], 40), index=NOISE.index[:80])
    level.iloc[40:44] = 1000
    assert abs(largest_shift(level, window=10)[1]) < 1.5
    # Median 1, usual spread 1.4826: a wild day is drawn in to three of it.
    assert tamed(level)[0].max() == pytest.approx(1 + 3 * 1.4826)


@pytest.mark.parametrize(
    "daily",
    [pytest.param(NOISE.iloc[:19], id="too short"), pytest.param(NOISE * 0, id="constant")],
)
def test_no_shift_without_days_or_change(daily):
    day, step = largest_shift(daily, window=10)
    assert day is None
    assert np.isnan(step)
