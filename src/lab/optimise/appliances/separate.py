"""Schedules without a solver: exact where appliances do not share anything scarce.

Without limit, group and surplus each appliance, or chain of unbroken runs, is on its own and
its cheapest time is found directly. That schedule is optimal for the problem without the
shared rules; so where it happens to keep them, it is optimal with them, too.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lab.optimise.appliances import interrupted
from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.site import Site
from lab.optimise.appliances.terms import Terms


def cheapest_apart(items: Mapping[str, Appliance], terms: Terms) -> pd.DataFrame | None:
    """Return the best schedule when the limit and the groups are left aside.

    Parameters
    ----------
    items : mapping
        Appliances by name, predecessors first.
    terms : Terms
        What is minimised.

    Returns
    -------
    pandas.DataFrame or None
        Power by slot and appliance [kW]; None where the cost of a slot is not linear, or
        some appliances wait for each other in a way that is left to the solver.
    """
    site = terms.site
    if _touches(items, terms) or not _simple_chains(items):
        return None
    followed = {name for item in items.values() for name in item.after}
    powers: dict[str, np.ndarray] = {}
    for root in (item for name, item in items.items() if name not in followed):
        if root.after:
            chain = _chain(root, items, site, terms.import_price)
            if chain is None:
                return None
            powers |= chain
        else:
            single = _single(root, site, terms)
            if single is None:
                return None
            powers[root.name] = single
    return pd.DataFrame({name: powers[name] for name in items}, index=site.index)


def shares_well(schedule: pd.DataFrame, items: Mapping[str, Appliance], site: Site) -> bool:
    """Tell whether a schedule keeps the rules that were left aside: the limit and the groups."""
    powers = {name: schedule[name].to_numpy() for name in items}
    used: dict[str, np.ndarray] = {}
    for name, item in items.items():
        if item.group is not None:
            on = (powers[name] > 0).astype(int)
            used[item.group] = used.get(item.group, np.zeros(site.slots, int)) + on
    crowded = any(count.max() > 1 for count in used.values())
    return not crowded and bool((np.sum(list(powers.values()), axis=0) <= site.room_kw).all())


def _touches(items: Mapping[str, Appliance], terms: Terms) -> bool:
    """Tell whether some window holds a slot whose cost is not linear."""
    windows = [terms.site.window(item) for item in items.values()]
    return any(((terms.bent >= first) & (terms.bent < last)).any() for first, last in windows)


def _simple_chains(items: Mapping[str, Appliance]) -> bool:
    """Tell whether all that wait are unbroken and needed, and nothing is waited for twice."""
    waited = [name for item in items.values() for name in item.after]
    bound = {name for name, item in items.items() if item.after} | set(waited)
    plain = all(items[n].kind == "continuous" and not items[n].optional for n in bound)
    return plain and len(waited) == len(set(waited))


def _single(item: Appliance, site: Site, terms: Terms) -> np.ndarray | None:
    """Return the best power of one appliance by itself, zeros if it is not worth it."""
    if item.adjustable and (item.ruled or item.min_power_kw > 0):
        return None
    first, last = site.window(item)
    price = terms.import_price[first:last]
    share = _shares(item, site, price)
    if share is None:
        return None
    power = np.zeros(site.slots)
    power[first:last] = share * item.power_kw
    if item.optional and power[first:last] @ price >= terms.money * float(item.value or 0.0):
        power[:] = 0.0
    return power


def _shares(item: Appliance, site: Site, price: np.ndarray) -> np.ndarray | None:
    """Return which share of its power is taken in each slot of the window."""
    steps = site.steps(item)
    if item.kind == "continuous":
        sums = np.convolve(price, np.ones(steps), "valid")
        share = np.zeros(len(price))
        share[_first_least(sums) : _first_least(sums) + steps] = 1.0
        return share
    if item.ruled:
        least_on, least_off = (site.least_steps(h) for h in (item.min_on_h, item.min_off_h))
        rules = interrupted.Rules(steps, max(least_on, 1), max(least_off, 1), item.max_starts)
        chosen = interrupted.cheapest(price, rules)
        return None if chosen is None else chosen.astype(float)
    order = np.argsort(price, kind="stable")[:steps]
    share = np.zeros(len(price))
    share[order] = 1.0
    if item.adjustable:
        share[order[-1]] -= steps - item.needs_kwh / item.power_kw / site.step_h
    return share


def _chain(
    root: Appliance, items: Mapping[str, Appliance], site: Site, price: np.ndarray
) -> dict[str, np.ndarray] | None:
    """Return the best powers of unbroken runs, of which the root comes last."""
    totals: dict[str, np.ndarray] = {}
    starts = _total(root, items, site, price, totals)
    if not np.isfinite(starts.min()):
        return None
    return _trace(root, site.slots, items, site, totals)


def _total(
    item: Appliance,
    items: Mapping[str, Appliance],
    site: Site,
    price: np.ndarray,
    totals: dict[str, np.ndarray],
) -> np.ndarray:
    """Return the least cost of a run and all before it by the slot it starts in."""
    first, last = site.window(item)
    steps = site.steps(item)
    total = np.full(site.slots + 1, np.inf)
    own = np.convolve(price[first:last], np.ones(steps), "valid") * item.power_kw
    total[first : first + len(own)] = own
    for name in item.after:
        before = _total(items[name], items, site, price, totals)
        ended = np.full(site.slots + 1, np.inf)
        gone = site.steps(items[name])
        ended[gone:] = np.minimum.accumulate(before)[: len(ended) - gone]
        total = total + ended
    totals[item.name] = total
    return total


def _trace(
    item: Appliance,
    until: int,
    items: Mapping[str, Appliance],
    site: Site,
    totals: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Return the powers of a run that ends by a slot, and of all before it."""
    steps = site.steps(item)
    start = _first_least(totals[item.name][: until - steps + 1])
    power = np.zeros(site.slots)
    power[start : start + steps] = item.power_kw
    powers = {item.name: power}
    for name in item.after:
        powers |= _trace(items[name], start, items, site, totals)
    return powers


def _first_least(values: np.ndarray) -> int:
    """Return where the least value stands, the earliest of those that differ by rounding alone."""
    least = values.min()
    return int(np.flatnonzero(values <= least + 1e-12 * max(1.0, abs(least)))[0])
