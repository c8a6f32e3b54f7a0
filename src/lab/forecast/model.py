"""The habits that every model keeps, so that `lab.backtest` can drive any of them.

`inputs` is a pure, hashable function of one `View`; `fit` and `predict` get the stacked
inputs of many issue times and nothing else. Thus a model has no way to the table, and
what it sees of an issue time is what its view held.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self

import numpy as np

from lab.errors import DataError, UsageError
from lab.forecast.view import View

Stacked = Mapping[str, np.ndarray]
Shapes = dict[str, tuple[int, ...]]
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


def shapes_of(inputs: Stacked) -> Shapes:
    """Return the shape of every input at one issue: what a fit keeps as `shapes_`.

    Examples
    --------
    >>> shapes_of({"x": np.zeros((9, 48, 2)), "season": np.zeros(9)})
    {'season': (), 'x': (48, 2)}
    """
    return {name: tuple(inputs[name].shape[1:]) for name in sorted(inputs)}


def check_fitted(model: Any, learned: str = "shapes_") -> None:
    """Refuse a model that has not been fitted.

    Parameters
    ----------
    model : object
    learned : str
        An attribute that a fit gives it.

    Raises
    ------
    UsageError
    """
    if not hasattr(model, learned):
        raise UsageError(f"{type(model).__name__} has not been fitted; call fit first.")


def check_inputs(model: Any, inputs: Stacked) -> None:
    """Refuse inputs of other names or shapes than those that a model was fitted on.

    Parameters
    ----------
    model : object
        With the `shapes_` of its fit.
    inputs : mapping of arrays
        Stacked; how many issues there are does not matter.

    Raises
    ------
    UsageError
        If the model has not been fitted.
    DataError
        If an input is missing, extra, or of another shape.
    """
    check_fitted(model)
    learned, got = model.shapes_, shapes_of(inputs)
    apart = sorted(n for n in learned.keys() | got.keys() if learned.get(n) != got.get(n))
    if apart:
        raise DataError(
            f"The model {model.name} was fitted on inputs of the shapes {_told(learned, apart)}; "
            f"got {_told(got, apart)}."
        )


def shapes_told(model: Any) -> dict[str, list[int]]:
    """Return the shapes of a fit as a model file holds them.

    Raises
    ------
    UsageError
        If the model has not been fitted.
    """
    check_fitted(model)
    return {name: list(shape) for name, shape in model.shapes_.items()}


def shapes_read(header: Mapping[str, Any]) -> Shapes:
    """Return the shapes that a model file's header holds."""
    return {name: tuple(map(int, shape)) for name, shape in header["shapes"].items()}


def _told(shapes: Shapes, names: Sequence[str]) -> str:
    """Return inputs with their shapes as they stand in a sentence."""
    return ", ".join(f"{n} {shapes[n]}" if n in shapes else f"no {n}" for n in names)
