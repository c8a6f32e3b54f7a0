"""Why no schedule exists: the appliances and rules in conflict, and the least that would help."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from lab.errors import InfeasibleError, SolveError
from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.columns import Block, Columns, lay_out
from lab.optimise.appliances.model import EXACT, WHAT, Model, build
from lab.optimise.appliances.promise import Promise
from lab.optimise.appliances.site import Site
from lab.optimise.appliances.terms import Terms
from lab.solver import solve

# Of more appliances nobody reads which are in conflict, and finding out takes long.
EXPLAINED = 40
LIMIT = ("limit", "")
PAST = ("past", "")
# A rule: its kind and the appliance or group that it binds.
Rule = tuple[str, str]
Item = TypeVar("Item")


@dataclass(frozen=True)
class Case:
    """What cannot be planned: appliances by name, predecessors first, and what binds them."""

    items: Mapping[str, Appliance]
    site: Site
    promise: Promise | None = None

    def only(self, names: Iterable[str]) -> "Case":
        """Return some of the appliances, which no longer wait for those that are gone."""
        kept = set(names)
        items = {
            name: replace(item, after=tuple(n for n in item.after if n in kept))
            for name, item in self.items.items()
            if name in kept
        }
        return replace(self, items=items)


@dataclass(frozen=True)
class Conflict:
    """Appliances and rules that cannot be kept together, none of which could be left out.

    Attributes
    ----------
    appliances : tuple of str
    rules : tuple of (str, str)
        Kind (`window`, `order`, `group`, `runs`, `limit`, `past`) and whom it binds.
    relaxations : pandas.DataFrame
        Changes that help, the smallest first: `change` in words, `amount` and `unit`.
    """

    appliances: tuple[str, ...]
    rules: tuple[Rule, ...]
    relaxations: pd.DataFrame

    @property
    def sentence(self) -> str:
        """One sentence for a report."""
        who = _joined([repr(name) for name in self.appliances])
        what = _joined([_said(rule) for rule in self.rules]) or "the time that prices cover"
        helps = ", or ".join(self.relaxations["change"].head(3)) or "to ask for less"
        alone = len(self.appliances) == 1
        return (
            f"No schedule keeps all rules: {who} {'is' if alone else 'are'} in conflict with "
            f"{what}; the smallest changes that help: {helps}."
        )


class ConflictError(SolveError):
    """No schedule keeps all rules; `conflict` says which, and what would help."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(conflict.sentence)
        self.conflict = conflict


def explain(case: Case) -> Conflict:
    """Return the conflict of appliances for which there is no schedule."""
    names = _least(list(case.items), lambda kept: not feasible(case.only(kept)))
    few = case.only(names)
    rules = _least(_rules(few), lambda kept: not feasible(_bound_by(few, kept)))
    rows = [row for rule in rules for row in _helps(rule, case)]
    rows += [row for name in names for row in _left_out(name, case)]
    rows = rows or _all_together(case)
    table = pd.DataFrame(rows, columns=["change", "amount", "unit"])
    order = table["amount"].fillna(np.inf).argsort(kind="stable")
    return Conflict(tuple(names), tuple(rules), table.iloc[order].reset_index(drop=True))


