"""The mixed-integer model: one function per constraint, each for all appliances at once.

Least times on and off follow D. Rajan and S. Takriti, Minimum up/down polytopes of the unit
commitment problem with start-up costs, IBM Research Report RC23628, 2005: their inequalities
in begins of runs describe the polytope exactly.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from lab.optimise.appliances.columns import Block, Columns
from lab.optimise.appliances.promise import Promise
from lab.optimise.appliances.terms import Terms
from lab.optimise.appliances.tighter import (
    FEW,
    adjustable_power_yields,
    two_that_do_not_fit_take_turns,
)

if TYPE_CHECKING:
    import cvxpy as cp

# The decision in the sentences of the solver.
WHAT = "The schedule of the appliances"
# Whole numbers are rounded after the solve; tighter than HiGHS' own, so that nothing moves by 1e-6.
EXACT = {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}
Rows = list[Any]


@dataclass(frozen=True)
class Model:
    """A problem with its unknowns."""

    problem: "cp.Problem"
    columns: Columns
    run: "cp.Variable"
    power: "cp.Variable"
    over: "cp.Variable"

    def schedule(self) -> pd.DataFrame:
        """Return the power of each appliance [kW], by slot."""
        whole = np.round(np.asarray(self.run.value, float))
        powers = np.asarray(self.power.value, float)
        made = {name: _power_of(b, whole, powers) for name, b in self.columns.blocks.items()}
        table = {}
        for name, block in self.columns.blocks.items():
            table[name] = np.zeros(self.columns.site.slots)
            table[name][block.first : block.last] = made[name]
        return pd.DataFrame(table, index=self.columns.site.index)


def build(
    columns: Columns,
    terms: Terms,
    *,
    promise: Promise | None = None,
    taken_kw: np.ndarray | None = None,
    relaxed: bool = False,
    over_price: float | None = None,
) -> Model:
    """State the problem.

    Parameters
    ----------
    columns : Columns
    terms : Terms
        What is minimised.
    promise : Promise, optional
    taken_kw : numpy.ndarray, optional
        Power that other appliances take already, (slots,) [kW].
    relaxed : bool
        Whether runs may be made in part: the linear problem, whose optimum is a bound.
    over_price : float, optional
        Lets the limit be exceeded, for so much per kW and slot.
    """
    import cvxpy as cp

    kind: dict[str, Any] = {"bounds": [0, 1]} if relaxed else {"boolean": True}
    run = cp.Variable(max(columns.runs, 1), **kind)
    power = cp.Variable(max(columns.powers, 1), nonneg=True)
    over = cp.Variable(columns.site.slots if over_price is not None else 1, nonneg=True)
    load = _wide(columns.load_of_runs) @ run + _wide(columns.load_of_powers) @ power
    taken = np.zeros(columns.site.slots) if taken_kw is None else taken_kw
    fed, surplus = surplus_is_used_first(columns, terms, run, power, taken)
    objective = terms.import_price @ load + fed - _worth(columns, terms) @ run
    rules = [
        every_run_is_made(columns, run, power),
        adjustable_power_needs_a_switch(columns, run, power),
        runs_last_and_rest(columns, run),
        successors_wait(columns, run),
        groups_take_turns(columns, run),
        the_limit_holds(columns, load, taken, None if over_price is None else over),
        surplus,
    ]
    if over_price is not None:
        objective = objective + over_price * cp.sum(over)
    elif len(columns.blocks) <= FEW and columns.site.limit_kw is not None:
        room = np.maximum(columns.site.room_kw - taken, 0.0)
        rules += [two_that_do_not_fit_take_turns(columns, run, room)]
        rules += [adjustable_power_yields(columns, run, power, room)]
    if promise is not None:
        kept, kept_rules = promises_are_kept(columns, run, power, promise)
        objective = objective + terms.money * promise.penalty * (len(columns.blocks) - kept)
        rules += [kept_rules, what_has_passed_stays(columns, run, power, promise)]
    stated = [rule for part in rules for rule in part]
    return Model(cp.Problem(cp.Minimize(objective), stated), columns, run, power, over)


def every_run_is_made(columns: Columns, run: Any, power: Any) -> Rows:
    """Each appliance runs for its time, or takes its energy; an optional one if it is used."""
    of_runs, of_powers, right = columns.need
    return [_wide(of_runs) @ run + _wide(of_powers) @ power == right]


def adjustable_power_needs_a_switch(columns: Columns, run: Any, power: Any) -> Rows:
    """Power lies within its bounds: while it is on where that is asked for, else in its window."""
    rules: Rows = []
    most = np.zeros(max(columns.powers, 1))
    for block in columns.blocks.values():
        if not block.item.adjustable:
            continue
        most[block.power] = block.item.power_kw
        if block.run.stop > block.run.start:
            own, on = power[block.power], run[block.run]
            rules += [own <= block.item.power_kw * on, own >= block.item.min_power_kw * on]
    return [*rules, power <= most] if columns.powers else rules


def runs_last_and_rest(columns: Columns, run: Any) -> Rows:
    """Runs last their least time, rest their least time and begin no more often than allowed."""
    import cvxpy as cp

    rules: Rows = []
    for block in columns.blocks.values():
        if not block.item.ruled:
            continue
        on, count = run[block.run], block.last - block.first
        begins = cp.Variable(count, nonneg=True)
        change = sp.eye(count) - sp.eye(count, k=-1)
        rules.append(begins >= change @ on)
        lasting = columns.site.least_steps(block.item.min_on_h)
        if lasting > 1:
            rules.append(_sum_of_last(count, lasting) @ begins <= on)
            rules.append(begins[count - lasting + 1 :] == 0)
        resting = columns.site.least_steps(block.item.min_off_h)
        if 1 <= resting < count:
            recent = _sum_of_last(count, resting)[resting:]
            rules.append(recent @ begins <= 1 - on[: count - resting])
        if block.item.max_starts is not None:
            rules.append(cp.sum(begins) <= block.item.max_starts)
    return rules


def successors_wait(columns: Columns, run: Any) -> Rows:
    """An appliance is on only after its predecessors have finished."""
    rules: Rows = []
    for block in columns.blocks.values():
        for name in block.item.after:
            before = columns.blocks[name]
            both = {block.item.kind, before.item.kind}
            pair = _starts_wait if both == {"continuous"} else _slots_wait
            rules += pair(columns, run, before, block)
    return rules


def groups_take_turns(columns: Columns, run: Any) -> Rows:
    """Of a group, at most one appliance is on."""
    groups = sorted({b.item.group for b in columns.blocks.values() if b.item.group is not None})
    rules: Rows = []
    for group in groups:
        names = [name for name, b in columns.blocks.items() if b.item.group == group]
        total = sum((columns.on(name) for name in names[1:]), columns.on(names[0]))
        busy = np.flatnonzero(np.diff(total.indptr) > 0)
        rules.append(_wide(total[busy]) @ run <= 1)
    return rules


def the_limit_holds(columns: Columns, load: Any, taken: np.ndarray, over: Any) -> Rows:
    """The site draws no more from the grid than its connection allows."""
    room = columns.site.room_kw - taken
    at = np.flatnonzero(np.isfinite(room))
    if not len(at):
        return []
    allowed = np.maximum(room[at], 0.0) if over is None else room[at] + over[at]
    return [load[at] <= allowed]


def surplus_is_used_first(
    columns: Columns, terms: Terms, run: Any, power: Any, taken: np.ndarray
) -> tuple[Any, Rows]:
    """Surplus of the PV is worth its export price, and only what is beyond it is drawn.

    Where feeding in earns more than drawing costs, a switch keeps the site from doing both.
    What is covered is bound by the least of power and surplus of each appliance, summed: for
    whole runs the same as the load, and tighter for the relaxation.
    Returns the correction of the objective, which prices all load as drawn, and the rules.
    """
    import cvxpy as cp

    at = terms.bent
    if not len(at):
        return 0.0, []
    surplus = np.maximum(columns.site.surplus_kw[at] - taken[at], 0.0)
    covered = cp.Variable(len(at), nonneg=True)
    of_runs = _wide(columns.load_of_runs[at])
    least = of_runs.copy()
    least.data = np.minimum(least.data, np.repeat(surplus, np.diff(least.indptr)))
    adjusted = _wide(columns.load_of_powers[at]) @ power
    rules: Rows = [covered <= surplus, covered <= least @ run + adjusted]
    gain = terms.import_price[at] - terms.export_price[at]
    odd = np.flatnonzero(gain < 0)
    if len(odd):
        # To cover load would lose money here, so it is forced: by all the surplus or all the load.
        most = sum(block.item.power_kw for block in columns.blocks.values())
        full = cp.Variable(len(odd), boolean=True)
        rules.append(covered[odd] >= cp.multiply(surplus[odd], full))
        rules.append(covered[odd] >= of_runs[odd] @ run + adjusted[odd] - most * full)
    return -(gain @ covered), rules


def promises_are_kept(columns: Columns, run: Any, power: Any, promise: Promise) -> tuple[Any, Rows]:
    """Return the sum over appliances of the share of its promised run that stays, and rules."""
    import cvxpy as cp

    share, rules = np.zeros(max(columns.runs, 1)), []
    steady: Any = 0.0
    for name, block in columns.blocks.items():
        was = promise.schedule[name].to_numpy(float)
        if was.sum() <= 0:
            # Nothing was promised: leaving it out is what is kept.
            if block.use is not None:
                share[block.use] -= 1.0
            steady = steady + 1.0
        elif block.item.adjustable:
            kept = cp.Variable(block.last - block.first, nonneg=True)
            rules += [kept <= power[block.power], kept <= was[block.first : block.last]]
            steady = steady + cp.sum(kept) / was.sum()
        else:
            share[block.run] += _promised(block, was)
    return share @ run + steady, rules


def what_has_passed_stays(columns: Columns, run: Any, power: Any, promise: Promise) -> Rows:
    """Before the present, and for runs that have begun without a break, the promise holds."""
    rules: Rows = []
    for name, block in columns.blocks.items():
        was = promise.schedule[name].to_numpy(float)
        past = np.flatnonzero(block.slots < promise.held)
        if not len(past):
            continue
        if block.run.stop > block.run.start:
            on = was > 1e-6
            began = _starts(on) if block.item.kind == "continuous" else on
            rules.append(run[block.run.start + past] == began[block.slots[past]].astype(float))
        if block.item.adjustable:
            rules.append(power[block.power.start + past] == was[block.slots[past]])
    return rules


def _starts_wait(columns: Columns, run: Any, before: Block, after: Block) -> Rows:
    """For unbroken runs: until any time, the second starts no more often than the first ends."""
    times = after.slots
    ended = (before.slots[None, :] + before.steps) <= times[:, None]
    begun = sp.csr_matrix(np.tri(len(times)))
    return [begun @ run[after.run] <= sp.csr_matrix(ended.astype(float)) @ run[before.run]]


def _slots_wait(columns: Columns, run: Any, before: Block, after: Block) -> Rows:
    """For other runs: a state `done` that only rises, forbids the first and allows the second."""
    import cvxpy as cp

    done = cp.Variable(columns.site.slots, bounds=[0, 1])
    own = slice(after.first, after.last)
    other = slice(before.first, before.last)
    rules: Rows = [
        cp.diff(done) >= 0,
        _wide(columns.on(after.item.name)[own]) @ run <= done[own],
        _wide(columns.on(before.item.name)[other]) @ run <= 1 - done[other],
    ]
    if before.use is not None:
        rules.append(done <= run[before.use])
    return rules


def _worth(columns: Columns, terms: Terms) -> np.ndarray:
    """Return what is gained by each whole-number column: the worth of an optional run."""
    worth = np.zeros(max(columns.runs, 1))
    for block in columns.blocks.values():
        if block.use is not None:
            worth[block.use] = terms.money * float(block.item.value or 0.0)
    return worth


def _promised(block: Block, was: np.ndarray) -> np.ndarray:
    """Return for each column which share of the promised run it keeps."""
    on = was > 1e-6
    if block.item.kind == "continuous":
        return _starts(on)[block.slots].astype(float)
    return on[block.slots] / max(on.sum(), 1)


def _starts(on: np.ndarray) -> np.ndarray:
    """Return in which slots a run begins."""
    return on & ~np.concatenate([[False], on[:-1]])


def _power_of(block: Block, whole: np.ndarray, powers: np.ndarray) -> np.ndarray:
    """Return the power of one appliance in the slots of its window."""
    if block.item.adjustable:
        return np.clip(powers[block.power], 0.0, block.item.power_kw)
    chosen = np.flatnonzero(whole[block.run] > 0.5)
    power = np.zeros(block.last - block.first)
    power[(chosen[:, None] + np.arange(block.width)).ravel()] = block.item.power_kw
    return power


def _sum_of_last(count: int, steps: int) -> sp.csr_matrix:
    """Return the matrix of sums over the last `steps` values, this one included."""
    return sp.diags_array(
        [np.ones(count - k) for k in range(min(steps, count))],
        offsets=[-k for k in range(min(steps, count))],
        shape=(count, count),
    ).tocsr()


def _wide(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Return a matrix with one column at least: cvxpy knows no empty vector."""
    return matrix if matrix.shape[1] else sp.csr_matrix((matrix.shape[0], 1))
