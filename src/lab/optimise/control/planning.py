"""The best plan for one battery on known or forecast prices, exactly, by its value function.

With one battery, known prices and no limit but its own, the value of held energy is a concave
line of straight pieces. One step back in time adds two pieces, what charging costs and what
discharging earns, at their place in the order of slopes, and cuts both ends. A plan of a day
costs some microseconds, so that a new one can be made every minute. The linear programme that
a solver takes instead is stated in `lab.optimise.storage`; tests hold one against the other.

References
----------
Bellman, Dynamic programming (1957). Cahn, The warehouse problem (1948),
doi:10.1090/S0002-9904-1948-09093-8: what is bought and stored for later sale.
"""

from typing import NamedTuple

import numpy as np

from lab.optimise.control.dynamics import (
    CHARGE,
    DISCHARGE,
    HOLD,
    Limits,
    asked_for,
    compiled,
    follow,
)


class Value(NamedTuple):
    """What held energy is worth from some step on; its arrays change as one goes back in time.

    Attributes
    ----------
    slope, width : numpy.ndarray, shape (most,)
        Worth of a kWh [USD/kWh] and length [kWh] of each piece, from the least energy upwards.
    pieces : numpy.ndarray of int, shape (1,)
        How many there are.
    least : numpy.ndarray, shape (1,)
        Value of the least energy [USD].
    """

    slope: np.ndarray
    width: np.ndarray
    pieces: np.ndarray
    least: np.ndarray


class Plans(NamedTuple):
    """What a new plan is made of, at every step.

    Attributes
    ----------
    ahead : numpy.ndarray, shape (steps, blocks)
        Forecast price of each block behind the present step [USD/kWh].
    blocks : numpy.ndarray, shape (blocks,)
        Steps in each block.
    end_worth : numpy.ndarray, shape (steps,)
        Worth of energy behind the last block [USD/kWh].
    every : int
        Steps from one plan to the next.
    """

    ahead: np.ndarray
    blocks: np.ndarray
    end_worth: np.ndarray
    every: int


@compiled
def blank(room: int) -> Value:
    """Return a value of nothing, with room for so many pieces."""
    return Value(np.zeros(room), np.zeros(room), np.zeros(1, np.int64), np.zeros(1))


@compiled
def begin(value: Value, end_worth: float, of: Limits) -> None:
    """Go to the end, where each kWh is worth the same."""
    value.slope[0], value.width[0] = end_worth, of.ceiling_kwh - of.floor_kwh
    value.pieces[0], value.least[0] = 1, end_worth * of.floor_kwh


@compiled
def one_step_back(value: Value, price: float, steps: float, of: Limits) -> None:
    """Go back over a block of steps of one price.

    At prices so low that it would pay to charge and discharge at once, both are mixed within
    the block, which makes the value an upper bound there.
    """
    buys = steps * of.charge_kwh * of.charge_efficiency
    sells = steps * of.discharge_kwh / of.discharge_efficiency
    cost = (price + of.wear) / of.charge_efficiency
    gain = (price - of.wear) * of.discharge_efficiency
    value.least[0] -= cost * buys
    if cost < gain:
        cost = gain = (cost * buys + gain * sells) / (buys + sells)
    _insert(value, cost, buys)
    _insert(value, gain, sells)
    # What is left of energy after self-discharge is what the pieces so far speak of.
    kept = of.kept**steps
    _cut_right(value, sells + (1 - kept) * of.ceiling_kwh)
    _cut_left(value, max(buys - (1 - kept) * of.floor_kwh, 0.0))
    if kept < 1:
        for place in range(value.pieces[0]):
            value.slope[place] *= kept
            value.width[place] /= kept


@compiled
def _insert(value: Value, slope: float, width: float) -> None:
    """Put a piece behind all that are steeper."""
    place = value.pieces[0]
    while place > 0 and value.slope[place - 1] < slope:
        value.slope[place], value.width[place] = value.slope[place - 1], value.width[place - 1]
        place -= 1
    value.slope[place], value.width[place] = slope, width
    value.pieces[0] += 1


