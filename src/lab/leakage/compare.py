"""Forecasts compared bit by bit."""

import numpy as np

from lab.forecast.table import Forecasts
from lab.leakage.result import Moved

OTHER = "it forecast other times"


def first_moved(model: str, old: Forecasts, new: Forecasts, filling: str) -> Moved | None:
    """Return the first value that is not the same to the bit, or None.

    Parameters
    ----------
    model : str
        As it is called in the sentence about it.
    old, new : Forecasts
        From the table as measured, and from the changed one.
    filling : str
        What the unknown was replaced by.
    """
    if not new.valid_at.equals(old.valid_at):
        return moved_at(model, old, (0, 0), np.nan, filling=filling, error=OTHER)
    different = np.argwhere(_bits(old.values) != _bits(new.values))
    if not len(different):
        return None
    row, level = map(int, different[0])
    return moved_at(model, old, (row, level), float(new.values[row, level]), filling=filling)


def moved_at(
    model: str,
    old: Forecasts,
    place: tuple[int, int],
    new: float,
    *,
    filling: str,
    error: str = "",
) -> Moved:
    """Return what moved: the value at a row and level, or, with `error`, all of them."""
    row, level = place
    return Moved(
        model=model,
        issued_at=old.issued_at[row],
        valid_at=old.valid_at[row],
        level=old.levels[level],
        old=float(old.values[place]),
        new=new,
        filling=filling,
        error=error,
    )


def _bits(values: np.ndarray) -> np.ndarray:
    """Return floats as whole numbers, so that neither a rounding nor a NaN passes."""
    return np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
