"""Convex problems with squares, which Clarabel solves: one sentence for what cannot be solved.

`lab.solver` is for linear and mixed-integer problems.
"""

from typing import TYPE_CHECKING

from lab.errors import SolveError, UsageError

if TYPE_CHECKING:
    import cvxpy as cp

TROUBLE = {
    "infeasible": "cannot be found: nothing keeps all of its constraints.",
    "unbounded": "has no optimum: its objective improves without limit, so a bound is needed.",
}


def solve_convex(problem: "cp.Problem", what: str) -> float:
    """Solve a convex problem; its variables are set.

    Parameters
    ----------
    problem : cvxpy.Problem
    what : str
        The decision, as a sentence about it begins.

    Returns
    -------
    float
        The objective as it was stated.

    Raises
    ------
    UsageError
        If the problem is not convex.
    SolveError
        If nothing keeps the constraints, the objective has no limit or accuracy is not reached.
    """
    import cvxpy as cp

    if not problem.is_dcp():
        raise UsageError(f"{what} is not stated as a convex problem.")
    tight = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-10, "max_threads": 1}
    try:
        problem.solve(solver=cp.CLARABEL, **tight)
    except cp.SolverError as error:
        raise SolveError(f"{what} could not be solved: {error}") from error
    status = problem.status
    if status == "optimal_inaccurate":
        raise SolveError(f"{what} could not be found as accurately as asked for.")
    if status != "optimal":
        why = TROUBLE.get(status.removesuffix("_inaccurate"), f"could not be solved: {status}.")
        raise SolveError(f"{what} {why}")
    return float(problem.value)
