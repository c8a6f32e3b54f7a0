"""Expected error sizes: learned from known days alone, wider where signs announce it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageError
from lab.forecast.difficulty import LEAST, MOST, Difficulty, disagreement

DAYS = 200


def simulated(seed=1):
    rng = np.random.default_rng(seed)
    sign = rng.uniform(0, 1, DAYS)
    daily = np.exp(sign) * rng.uniform(0.9, 1.1, DAYS)
    return daily, sign[:, None], np.arange(DAYS)


def test_it_finds_the_law_of_simulated_errors():
    daily, signs, known = simulated()
    size = Difficulty(penalty=0.1).expected(daily, signs, known)
    assert (size[:60] == 1).all()
    # exp(sign) relative to its usual value, exp(0.5).
    assert size[60:] == pytest.approx(np.exp(signs[60:, 0] - 0.5), rel=0.1)


@given(st.integers(61, DAYS - 1), st.floats(0.01, 100))
def test_no_later_error_moves_an_issue(issue, noise):
    daily, signs, known = simulated()
    changed = daily.copy()
    changed[issue:] = noise
    before, after = (Difficulty().expected(d, signs, known) for d in (daily, changed))
    assert before[: issue + 1].tobytes() == after[: issue + 1].tobytes()


def test_a_lead_is_respected():
    daily, signs, _ = simulated()
    known = np.maximum(np.arange(DAYS) - 3, 0)
    changed = daily.copy()
    changed[97:] = 50.0
    before, after = (Difficulty().expected(d, signs, known) for d in (daily, changed))
    assert before[:101].tobytes() == after[:101].tobytes()
    assert not np.array_equal(before, after)


def test_sizes_stay_within_their_bounds():
    daily, signs, known = simulated()
    signs[193:196] = 100
    signs[196:] = -100
    size = Difficulty(penalty=0.1).expected(daily, signs, known)
    assert (size.min(), size.max()) == (LEAST, MOST)


def test_unknown_signs_and_errors_say_nothing():
    daily, signs, known = simulated()
    daily[:150] = np.nan
    signs[180] = np.nan
    size = Difficulty().expected(daily, signs, known)
    assert (size[:150] == 1).all()
    assert size[180] == 1
    assert np.isfinite(size).all()


def test_disagreement_by_hand():
    first, second = np.array([9.0, 11.0, 10.0]), np.array([11.0, 9.0, 10.0])
    found = disagreement([first, second], np.array([0, 0, 1]))
    assert found == pytest.approx([np.log(0.1), np.log(1e-6)])


@pytest.mark.parametrize(
    ("values", "words"),
    [({"penalty": 0.0}, "got 0.0, 60 and 7"), ({"min_days": 0}, "got 30.0, 0 and 7")],
    ids=["penalty", "days"],
)
def test_impossible_settings(values, words):
    with pytest.raises(UsageError, match=words):
        Difficulty(**values)


def test_arrays_must_fit():
    daily, signs, known = simulated()
    with pytest.raises(UsageError, match="got 200, 199 and 200"):
        Difficulty().expected(daily, signs[1:], known)
