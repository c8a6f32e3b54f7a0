"""Control by what stored energy is worth, when each of the last days may come again.

A plan on one forecast takes it for certain: it empties the battery for a load that may not come.
Here every hour of the last days is a scenario for the same hour of the days ahead, all equally
likely and drawn anew in each hour. Carried backwards, the mean of their cheapest costs tells what
energy held is worth in each hour to come; in each hour the battery then does what is cheapest for
the load and PV of that hour itself and the worth of what is left.

References
----------
Stochastic dynamic programming of stored water, whose worth it calls water value: Pereira and Pinto
(1991), "Multi-stage stochastic optimization applied to energy planning", Mathematical Programming
52, doi:10.1007/BF01582895. One battery needs no cuts: its state is a line.
"""

from dataclasses import replace

import numpy as np

from lab.checks import whole
from lab.errors import UsageError
from lab.optimise.storage import dynamic, model
from lab.optimise.storage import piecewise as pw
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Bill, Weights, counted, doing_nothing, scale
from lab.optimise.storage.outcome import Dispatch, carried_out
from lab.optimise.storage.reach import require_reserve_to_last
from lab.optimise.storage.rolling import pieces_expected
from lab.optimise.storage.site import Site

compiled = dynamic.compiled
UNKNOWN = ("load_kw", "pv_kw", "carbon_kg_per_kwh")


def over_past_days(
    site: Site,
    battery: Battery,
    weights: Weights | None = None,
    *,
    days: int = 7,
    horizon: int = 48,
    period: int = 24,
    levels: int = 33,
    base: Bill | None = None,
) -> Dispatch:
    """Run a battery by the worth of its energy under the last days' load, PV and carbon.

    Parameters
    ----------
    site : Site
        Its prices are taken as known; load, PV and carbon intensity are known up to the step that
        is decided.
    battery : Battery
        A `soc_end` is not asked for: the horizon recedes.
    weights : Weights, optional
    days : int
        How many periods back the scenarios go; fewer at the beginning, where fewer were seen.
    horizon : int
        Steps that are looked ahead; energy left after them is worth nothing.
    period : int
        Steps of a day. The worth is computed anew after each, or after a shorter horizon.
    levels : int
        Energies, equally spaced, at which the worth is computed; it is linear in between.
    base : Bill, optional
        What cost and carbon are divided by: that of doing nothing at this site unless given (a
        constant, which only balances the weights).

    Returns
    -------
    Dispatch

    Raises
    ------
    SolveError
        When the battery loses its reserve faster than it may be charged.
    UsageError
        For days, a horizon or levels that are too few, or where burning energy would pay.
    """
    for name, got, least in (
        ("days", days, 1), ("horizon", horizon, 1), ("period", period, 1), ("levels", levels, 2)
    ):  # fmt: skip
        whole(got, name, least)
    scales = scale(base or doing_nothing(site), counted(site, weights))
    pays = model.objective(site, scales)
    dynamic.require(site, [battery], pays, "The worth of energy")
    real = dynamic.pieces(site, battery, pays)
    lags = days + (horizon - 1) // period
    past = np.stack([_as_before(site, battery, scales, k * period) for k in range(1, lags + 1)])
    _require_losses_to_cost(real, past)
    require_reserve_to_last(battery, site.step_h)
    size, kept = battery.capacity_kwh, battery.kept(site.step_h)
    grid = size * np.linspace(battery.soc_min, battery.soc_max, levels)
    energy = _controlled(real, past, days, horizon, period, kept, grid, battery.soc_start * size)
    return carried_out(site, replace(battery, soc_end=None), [energy], weights)


def _as_before(
    site: Site, battery: Battery, scales: tuple[float, float, float], lag: int
) -> np.ndarray:
    """Return the pieces of every step's cost with what was unknown as it was some steps before."""
    values = {c: site.array(c) for c in site.table}
    for column in UNKNOWN:
        values[column] = np.append(np.zeros(lag), values[column])[: len(site.table)]
    return pieces_expected(site, battery, scales, values)


def _require_losses_to_cost(*steps: np.ndarray) -> None:
    """Refuse steps in which charging and discharging at once would pay: the worth is not convex."""
    for each in steps:
        costs = np.where(each[..., 0] > 0, each[..., 1], np.inf)
        if (costs[..., :2].min(axis=-1) + costs[..., 2:].min(axis=-1) < 0).any():
            raise UsageError(
                "The worth of energy needs prices at which losing energy never pays, got steps in "
                "which charging and discharging at once would earn."
            )


@compiled
def _controlled(real, past, days, horizon, period, kept, grid, held):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Return the energy after each step; the step itself is seen, those after it are not."""
    n = len(real)
    energy = np.empty(n)
    worth = np.zeros((horizon + 1, len(grid)))
    for t in range(n):
        k = t % min(period, horizon)
        if k == 0:
            worth = _costs_to_go(past, t, days, horizon, period, kept, grid)
        held = dynamic.choose(grid, worth[k + 1], real[t], kept * held)
        energy[t] = held
    return energy


@compiled
def _costs_to_go(past, t, days, horizon, period, kept, grid):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Return the mean cost from each step ahead on, for each energy held before it."""
    cost = np.zeros((horizon + 1, len(grid)))
    for j in range(horizon - 1, -1, -1):
        if t + j >= past.shape[1]:
            continue  # the table ends, and with it what is known of prices
        seen = 0
        for back in range(days):
            lag = j // period + back  # of `past`, whose first row lies one period back
            if t + j >= (lag + 1) * period:
                _add_cheapest(cost[j], grid, cost[j + 1], past[lag, t + j], kept)
                seen += 1
        if seen:
            cost[j] /= seen
        else:
            cost[j] = cost[j + 1]
    return cost


@compiled
def _add_cheapest(total, grid, after, step, kept):  # type: ignore[no-untyped-def]
    """Add, for each energy held before a step, its cheapest cost and that of what follows.

    The cost that follows is convex. So charging pays up to one energy for each piece, whatever was
    held before, and discharging down to one.
    """
    goals = np.empty(4)
    for k in range(4):
        i = 0
        while i < len(grid) - 1:
            slope = (after[i + 1] - after[i]) / (grid[i + 1] - grid[i])
            if slope >= -step[k, 1] if k < 2 else slope > step[k, 1]:
                break
            i += 1
        goals[k] = grid[i]
    for i in range(len(grid)):
        begin = kept * grid[i]
        end = begin
        for k in (0, 1):
            if goals[k] > end:
                end = min(end + step[k, 0], goals[k])
        if end == begin:
            for k in (2, 3):
                if goals[k] < end:
                    end = max(end - step[k, 0], goals[k])
        end = max(end, grid[0])
        total[i] += dynamic.cost_of(step, end - begin) + pw.at(grid, after, end)
