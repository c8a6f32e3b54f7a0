"""Gated recurrent units: an LSTM's memory with fewer weights."""

from dataclasses import dataclass
from typing import Any, ClassVar

from lab.forecast.networks.base import SequenceNetwork, Tensors
from lab.forecast.networks.lstm import recurrent


@dataclass(eq=False, kw_only=True)
class Gru(SequenceNetwork):
    """GRU layers over the sequence, dropout between them.

    Parameters
    ----------
    units : sequence of int
        Cells of the layers.
    dropout : float

    References
    ----------
    Cho et al., Learning phrase representations using RNN encoder-decoder (2014),
    doi:10.3115/v1/D14-1179.
    """

    name: ClassVar[str] = "gru"

    units: tuple[int, ...] = (128, 64)
    dropout: float = 0.2

    def _read(self, layers: Any, sequence: Any) -> tuple[Any, Tensors]:
        return recurrent(layers, layers.GRU, sequence, self.units, self.dropout), {}
