"""A linear forecast: it finds a linear truth, and learns from the training part only."""

import numpy as np
import pandas as pd
import pytest

from lab.features.linear import (
    PENALTIES,
    choose_penalty,
    choose_penalty_by_rows,
    linear_forecast,
    ridge,
    scores,
)


@pytest.fixture
def parts() -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Return training part, test part and today's value; the change is 3 times a feature."""
    noise = np.random.default_rng(0)
    index = pd.date_range("2016-01-01", periods=600, freq="h", tz="UTC")
    table = pd.DataFrame(noise.normal(size=(600, 2)), index=index, columns=["says", "noise"])
    today = pd.Series(noise.normal(40, 20, 600), index=index)
    table["target"] = today + 3 * table["says"]
    return table.iloc[:400], table.iloc[400:], today


def test_a_linear_truth_is_found(parts):
    train, test, today = parts
    found = scores(linear_forecast(train, test, today), test["target"])
    assert found["mae"] < 0.05
    assert found["rank_correlation"] > 0.999


def test_one_spike_in_training_does_not_decide_the_fit(parts):
    train, test, today = parts
    spiked = train.copy()
    spiked.iloc[10, spiked.columns.get_loc("target")] += 1e5
    assert scores(linear_forecast(spiked, test, today), test["target"])["mae"] < 0.3


def test_the_test_part_teaches_nothing(parts):
    train, test, today = parts
    other = test.copy()
    other.iloc[1:] = 1e3
    first = linear_forecast(train, test, today).iloc[0]
    assert linear_forecast(train, other, today).iloc[0] == first


def test_ridge_by_hand():
    inputs, goal = np.array([[-1.0], [0.0], [1.0]]), np.array([3.0, 5.0, 7.0])
    weights, level = ridge(inputs, goal, (1e-9, 2.0))
    assert weights[:, 0].tolist() == pytest.approx([2, 1])  # 4 / (2 + penalty)
    assert level.tolist() == pytest.approx([5, 5])


def test_columns_that_repeat_one_another_share_the_weight():
    column = np.arange(10.0)[:, None]
    (weights,), _ = ridge(np.hstack([column, column]), 2 * column[:, 0], (1e-6,))
    assert weights.tolist() == pytest.approx([1, 1])


def test_a_feature_that_says_nothing_gets_the_heaviest_penalty():
    noise = np.random.default_rng(1)
    goal = noise.normal(size=600)
    told = np.column_stack([goal, noise.normal(size=600)])
    assert choose_penalty(told, goal) == 1
    assert choose_penalty(noise.normal(size=(600, 50)), goal) >= 1e4


def test_a_given_penalty_is_taken(parts):
    train, test, today = parts
    flat = linear_forecast(train, test, today, penalty=1e12)
    assert (flat - today[test.index]).std() < 1e-6
    chosen = linear_forecast(train, test, today, penalty=1.0)
    assert chosen.equals(linear_forecast(train, test, today))


def test_leaving_out_single_rows_is_what_fitting_without_each_row_gives():
    noise = np.random.default_rng(2)
    inputs, goal = noise.normal(size=(30, 20)), noise.normal(size=30)
    errors = np.zeros(len(PENALTIES))
    for row in range(30):
        weights, level = ridge(np.delete(inputs, row, 0), np.delete(goal, row), PENALTIES)
        errors += np.abs(weights @ inputs[row] + level - goal[row])
    assert choose_penalty_by_rows(inputs, goal) == PENALTIES[errors.argmin()]


def test_rows_that_come_in_copies_mislead_the_choice_by_single_rows():
    noise = np.random.default_rng(3)
    inputs, goal = noise.normal(size=(60, 40)), noise.normal(size=60)
    copies = np.repeat(inputs, 10, axis=0), np.repeat(goal, 10)
    assert choose_penalty_by_rows(*copies) < choose_penalty(*copies)


def test_scores_by_hand():
    found = scores(pd.Series([1.0, 2.0, 3.0]), pd.Series([1.0, 5.0, -1.0]))
    assert found["mae"] == pytest.approx(7 / 3)
    assert found["rmse"] == pytest.approx(np.sqrt(25 / 3))
    assert found["rank_correlation"] == pytest.approx(-0.5)
