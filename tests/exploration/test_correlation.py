"""What moves together, and groups of like days."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.exploration.correlation import (
    group_patterns,
    lead_lag,
    patterns,
    rank_correlation,
    upper,
)
from lab.exploration.profiles import calendar_keys

INDEX = pd.date_range("2016-01-04", periods=14 * 24, freq="h", tz="UTC")
KEYS = calendar_keys(INDEX, "UTC")


def meter(size, peak):
    return size * (1 + 5.0 * (KEYS["hour"] == peak))


TABLE = pd.DataFrame(
    {"a": meter(1, 8), "b": meter(7, 8), "c": meter(2, 20), "d": meter(9, 8), "e": meter(1, 20)}
)


def test_ranks_see_a_bent_relation():
    table = pd.DataFrame({"x": [1.0, 2, 3, 4], "y": [1.0, 8, 27, 64], "z": [4.0, 3, 2, 1]})
    found = rank_correlation(table)
    assert found.loc["x", "y"] == pytest.approx(1)
    assert found.loc["x", "z"] == pytest.approx(-1)


def test_each_pair_comes_once_largest_first():
    matrix = pd.DataFrame([[1, 0.2, 0.9], [0.2, 1, -0.5], [0.9, -0.5, 1]], list("abc"), list("abc"))
    found = upper(matrix)
    assert found.index.tolist() == [("a", "c"), ("a", "b"), ("b", "c")]
    assert found.tolist() == [0.9, 0.2, -0.5]


def test_a_pattern_does_not_know_the_size():
    shapes = patterns(TABLE, KEYS)
    assert shapes.shape == (5, 48)
    assert shapes.loc["a"].tolist() == pytest.approx(shapes.loc["b"].tolist())
    # Mean of the day is (24 + 5) / 24.
    assert shapes.loc["a", ("workday", 8)] == pytest.approx(6 * 24 / 29)


def test_groups_are_those_of_like_days_the_largest_first():
    shapes = patterns(TABLE, KEYS)
    groups, scores = group_patterns(shapes, [2, 3], seed=0)
    assert groups.tolist() == [1, 1, 2, 1, 2]
    assert scores[2] == pytest.approx(1)


@pytest.mark.parametrize("counts", [[1], [5], []], ids=["one", "as many as rows", "none"])
def test_a_count_that_is_no_grouping_is_refused(counts):
    with pytest.raises(UsageError, match="must lie between 2 and 4"):
        group_patterns(patterns(TABLE, KEYS), counts, seed=0)


def test_the_leader_shows_at_a_positive_lag():
    second = pd.Series(np.random.default_rng(0).normal(size=200))
    found = lead_lag(second.shift(3), second, range(-5, 6))
    assert found.idxmax() == 3
    assert found[3] == pytest.approx(1)
