"""One stream of random numbers for each simulated thing, whatever is drawn beside it."""

import numpy as np

from lab.errors import UsageError

WEATHER, HOUSEHOLD, NOISE, SAMPLE = range(4)


def stream(seed: int, kind: int, number: int = 0) -> np.random.Generator:
    """Return the generator of one thing of a kind.

    Parameters
    ----------
    seed : int
        Of the whole simulation, not negative.
    kind : int
        `WEATHER`, `HOUSEHOLD`, `NOISE`, or `SAMPLE`: what a study draws from it.
    number : int
        Which of that kind.

    Returns
    -------
    numpy.random.Generator
        Independent of all others; the same whatever else is drawn.

    Raises
    ------
    UsageError
        If the seed or the number is negative.

    Examples
    --------
    >>> first = stream(7, HOUSEHOLD, 0).random()
    >>> first == stream(7, HOUSEHOLD, 0).random(), first == stream(7, HOUSEHOLD, 1).random()
    (True, False)
    """
    if seed < 0 or number < 0:
        raise UsageError(f"Seed and number must not be negative, got {seed} and {number}.")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(kind, number)))
