"""One battery at one connection, exactly and fast: a dynamic programme over the energy held.

The cheapest cost from a step to the end, as a function of the energy held, is piecewise linear,
and stays so from step to step (each step adds a few linear pieces by infimal convolution).
Carrying its breakpoints backwards is exact: no grid, no rounding of the state of charge, and
charging and discharging are kept apart by construction, also at negative prices, where the
function is no longer convex. A year of hours takes milliseconds, so a battery can be re-planned
every hour.

It holds for one battery without a cap of cycles, no limits of the connection, no demand charge, and
import prices no lower than export prices; `applies` tells. Everything else goes to `model`.

References
----------
Convolutions of piecewise-linear costs-to-go are the classic treatment of the warehouse problem:
Bellman (1956), "On the theory of dynamic programming: a warehousing problem", Management Science
2(3), doi:10.1287/mnsc.2.3.272.
"""

from collections.abc import Sequence

import numpy as np

from lab.errors import InfeasibleError, UsageError
from lab.optimise.storage import piecewise as pw
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.model import Objective
from lab.optimise.storage.site import Site

compiled = pw.compiled


def applies(site: Site, batteries: Sequence[Battery], pays: Objective) -> bool:
    """Tell whether the dynamic programme solves this dispatch exactly."""
    if len(batteries) != 1 or batteries[0].cycles_per_day is not None or pays.peak > 0:
        return False
    if np.isfinite(site.import_limit_kw) or np.isfinite(site.export_limit_kw):
        return False
    dear = pays.imported >= pays.exported - 1e-15
    useless = (pays.exported < 0) & (pays.imported >= 0) & (site.array("pv_kw") > 0)
    return bool(dear.all() and not useless.any())


def require(site: Site, batteries: Sequence[Battery], pays: Objective, what: str) -> None:
    """Refuse a dispatch that the dynamic programme does not solve.

    Raises
    ------
    UsageError
        Naming `what` needs it.
    """
    if not applies(site, batteries, pays):
        raise UsageError(
            f"{what} needs one battery without a cap of cycles, no limits of the connection, no "
            "weight on peaks and import prices of at least the export prices."
        )


def pieces(site: Site, battery: Battery, pays: Objective) -> np.ndarray:
    """Return the linear pieces of every step's cost, of shape (steps, 4, 2).

    The pieces are charging from surplus, charging from the grid, discharging into the load and
    discharging into the grid; each is a length [kWh inside the battery] and a cost per kWh inside.
    """
    h, wear = site.step_h, pays.wear * battery.wear_per_kwh
    net = h * (site.array("load_kw") - site.array("pv_kw"))
    # Whoever is paid to import leaves the sun unused.
    net = np.where(pays.imported < 0, h * site.array("load_kw"), net)
    take, give = battery.charge_kw * h, float(battery.discharge_kw or 0) * h
    into, out = battery.charge_efficiency, battery.discharge_efficiency
    surplus, needed = np.minimum(np.maximum(-net, 0), take), np.minimum(np.maximum(net, 0), give)
    rows = np.empty((len(net), 4, 2))
    rows[:, 0] = np.column_stack([into * surplus, (pays.exported + wear) / into])
    rows[:, 1] = np.column_stack([into * (take - surplus), (pays.imported + wear) / into])
    rows[:, 2] = np.column_stack([needed / out, (wear - pays.imported) * out])
    rows[:, 3] = np.column_stack([(give - needed) / out, (wear - pays.exported) * out])
    return rows


