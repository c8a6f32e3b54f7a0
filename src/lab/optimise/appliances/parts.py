"""Many appliances under one limit: a bound from the linear problem, a schedule in parts.

The linear relaxation is tight when every start is a column, so its optimum is the bound. The
schedule comes from small mixed-integer problems, one after the other: while one part is
decided, all others take what they were given, or what the relaxation gives them so far.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.errors import SolveError
from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.check import violations
from lab.optimise.appliances.columns import Columns, lay_out
from lab.optimise.appliances.model import EXACT, WHAT, Model, build
from lab.optimise.appliances.terms import Terms
from lab.solver import Solved, solve

# From so many whole-number columns on, a gap that is allowed is reached sooner in parts.
MANY = 6000
COLUMNS_OF_PART = 1500
PASSES = 3
MENDED = 10
LONGEST_S = 3.0
# The whole problem is not searched in less [s].
LEAST_S = 1.0
# Share of the limit that is left free for parts to come, whose runs are whole and pack less well.
SPARE = 0.01


def in_parts(
    items: Mapping[str, Appliance], terms: Terms, *, limit_s: float | None, gap: float
) -> tuple[pd.DataFrame, Solved]:
    """Return a schedule within a proven gap of the optimum.

    Parameters
    ----------
    items : mapping
        Appliances by name, predecessors first.
    terms : Terms
    limit_s : float or None
        Seconds in all.
    gap : float
        Relative gap that suffices [1].

    Raises
    ------
    SolveError
        When there is no schedule, or none was found in time.
    """
    end = time.monotonic() + (limit_s if limit_s is not None else np.inf)
    columns = lay_out(items, terms.site)
    bound, powers = _bound(columns, terms, end)
    work = _Work(items, terms, columns, powers, gap, end)
    best: tuple[pd.DataFrame, Solved] | None = None
    for _ in range(PASSES):
        for part in _parts(items, columns):
            work.decide(part)
        work.mend()
        found = _judged(powers, items, terms, bound, gap)
        if found is not None and (best is None or found[1].objective < best[1].objective):
            best = found
        if (best is not None and best[1].proven) or work.late:
            break
    return best if best is not None and best[1].proven else _whole(best, columns, terms, end, gap)


@dataclass(frozen=True)
class _Work:
    """A schedule in the making: powers by appliance, changed in place part by part."""

    items: Mapping[str, Appliance]
    terms: Terms
    columns: Columns
    powers: dict[str, np.ndarray]
    gap: float
    end: float

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self.end

    def decide(self, part: Sequence[str]) -> None:
        """Schedule one part around all others; where that is impossible, exceed the limit least."""
        left = self.end - time.monotonic()
        if left <= 0:
            return
        own = {name: self.items[name] for name in part}
        others = [power for name, power in self.powers.items() if name not in own]
        taken = np.sum([np.zeros(self.terms.site.slots), *others], axis=0)
        dear = 100 * float(np.abs(self.terms.import_price).max()) + 1e-6
        columns = lay_out(own, self.terms.site)
        model = build(columns, self.terms, taken_kw=taken, over_price=dear)
        limit = min(left, LONGEST_S) if np.isfinite(self.end) else LONGEST_S
        try:
            solve(model.problem, WHAT, limit_s=limit, gap=self.gap / 2, options=EXACT)
        except SolveError:
            return
        made = model.schedule()
        self.powers.update({name: made[name].to_numpy() for name in part})

    def mend(self) -> None:
        """Decide anew around slots where the limit is exceeded, the worst first."""
        for _ in range(MENDED):
            over = np.sum(list(self.powers.values()), axis=0) - self.terms.site.room_kw
            if over.max() <= 1e-6 or self.late:
                return
            self.decide(_around(int(over.argmax()), self.items, self.columns))


def _bound(columns: Columns, terms: Terms, end: float) -> tuple[float, dict[str, np.ndarray]]:
    """Return a bound from the linear relaxation, and powers that leave a little of the limit.

    The bound is the optimum of the relaxation; NaN if the time ended before it was proven.
    """
    relaxed = build(columns, terms, relaxed=True)
    bound = solve(relaxed.problem, WHAT, limit_s=_left_s(end)).bound
    if terms.site.limit_kw is None:
        return bound, _relaxed_powers(relaxed, columns)
    lower = replace(terms.site, limit_kw=terms.site.limit_kw * (1 - SPARE))
    tighter = build(replace(columns, site=lower), terms, relaxed=True)
    try:
        solve(tighter.problem, WHAT, limit_s=_left_s(end))
    except SolveError:
        return bound, _relaxed_powers(relaxed, columns)
    return bound, _relaxed_powers(tighter, columns)


def _left_s(end: float, least: float = 0.01) -> float | None:
    """Return the seconds that are left, a few even when the time is over; None if endless."""
    return max(end - time.monotonic(), least) if np.isfinite(end) else None


def _relaxed_powers(model: Model, columns: Columns) -> dict[str, np.ndarray]:
    """Return what the linear relaxation gives each appliance [kW], by slot."""
    run, power = np.asarray(model.run.value), np.asarray(model.power.value)
    powers = {}
    for name, block in columns.blocks.items():
        powers[name] = np.zeros(columns.site.slots)
        if block.item.adjustable:
            powers[name][block.first : block.last] = power[block.power]
        else:
            spread = np.convolve(run[block.run], np.ones(block.width)) * block.item.power_kw
            powers[name][block.first : block.last] = spread
    return powers


def _parts(items: Mapping[str, Appliance], columns: Columns) -> list[list[str]]:
    """Return groups of names, in order of time; what is linked stays together."""
    clusters = sorted(linked(items), key=lambda names: _middle(columns, names))
    parts: list[list[str]] = [[]]
    size = 0
    for names in clusters:
        own = sum(len(columns.blocks[name].slots) for name in names)
        if parts[-1] and size + own > COLUMNS_OF_PART:
            parts.append([])
            size = 0
        parts[-1] += names
        size += own
    return [[name for name in items if name in set(part)] for part in parts]


def linked(items: Mapping[str, Appliance]) -> list[list[str]]:
    """Return the appliances that wait for each other or share a group, as lists of names."""
    cluster = {name: name for name in items}

    def root(name: str) -> str:
        while cluster[name] != name:
            name = cluster[name]
        return name

    first_of: dict[str, str] = {}
    for name, item in items.items():
        partners = [*item.after, *([first_of.setdefault(item.group, name)] if item.group else [])]
        for other in partners:
            cluster[root(name)] = root(other)
    found: dict[str, list[str]] = {}
    for name in items:
        found.setdefault(root(name), []).append(name)
    return list(found.values())


def _middle(columns: Columns, names: Sequence[str]) -> float:
    """Return the mean middle of windows, in slots."""
    blocks = [columns.blocks[name] for name in names]
    return float(np.mean([(block.first + block.last) / 2 for block in blocks]))


def _around(slot: int, items: Mapping[str, Appliance], columns: Columns) -> list[str]:
    """Return appliances that may run in a slot, and what is linked to them, up to a part's size."""
    near, size = set[str](), 0
    clusters = [
        names
        for names in linked(items)
        if any(columns.blocks[n].first <= slot < columns.blocks[n].last for n in names)
    ]
    clusters.sort(key=lambda names: abs(_middle(columns, names) - slot))
    for names in clusters:
        if size >= COLUMNS_OF_PART:
            break
        near |= set(names)
        size += sum(len(columns.blocks[name].slots) for name in names)
    return [name for name in items if name in near]


