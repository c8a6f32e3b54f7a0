"""The habits of a model of the next hours, so that `lab.backtest.hourly` can drive it."""

from collections.abc import Callable, Mapping
from typing import Protocol, Self

import numpy as np

from lab.forecast.view import HourView

Inputs = dict[str, np.ndarray]


class HourlyModel(Protocol):
    """A model of the next hours: as `lab.forecast.model.Model`, its inputs from an `HourView`."""

    @property
    def name(self) -> str:
        """Name in the forecast table."""

    @property
    def levels(self) -> tuple[float, ...]:
        """Quantile levels of a forecast."""

    @property
    def inputs(self) -> Callable[[HourView], Inputs]:
        """Function from a view to named arrays."""

    def fit(self, inputs: Mapping[str, np.ndarray], target: np.ndarray) -> Self:
        """Learn from past issues: inputs (issues, ...), target (issues, steps)."""
        ...

    def predict(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return forecasts, shape (issues, steps, levels)."""
        ...
