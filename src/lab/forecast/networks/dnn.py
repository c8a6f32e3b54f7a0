"""Dense layers over everything known, for the whole day at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from lab.forecast.networks import engine
from lab.forecast.networks.base import Network, Tensors
from lab.forecast.networks.inputs import DayVector
from lab.forecast.view import View


@dataclass(eq=False, kw_only=True)
class Dnn(Network):
    """Dense layers on all inputs side by side, sequences flattened.

    The inputs also reach the last layer directly, so that the hidden layers have only to
    learn what a linear model cannot say.

    Parameters
    ----------
    units : sequence of int
        Widths of the hidden layers.
    dropout : float
        After each of them, and on the inputs that reach the last layer.

    References
    ----------
    Lago et al., Forecasting day-ahead electricity prices (2021),
    doi:10.1016/j.apenergy.2021.116983 (its DNN); Cheng et al., Wide & deep learning (2016),
    doi:10.1145/2988450.2988454.
    """

    name: ClassVar[str] = "dnn"

    inputs: Callable[[View], dict[str, np.ndarray]] = field(default_factory=DayVector)
    units: tuple[int, ...] = (128, 64)
    dropout: float = 0.4

    def _hidden(self, layers: Any, sequence: Any, vector: Any) -> tuple[Any, Tensors]:
        flat = None if sequence is None else layers.Flatten()(sequence)
        known = engine.joined(layers, [x for x in (flat, vector) if x is not None])
        flow = known
        for width in self.units:
            flow = layers.Dropout(self.dropout)(layers.Dense(width, activation="relu")(flow))
        return layers.Concatenate()([flow, layers.Dropout(self.dropout)(known)]), {}
