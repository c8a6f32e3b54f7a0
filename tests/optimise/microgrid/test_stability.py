import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.optimise.microgrid.stability import Score


def test_lines_meet_the_parabola_at_the_knots():
    share = np.array([-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(Score(20.0)(20 * share), 1 - share**2)


def test_beyond_the_rating_the_score_is_0():
    assert Score(5.0)(np.array([-9.0, 9.0])).tolist() == [0.0, 0.0]


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=20))
def test_the_least_of_the_lines_is_the_score(net):
    score, net = Score(30.0), np.array(net)
    slope, level = score.segments()
    least = (net[:, None] * slope + level).min(axis=1)
    np.testing.assert_allclose(least, score(net), atol=1e-12)


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0, 1))
def test_it_is_concave_and_between_0_and_1(one, other, share):
    score = Score(10.0)
    mixed = score(np.array([share * one + (1 - share) * other]))[0]
    ends = score(np.array([one, other]))
    assert mixed >= share * ends[0] + (1 - share) * ends[1] - 1e-12
    assert 0 <= mixed <= 1


@pytest.mark.parametrize("rating", [0.0, -1.0, float("nan")])
def test_a_rating_must_be_positive(rating):
    with pytest.raises(UsageError, match="rating of a stability score must be positive"):
        Score(rating)


@pytest.mark.parametrize("knots", [[0.0], [0.1, 1.0], [0.0, 0.9], [0.0, 0.5, 0.5, 1.0]])
def test_knots_rise_from_0_to_1(knots):
    with pytest.raises(UsageError, match="must rise from 0 to 1"):
        Score(1.0, knots)
