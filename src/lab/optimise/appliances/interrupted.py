"""Cheapest slots of an interruptible run with least times on and off: dynamic programming.

The state after a slot is how many slots have been on, how often it has begun, and for how long
it has been on or off, counted up to the least time. Exact, and without a solver.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rules:
    """What binds the runs, in slots.

    Attributes
    ----------
    steps : int
        Slots that are on in all.
    least_on, least_off : int
        Least slots of a run, and between two; 1 for none.
    max_starts : int or None
        Most runs.
    """

    steps: int
    least_on: int = 1
    least_off: int = 1
    max_starts: int | None = None


def cheapest(cost: np.ndarray, rules: Rules) -> np.ndarray | None:
    """Return which slots to be on in, at least cost; None where the rules leave no way.

    Parameters
    ----------
    cost : numpy.ndarray
        Cost of being on in each slot, any sign, (slots,).
    rules : Rules

    Returns
    -------
    numpy.ndarray of bool or None

    Examples
    --------
    >>> cheapest(np.array([5.0, 1.0, 5.0, 2.0, 2.0]), Rules(2, least_on=2)).astype(int).tolist()
    [0, 0, 0, 1, 1]
    """
    starts = 0 if rules.max_starts is None else rules.max_starts
    on_states, off_states = rules.least_on, rules.least_off
    value = np.full((len(cost) + 1, rules.steps + 1, starts + 1, on_states + off_states), np.inf)
    value[0, 0, 0, -1] = 0.0  # rested for long enough before the first slot
    for slot, price in enumerate(cost):
        _forward(value[slot], value[slot + 1], float(price), on_states, bool(starts))
    return _backward(value, cost, on_states, bool(starts))


def _forward(old: np.ndarray, new: np.ndarray, price: float, on: int, counted: bool) -> None:
    """Fill the values after a slot from those before it."""
    running, resting = old[..., :on], old[..., on:]
    begun = _begun(resting[..., -1], counted) + price
    new[1:, :, 1:on] = running[:-1, :, : on - 1] + price
    new[1:, :, on - 1] = np.minimum(new[1:, :, on - 1], running[:-1, :, on - 1] + price)
    new[1:, :, 0] = np.minimum(new[1:, :, 0], begun[:-1])
    new[..., on + 1 :] = resting[..., :-1]
    new[..., -1] = np.minimum(new[..., -1], resting[..., -1])
    new[..., on] = np.minimum(new[..., on], running[..., on - 1])


def _begun(rested: np.ndarray, counted: bool) -> np.ndarray:
    """Return values of a rested state by the number of starts after one more."""
    if not counted:
        return rested
    moved = np.full_like(rested, np.inf)
    moved[:, 1:] = rested[:, :-1]
    return moved


def _backward(value: np.ndarray, cost: np.ndarray, on: int, counted: bool) -> np.ndarray | None:
    """Walk from the best end state to the beginning."""
    end = value[-1, -1].copy()
    end[:, : on - 1] = np.inf  # a run that has not lasted
    if not np.isfinite(end.min()):
        return None
    starts, state = (int(k) for k in np.unravel_index(int(end.argmin()), end.shape))
    used, chosen = value.shape[1] - 1, np.zeros(len(cost), bool)
    for slot in range(len(cost) - 1, -1, -1):
        chosen[slot] = state < on
        before = _sources(state, on, value.shape[-1])
        used -= int(chosen[slot])
        moves = [(starts - int(counted and state == 0 and b >= on), b) for b in before]
        options = [value[slot, used, s, b] if s >= 0 else np.inf for s, b in moves]
        starts, state = moves[int(np.argmin(options))]
    return chosen


def _sources(state: int, on: int, states: int) -> list[int]:
    """Return the states that may come right before one."""
    last_on, last = on - 1, states - 1
    before = []
    if state < on:
        before += [state - 1] if state > 0 else [last]
        before += [last_on] if state == last_on else []
    else:
        before += [state - 1] if state > on else [last_on]
        before += [last] if state == last else []
    return before
