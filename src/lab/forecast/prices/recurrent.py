"""CNN-LSTM with attention and a Transformer for tomorrow's prices, fed with hourly features.

Convolutions read every hour; what they find is pooled before the slow layers, which then take
a fraction of the steps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab.forecast.networks.base import Tensors
from lab.forecast.networks.cnn_lstm import ATTENTION, CnnLstm
from lab.forecast.networks.outcomes import Outcome
from lab.forecast.networks.transformer import Transformer
from lab.forecast.prices.sequence import ScaledDeviation
from lab.forecast.view import View

Inputs = Callable[[View], dict[str, np.ndarray]]


@dataclass(eq=False, kw_only=True)
class PriceCnnLstm(CnnLstm):
    """Convolutions over hours, each pooled, then LSTM layers, then attention over the steps.

    Parameters
    ----------
    inputs : callable
        Such as `PriceSequence`.
    pools : sequence of int
        Steps joined to one after each convolution: 6 and 4 make 7 steps of 168 hours, one a day.
    """

    inputs: Inputs
    outcome: Outcome = field(default_factory=ScaledDeviation)
    pools: tuple[int, ...] = (6, 4)
    vector_dropout: float = 0.2
    batch: int = 16

    def _read(self, layers: Any, sequence: Any) -> tuple[Any, Tensors]:
        flow = sequence
        for number, pool in zip(self.filters, self.pools, strict=True):
            flow = layers.Conv1D(number, self.kernel, padding="same", activation="relu")(flow)
            flow = layers.AveragePooling1D(pool)(flow) if pool > 1 else flow
        for width in self.units:
            flow = layers.Dropout(self.dropout)(layers.LSTM(width, return_sequences=True)(flow))
        score = layers.Dense(1)(layers.Dense(self.units[-1], activation="tanh")(flow))
        weight = layers.Softmax(name=ATTENTION)(layers.Flatten()(score))
        return layers.Dot(axes=1)([weight, flow]), {ATTENTION: weight}


@dataclass(eq=False, kw_only=True)
class PriceTransformer(Transformer):
    """A Transformer encoder over patches of hours.

    Parameters
    ----------
    inputs : callable
        Such as `PriceSequence`.
    patch : int
        Hours that one step of the encoder sees.

    References
    ----------
    Nie, Nguyen, Sinthong, Kalagnanam, A time series is worth 64 words (2023),
    arXiv 2211.14730 (the patches).
    """

    inputs: Inputs
    outcome: Outcome = field(default_factory=ScaledDeviation)
    patch: int = 6
    vector_dropout: float = 0.2
    batch: int = 16

    def _read(self, layers: Any, sequence: Any) -> tuple[Any, Tensors]:
        patches = layers.Conv1D(self.width, self.patch, strides=self.patch)(sequence)
        return super()._read(layers, patches)
