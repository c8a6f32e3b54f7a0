"""The plan of a household's appliances: found, proven and checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import one_of, setting
from lab.errors import SolveError, UsageError
from lab.optimise.appliances.appliance import Appliance, check_together
from lab.optimise.appliances.baseline import immediate
from lab.optimise.appliances.check import FAULTS, verify, violations
from lab.optimise.appliances.columns import lay_out
from lab.optimise.appliances.conflict import (
    EXPLAINED,
    Case,
    ConflictError,
    explain,
    feasible,
    impossible,
)
from lab.optimise.appliances.model import EXACT, WHAT, build
from lab.optimise.appliances.parts import MANY, in_parts
from lab.optimise.appliances.promise import Promise, moved
from lab.optimise.appliances.separate import cheapest_apart, shares_well
from lab.optimise.appliances.site import Bill, Site, powers_of
from lab.optimise.appliances.terms import COST, Terms, weigh
from lab.solver import Solved, solve

# What an immediate execution that does not exist adds to the bill.
NONE = Bill(*[float("nan")] * 5)
WAYS = ("apart", "together", "in parts")


@dataclass(frozen=True)
class Plan:
    """A schedule with what it costs and what is proven about it.

    Attributes
    ----------
    schedule : pandas.DataFrame
        Power by slot (UTC) and appliance [kW].
    site : Site
    appliances : tuple of Appliance
    bill, baseline : Bill
        What the appliances add to the bill, planned and at once. The latter is NaN where
        immediate execution does not end before the prices do.
    at_once : pandas.DataFrame or None
        Schedule of immediate execution; None where there is none.
    solved : Solved
        The objective and its proof.
    way : str
        `apart` (each appliance by itself, exact), `together` (mixed-integer) or `in parts`.
    """

    schedule: pd.DataFrame
    site: Site
    appliances: tuple[Appliance, ...]
    bill: Bill
    baseline: Bill
    at_once: pd.DataFrame | None
    solved: Solved
    way: str

    @property
    def saving(self) -> float:
        """Share of the cost of immediate execution that is saved [1]; NaN if that is none.

        An optional load that is left out saves nothing: what the others cost is compared.
        """
        if self.at_once is None:
            return float("nan")
        served = self.schedule.columns[self.schedule.gt(0).any()]
        base = self.site.added(self.at_once[served].sum(axis=1)).cost
        return (base - self.bill.cost) / base if base > 0 else float("nan")

    @property
    def baseline_violations(self) -> pd.DataFrame:
        """Rules that immediate execution breaks; one row where the prices end before it does."""
        if self.at_once is None:
            names = ", ".join(self.schedule)
            late = (names, "the prices end before all have run", float("nan"), "h")
            return pd.DataFrame([late], columns=FAULTS)
        return violations(self.at_once, self.appliances, self.site)

    def runs(self) -> pd.DataFrame:
        """Return all runs: `appliance`, `start`, `end` (UTC), `energy_kwh`, in order of time."""
        step = pd.Timedelta(hours=self.site.step_h)
        rows = []
        for name in self.schedule:
            power = self.schedule[name].to_numpy()
            edges = np.diff(np.concatenate([[0], (power > 1e-6).astype(int), [0]]))
            for begin, end in zip(
                np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True
            ):
                energy = float(power[begin:end].sum() * self.site.step_h)
                last = self.site.index[end - 1] + step
                rows.append((name, self.site.index[begin], last, energy))
        table = pd.DataFrame(rows, columns=["appliance", "start", "end", "energy_kwh"])
        return table.sort_values(["start", "appliance"], ignore_index=True)


def plan(
    appliances: Iterable[Appliance],
    site: Site,
    *,
    weights: Mapping[str, float] = COST,
    promise: Promise | None = None,
    limit_s: float | None = 60.0,
    gap: float = 0.0,
    way: str | None = None,
) -> Plan:
    """Return the schedule of least cost, carbon or both.

    Parameters
    ----------
    appliances : iterable of Appliance
    site : Site
    weights : mapping
        Of `cost` and `carbon`; of both, each is divided by its value under immediate execution.
    promise : Promise, optional
        A schedule that was announced: moving it costs, and what has begun stays.
    limit_s : float, optional
        Seconds after which the best schedule so far is taken, with its gap.
    gap : float
        Proven relative gap that suffices [1].
    way : str, optional
        Forces a way of solving, for comparison: `apart`, `together` or `in parts`; a promise
        can only be kept `together`.

    Returns
    -------
    Plan
        Checked: every rule is kept within 1e-6 kW and kWh, and the objective of the model is
        that of the bill.

    Raises
    ------
    ConflictError
        When no schedule keeps all rules; of up to 40 appliances it names those in conflict and
        what would help.
    SolveError
        When the time ends before any schedule is found, or a check fails.
    UsageError
        When the way is unknown or cannot keep a promise, or the gap or the time is impossible;
        when two weights are to be compared by an immediate execution that does not exist.
    DataError
        When the schedule that was promised lacks an appliance, or has other slots.
    """
    _check_how(way, promise, limit_s, gap)
    items = check_together(appliances)
    if promise is not None:
        powers_of(promise.schedule, items, site.index)
    at_once = _at_once(items, site)
    baseline = NONE if at_once is None else site.added(at_once.sum(axis=1))
    if at_once is None and len(items) <= EXPLAINED and not feasible(Case(items, site)):
        raise ConflictError(explain(Case(items, site)))
    money = promise is not None or any(item.optional for item in items.values())
    terms = weigh(weights, site, baseline, money)
    schedule, solved, used = _best(items, terms, promise, way, limit_s=limit_s, gap=gap)
    verify(schedule, items.values(), site)
    _objective_is_the_bill(schedule, solved, items, terms, promise)
    bill = site.added(schedule.sum(axis=1))
    made = tuple(items.values())
    return Plan(schedule, site, made, bill, baseline, at_once, solved, used)


def _check_how(way: str | None, promise: Promise | None, limit_s: float | None, gap: float) -> None:
    """Refuse a way, a gap or a time that nothing can be done with, whatever way it would go."""
    if way is not None:
        one_of(way, WAYS, "way")
    if promise is not None and way not in (None, "together"):
        raise UsageError(f"A promise can only be kept by the way 'together', got {way!r}.")
    setting(gap, "gap", 0, 1, open_high=True)
    if limit_s is not None:
        setting(limit_s, "limit_s", 0, open_low=True)


def _at_once(items: Mapping[str, Appliance], site: Site) -> pd.DataFrame | None:
    """Return immediate execution; None where it runs into the end of the prices."""
    try:
        return immediate(items.values(), site)
    except SolveError:
        return None


def _best(
    items: Mapping[str, Appliance],
    terms: Terms,
    promise: Promise | None,
    way: str | None,
    *,
    limit_s: float | None,
    gap: float,
) -> tuple[pd.DataFrame, Solved, str]:
    """Return schedule, proof and the way it was found: the cheapest way that is exact."""
    if promise is None and way in (None, "apart"):
        apart = cheapest_apart(items, terms)
        if apart is not None and shares_well(apart, items, terms.site):
            return apart, Solved(terms.value(apart, items), "optimal", 0.0, True), "apart"
    if way == "apart":
        raise SolveError(f"{WHAT} cannot be found apart: they share something that is scarce.")
    columns = lay_out(items, terms.site)
    try:
        if promise is None and (way == "in parts" or (way is None and columns.runs > MANY and gap)):
            return (*in_parts(items, terms, limit_s=limit_s, gap=gap), "in parts")
        model = build(columns, terms, promise=promise)
        solved = solve(model.problem, WHAT, limit_s=limit_s, gap=gap, options=EXACT)
    except SolveError as error:
        if not impossible(error) or len(items) > EXPLAINED:
            raise
        raise ConflictError(explain(Case(items, terms.site, promise))) from error
    return model.schedule(), solved, "together"


def _objective_is_the_bill(
    schedule: pd.DataFrame,
    solved: Solved,
    items: Mapping[str, Appliance],
    terms: Terms,
    promise: Promise | None,
) -> None:
    """Refuse a plan whose model counts otherwise than its bill.

    Raises
    ------
    SolveError
        When the two differ by more than 1e-6, absolute and relative.
    """
    told = terms.value(schedule, items)
    if promise is not None:
        share = moved(promise.schedule, schedule, items.values())
        told += terms.money * promise.penalty * float(share.sum())
    if not abs(told - solved.objective) <= 1e-6 * max(1.0, abs(told)):
        raise SolveError(
            f"The model counts {solved.objective:.9g}, the bill of its schedule {told:.9g}."
        )
