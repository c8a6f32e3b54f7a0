"""What a feature says about a target: nothing, everything, and what lies between."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.features.information import mutual_information, rank_correlation, redundant_with

ROWS = 4096
NOISE = np.random.default_rng(0)
GOAL = pd.Series(np.arange(ROWS, dtype=float))


def test_rank_correlation_knows_up_down_and_nothing():
    table = pd.DataFrame({"up": GOAL**3, "down": -GOAL, "flat": 1.0})
    found = rank_correlation(table, GOAL)
    assert found[["up", "down"]].tolist() == pytest.approx([1, -1])
    assert np.isnan(found["flat"])


def test_information_of_a_copy_is_the_number_of_bins():
    found = mutual_information(pd.DataFrame({"copy": GOAL, "flat": 1.0}), GOAL, bins=16)
    assert found["copy"] == pytest.approx(4 - 15**2 / (2 * ROWS * np.log(2)))
    assert found["flat"] == 0


def test_information_sees_what_a_correlation_cannot():
    bend = pd.DataFrame({"bend": (GOAL - GOAL.mean()).abs()})
    assert abs(rank_correlation(bend, GOAL)["bend"]) < 0.01
    assert mutual_information(bend, GOAL)["bend"] > 2


def test_information_of_noise_is_close_to_nothing():
    noise = pd.DataFrame(NOISE.normal(size=(ROWS, 20)))
    assert mutual_information(noise, GOAL).mean() < 0.01


def test_rows_without_a_value_do_not_count():
    half = pd.DataFrame({"half": GOAL.where(GOAL % 2 == 0), "none": np.nan})
    found = mutual_information(half, GOAL, bins=4)
    assert found["half"] == pytest.approx(2 - 9 / (ROWS * np.log(2)), abs=0.01)
    assert found["none"] == 0


@given(bins=st.integers(2, 20), seed=st.integers(0, 99))
def test_information_lies_between_nothing_and_the_bins(bins, seed):
    noise = np.random.default_rng(seed)
    goal = pd.Series(noise.integers(0, 5, 300).astype(float))
    found = mutual_information(pd.DataFrame({"a": goal, "b": noise.normal(size=300)}), goal, bins)
    assert (found >= 0).all()
    assert (found <= np.log2(bins) + 1e-9).all()


def test_of_two_alike_the_later_is_redundant():
    noise = pd.Series(NOISE.normal(size=ROWS))
    table = pd.DataFrame({"a": GOAL, "b": noise, "c": -2 * GOAL, "d": 1.0})
    assert redundant_with(table, 0.95).to_dict() == {"c": "a"}
    assert redundant_with(table[["c", "b", "a"]], 0.95).to_dict() == {"a": "c"}
