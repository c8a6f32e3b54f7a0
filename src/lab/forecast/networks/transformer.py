"""A Transformer encoder over the sequence."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lab.errors import UsageError
from lab.forecast.networks.base import SequenceNetwork, Tensors


@dataclass(eq=False, kw_only=True)
class Transformer(SequenceNetwork):
    """Encoder blocks of self-attention and feed-forward layers, then the mean over all steps.

    Each step is first projected to `width` features, to which its position is added.

    Parameters
    ----------
    width : int
        Features of a step, an even number.
    heads, key_size : int
        Of the attention.
    feed_forward : int
        Units of the hidden layer of each block.
    blocks : int
    dropout : float
        Of the attention weights, and before each sum.

    Raises
    ------
    UsageError
        If the width is odd.

    References
    ----------
    Vaswani et al., Attention is all you need (2017), NeurIPS 30, 5998-6008.
    """

    name: ClassVar[str] = "transformer"

    width: int = 64
    heads: int = 8
    key_size: int = 64
    feed_forward: int = 128
    blocks: int = 1
    dropout: float = 0.1

    def __post_init__(self, step_hours: int | None) -> None:
        super().__post_init__(step_hours)
        if self.width % 2:
            raise UsageError(f"width must be even, got {self.width}.")

    def _read(self, layers: Any, sequence: Any) -> tuple[Any, Tensors]:
        where = positions(sequence.shape[1], self.width)
        flow = layers.Dense(self.width)(sequence)
        flow = layers.Rescaling(1.0, offset=where.tolist())(flow)
        for _ in range(self.blocks):
            flow = self._block(layers, flow)
        return layers.GlobalAveragePooling1D()(flow), {}

    def _block(self, layers: Any, flow: Any) -> Any:
        """Return a block's answer: attention, then feed-forward, each added and normalised."""
        attention = layers.MultiHeadAttention(self.heads, self.key_size, dropout=self.dropout)
        seen = attention(flow, flow)
        flow = layers.LayerNormalization()(flow + layers.Dropout(self.dropout)(seen))
        thought = layers.Dense(self.feed_forward, activation="relu")(flow)
        thought = layers.Dropout(self.dropout)(layers.Dense(self.width)(thought))
        return layers.LayerNormalization()(flow + thought)


def positions(steps: int, width: int) -> np.ndarray:
    """Return sine and cosine waves that tell the steps apart, shape (steps, width).

    Examples
    --------
    >>> positions(2, 4).round(2).tolist()
    [[0.0, 0.0, 1.0, 1.0], [0.84, 0.01, 0.54, 1.0]]
    """
    rate = 10_000.0 ** (-np.arange(0, width, 2) / width)
    angle = np.arange(steps)[:, None] * rate
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
