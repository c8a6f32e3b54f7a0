"""What one step does to a battery, compiled; the environment and every strategy come through here.

An action asks for full power or none. The battery follows as far as its limits allow: a full one
takes nothing, an empty one gives nothing. If self-discharge has brought it below its reserve, it
is charged back to it, whatever was asked for.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from lab.optimise.storage.battery import Battery

CHARGE, HOLD, DISCHARGE = 0, 1, 2
ACTIONS = ("charge", "hold", "discharge")
# What counts as reached: rounding of sums of energies is far below it [kWh].
NEAR = 1e-9
# Two energies are tried in every state, so sums may not be taken in another order.
compiled: Any = njit(cache=True, nogil=True)


class Limits(NamedTuple):
    """A battery's limits for one step.

    Attributes
    ----------
    floor_kwh, ceiling_kwh : float
        Least and most energy held [kWh].
    charge_kwh, discharge_kwh : float
        Most energy in a step, at the terminals [kWh].
    charge_efficiency, discharge_efficiency : float
        One-way efficiencies [1].
    stored_kwh, drawn_kwh : float
        The same, as the energy held rises and falls [kWh].
    to_store, to_draw : float
        Taken for each kWh stored, and given for each kWh drawn [1]: no division in a step.
    kept : float
        Share of the energy that is left after a step of self-discharge [1].
    wear : float
        Cost of throughput at the terminals [USD/kWh].
    """

    floor_kwh: float
    ceiling_kwh: float
    charge_kwh: float
    discharge_kwh: float
    charge_efficiency: float
    discharge_efficiency: float
    stored_kwh: float
    drawn_kwh: float
    to_store: float
    to_draw: float
    kept: float
    wear: float


def limits(battery: Battery, step_h: float) -> Limits:
    """Return a battery's limits for steps of a length [h]."""
    charge, discharge = battery.charge_kw * step_h, (battery.discharge_kw or 0.0) * step_h
    return Limits(
        float(battery.soc_min * battery.capacity_kwh),
        float(battery.soc_max * battery.capacity_kwh),
        float(charge),
        float(discharge),
        float(battery.charge_efficiency),
        float(battery.discharge_efficiency),
        float(charge * battery.charge_efficiency),
        float(discharge / battery.discharge_efficiency),
        float(1 / battery.charge_efficiency),
        float(battery.discharge_efficiency),
        battery.kept(step_h),
        float(battery.wear_per_kwh),
    )


@compiled
def asked_for(action: int, of: Limits) -> float:
    """Return the energy an action asks for at the terminals [kWh], above 0 where it charges."""
    if action == CHARGE:
        return of.charge_kwh
    return -of.discharge_kwh if action == DISCHARGE else 0.0


@compiled
def follow(energy_kwh: float, wanted_kwh: float, of: Limits) -> tuple[float, float, float]:
    """Return the energy held after a step, and what was taken and given at the terminals [kWh]."""
    held = energy_kwh * of.kept
    stored, drawn = 0.0, 0.0
    if held < of.floor_kwh - NEAR:
        stored = min(max(wanted_kwh * of.charge_efficiency, of.floor_kwh - held), of.stored_kwh)
    elif wanted_kwh > 0:
        room = max(of.ceiling_kwh - held, 0.0)
        stored = min(wanted_kwh * of.charge_efficiency, of.stored_kwh, room)
    elif wanted_kwh < 0:
        left = max(held - of.floor_kwh, 0.0)
        drawn = min(-wanted_kwh / of.discharge_efficiency, of.drawn_kwh, left)
    return held + stored - drawn, stored * of.to_store, drawn * of.to_draw


@compiled
def act(energy_kwh: float, action: int, of: Limits) -> tuple[float, float, float]:
    """Return what `follow` does for an action's full power, to the bit, without divisions."""
    held = energy_kwh * of.kept
    if held < of.floor_kwh - NEAR:
        return follow(energy_kwh, asked_for(action, of), of)
    stored, drawn = 0.0, 0.0
    if action == CHARGE:
        stored = min(of.stored_kwh, max(of.ceiling_kwh - held, 0.0))
    elif action == DISCHARGE:
        drawn = min(of.drawn_kwh, max(held - of.floor_kwh, 0.0))
    return held + stored - drawn, stored * of.to_store, drawn * of.to_draw


@compiled
def level_of(energy_kwh: float, of: Limits, levels: int) -> int:
    """Return the number of the charge level, 0 to `levels` - 1, between the limits."""
    per_kwh = levels / (of.ceiling_kwh - of.floor_kwh)
    return min(max(int((energy_kwh - of.floor_kwh) * per_kwh + NEAR), 0), levels - 1)


@compiled
def run_table(
    table: np.ndarray, column: np.ndarray, start_kwh: float, of: Limits, hold: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Act by a table of actions, of shape (levels, columns).

    `column`, of shape (steps, levels), names the column of each step at each charge level; an
    action is kept for `hold` steps.

    Returns
    -------
    tuple of numpy.ndarray
        Energy held after each step, energy taken and given [kWh], and the actions asked for.
    """
    steps, levels = len(column), table.shape[0]
    held, taken, given = np.empty(steps), np.empty(steps), np.empty(steps)
    asked = np.empty(steps, np.int64)
    energy, action = start_kwh, HOLD
    for t in range(steps):
        if t % hold == 0:
            level = level_of(energy, of, levels)
            action = table[level, column[t, level]]
        energy, taken[t], given[t] = follow(energy, asked_for(action, of), of)
        held[t], asked[t] = energy, action
    return held, taken, given, asked


@compiled
def run_energy(
    wanted_kwh: np.ndarray, start_kwh: float, of: Limits
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow a schedule of energies at the terminals [kWh], above 0 where it charges."""
    steps = len(wanted_kwh)
    held, taken, given = np.empty(steps), np.empty(steps), np.empty(steps)
    energy = start_kwh
    for t in range(steps):
        energy, taken[t], given[t] = follow(energy, wanted_kwh[t], of)
        held[t] = energy
    return held, taken, given
