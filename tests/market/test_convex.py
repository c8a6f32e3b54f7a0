"""Convex problems that cannot be solved end in one sentence."""

import cvxpy as cp
import pytest

from lab.checks import one_of
from lab.errors import SolveError, UsageError
from lab.market.convex import solve_convex


def test_squares_are_solved():
    x = cp.Variable()
    assert solve_convex(cp.Problem(cp.Minimize(cp.square(x - 2) + 1)), "It") == pytest.approx(1)
    assert float(x.value) == pytest.approx(2)


@pytest.mark.parametrize(
    ("objective", "constraint", "error", "message"),
    [
        (
            cp.square,
            lambda x: [x >= 1, x <= 0],
            SolveError,
            "It cannot be found: nothing keeps all",
        ),
        (lambda x: x, lambda x: [x <= 0], SolveError, "It has no optimum: its objective improves"),
        (lambda x: -cp.square(x), lambda x: [], UsageError, "It is not stated as a convex problem"),
    ],
    ids=["infeasible", "unbounded", "not convex"],
)
def test_trouble_is_told_in_a_sentence(objective, constraint, error, message):
    x = cp.Variable()
    with pytest.raises(error, match=message):
        solve_convex(cp.Problem(cp.Minimize(objective(x)), constraint(x)), "It")


def test_a_solver_that_fails_is_told_in_a_sentence(monkeypatch):
    def fails(*args, **kwargs):
        raise cp.SolverError("no luck")

    monkeypatch.setattr(cp.Problem, "solve", fails)
    with pytest.raises(SolveError, match="It could not be solved: no luck"):
        solve_convex(cp.Problem(cp.Minimize(cp.square(cp.Variable()))), "It")


def test_what_is_found_less_accurately_than_promised_is_refused(monkeypatch):
    x = cp.Variable()
    problem = cp.Problem(cp.Minimize(cp.square(x - 2)))
    monkeypatch.setattr(cp.Problem, "status", property(lambda self: "optimal_inaccurate"))
    with pytest.raises(SolveError, match="It could not be found as accurately as asked for"):
        solve_convex(problem, "It")


def test_an_unknown_name_is_told_with_those_allowed():
    assert one_of("a", ("a", "b"), "letter") == "a"
    with pytest.raises(UsageError, match="letter must be one of a, b, got 'c'"):
        one_of("c", ("a", "b"), "letter")
