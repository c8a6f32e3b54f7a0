"""The same homes run in several ways: doing nothing, each alone, together, by rule or planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.optimise.microgrid import check, feeder, outcomes, rule
from lab.optimise.microgrid.dispatch import Plan, dispatch, idle
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.objectives import CHEAPEST, Weights

# Of a summary: what adds up over weeks, and what is the highest or lowest of them.
HIGHEST, LOWEST, MEANS = ("peak_kw",), ("valley_kw",), ("ramping_kw", "stability")
SHARES = {
    "renewable_utilisation": ("renewable_to_demand_kwh", "renewable_available_kwh"),
    "self_sufficiency": ("own_kwh", "asked_kwh"),
}


@dataclass(frozen=True, eq=False)
class Way:
    """One way to run the homes.

    Attributes
    ----------
    grid : Microgrid
    schedule : pandas.DataFrame
    plan : Plan or None
        Where it was solved; the rule was not.
    """

    grid: Microgrid
    schedule: pd.DataFrame
    plan: Plan | None = None

    @property
    def net_load_kw(self) -> pd.Series:
        """Import less export of all connections together [kW]."""
        return pd.Series(outcomes.net_loads(self.schedule).sum(axis=1), self.grid.index)

    def summary(self, rating_kw: float) -> pd.Series:
        """Return `outcomes.summary`, with the number of rules that are broken."""
        told = outcomes.summary(self.grid, self.schedule, rating_kw)
        broken = check.count(self.grid, self.schedule)
        more = {"own_kwh": told["self_sufficiency"] * told["asked_kwh"], "violations": broken}
        return pd.concat([told, pd.Series(more, dtype=float)])


WAYS = ("nothing", "rule", "alone", "sharing", "pooled", "together")


def ways(
    table: pd.DataFrame,
    street: feeder.Street,
    weights: Weights,
    without: Sequence[str] = (),
    *,
    islanded: np.ndarray | None = None,
    which: Sequence[str] = WAYS,
) -> dict[str, Way]:
    """Run the homes in several ways through the same hours.

    All plans measure their terms by the same doing nothing: each home alone, without storage.

    Parameters
    ----------
    table : pandas.DataFrame
        As california_homes, in the hours of the plan.
    street : Street
    weights : Weights
    without : sequence of str
        Homes that are left out.
    islanded : array of bool, optional
    which : sequence of str
        Of `WAYS`: nothing, rule, alone, sharing (lines, but nothing stored or moved), pooled
        (lines, and the stores by rule as if they were one), together.

    Returns
    -------
    dict of str to Way
    """
    lone = feeder.alone(table, street, without, islanded)
    shared = feeder.together(table, street, without, islanded)
    nothing = idle(lone)
    made = {
        "nothing": lambda: planned(nothing),
        "rule": lambda: Way(lone, rule.self_consumption(lone)),
        "alone": lambda: planned(dispatch(lone, weights, nothing)),
        "sharing": lambda: planned(idle(shared)),
        "pooled": lambda: planned(
            dispatch(shared, CHEAPEST, nothing, past=rule.pooled_consumption(shared))
        ),
        "together": lambda: planned(dispatch(shared, weights, nothing)),
    }
    return {name: made[name]() for name in which}


def planned(plan: Plan) -> Way:
    """Return a plan as one of the ways."""
    return Way(plan.grid, plan.schedule, plan)


def totals(summaries: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what several weeks come to, ways x quantities.

    Energies, money and violations are added, peaks the highest and valleys the lowest; shares are
    of the added energies, ramping and stability means of the weeks.

    Parameters
    ----------
    summaries : mapping of str to pandas.DataFrame
        For each week, ways x quantities.
    """
    stacked = pd.concat(summaries, names=["week", "way"])
    grouped = stacked.groupby(level="way", sort=False)
    made = grouped.sum()
    for names, how in ((HIGHEST, "max"), (LOWEST, "min"), (MEANS, "mean")):
        made[list(names)] = grouped[list(names)].agg(how)
    for name, (part, whole) in SHARES.items():
        made[name] = made[part] / made[whole]
    return made


def by_home(way: Way) -> pd.Series:
    """Return what every home pays that has its own connection and something behind it [USD].

    That is its bill and what its generation, the wear of its store and moving its demand cost;
    lost load is not paid.
    """
    paid = outcomes.node_costs(way.grid, way.schedule).drop(columns="lost_load").sum(axis=1)
    used = way.grid.occupied
    return paid[[c.node for c in way.grid.connections if c.node in used]]


def surprised(calm: Plan, islanded: np.ndarray, weights: Weights, nothing: Plan) -> Plan:
    """Return what a plan becomes when the grid goes away and nobody knew.

    Until the first hour of the island stores and demand do what the calm plan says; from then on
    the rest is planned anew, with the length of the island known.
    """
    event = calm.grid.with_parts(islanded=islanded)
    past = calm.schedule.iloc[: int(np.argmax(islanded))]
    return dispatch(event, weights, nothing, past=past)


def unserved(schedule: pd.DataFrame, asked: Way | Plan, islanded: np.ndarray) -> float:
    """Return the share of what was asked for in the islanded hours that was not served [1]."""
    moved = outcomes.amounts(schedule, "more_kw") - outcomes.amounts(schedule, "less_kw")
    need = asked.grid.load_kw.sum(axis=0) + asked.grid.baseline_kw.sum(axis=0) + moved.sum(axis=1)
    shed = outcomes.amounts(schedule, "shed_kw").sum(axis=1)
    return float(shed[islanded].sum() / need[islanded].sum())
