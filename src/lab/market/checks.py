"""What every function of `lab.market` refuses, in one sentence that names the item."""

from collections.abc import Collection
from typing import Any

import numpy as np

from lab.errors import DataError, UsageError


def finite(values: Any, name: str, item: str = "position") -> np.ndarray:
    """Return values as floats.

    Raises
    ------
    DataError
        If one is NaN or infinite; the first is named by its place.
    """
    found = np.asarray(values, dtype=float)
    wrong = ~np.isfinite(found)
    if wrong.any():
        raise DataError(
            f"{name} must be finite numbers, got {found[wrong][0]} at {item} {_place(wrong)}."
        )
    return found


def within(
    values: Any, name: str, low: float = -np.inf, high: float = np.inf, *, open_low: bool = False
) -> np.ndarray:
    """Return finite values that lie in a range, or raise `DataError` naming the first outside."""
    found = finite(values, name)
    wrong = (found > high) | ((found <= low) if open_low else (found < low))
    if wrong.any():
        raise DataError(
            f"{name} must be {_range(low, high, open_low)}, "
            f"got {found[wrong][0]:g} at position {_place(wrong)}."
        )
    return found


def setting(
    value: float, name: str, low: float = -np.inf, high: float = np.inf, *, open_low: bool = False
) -> float:
    """Return one number of a setting that lies in a range.

    Raises
    ------
    UsageError
        If it does not, or is no number.
    """
    inside = low < value <= high if open_low else low <= value <= high
    if not (np.isfinite(value) and inside):
        raise UsageError(f"{name} must be {_range(low, high, open_low)}, got {value:g}.")
    return float(value)


def whole(value: Any, name: str, low: int, high: int) -> int:
    """Return one whole number that lies in a range, or raise `UsageError`."""
    if not isinstance(value, int | np.integer):
        raise UsageError(f"{name} must be whole numbers, got {value!r}.")
    return int(setting(int(value), name, low, high))


def ordered(low: float, high: float, name: str) -> tuple[float, float]:
    """Return two bounds, the first below the second, or raise `UsageError`."""
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise UsageError(f"{name} must be a lower and a higher bound, got {low:g} and {high:g}.")
    return float(low), float(high)


def one_of(value: str, allowed: Collection[str], name: str) -> str:
    """Return a value that is among those allowed, or raise `UsageError`."""
    if value not in allowed:
        raise UsageError(f"{name} must be one of {', '.join(allowed)}, got {value!r}.")
    return value


def _range(low: float, high: float, open_low: bool) -> str:
    """Return a range in words."""
    if np.isinf(high):
        least = f"above {low:g}" if open_low else f"at least {low:g}"
        return "a finite number" if np.isinf(low) else least
    return f"{'above ' if open_low else 'from '}{low:g} {'up ' if open_low else ''}to {high:g}"


def _place(wrong: np.ndarray) -> str:
    """Return the first place that is true: a number, or row and column."""
    first = np.argwhere(wrong)[0].tolist()
    return ", ".join(str(one) for one in first) if first else "0"