def _judged(
    powers: Mapping[str, np.ndarray],
    items: Mapping[str, Appliance],
    terms: Terms,
    bound: float,
    gap: float,
) -> tuple[pd.DataFrame, Solved] | None:
    """Return the schedule and its gap to the bound; None if it breaks a rule."""
    schedule = pd.DataFrame({name: powers[name] for name in items}, index=terms.site.index)
    if len(violations(schedule, items.values(), terms.site)):
        return None
    value = terms.value(schedule, items)
    return schedule, _proof(value, bound, gap)


def _proof(value: float, bound: float, gap: float) -> Solved:
    """Return what a lower bound proves about a value; a gap of NaN if there is no bound."""
    left = max(value - bound, 0.0) / max(abs(value), 1e-12) if np.isfinite(bound) else np.nan
    proven = bool(left <= gap)
    status = "optimal" if proven else "stopped"
    return Solved(value, status, left, proven, bound if np.isfinite(bound) else np.nan)


def _whole(
    best: tuple[pd.DataFrame, Solved] | None,
    columns: Columns,
    terms: Terms,
    end: float,
    gap: float,
) -> tuple[pd.DataFrame, Solved]:
    """Try the whole problem in the time that is left; keep the better schedule."""
    if best is not None and end - time.monotonic() < LEAST_S:
        return best
    model = build(columns, terms)
    try:
        solved = solve(model.problem, WHAT, limit_s=_left_s(end, LEAST_S), gap=gap, options=EXACT)
    except SolveError:
        if best is None:
            raise
        return best
    if best is not None and best[1].objective <= solved.objective and not solved.proven:
        # The search has a bound of its own, which may say more about the schedule at hand.
        proof = _proof(best[1].objective, solved.bound, gap)
        nearer = np.isnan(best[1].gap) or proof.gap < best[1].gap
        return best[0], proof if nearer else best[1]
    return model.schedule(), solved
