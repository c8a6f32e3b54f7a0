"""What decisions and markets refuse: one sentence that names the item and what it may be."""

import math
from collections.abc import Collection
from numbers import Real
from typing import Any

import numpy as np

from lab.errors import DataError, UsageError


def floats(values: Any, name: str) -> np.ndarray:
    """Return values as floats, missing ones as NaN, or raise `DataError` if one is no number."""
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} must be finite numbers, got others ({error}).") from error


def finite(values: Any, name: str, item: str = "position") -> np.ndarray:
    """Return values as floats.

    Raises
    ------
    DataError
        If one is NaN or infinite; the first is named by its place. If they are no numbers at all.
    """
    found = floats(values, name)
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


def each(values: Any, name: str, count: int) -> np.ndarray:
    """Return finite values, one for each of so many things; a bare number stands for all.

    Raises
    ------
    DataError
        If there are more or fewer, or one is not finite.

    Examples
    --------
    >>> each(0.2, "Prices", 3).tolist()
    [0.2, 0.2, 0.2]
    """
    found = finite(values, name)
    if found.shape not in ((), (count,)):
        raise DataError(f"{name} must be one or {count} in a row, got the shape {found.shape}.")
    return np.broadcast_to(found, (count,))


def number(value: Any, name: str) -> float:
    """Return one finite number of a setting.

    Raises
    ------
    UsageError
        If it is text, a truth value, NaN, infinite or nothing at all.

    Examples
    --------
    >>> number("5", "capacity_kwh")
    Traceback (most recent call last):
    lab.errors.UsageError: capacity_kwh must be a finite number, got '5'.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        shown = f"{value:g}" if isinstance(value, float) else repr(value)
        raise UsageError(f"{name} must be a finite number, got {shown}.")
    return float(value)


def setting(
    value: Any,
    name: str,
    low: float = -np.inf,
    high: float = np.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """Return one number of a setting that lies in a range.

    Raises
    ------
    UsageError
        If it does not, or is no number.

    Examples
    --------
    >>> setting(-2, "capacity_kwh", 0, open_low=True)
    Traceback (most recent call last):
    lab.errors.UsageError: capacity_kwh must be above 0, got -2.
    """
    found = number(value, name)
    below = found <= low if open_low else found < low
    above = found >= high if open_high else found > high
    if below or above:
        raise UsageError(f"{name} must be {_range(low, high, open_low, open_high)}, got {found:g}.")
    return found


def whole(value: Any, name: str, low: float = -np.inf, high: float = np.inf) -> int:
    """Return one whole number that lies in a range, or raise `UsageError`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise UsageError(f"{name} must be a whole number, got {value!r}.")
    return int(setting(int(value), name, low, high))


def ordered(low: Any, high: Any, name: str) -> tuple[float, float]:
    """Return two bounds, the first below the second, or raise `UsageError`."""
    found = number(low, f"The lower bound of {name}"), number(high, f"The higher bound of {name}")
    if not found[0] < found[1]:
        raise UsageError(f"{name} must be a lower and a higher bound, got {low:g} and {high:g}.")
    return found


def one_of(value: str, allowed: Collection[str], name: str) -> str:
    """Return a value that is among those allowed, or raise `UsageError`."""
    if value not in allowed:
        raise UsageError(f"{name} must be one of {', '.join(allowed)}, got {value!r}.")
    return value


def _range(low: float, high: float, open_low: bool, open_high: bool = False) -> str:
    """Return a range in words."""
    if np.isinf(high):
        least = f"above {low:g}" if open_low else f"at least {low:g}"
        return "a finite number" if np.isinf(low) else least
    return f"{'above' if open_low else 'from'} {low:g} {_to(open_low, open_high)} {high:g}"


def _to(open_low: bool, open_high: bool) -> str:
    """Return what stands between the ends of a range."""
    if open_high:
        return "and below" if open_low else "to below"
    return "and up to" if open_low else "to"


def _place(wrong: np.ndarray) -> str:
    """Return the first place that is true: a number, or row and column."""
    first = np.argwhere(wrong)[0].tolist()
    return ", ".join(str(one) for one in first) if first else "0"
