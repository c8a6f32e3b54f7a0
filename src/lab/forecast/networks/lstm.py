"""The LSTM and the stacked LSTM of the project's specification."""

from dataclasses import dataclass
from typing import Any, ClassVar

from lab.forecast.networks.base import SequenceNetwork, Tensors


@dataclass(eq=False, kw_only=True)
class Lstm(SequenceNetwork):
    """LSTM layers over the sequence, dropout between them.

    Parameters
    ----------
    units : sequence of int
        Cells of the layers.
    dropout : float
        After every layer but the last.

    References
    ----------
    Hochreiter, Schmidhuber, Long short-term memory (1997), doi:10.1162/neco.1997.9.8.1735.
    """

    name: ClassVar[str] = "lstm"

    units: tuple[int, ...] = (128, 64)
    dropout: float = 0.2
    batch: int = 32

    def _read(self, layers: Any, sequence: Any) -> tuple[Any, Tensors]:
        return recurrent(layers, layers.LSTM, sequence, self.units, self.dropout), {}


@dataclass(eq=False, kw_only=True)
class StackedLstm(SequenceNetwork):
    """Three LSTM layers, dropout after each, and a dense layer before the day.

    Parameters
    ----------
    units : sequence of int
        Cells of the layers.
    dropout : float
    dense : int
        Units of the dense layer.
    """

    name: ClassVar[str] = "stacked_lstm"

    units: tuple[int, ...] = (128, 64, 32)
    dropout: float = 0.2
    dense: int = 24

    def _read(self, layers: Any, sequence: Any) -> tuple[Any, Tensors]:
        flow = recurrent(layers, layers.LSTM, sequence, self.units, self.dropout)
        flow = layers.Dropout(self.dropout)(flow)
        return layers.Dense(self.dense, activation="relu")(flow), {}


def recurrent(layers: Any, kind: Any, sequence: Any, units: tuple[int, ...], dropout: float) -> Any:
    """Return the last state of stacked recurrent layers, dropout between them.

    Parameters
    ----------
    layers : module
        `keras.layers`.
    kind : class
        `LSTM` or `GRU` of them.
    sequence : keras tensor (issues, steps, channels)
    units : sequence of int
    dropout : float
    """
    flow = sequence
    for width in units[:-1]:
        flow = layers.Dropout(dropout)(kind(width, return_sequences=True)(flow))
    return kind(units[-1])(flow)
