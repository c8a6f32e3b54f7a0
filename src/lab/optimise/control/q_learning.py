"""Tabular Q-learning of charge, hold and discharge, compiled; seeds side by side.

The state is a charge level and a column: price bin, hour, and the expected move where forecasts
are seen. An episode begins at a random minute of the training days with a random state of charge
and goes on for up to all of them; behind the last minute comes the first one. The energy left at
the end of an episode is paid for.

References
----------
Watkins, Dayan, Q-learning, Machine Learning (1992), doi:10.1007/BF00992698. Steele, Lea, Flood,
Fast splittable pseudorandom number generators (2014), doi:10.1145/2660193.2660195: the random
numbers, one stream a seed, so that a result does not depend on the number of threads.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from lab.checks import finite, number, setting, whole
from lab.errors import DataError, UsageError
from lab.optimise.control.dynamics import (
    CHARGE,
    DISCHARGE,
    HOLD,
    Limits,
    act,
    compiled,
    level_of,
)

inlined: Any = njit(cache=True, inline="always")
# The step of SplitMix64, and the distance of the streams of two seeds.
GOLDEN, STREAMS = 0x9E3779B97F4A7C15, 0xD1342543DE82EF95
# The highest seed: a state of 64 bits.
SEEDS = 2**64 - 1
RATES = ("learning_rate", "discount", "epsilon", "epsilon_decay", "epsilon_least")


@dataclass(frozen=True)
class Settings:
    """How an agent learns.

    Attributes
    ----------
    levels : int
        Charge levels, equally wide between the limits of the state of charge.
    learning_rate, discount : float
        Step towards a new value, and the worth of the next decision's value [1].
    epsilon, epsilon_decay, epsilon_least : float
        Share of random actions in the first episode, what it is multiplied by after each, and
        where it stops [1].
    episodes, steps : int
        Episodes, and most steps in each.
    hold : int
        Steps that a decision is kept.
    averaged : int
        Values are the mean over the ends of so many last episodes; 1 for those of the last one.
    thinks : bool
        Whether the values of all three actions are learnt at every step, not only of the one
        that is done: the battery moves no price, so what another action would have brought is
        known, and all are judged on the same prices.
    anywhere : bool
        Whether values are learnt at a charge that is drawn anew at every step, in place of the
        one held. What another charge would have brought is known, too. An agent that judges
        where its own battery stands knows each level mostly at one end of it, empty or full.
    """

    levels: int = 10
    learning_rate: float = 0.1
    discount: float = 0.95
    epsilon: float = 1.0
    epsilon_decay: float = 0.995
    epsilon_least: float = 0.05
    episodes: int = 1000
    steps: int = 14_400
    hold: int = 1
    averaged: int = 1
    thinks: bool = False
    anywhere: bool = False

    def __post_init__(self) -> None:
        for name in ("levels", "episodes", "steps", "hold", "averaged"):
            whole(getattr(self, name), name, 1)
        for name in RATES:
            setting(getattr(self, name), name, 0, 1)

    @property
    def rates(self) -> tuple[float, ...]:
        """The real numbers, for the compiled loop."""
        return tuple(float(getattr(self, name)) for name in RATES)

    @property
    def counts(self) -> tuple[int, ...]:
        """The whole numbers, for the compiled loop."""
        averaged = min(self.averaged, self.episodes)
        whether = int(self.thinks), int(self.anywhere)
        return self.levels, self.episodes, self.steps, self.hold, averaged, *whether


@dataclass(frozen=True)
class Learnt:
    """What agents learnt, one for each seed.

    Attributes
    ----------
    values : numpy.ndarray, shape (seeds, levels, columns, 3)
        Value of each action in each state [USD].
    earned : numpy.ndarray, shape (seeds, episodes)
        What each episode earned while learning, the change of the energy held included [USD].
    """

    values: np.ndarray
    earned: np.ndarray


class Lessons(NamedTuple):
    """What is learnt from.

    Attributes
    ----------
    price : numpy.ndarray, shape (steps,)
        [USD/kWh].
    worth : numpy.ndarray, shape (steps, levels)
        What is credited for stored energy and debited for what is taken out [USD/kWh].
    column : numpy.ndarray of int32, shape (steps, levels)
        See `states.Bins.column`.
    columns : int
        How many columns there are.
    end_worth : float
        Paid for the energy left at the end of an episode [USD/kWh].
    """

    price: np.ndarray
    worth: np.ndarray
    column: np.ndarray
    columns: int
    end_worth: float


def learn(
    lessons: Lessons, of: Limits, settings: Settings, *, seeds: Sequence[int], threads: int = 1
) -> Learnt:
    """Learn from the training days, once for each seed.

    Parameters
    ----------
    lessons : Lessons
    of : Limits
    settings : Settings
    seeds : sequence of int
        At least one, not negative.
    threads : int
        The result does not depend on it.

    Returns
    -------
    Learnt

    Raises
    ------
    DataError
        If the arrays do not fit together, a number is missing or a column is not there.
    UsageError
        If there is no seed, or a seed or the threads are not such numbers.
    """
    lessons = _checked(lessons, settings.levels)
    if len(seeds) == 0:
        raise UsageError("Agents need at least one seed, got none.")
    states = [np.uint64(whole(seed, "A seed", 0, SEEDS)) for seed in seeds]

    def one(seed: np.uint64) -> tuple[np.ndarray, np.ndarray]:
        return _episodes(lessons, of, settings.rates, settings.counts, seed)

    with ThreadPoolExecutor(whole(threads, "threads", 1)) as pool:
        found = list(pool.map(one, states))
    return Learnt(*(np.stack(part) for part in zip(*found, strict=True)))


def _checked(lessons: Lessons, levels: int) -> Lessons:
    """Return lessons that the compiled loop, which looks at no bounds, can be trusted with."""
    price, worth = finite(lessons.price, "Prices"), finite(lessons.worth, "Worths")
    column, shape = np.asarray(lessons.column), (len(np.atleast_1d(price)), levels)
    columns = whole(lessons.columns, "columns", 1)
    if price.ndim != 1 or worth.shape != shape or column.shape != shape or not len(price):
        raise DataError(
            f"Worth and columns must have the shape {shape} of steps and levels, at least one, "
            f"got {worth.shape} and {column.shape}, for prices of the shape {price.shape}."
        )
    if column.dtype.kind not in "iu" or column.min() < 0 or column.max() >= columns:
        raise DataError(
            f"The column of a step must be a whole number from 0 to {columns - 1}, got "
            f"{column.min()} to {column.max()} of the kind {column.dtype}."
        )
    price, worth = np.ascontiguousarray(price), np.ascontiguousarray(worth)
    column = np.ascontiguousarray(column, np.int32)
    return Lessons(price, worth, column, columns, number(lessons.end_worth, "end_worth"))


def greedy(values: np.ndarray) -> np.ndarray:
    """Return the best action of every state; holding where no other is better.

    Examples
    --------
    >>> greedy(np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 2.0], [3.0, 1.0, 2.0]])).tolist()
    [1, 2, 0]
    """
    ordered = values[..., [HOLD, CHARGE, DISCHARGE]]
    return np.array([HOLD, CHARGE, DISCHARGE])[ordered.argmax(axis=-1)]


@inlined
def bits(state):  # type: ignore[no-untyped-def]
    """Return the 53 random bits of a state of SplitMix64, as a number from 0 to below 1."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def best(values, row):  # type: ignore[no-untyped-def]
    """Return the best of the three actions whose values begin at `row`, as `greedy` does."""
    action = HOLD
    if values[row + CHARGE] > values[row + action]:
        action = CHARGE
    if values[row + DISCHARGE] > values[row + action]:
        action = DISCHARGE
    return action