def _least(things: Sequence[Item], infeasible: Callable[[Sequence[Item]], bool]) -> list[Item]:
    """Return a part of things that is infeasible and of which none can be left out."""
    kept, size = list(things), max(len(things) // 2, 1)
    while True:
        position = 0
        while position < len(kept):
            fewer = kept[:position] + kept[position + size :]
            if infeasible(fewer):
                kept = fewer
            else:
                position += size
        if size == 1:
            return kept
        size = max(size // 2, 1)


def _rules(case: Case) -> list[Rule]:
    """Return all rules that bind appliances."""
    items = case.items
    rules: list[Rule] = [LIMIT] if case.site.limit_kw is not None else []
    rules += [PAST] if case.promise is not None and case.promise.held else []
    rules += [("group", g) for g in sorted({i.group for i in items.values() if i.group})]
    rules += [("order", name) for name, item in items.items() if item.after]
    rules += [("runs", name) for name, item in items.items() if item.ruled]
    return rules + [("window", name) for name in items]


def _bound_by(case: Case, rules: Iterable[Rule]) -> Case:
    """Return a case in which only some rules hold."""
    hold, site = set(rules), case.site
    begin, end = site.index[0], site.index[-1] + pd.Timedelta(hours=site.step_h)
    free = {}
    for name, item in case.items.items():
        change: dict[str, Any] = {}
        if ("window", name) not in hold:
            change |= {"earliest": begin, "latest": end}
        if ("order", name) not in hold:
            change |= {"after": ()}
        if ("runs", name) not in hold:
            change |= {"min_on_h": 0.0, "min_off_h": 0.0, "max_starts": None}
        if ("group", item.group) not in hold:
            change |= {"group": None}
        free[name] = replace(item, **change)
    return Case(
        free,
        site if LIMIT in hold else Site(site.table),
        case.promise if PAST in hold else None,
    )


def feasible(case: Case) -> bool:
    """Tell whether there is a schedule."""
    return not case.items or _solves(_model(case).problem)


def _model(case: Case) -> Model:
    """Return the model of a case in which any schedule is as good as another."""
    terms = Terms(case.site, 0.0, 0.0)
    return build(lay_out(case.items, case.site), terms, promise=case.promise)


def _solves(problem: Any) -> bool:
    """Tell whether a problem has a solution; a solver that fails otherwise is not an answer."""
    try:
        solve(problem, WHAT, options=EXACT)
    except SolveError as error:
        if not impossible(error):
            raise
        return False
    return True


def impossible(error: SolveError) -> bool:
    """Tell whether a solve ended because no schedule keeps all constraints."""
    return isinstance(error, InfeasibleError)


def _helps(rule: Rule, case: Case) -> list[tuple[str, float, str]]:
    """Return the smallest change of one rule after which there is a schedule, if any."""
    if rule == PAST:
        return []
    if rule[0] in ("limit", "window"):
        return _elastic([rule], case)
    kept = [one for one in _rules(case) if one != rule]
    if not feasible(_bound_by(case, kept)):
        return []
    return [(f"do without {_said(rule)}", float("nan"), "")]


def _left_out(name: str, case: Case) -> list[tuple[str, float, str]]:
    """Return that an appliance is left out, if that helps."""
    others = [one for one in case.items if one != name]
    return [(f"leave out {name!r}", float("nan"), "")] if feasible(case.only(others)) else []


def _all_together(case: Case) -> list[tuple[str, float, str]]:
    """Return the smallest change of limit and windows at once, as one row."""
    rows = _elastic([rule for rule in _rules(case) if rule[0] in ("limit", "window")], case)
    return [(" and ".join(row[0] for row in rows), float("nan"), "")] if rows else []


def _elastic(rules: Sequence[Rule], case: Case) -> list[tuple[str, float, str]]:
    """Let the limit or windows give, by as little as possible: hours plus kW are least.

    Returns
    -------
    list of (str, float, str)
        The change of each rule that has to give; empty where even that does not help.
    """
    import cvxpy as cp

    site, hold = case.site, [rule for rule in _rules(case) if rule not in rules]
    wide = _bound_by(case, [rule for rule in hold if rule != LIMIT])
    model = _model(wide)
    columns = model.columns
    room = np.where(np.isfinite(site.room_kw), site.room_kw, 1e6)
    over = cp.Variable(nonneg=True)
    load = _load(model, columns)
    stated = [*model.problem.constraints, load <= room + over]
    stated += [] if LIMIT in rules else [over == 0]
    total: Any = over
    for kind, name in rules:
        if kind == "window":
            hours, given = _window_gives(columns.blocks[name], case.items[name], site, model)
            total, stated = total + hours, stated + given
    if not _solves(cp.Problem(cp.Minimize(total), stated)):
        return []
    return _changes(rules, case, model.schedule(), float(np.asarray(over.value)))


def _load(model: Model, columns: Columns) -> Any:
    """Return the power of all appliances by slot."""
    load: Any = 0.0
    if columns.runs:
        load = load + columns.load_of_runs @ model.run
    return load + columns.load_of_powers @ model.power if columns.powers else load


def _window_gives(block: Block, item: Appliance, site: Site, model: Model) -> tuple[Any, list[Any]]:
    """Return by how many hours a window is widened, and the rules that say so."""
    import cvxpy as cp

    first, last = site.window(item)
    slots = block.slots
    late = np.maximum(slots + block.width - last, 0) * site.step_h
    early = np.maximum(first - slots, 0) * site.step_h
    if block.run.stop > block.run.start:
        on, rules = model.run[block.run], []
    else:
        on = cp.Variable(len(slots), boolean=True)
        rules = [model.power[block.power] <= block.item.power_kw * on]
    widened = cp.Variable(2, nonneg=True)
    rules += [cp.multiply(late, on) <= widened[0], cp.multiply(early, on) <= widened[1]]
    return cp.sum(widened), rules


def _changes(
    rules: Sequence[Rule], case: Case, schedule: pd.DataFrame, over_kw: float
) -> list[tuple[str, float, str]]:
    """Return in words what gave in an elastic schedule."""
    rows, site = [], case.site
    if over_kw > 1e-6:
        rows.append((f"raise the limit by {over_kw:.3g} kW", over_kw, "kW"))
    for name in [name for kind, name in rules if kind == "window"]:
        on = np.flatnonzero(schedule[name].to_numpy() > 1e-6)
        if not len(on):
            continue
        first, last = site.window(case.items[name])
        late, early = (on[-1] + 1 - last) * site.step_h, (first - on[0]) * site.step_h
        if late > 0:
            rows.append((f"let {name!r} end {late:g} h later", float(late), "h"))
        if early > 0:
            rows.append((f"let {name!r} start {early:g} h earlier", float(early), "h"))
    return rows


def _said(rule: Rule) -> str:
    """Return a rule in words."""
    kind, whom = rule
    return {
        "limit": "the limit of the connection",
        "past": "what has begun",
        "window": f"the window of {whom!r}",
        "order": f"what {whom!r} waits for",
        "group": f"the turns of group {whom!r}",
        "runs": f"the least times and starts of {whom!r}",
    }[kind]


def _joined(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence."""
    *first, last = list(parts) or [""]
    return f"{', '.join(first)} and {last}" if first else last
