"""Schedules held against their rules, from the table of powers alone: no model in here."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from lab.errors import SolveError
from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.site import Site, powers_of

TOLERANCE = 1e-6
FAULTS = ["appliance", "rule", "amount", "unit"]
# Rule, how far it is broken and in which unit.
Fault = tuple[str, float, str]


def violations(schedule: pd.DataFrame, appliances: Iterable[Appliance], site: Site) -> pd.DataFrame:
    """Return every rule that a schedule breaks.

    Parameters
    ----------
    schedule : pandas.DataFrame
        One column per appliance [kW], by slot.
    appliances : iterable of Appliance
    site : Site

    Returns
    -------
    pandas.DataFrame
        `appliance`, `rule`, `amount` and `unit`, one row a broken rule; empty for a schedule
        that keeps them all within 1e-6 kW and kWh. A power that is missing breaks rules.

    Raises
    ------
    DataError
        When the schedule lacks an appliance, or has other slots than the site.
    """
    # Not "above": what is no number breaks the rule, too.
    broken = [row for row in _rows(schedule, appliances, site) if not row[2] <= TOLERANCE]
    return pd.DataFrame(broken, columns=FAULTS)


def deviation(schedule: pd.DataFrame, appliances: Iterable[Appliance], site: Site) -> float:
    """Return the most by which a schedule is away from any rule [kW, kWh], 0 if from none."""
    amounts = np.array([row[2] for row in _rows(schedule, appliances, site)])
    return float(amounts.max(initial=0.0))


def verify(schedule: pd.DataFrame, appliances: Iterable[Appliance], site: Site) -> None:
    """Refuse a schedule that breaks a rule.

    Raises
    ------
    SolveError
        Naming the appliance and the rule.
    """
    broken = violations(schedule, appliances, site)
    if len(broken):
        first = broken.iloc[0]
        raise SolveError(
            f"The schedule breaks {len(broken)} rules, first that of {first['appliance']!r}: "
            f"{first['rule']}, by {first['amount']:g} {first['unit']}."
        )


def _rows(
    schedule: pd.DataFrame, appliances: Iterable[Appliance], site: Site
) -> list[tuple[str, str, float, str]]:
    """Return appliance, rule, and by how much the rule is broken (up to 0: it is not), its unit."""
    items = {item.name: item for item in appliances}
    powers = powers_of(schedule, items, site.index)
    rows = [
        (name, *fault)
        for name, item in items.items()
        for fault in (*_alone(powers[name], item, site), *_order(powers, item, site))
    ]
    return rows + [(name, *fault) for name, fault in _shared(powers, items, site)]


def _alone(power: np.ndarray, item: Appliance, site: Site) -> Iterator[Fault]:
    """Yield what an appliance breaks by itself."""
    hours = site.step_h
    inside = _inside(item, site)
    yield "runs outside of its window", float(np.abs(power[~inside]).max(initial=0.0)), "kW"
    on = power > TOLERANCE
    least = item.min_power_kw if item.adjustable else item.power_kw
    low = np.where(on, least - power, np.abs(power)).max()
    yield "power outside of its bounds", float(max(low, (power - item.power_kw).max())), "kW"
    got = float(power.sum() * hours)
    if not (item.optional and got <= TOLERANCE):
        yield "energy is not what it needs", abs(got - item.needs_kwh), "kWh"
    begins, ends = _runs(on)
    most = 1 if item.kind == "continuous" else (item.max_starts or len(on))
    yield "starts too often", float(max(len(begins) - most, 0)), "starts"
    short = item.min_on_h - (ends - begins) * hours
    yield "runs too briefly", float(short.max(initial=0.0)), "h"
    gap = item.min_off_h - (begins[1:] - ends[:-1]) * hours
    yield "rests too briefly", float(gap.max(initial=0.0)), "h"


def _order(powers: dict[str, np.ndarray], item: Appliance, site: Site) -> Iterator[Fault]:
    """Yield by how much an appliance comes before a predecessor has finished."""
    own = np.flatnonzero(powers[item.name] > TOLERANCE)
    for name in item.after if len(own) else ():
        before = np.flatnonzero(powers[name] > TOLERANCE)
        early = (before[-1] + 1 - own[0]) * site.step_h if len(before) else np.inf
        yield f"starts before {name!r} has finished", float(early), "h"


def _shared(
    powers: dict[str, np.ndarray], items: dict[str, Appliance], site: Site
) -> Iterator[tuple[str, Fault]]:
    """Yield what appliances break together: groups and the connection."""
    for group in sorted({item.group for item in items.values() if item.group is not None}):
        names = [name for name, item in items.items() if item.group == group]
        together = sum((powers[name] > TOLERANCE).astype(int) for name in names)
        overlap = float(np.sum(together > 1) * site.step_h)
        yield ", ".join(names), (f"run at one time in group {group!r}", overlap, "h")
    if site.limit_kw is not None:
        drawn = np.sum(list(powers.values()), axis=0)
        net = drawn + site.values("load_kw") - site.values("pv_kw")
        # A slot that is above the limit without any appliance is not theirs to mend.
        over = np.where(drawn <= TOLERANCE, 0.0, net - site.limit_kw).max()
        yield ", ".join(powers), ("draws more than the limit", float(over), "kW")


def _inside(item: Appliance, site: Site) -> np.ndarray:
    """Return for every slot whether it lies in the window, from the stamps themselves."""
    begin = site.index.asi8  # nanoseconds
    slack = pd.Timedelta(milliseconds=10).value
    end = begin + pd.Timedelta(hours=site.step_h).value
    first, last = (stamp.as_unit("ns").value for stamp in (item.earliest, item.latest))
    return np.asarray((begin >= first - slack) & (end <= last + slack))


def _runs(on: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first slot of every run and the one after its last."""
    edges = np.diff(np.concatenate([[0], on.astype(int), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
