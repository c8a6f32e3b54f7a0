"""HiGHS for problems stated in cvxpy: one solve with its proof, or one model solved very often.

Every optimiser of lab comes through here, so an infeasible or unbounded problem and a solver out
of time end in the same words everywhere.
"""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.checks import setting
from lab.errors import InfeasibleError, SolveError, UsageError

if TYPE_CHECKING:
    import cvxpy as cp
    import highspy

# A primal solution is at hand (HiGHS's kSolutionStatusFeasible).
FEASIBLE = 2
CARRIED_OUT = "carried out"
FIXED = {"threads": 1, "random_seed": 0, "log_to_console": False}


class OutOfTimeError(SolveError):
    """A decision of which no schedule was found in the time that was given."""


@dataclass(frozen=True)
class Solved:
    """What the solver proved about a schedule.

    Attributes
    ----------
    objective : float
        Value of the objective as it was stated.
    status : str
        `optimal`, `stopped` for the best schedule found until the limit of time, or `carried out`
        for what came of a rule or a plan, about which nothing is claimed.
    gap : float
        How far the objective may be from the optimum, as a share of it [1]: 0 for a linear problem
        that was solved, NaN where no bound is known.
    proven : bool
        Whether the schedule is proven optimal (within the gap that was asked for).
    bound : float
        What no schedule can do better than, as far as was proven; NaN where unknown.
    """

    objective: float
    status: str
    gap: float
    proven: bool
    bound: float = math.nan

    @property
    def sentence(self) -> str:
        """One sentence for a report."""
        if self.status == CARRIED_OUT:
            return "Carried out: nothing is claimed about the optimum."
        if not self.proven and math.isnan(self.gap):
            return "Best in the time given: not proven, and no bound is known."
        if not self.proven:
            return f"Best in the time given, within {self.gap:.2%} of the optimum: not proven."
        if self.gap < 1e-9:
            return "Proven optimal."
        return f"Proven within {self.gap:.2%} of the optimum."


