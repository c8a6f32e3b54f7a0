"""The best plan of a microgrid, doing nothing as its measure, and what power costs at each node."""

from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from lab.checks import setting
from lab.errors import InfeasibleError, SolveError
from lab.optimise.microgrid import check, outcomes
from lab.optimise.microgrid.model import DECIDED, OPPOSITES, table_of
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.objectives import CHEAPEST, UNITS, Weights, sizes
from lab.optimise.microgrid.reach import all_may_be_lost, stores_can_end_as_they_should
from lab.optimise.microgrid.solving import Case, Found, Scale, linear, one_way
from lab.solver import Solved

LIMIT_S = 60.0


@dataclass(frozen=True, eq=False)
class Plan:
    """A schedule that keeps every rule, and what is proved about it.

    Attributes
    ----------
    grid : Microgrid
    weights : Weights
    schedule : pandas.DataFrame
        One row an hour (UTC); columns (quantity, part), quantities as in `model.QUANTITIES`.
    solved : Solved
        The objective is the sum of the scaled terms. If the time ended first, the gap is that of
        this schedule to the highest bound that was proven, NaN if there is none.
    terms : pandas.DataFrame
        By term: weight, unit, value (unscaled), nothing (its value of doing nothing), scaled
        (divided by `objectives.sizes`).
    prices_usd_per_kwh : pandas.DataFrame
        Nodal prices, hours x nodes [USD/kWh]: what one kWh of sunshine more at a node is worth,
        other terms turned into money at the rate of the objective. If cost alone is weighed, that
        is the locational marginal price. NaN if cost has no weight, or the time ended before the
        linear model was solved.
    both_ways : int
        Hours of a line or store in which the linear model would have used both directions at
        once; whole numbers forbid it there.
    worst : pandas.Series
        From the independent check, by rule [kW, kWh].
    """

    grid: Microgrid
    weights: Weights
    schedule: pd.DataFrame
    solved: Solved
    terms: pd.DataFrame
    prices_usd_per_kwh: pd.DataFrame
    both_ways: int
    worst: pd.Series

    @property
    def net_load_kw(self) -> pd.Series:
        """Import less export of all connections together [kW]."""
        return pd.Series(outcomes.net_loads(self.schedule).sum(axis=1), self.grid.index)

    @property
    def violations(self) -> int:
        """Number of rules that the schedule breaks."""
        return int((~(self.worst <= check.TOLERANCE)).sum())


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The linear model's own answer.

    Attributes
    ----------
    values : dict of str to numpy.ndarray
        Quantities, each of shape (parts, hours).
    prices_usd_per_kwh : numpy.ndarray, shape (nodes, hours)
    solved : Solved
    """

    values: dict[str, np.ndarray]
    prices_usd_per_kwh: np.ndarray
    solved: Solved


def idle(grid: Microgrid) -> Plan:
    """Return the cheapest dispatch in which nothing is stored and no demand moves."""
    return _plan(Case(at_rest(grid), CHEAPEST, None, "Doing nothing in the microgrid"))


def at_rest(grid: Microgrid) -> Microgrid:
    """Return the microgrid without its stores, with flexible demand that does not move."""
    still = tuple(replace(demand, less_share=0.0, more_kw=0.0) for demand in grid.demands)
    return grid.with_parts(stores=(), demands=still)


def dispatch(
    grid: Microgrid,
    weights: Weights | None = None,
    nothing: Plan | None = None,
    past: pd.DataFrame | None = None,
    limit_s: float | None = LIMIT_S,
) -> Plan:
    """Plan a microgrid with all of its hours known.

    Parameters
    ----------
    grid : Microgrid
    weights : Weights, optional
        Cost 0.6, renewables 0.3 and stability 0.1 by default.
    nothing : Plan, optional
        Doing nothing, of which the terms are measured; `idle(grid)` when omitted. It need not
        be of the same lines, so that plans with and without them share one scale; where it has
        another number of connections, its net load is scored at those of `grid`, for stability
        is a matter of the place. When omitted
        and doing nothing cannot serve every load, what it leaves unserved is lost at
        `reach.LOST_USD_PER_KWH`, or twice the dearest price if that is more, where a node has
        no value of its own; the plan itself sheds only what its nodes allow.
    past : pandas.DataFrame, optional
        Schedule of the first hours, in which stores and flexible demand have done what they did.
    limit_s : float, optional
        Seconds for all solves of the plan together; measuring and falling back on doing nothing do
        not count. Linear models take one or two; whole numbers, where power is worth less than
        nothing in many hours, may not be done then: the best plan so far is returned, or doing
        nothing if there is none, marked as not proven.

    Returns
    -------
    Plan
        Checked by `check.require`.

    Raises
    ------
    InfeasibleError
        If no schedule keeps all constraints; named is a store that cannot reach its `final_soc`.
    SolveError
        If no schedule was found in time and doing nothing is none, or the one found breaks a rule.
    UsageError
        If a weighted term has no size when nothing is done, stability is weighed and a connection
        is rated 0, or the limit is not positive.
    """
    if limit_s is not None:
        setting(limit_s, "limit_s", 0, open_low=True)
    stores_can_end_as_they_should(grid, past)
    scale = _scale(grid, nothing or _measure(grid))
    case = Case(grid, weights or Weights(), scale, "The plan of the microgrid", past, limit_s)
    return _plan(case)


def relaxed(
    grid: Microgrid, weights: Weights | None = None, nothing: Plan | None = None
) -> Relaxed:
    """Solve the linear model alone, in which a line or store may use both directions at once.

    Returns
    -------
    Relaxed
    """
    stores_can_end_as_they_should(grid)
    scale = _scale(grid, nothing or _measure(grid))
    case = Case(grid, weights or Weights(), scale, "The relaxed plan")
    stated, solved, duals = linear(case, {})
    return Relaxed(stated.values(), duals, solved)


def _measure(grid: Microgrid) -> Plan:
    """Return doing nothing; where it cannot serve every load, with the rest lost at a value."""
    try:
        return idle(grid)
    except InfeasibleError:
        return idle(all_may_be_lost(grid))


def _scale(grid: Microgrid, base: Plan) -> Scale:
    values = outcomes.terms(base.grid, base.schedule)
    values["moving"] = base.grid.step_h * float(grid.baseline_kw.sum())
    level = outcomes.useful_loads(base.grid, base.schedule).mean(axis=0)
    net = outcomes.net_loads(base.schedule)
    if len(level) != len(grid.connections):
        count = max(len(grid.connections), 1)
        level = np.full(len(grid.connections), level.sum() / count)
        # The score of many small connections is no measure of a few large ones.
        values["stability"] = outcomes.mean_score(grid, net.sum(axis=1, keepdims=True) / count)
    asked = base.grid.step_h * float(base.grid.load_kw.sum() + base.grid.baseline_kw.sum())
    return Scale(values, sizes(values, asked), level)


def _plan(case: Case) -> Plan:
    """Solve, put the schedule in a table, and check it."""
    grid = case.grid
    try:
        found = one_way(case)
    except InfeasibleError:
        raise
    except SolveError as error:
        if not case.is_over:
            raise
        found = _resting(case, error)
    schedule = table_of(grid, _tidied(found.stated.values()))
    worst = check.require(grid, schedule, case.what)
    prices = pd.DataFrame(found.duals.T, index=grid.index, columns=grid.node_names)
    terms = _terms(grid, schedule, case.weights, case.scale)
    both = found.both_ways
    return Plan(grid, case.weights, schedule, found.solved, terms, prices, both, worst)


def _resting(case: Case, error: SolveError) -> Found:
    """Return the cheapest schedule in which nothing is done after the past, when time is over."""
    still = table_of(case.grid, {})
    still = still[[name for name in DECIDED if name in still]]
    if case.past is not None:
        done = still.columns.intersection(case.past.columns)
        still.loc[still.index[: len(case.past)], done] = case.past[done].to_numpy()
    try:
        rest = one_way(replace(case, weights=CHEAPEST, scale=None, past=still, limit_s=None))
    except InfeasibleError:
        raise SolveError(
            f"{case.what} was not found: no schedule within {case.limit_s:g} s; allow more time."
        ) from error
    value = _objective(case, table_of(case.grid, _tidied(rest.stated.values())))
    solved = Solved(value, "stopped", float("nan"), False)
    return replace(rest, solved=solved, duals=np.full_like(rest.duals, np.nan))


def _objective(case: Case, schedule: pd.DataFrame) -> float:
    """Return the sum of the scaled terms of any schedule."""
    assert case.scale is not None
    counts = case.weights.scales(case.scale.size)
    return float((counts * outcomes.terms(case.grid, schedule, case.scale.valley_from)).sum())


def _tidied(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Take away the solver's noise and what cancels at no loss.

    Import against export and more against less cancel exactly: neither loses energy, and no
    price makes both worth while.
    """
    values = {name: np.maximum(value, 0.0) for name, value in values.items()}
    for one, other in (("import_kw", "export_kw"), ("more_kw", "less_kw"), *OPPOSITES):
        both = np.minimum(values[one], values[other])
        values[one], values[other] = values[one] - both, values[other] - both
    return values


def _terms(
    grid: Microgrid, schedule: pd.DataFrame, weights: Weights, scale: Scale | None
) -> pd.DataFrame:
    level = None if scale is None else scale.valley_from
    value = outcomes.terms(grid, schedule, level)
    nothing = value if scale is None else scale.nothing
    size = nothing.abs() if scale is None else scale.size
    return pd.DataFrame(
        {
            "weight": pd.Series(asdict(weights)),
            "unit": pd.Series(UNITS),
            "value": value,
            "nothing": nothing,
            "scaled": value / size.where(size > 0),
        }
    ).loc[list(UNITS)]