@inlined
def highest(values, row):  # type: ignore[no-untyped-def]
    """Return the value of the best of three actions, without a branch to be guessed."""
    value, charge, discharge = values[row + HOLD], values[row + CHARGE], values[row + DISCHARGE]
    value = charge if charge > value else value
    return discharge if discharge > value else value


@inlined
def kept_for(arrays, start, action, kept, of):  # type: ignore[no-untyped-def]
    """Return step, energy, money and credit after an action was kept for some steps.

    `arrays` are price and worth; `start` is the step, the charge level and the energy.
    """
    price, worth = arrays
    at, place, energy = start
    cash, credit = 0.0, 0.0
    for _ in range(kept):
        before = energy
        energy, taken, given = act(energy, action, of)
        cash += given * (price[at] - of.wear) - taken * (price[at] + of.wear)
        credit += worth[at, place] * (energy - before)
        at = at + 1 if at + 1 < len(price) else 0
    return at, energy, cash, credit


@compiled
def _episodes(
    lessons: Lessons,
    of: Limits,
    rates: tuple[float, ...],
    counts: tuple[int, ...],
    seed: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the last values, and what each episode earned.

    All is done in one loop on flat arrays: views of them would be counted, which costs more than
    a step does.
    """
    levels, episodes, steps, hold, averaged, thinks, anywhere = counts
    rate, discount, epsilon, decay, least = rates
    price, worth, column = lessons.price, lessons.worth, lessons.column
    columns, end_worth = lessons.columns, lessons.end_worth
    minutes, span = len(price), of.ceiling_kwh - of.floor_kwh
    values = np.zeros(levels * columns * 3)
    mean, earned = np.zeros_like(values), np.zeros(episodes)
    gold = np.uint64(GOLDEN)
    random = seed * np.uint64(STREAMS)
    for episode in range(episodes):
        random += gold
        t = min(int(bits(random) * minutes), minutes - 1)
        random += gold
        energy = of.floor_kwh + bits(random) * span
        begun, done, total = energy, 0, 0.0
        level = level_of(energy, of, levels)
        while done < steps:
            row = (level * columns + column[t, level]) * 3
            random += gold
            draw = bits(random)
            action = min(int(draw / epsilon * 3), 2) if draw < epsilon else best(values, row)
            kept = min(hold, steps - done)
            done += kept
            judged, place = energy, level
            if anywhere:
                random += gold
                judged = of.floor_kwh + bits(random) * span
                place = level_of(judged, of, levels)
                row = (place * columns + column[t, place]) * 3
            next_t, next_energy, next_level, paid = t, energy, level, 0.0
            for other in range(0 if thinks else action, 3 if thinks else action + 1):
                start = (t, place, judged)
                at, then, cash, credit = kept_for((price, worth), start, other, kept, of)
                higher = level_of(then, of, levels)
                if done < steps:
                    after = (higher * columns + column[at, higher]) * 3
                    later = discount * highest(values, after)
                else:  # what was credited for this energy before is taken back
                    later = (end_worth - worth[at, higher]) * then
                values[row + other] += rate * (credit + cash + later - values[row + other])
                if other == action:
                    next_t, next_energy, next_level, paid = at, then, higher, cash
            if anywhere:  # the battery goes on from the energy that it holds
                start = (t, level, energy)
                _, next_energy, paid, _ = kept_for((price, worth), start, action, kept, of)
                next_level = level_of(next_energy, of, levels)
            t, energy, level, total = next_t, next_energy, next_level, total + paid
        earned[episode] = total + end_worth * (energy - begun)
        epsilon = max(epsilon * decay, least)
        if episode >= episodes - averaged:
            mean += values / averaged
    return mean.reshape(levels, columns, 3), earned
