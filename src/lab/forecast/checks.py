"""What tables, settings and measured values must be for models and intervals alike."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab.errors import DataError, UsageError
from lab.forecast.view import check_numbers

if TYPE_CHECKING:
    from lab.forecast.table import Forecasts


def check_least(what: str, least: int, **given: int) -> None:
    """Refuse settings below the least that is allowed.

    Parameters
    ----------
    what : str
        Whose settings they are, as a sentence begins.
    least : int
    given : int
        The settings by name.

    Raises
    ------
    UsageError

    Examples
    --------
    >>> check_least("Calibration", 1, window_days=90, min_days=14)
    """
    if min(given.values()) < least:
        raise UsageError(
            f"{what} needs {_listed(given)} of at least {least}, got {_listed(given.values())}."
        )


def check_measured(what: str, forecasts: "Forecasts", actual: np.ndarray) -> None:
    """Refuse measured values that are not one for each row of a forecast.

    Parameters
    ----------
    what : str
        What needs them, as a sentence begins.
    forecasts : Forecasts
    actual : numpy.ndarray

    Raises
    ------
    UsageError
    """
    if np.shape(actual) != (len(forecasts.day),):
        raise UsageError(
            f"{what} needs one measured value for each of the {len(forecasts.day)} rows, got an "
            f"array of shape {np.shape(actual)}."
        )


def numbers(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a table as floats; what else it holds is left out.

    Raises
    ------
    DataError
        If one is missing, stands twice, or holds no real numbers.
    """
    if missing := [name for name in columns if name not in frame.columns]:
        raise DataError(
            f"The table needs the column {missing[0]!r}; it has {', '.join(map(str, frame))}."
        )
    check_numbers(frame, columns)
    return frame[list(columns)].astype(float)


def _listed(parts: Iterable[object]) -> str:
    """Return parts as a list in a sentence."""
    *first, last = map(str, parts)
    return f"{', '.join(first)} and {last}" if first else last