@compiled
def _before(x, y, step, kept, low, high, is_convex):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Return the cost from a step on, given that after it; and whether it is convex."""
    loses = _is_convex_step(step)
    if is_convex and loses:
        a, b = -x[::-1], y[::-1].copy()
        for k in (0, 1):
            a, b = pw.slid_if_convex(a, b, step[k, 0], step[k, 1])
        x, y = -a[::-1], b[::-1].copy()
        for k in (2, 3):
            x, y = pw.slid_if_convex(x, y, step[k, 0], step[k, 1])
        x, y = pw.simplified(x.copy(), y.copy(), len(x))
    else:
        a, b = x, y
        for k in (0, 1):
            a, b = pw.reached_from_above(a, b, step[k, 0], step[k, 1])
        if loses:
            x, y = a, b
        for k in (2, 3):
            x, y = pw.reached_from_below(x, y, step[k, 0], step[k, 1])
        if not loses:
            x, y = pw.lesser(a, b, x, y)
    x, y = pw.clipped(x, y, kept * low, kept * high)
    # Only differences matter; a small cost-to-go keeps its digits.
    return x / kept, y - y.min() if len(y) else y, is_convex and loses


@compiled
def _is_convex_step(step):  # type: ignore[no-untyped-def]
    """Tell whether charging and discharging at once never pays in a step."""
    cheapest_in, best_out = np.inf, np.inf
    for k in (0, 1):
        if step[k, 0] > 0:
            cheapest_in = min(cheapest_in, step[k, 1])
    for k in (2, 3):
        if step[k, 0] > 0:
            best_out = min(best_out, step[k, 1])
    return cheapest_in + best_out >= 0


@compiled
def cost_of(step, change):  # type: ignore[no-untyped-def]
    """Return the cost of changing the energy held by so much; infinite beyond the power limits."""
    first, second = (0, 1) if change > 0 else (2, 3)
    amount = abs(change)
    if amount > step[first, 0] + step[second, 0] + 1e-9:
        return np.inf
    early = min(amount, step[first, 0])
    return early * step[first, 1] + (amount - early) * step[second, 1]


@compiled
def choose(x, y, step, held):  # type: ignore[no-untyped-def]
    """Return the energy after a step that costs least from here to the end."""
    into, out = step[0, 0] + step[1, 0], step[2, 0] + step[3, 0]
    best, at_best = np.inf, held
    corners = np.array([0.0, step[0, 0], into, -step[2, 0], -out])
    for i in range(len(corners) + len(x)):
        after = held + corners[i] if i < len(corners) else x[i - len(corners)]
        if after < x[0] - 1e-9 or after > x[-1] + 1e-9:
            continue
        after = min(max(after, x[0]), x[-1])
        cost = cost_of(step, after - held) + pw.at(x, y, after)
        if best == np.inf or cost < best - 1e-12 * (1 + abs(best)):
            best, at_best = cost, after
    return at_best if best < np.inf else np.nan


@compiled
def _year(steps, kept, low, high, start, ends, goal):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Return the energy after each step on the cheapest path; NaN from where none exists.

    `ends[t]` tells that the energy after step t has to be the goal.
    """
    n = len(steps)
    size, used = 64 * n + 64, 0
    xs, ys = np.empty(size), np.empty(size)
    begin = np.zeros(n, np.int64)
    x, y, convex = np.array([low, high]), np.zeros(2), True
    for t in range(n - 1, -1, -1):
        if ends[t]:
            x, y = pw.clipped(x, y, goal, goal)
        if len(x) == 0:
            return np.full(n, np.nan)
        if used + len(x) > size:
            xs, ys = np.concatenate((xs, np.empty(size))), np.concatenate((ys, np.empty(size)))
            size *= 2
        xs[used : used + len(x)], ys[used : used + len(x)] = x, y
        begin[t] = used
        used += len(x)
        x, y, convex = _before(x, y, steps[t], kept, low, high, convex)
    energy, held = np.empty(n), start
    last = used
    for t in range(n):
        first = begin[t]
        held = choose(xs[first:last], ys[first:last], steps[t], kept * held)
        if np.isnan(held):
            return np.full(n, np.nan)
        energy[t] = held
        last = first
    return energy


@compiled
def first_step(steps, kept, low, high, start, goal, value):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Return the energy after the first of some steps; NaN where no path exists.

    Energy left after the last step is worth `value` per kWh; a `goal` that is not NaN has to be
    held then.
    """
    x, y, convex = np.array([low, high]), np.array([-value * low, -value * high]), True
    if not np.isnan(goal):
        x, y = np.array([goal]), np.zeros(1)
    for t in range(len(steps) - 1, 0, -1):
        x, y, convex = _before(x, y, steps[t], kept, low, high, convex)
        if len(x) == 0:
            return np.nan
    return choose(x, y, steps[0], kept * start)


def energies(site: Site, battery: Battery, pays: Objective, *, daily: bool = False) -> np.ndarray:
    """Return the energy held after each step on the cheapest path, of shape (steps,) [kWh].

    Raises
    ------
    InfeasibleError
        Where no path keeps the limits.
    """
    ends = np.zeros(len(site.table), np.bool_)
    if battery.soc_end is not None:
        ends[-1] = True
        if daily:
            ends = site.day_ends()
    c = battery.capacity_kwh
    found = np.asarray(
        _year(
            pieces(site, battery, pays), battery.kept(site.step_h), battery.soc_min * c,
            battery.soc_max * c, battery.soc_start * c, ends, (battery.soc_end or 0.0) * c,
        )
    )  # fmt: skip
    if np.isnan(found).any():
        raise InfeasibleError(
            f"The dispatch of site {site.name!r} cannot be planned: no schedule keeps battery "
            f"{battery.name!r} within its limits."
        )
    return found


def powers(site: Site, battery: Battery, energy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return charge and discharge [kW] that lead along the energies held [kWh]."""
    c = battery.capacity_kwh
    before = np.append(battery.soc_start * c, energy[:-1])
    change = (energy - battery.kept(site.step_h) * before) / site.step_h
    change = np.where(np.abs(change) < 1e-12 * c, 0, change)
    return (
        np.maximum(change, 0) / battery.charge_efficiency,
        np.maximum(-change, 0) * battery.discharge_efficiency,
    )