@compiled
def _cut_right(value: Value, width: float) -> None:
    """Take a width off the upper end."""
    last = value.pieces[0] - 1
    while last > 0 and value.width[last] <= width:
        width -= value.width[last]
        last -= 1
    value.width[last] -= width
    value.pieces[0] = last + 1


@compiled
def _cut_left(value: Value, width: float) -> None:
    """Take a width off the lower end: the least energy becomes a higher one."""
    slopes, widths, gone = value.slope, value.width, 0
    while gone < value.pieces[0] - 1 and widths[gone] <= width:
        width -= widths[gone]
        value.least[0] += slopes[gone] * widths[gone]
        gone += 1
    widths[gone] -= width
    value.least[0] += slopes[gone] * width
    value.pieces[0] -= gone
    if gone:
        for place in range(value.pieces[0]):
            slopes[place], widths[place] = slopes[place + gone], widths[place + gone]


@compiled
def value_at(value: Value, energy: float, of: Limits) -> float:
    """Return what held energy is worth [USD]."""
    left, worth = energy - of.floor_kwh, value.least[0]
    for place in range(value.pieces[0]):
        part = min(left, value.width[place])
        worth += part * value.slope[place]
        left -= part
        if left <= 0:
            break
    return worth


@compiled
def best_action(value: Value, energy: float, price: float, of: Limits) -> int:
    """Return the action that earns most now and later; holding, where others earn no more."""
    best, most = HOLD, -np.inf
    for action in (HOLD, CHARGE, DISCHARGE):
        held, taken, given = follow(energy, asked_for(action, of), of)
        worth = value_at(value, held, of)
        worth += given * (price - of.wear) - taken * (price + of.wear)
        if worth > most + 1e-12:
            best, most = action, worth
    return best


@compiled
def foresight(price: np.ndarray, start_kwh: float, end_worth: float, of: Limits) -> float:
    """Return the most that can be earned on known prices, worth of the energy left included [USD].

    An upper bound where prices are below 0, see `one_step_back`.
    """
    value = blank(2 * len(price) + 2)
    begin(value, end_worth, of)
    for t in range(len(price) - 1, -1, -1):
        one_step_back(value, price[t], 1.0, of)
    return value_at(value, start_kwh, of)


@compiled
def _back(value: Value, plans: Plans, step: int, of: Limits) -> None:
    """Make the plan of one step: go back from the end of its blocks."""
    begin(value, plans.end_worth[step], of)
    for block in range(len(plans.blocks) - 1, -1, -1):
        one_step_back(value, plans.ahead[step, block], plans.blocks[block], of)


@compiled
def run_plans(
    price: np.ndarray, plans: Plans, start_kwh: float, of: Limits
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Act on the latest plan's value of energy at the price that comes; returns as `run_table`."""
    steps = len(price)
    held, taken, given = np.empty(steps), np.empty(steps), np.empty(steps)
    asked = np.empty(steps, np.int64)
    energy, value = start_kwh, blank(2 * len(plans.blocks) + 2)
    for t in range(steps):
        if t % plans.every == 0:
            _back(value, plans, t, of)
        asked[t] = best_action(value, energy, price[t], of)
        energy, taken[t], given[t] = follow(energy, asked_for(asked[t], of), of)
        held[t] = energy
    return held, taken, given, asked


@compiled
def worth_in_plans(plans: Plans, of: Limits, levels: int) -> np.ndarray:
    """Return the worth of a kWh at each step and charge level [USD/kWh], shape (steps, levels)."""
    wide = (of.ceiling_kwh - of.floor_kwh) / levels
    found = np.empty((len(plans.ahead), levels))
    value = blank(2 * len(plans.blocks) + 2)
    for t in range(len(found)):
        _back(value, plans, t, of)
        below = value.least[0]
        for level in range(levels):
            above = value_at(value, of.floor_kwh + wide * (level + 1), of)
            found[t, level] = (above - below) / wide
            below = above
    return found
