from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.optimise.appliances.interrupted import Rules, cheapest


def runs(on):
    edges = np.diff(np.concatenate([[0], on.astype(int), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def allowed(on, rules):
    begin, end = runs(on)
    return (
        (end - begin >= rules.least_on).all()
        and (begin[1:] - end[:-1] >= rules.least_off).all()
        and (rules.max_starts is None or len(begin) <= rules.max_starts)
    )


def by_hand(cost, rules):
    """Try every choice of slots."""
    best = None
    for slots in combinations(range(len(cost)), rules.steps):
        on = np.zeros(len(cost), bool)
        on[list(slots)] = True
        if allowed(on, rules) and (best is None or cost[on].sum() < best):
            best = cost[on].sum()
    return best


@settings(max_examples=150, deadline=None)
@given(
    cost=st.lists(st.integers(-5, 9), min_size=4, max_size=9),
    steps=st.integers(1, 5),
    least_on=st.integers(1, 3),
    least_off=st.integers(1, 3),
    max_starts=st.none() | st.integers(1, 3),
)
def test_it_is_the_best_of_all_choices(cost, steps, least_on, least_off, max_starts):
    cost = np.asarray(cost, float)
    rules = Rules(min(steps, len(cost)), least_on, least_off, max_starts)
    found, best = cheapest(cost, rules), by_hand(cost, rules)
    if best is None:
        assert found is None
    else:
        assert allowed(found, rules) and found.sum() == rules.steps
        assert cost[found].sum() == pytest.approx(best)


def test_a_rest_is_kept_where_the_cheap_slots_are_close():
    cost = np.array([1.0, 5, 1, 5, 2])
    assert cheapest(cost, Rules(2)).tolist() == [True, False, True, False, False]
    assert cheapest(cost, Rules(2, least_off=3)).tolist() == [True, False, False, False, True]