def solve(
    problem: "cp.Problem",
    what: str,
    *,
    limit_s: float | None = None,
    gap: float = 0.0,
    options: Mapping[str, Any] | None = None,
) -> Solved:
    """Solve a linear or mixed-integer problem; its variables (and duals of a linear one) are set.

    Parameters
    ----------
    problem : cvxpy.Problem
    what : str
        The decision, as a sentence about it begins: "The dispatch of battery 'a'".
    limit_s : float, optional
        Seconds after which the best schedule so far is taken.
    gap : float
        Proven relative gap at which a mixed-integer search may stop [1].
    options : mapping, optional
        Options of HiGHS, which take precedence.

    Returns
    -------
    Solved

    Raises
    ------
    InfeasibleError
        When no schedule keeps all constraints.
    OutOfTimeError
        When the time ended before any schedule was found.
    SolveError
        When the objective has no limit.
    """
    import cvxpy as cp
    import highspy

    if not problem.is_dcp():
        raise UsageError(f"{what} is not stated as a convex problem.")
    if not (problem.objective.expr.is_pwl() and all(c.is_pwl() for c in _curved(problem))):
        raise UsageError(f"{what} has squares or other curves; only linear pieces are solved here.")
    data, chain, inverse = problem.get_problem_data(cp.HIGHS)
    highs = _loaded(data, _options(limit_s, gap, options))
    highs.run()
    status = highs.getModelStatus()
    info = highs.getInfo()
    if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
        status = _which(highs)
    found = info.primal_solution_status == FEASIBLE
    if status not in _good(found):
        raise _kind(status)(f"{what} {_trouble(status, limit_s)}")
    results = {
        "solution": highs.getSolution(),
        "info": info,
        "model_status": status.name,
        "run_time": 0.0,
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Solution may be inaccurate")  # said by `Solved`
        problem.unpack_results(results, chain, inverse)
    optimal = status == highspy.HighsModelStatus.kOptimal
    value, bound = float(problem.value), math.nan
    if _is_mixed(data):
        left = info.objective_function_value - info.mip_dual_bound
        if math.isfinite(left):
            bound = value + (left if isinstance(problem.objective, cp.Maximize) else -left)
    elif optimal:
        bound = value
    gap = abs(value - bound) / abs(value) if value else float(abs(value - bound) > 0)
    return Solved(value, "optimal" if optimal else "stopped", gap, optimal, bound)


def _curved(problem: "cp.Problem") -> list[Any]:
    """Return what the constraints hold to be at least, at most or equal to 0."""
    return [argument for rule in problem.constraints for argument in rule.args]


def _good(found: bool) -> tuple[Any, ...]:
    """Return the statuses that leave a schedule behind."""
    from highspy import HighsModelStatus as Status

    ended = (Status.kTimeLimit, Status.kSolutionLimit, Status.kIterationLimit)
    return (Status.kOptimal, *(ended if found else ()))


def _kind(status: Any) -> type[SolveError]:
    """Return what to raise for a status that leaves no schedule behind."""
    from highspy import HighsModelStatus as Status

    return {Status.kInfeasible: InfeasibleError, Status.kTimeLimit: OutOfTimeError}.get(
        status, SolveError
    )


def _trouble(status: Any, limit_s: float | None) -> str:
    """Return the rest of the sentence that begins with the decision's name."""
    from highspy import HighsModelStatus as Status

    if status == Status.kInfeasible:
        return "cannot be planned: no schedule keeps all of its constraints."
    if status == Status.kUnbounded:
        return "has no optimum: its objective improves without limit, so some amount needs a bound."
    if status == Status.kTimeLimit:
        return out_of_time(limit_s)
    return f"could not be solved: HiGHS ended with {status.name}."


def out_of_time(limit_s: float | None) -> str:
    """Return the rest of the sentence about a decision that was not found in time."""
    return f"was not found: no schedule within {limit_s:g} s; allow more time."


def check_limits(limit_s: float | None, gap: float) -> None:
    """Refuse a limit of time that is not over 0 (None is no limit), or a gap outside 0 to below 1.

    Raises
    ------
    UsageError
    """
    if limit_s is not None:
        setting(limit_s, "limit_s", 0, open_low=True)
    setting(gap, "gap", 0, 1, open_high=True)


def _which(highs: "highspy.Highs") -> Any:
    """Tell an infeasible problem from an unbounded one, which presolve does not."""
    highs.setOptionValue("presolve", "off")
    highs.clearSolver()
    highs.run()
    return highs.getModelStatus()


def _options(
    limit_s: float | None, gap: float, options: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the options of one solve: the same on every machine."""
    check_limits(limit_s, gap)
    timed = {} if limit_s is None else {"time_limit": float(limit_s)}
    return {**FIXED, "mip_rel_gap": float(gap), "mip_abs_gap": 1e-9, **timed, **(options or {})}


def _is_mixed(data: Mapping[str, Any]) -> bool:
    """Tell whether some variables are whole numbers."""
    import cvxpy.settings as names

    return bool(len(data[names.BOOL_IDX]) or len(data[names.INT_IDX]))


def _loaded(data: Mapping[str, Any], options: Mapping[str, Any]) -> "highspy.Highs":
    """Return a solver that holds a problem in the canonical form of cvxpy."""
    import cvxpy.settings as names
    import highspy
    from cvxpy.reductions.solvers.conic_solvers.conic_solver import dims_to_solver_dict

    matrix = data[names.A].tocsc()
    rows, columns = matrix.shape
    equal = dims_to_solver_dict(data[names.DIMS])[names.EQ_DIM]
    model = highspy.HighsModel()
    lp = model.lp_
    lp.num_row_, lp.num_col_ = rows, columns
    lp.col_cost_ = data[names.C]
    lp.row_upper_ = data[names.B]
    lp.row_lower_ = np.where(np.arange(rows) < equal, data[names.B], -highspy.kHighsInf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    lower, upper = data[names.LOWER_BOUNDS], data[names.UPPER_BOUNDS]
    lower = np.full(columns, -highspy.kHighsInf) if lower is None else np.array(lower, float)
    upper = np.full(columns, highspy.kHighsInf) if upper is None else np.array(upper, float)
    boolean, whole = list(data[names.BOOL_IDX]), list(data[names.INT_IDX])
    if boolean or whole:
        kinds = [highspy.HighsVarType.kContinuous] * columns
        for index in boolean + whole:
            kinds[index] = highspy.HighsVarType.kInteger
        lp.integrality_ = kinds
        lower[boolean] = np.maximum(lower[boolean], 0)
        upper[boolean] = np.minimum(upper[boolean], 1)
    lp.col_lower_, lp.col_upper_ = lower, upper
    highs = highspy.Highs()
    for name, value in options.items():
        if highs.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise UsageError(f"HiGHS knows no option {name!r} with the value {value!r}.")
    highs.passModel(model)
    return highs
