"""What a model leans on, where its library knows no Shapley values of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lab.errors import UsageError


def by_permutation(
    model: Any,
    inputs: dict[str, np.ndarray],
    actual: np.ndarray,
    names: Sequence[str],
    *,
    seed: int,
    key: str = "x",
) -> "pd.Series[float]":
    """Return by how much the median errs more when an input is that of another day.

    Parameters
    ----------
    model : Model
        Fitted, with levels of which 0.5 is one.
    inputs : mapping of arrays
        Of days that the model has not learnt from.
    actual : numpy.ndarray, shape (days, slots)
        Measured values, NaN where missing.
    names : sequence of str
        Of the inputs on the last axis of `inputs[key]`.
    seed : int
        Of the order into which the days are put, the same for every input.
    key : str
        Which of the arrays holds them, shape (days, ..., names).

    Returns
    -------
    pandas.Series
        Rise of the mean absolute error [%], by name, largest first. Alike inputs stand in for
        each other: each of them looks less needed than they are together.

    Raises
    ------
    UsageError
        If the names are not one for each input.

    References
    ----------
    Breiman, Random forests (2001), doi:10.1023/A:1010933404324; Fisher, Rudin, Dominici, All
    models are wrong, but many are useful (2019), arXiv 1801.01489.
    """
    held = inputs[key]
    if len(names) != held.shape[-1]:
        raise UsageError(f"{held.shape[-1]} inputs need as many names, got {len(names)}.")
    median = model.levels.index(0.5)

    def error(told: dict[str, np.ndarray]) -> float:
        return float(np.nanmean(np.abs(model.predict(told)[..., median] - actual)))

    order = np.random.default_rng(seed).permutation(len(held))
    plain, found = error(inputs), {}
    for place, name in enumerate(names):
        mixed = held.copy()
        mixed[..., place] = held[order, ..., place]
        found[name] = 100 * (error({**inputs, key: mixed}) / plain - 1)
    return pd.Series(found).sort_values(ascending=False)
