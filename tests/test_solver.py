import cvxpy as cp
import numpy as np
import pytest

from lab.errors import SolveError, UsageError
from lab.solver import OutOfTimeError, Solved, solve

COSTS = np.array([1.0, 2.0, 3.0])


def shared(objective, most=7.0):
    x = cp.Variable(3, nonneg=True)
    rules = [cp.sum(x) == most, x <= 5]
    return cp.Problem(objective(COSTS @ x), rules), x, rules


def test_a_linear_problem_with_its_duals():
    problem, x, rules = shared(cp.Minimize)
    assert solve(problem, "It") == Solved(9.0, "optimal", 0.0, True, 9.0)
    assert x.value.tolist() == [5, 2, 0]
    assert rules[0].dual_value == pytest.approx(-2)
    assert rules[1].dual_value.tolist() == pytest.approx([1, 0, 0])


def test_a_problem_of_whole_numbers():
    weights, values = np.array([2.0, 3.0, 4.0]), np.array([3.0, 4.0, 6.0])
    taken = cp.Variable(3, boolean=True)
    done = solve(cp.Problem(cp.Maximize(values @ taken), [weights @ taken <= 6]), "It")
    assert done.objective == pytest.approx(9)
    assert done.proven
    assert done.sentence == "Proven optimal."


@pytest.mark.parametrize("whole", [False, True])
def test_infeasible_and_unbounded_in_one_sentence(whole):
    x = cp.Variable(2, integer=whole)
    with pytest.raises(SolveError, match=r"^The plan cannot be planned: no schedule keeps all"):
        solve(cp.Problem(cp.Maximize(cp.sum(x)), [x >= 1, cp.sum(x) <= 1]), "The plan")
    with pytest.raises(SolveError, match=r"^The plan has no optimum: its objective improves"):
        solve(cp.Problem(cp.Maximize(cp.sum(x)), [x >= 1]), "The plan")


def hard(items=400, rows=20):
    draws = np.random.default_rng(0)
    taken = cp.Variable(items, boolean=True)
    rules = [draws.uniform(1, 2, (rows, items)) @ taken <= items / 4]
    return cp.Problem(cp.Maximize(draws.uniform(1, 2, items) @ taken), rules)


def test_out_of_time_with_and_without_a_schedule():
    # A limit of nodes ends the search at the same place on every machine; time would not.
    done = solve(hard(), "The plan", options={"mip_max_nodes": 3})
    assert done.status == "stopped"
    assert not done.proven
    assert 0 < done.gap < 0.1
    assert "not proven" in done.sentence
    assert done.bound == pytest.approx(done.objective * (1 + done.gap))
    with pytest.raises(OutOfTimeError, match="no schedule within 1e-06 s; allow more time"):
        solve(hard(), "The plan", limit_s=1e-6)


def test_a_gap_that_is_allowed_ends_the_search():
    done = solve(hard(), "The plan", gap=0.5)
    assert done.proven
    assert 0 < done.gap <= 0.5
    assert done.sentence.startswith("Proven within")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"limit_s": 0}, "limit_s must be above 0, got 0"),
        ({"limit_s": "5"}, "limit_s must be a finite number, got '5'"),
        ({"gap": 1}, "gap must be from 0 to below 1, got 1"),
        ({"options": {"no_such": 1}}, "HiGHS knows no option 'no_such' with the value 1"),
    ],
)
def test_bad_settings_in_one_sentence(given, said):
    with pytest.raises(UsageError, match=said):
        solve(shared(cp.Minimize)[0], "It", **given)


def test_what_is_not_convex_is_refused():
    x = cp.Variable(nonneg=True)
    with pytest.raises(UsageError, match="The plan is not stated as a convex problem"):
        solve(cp.Problem(cp.Maximize(x**2), [x <= 1]), "The plan")


def test_squares_are_refused_and_not_dropped():
    x = cp.Variable(2)
    for objective, rules in ((cp.sum_squares(x - 1), []), (cp.sum(x), [cp.norm(x) <= 1])):
        with pytest.raises(UsageError, match="The plan has squares or other curves"):
            solve(cp.Problem(cp.Minimize(objective), rules), "The plan")


def test_a_linear_problem_out_of_time_claims_no_bound():
    draws = np.random.default_rng(0)
    x = cp.Variable(60, nonneg=True)
    rules = [draws.uniform(0, 1, (40, 60)) @ x <= 1]
    problem = cp.Problem(cp.Maximize(draws.uniform(1, 2, 60) @ x), rules)
    done = solve(
        problem, "The plan", options={"simplex_iteration_limit": 3, "simplex_strategy": 4,
                                      "presolve": "off"},
    )  # fmt: skip
    assert not done.proven
    assert np.isnan(done.gap)
    assert done.sentence == "Best in the time given: not proven, and no bound is known."
