"""The habits that every model keeps, so that `lab.backtest` can drive any of them.

`inputs` is a pure, hashable function of one `View`; `fit` and `predict` get the stacked
inputs of many issue times and nothing else. Thus a model has no way to the table, and
what it sees of an issue time is what its view held.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.view import View

Stacked = Mapping[str, np.ndarray]
CLOCK, STEPS = "clock", "steps"


class Model(Protocol):
    """A forecasting model.

    Attributes
    ----------
    name : str
        Name in the forecast table.
    levels : tuple of float
        Quantile levels that `predict` returns; 0.5 is among them.
    layout : str
        Columns of a forecast: `clock` (48 wall-clock half-hours) or `steps` (elapsed
        since midnight: 50, of which a common day uses 48).
    inputs : callable
        From a view to named arrays.
    """

    @property
    def name(self) -> str:
        """Name in the forecast table."""

    @property
    def levels(self) -> tuple[float, ...]:
        """Quantile levels of a forecast."""

    @property
    def layout(self) -> str:
        """Columns of a forecast, `clock` or `steps`."""

    @property
    def inputs(self) -> Callable[[View], dict[str, np.ndarray]]:
        """Function from a view to named arrays."""

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Learn from past issue times: inputs (days, ...), target (days, slots)."""
        ...

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, columns, levels)."""
        ...


def usable(base: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return which days have a complete base and target, shape (days,).

    Raises
    ------
    UsageError
        If none has.
    """
    complete: np.ndarray = np.isfinite(base).all(axis=1) & np.isfinite(target).all(axis=1)
    if not complete.any():
        raise UsageError(
            f"A fit needs at least one complete day with four earlier days of its type, got "
            f"{len(target)} days of which none is."
        )
    return complete
