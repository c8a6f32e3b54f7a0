"""Convolutions, then LSTM layers, then attention over their steps."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lab.forecast.model import Stacked
from lab.forecast.networks.base import SequenceNetwork, Tensors

ATTENTION = "attention"


@dataclass(eq=False, kw_only=True)
class CnnLstm(SequenceNetwork):
    """Convolutions find patterns of hours, LSTM layers follow them, attention weighs the steps.

    Every step keeps its place, so that the attention weights say which hours of the week
    before a forecast rests on.

    Parameters
    ----------
    filters : sequence of int
        Of the convolutions.
    kernel : int
        Steps that a convolution sees.
    units : sequence of int
        Cells of the LSTM layers.
    dropout : float
        After every LSTM layer.

    References
    ----------
    Kim, Cho, Predicting residential energy consumption using CNN-LSTM neural networks (2019),
    doi:10.1016/j.energy.2019.05.230; Bahdanau, Cho, Bengio, Neural machine translation by
    jointly learning to align and translate (2015), arXiv:1409.0473 (the attention).
    """

    name: ClassVar[str] = "cnn_lstm"

    filters: tuple[int, ...] = (64, 128)
    kernel: int = 3
    units: tuple[int, ...] = (128, 64)
    dropout: float = 0.2

    def attention(self, inputs: Stacked) -> np.ndarray:
        """Return the weight of every step of the sequence, shape (issues, steps).

        The weights of an issue sum to 1; those of several seeds are averaged.
        """
        return self.answers(inputs)[ATTENTION]

    def _read(self, layers: Any, sequence: Any) -> tuple[Any, Tensors]:
        flow = sequence
        for number in self.filters:
            flow = layers.Conv1D(number, self.kernel, padding="same", activation="relu")(flow)
        for width in self.units:
            flow = layers.Dropout(self.dropout)(layers.LSTM(width, return_sequences=True)(flow))
        score = layers.Dense(1)(layers.Dense(self.units[-1], activation="tanh")(flow))
        weight = layers.Softmax(name=ATTENTION)(layers.Flatten()(score))
        return layers.Dot(axes=1)([weight, flow]), {ATTENTION: weight}
