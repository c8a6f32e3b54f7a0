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
def test_pieces_that_are_filled_from_the_middle_lose_what_the_score_loses(net):
    score, size = Score(30.0), np.abs(net)
    inner = np.concatenate([[0.0], np.cumsum(score.widths_kw)[:-1]])
    filled = np.clip(size[:, None] - inner, 0, score.widths_kw)
    np.testing.assert_allclose(1 - filled @ score.rates, score(np.array(net)), atol=1e-12)
    assert (np.diff(score.rates) > 0).all()


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0, 1))
def test_it_is_concave_and_between_0_and_1(one, other, share):
    score = Score(10.0)
    mixed = score(np.array([share * one + (1 - share) * other]))[0]
    ends = score(np.array([one, other]))
    assert mixed >= share * ends[0] + (1 - share) * ends[1] - 1e-12
    assert 0 <= mixed <= 1


@pytest.mark.parametrize("rating", [0.0, -1.0, float("nan"), "5"])
def test_a_rating_must_be_positive(rating):
    with pytest.raises(UsageError, match=r"rating of a stability score \[kW\] must be"):
        Score(rating)


@pytest.mark.parametrize("knots", [[0.0], [0.1, 1.0], [0.0, 0.9], [0.0, 0.5, 0.5, 1.0]])
def test_knots_rise_from_0_to_1(knots):
    with pytest.raises(UsageError, match="must rise from 0 to 1"):
        Score(1.0, knots)
