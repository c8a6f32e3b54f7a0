"""What reports say in words."""

import pytest

from lab.forecast import words
from lab.forecast.naive import RULES


def test_every_simple_rule_has_words():
    assert set(words.RULES) == set(RULES)
    assert words.rule("same_day_type").startswith("last day of the same type")
    assert words.rule("some_rule") == "some rule"


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.108, "p = 0.11"), (0.001, "p = 0.001"), (0.0009, "p < 0.001"), (float("nan"), "too few")],
    ids=["plain", "at the limit", "below it", "unknown"],
)
def test_a_chance(p, said):
    assert words.chance(p).startswith(said)


@pytest.mark.parametrize(
    ("value", "tried", "edge"),
    [(1, [3, 1, 10], True), (10, [3, 1, 10], True), (3, [3, 1, 10], False), (3, [3, 3], False)],
    ids=["smallest", "largest", "inside", "one alone"],
)
def test_the_edge_of_a_grid(value, tried, edge):
    assert words.at_edge(value, tried) is edge


@pytest.mark.parametrize(
    ("parts", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), ("abc", "a, b and c")]
)
def test_a_list(parts, said):
    assert words.joined(parts) == said
