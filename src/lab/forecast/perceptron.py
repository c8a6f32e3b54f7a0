"""A small multilayer perceptron on 32-bit arrays that can go on learning, a few passes a day.

What Keras would spend on starting and ending a training, 24 hours of prices and a thousand
days need for learning itself; and a worker without TensorFlow starts at once. Adam, dropout
and decoupled weight decay as in the literature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lab.errors import UsageError

# Of the running means of gradients and of their squares.
KEPT, KEPT_SQUARES, TINY = 0.9, 0.999, 1e-8
# The absolute error is rounded off within this distance of zero.
SMOOTH = 0.01


@dataclass(frozen=True)
class Learning:
    """How a perceptron learns.

    Attributes
    ----------
    rate : float
        Step of Adam.
    dropout : float
        Share of hidden units that rest in each step.
    decay : float
        Decoupled weight decay, in units of the rate.
    batch : int

    References
    ----------
    Kingma, Ba, Adam (2014), arXiv 1412.6980; Loshchilov, Hutter, Decoupled weight decay
    regularization (2017), arXiv 1711.05101; Srivastava et al., Dropout (2014).
    """

    rate: float = 0.0005
    dropout: float = 0.4
    decay: float = 0.01
    batch: int = 64

    def __post_init__(self) -> None:
        """Refuse what no learning could use."""
        if not (0 < self.rate < 1 and 0 <= self.dropout < 1 and self.decay >= 0 and self.batch > 0):
            raise UsageError(
                "A perceptron needs a rate between 0 and 1, a dropout from 0 to below 1, a decay "
                f"of at least 0 and a batch of at least 1, got {self.rate}, {self.dropout}, "
                f"{self.decay} and {self.batch}."
            )


class Perceptron:
    """Dense layers with rectified hidden units, trained on the weighted absolute error.

    The inputs also reach the outputs directly, so that the hidden layers have only to learn
    what a linear model cannot say.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden units of each layer, outputs.
    how : Learning
    seed : int
        Of the first weights, of the order of days and of dropout.

    References
    ----------
    Cheng et al., Wide & deep learning (2016), doi:10.1145/2988450.2988454.
    """

    def __init__(self, sizes: Sequence[int], how: Learning, seed: int) -> None:
        self.how, self.random, self.steps = how, np.random.default_rng(seed), 0
        pairs = list(pairwise(sizes))
        self.weights = [self._draw(rows, columns) for rows, columns in pairs]
        # An output that begins near zero begins at the middle of what is learnt.
        self.weights[-1] *= np.float32(0.3)
        self.biases = [np.zeros(columns, np.float32) for _, columns in pairs]
        self.direct = np.zeros((sizes[0], sizes[-1]), np.float32)
        self._first = [np.zeros_like(one) for one in self._all]
        self._second = [np.zeros_like(one) for one in self._all]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return outputs of inputs, shape (rows, outputs)."""
        return self._layers(x.astype(np.float32))[-1]

    def learn(
        self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, passes: int, pace: float = 1.0
    ) -> None:
        """Go through the rows several times, in a new order each time.

        Parameters
        ----------
        x : numpy.ndarray of float32, shape (rows, inputs)
        y : numpy.ndarray of float32, shape (rows, outputs)
        weight : numpy.ndarray of float32, shape (rows,)
            Of each row's error; 1 on average.
        passes : int
        pace : float
            Share of the learning rate.
        """
        batch = min(self.how.batch, len(x))
        for _ in range(passes):
            order = self.random.permutation(len(x))
            # Rows that do not fill a batch wait for another order.
            for begin in range(0, len(x) - batch + 1, batch):
                rows = order[begin : begin + batch]
                self._step(x[rows], y[rows], weight[rows], self.how.rate * pace)

    def _step(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray, rate: float) -> None:
        """Move all weights once."""
        masks = [self._mask((len(x), len(bias))) for bias in self.biases[:-1]]
        layers = self._layers(x, masks)
        error = layers[-1] - y
        slope = error / np.sqrt(error**2 + np.float32(SMOOTH**2))
        gradient = slope * (weight[:, None] / np.float32(error.size))
        found: list[Any] = [x.T @ gradient]
        for k in range(len(self.weights) - 1, -1, -1):
            found += [gradient.sum(axis=0), layers[k].T @ gradient]
            if k:
                gradient = (gradient @ self.weights[k].T) * (layers[k] > 0)
                gradient = gradient if masks[k - 1] is None else gradient * masks[k - 1]
        self._adam(found, rate)

    def _adam(self, gradients: list[np.ndarray], rate: float) -> None:
        """Move by the running means; weights decay, biases do not."""
        self.steps += 1
        step = np.float32(rate / (1 - KEPT**self.steps))
        unbiased = np.float32(1 / (1 - KEPT_SQUARES**self.steps))
        shrink = np.float32(1 - rate * self.how.decay)
        state = zip(self._all, gradients, self._first, self._second, strict=True)
        for one, new, first, second in state:
            np.add(np.float32(KEPT) * first, np.float32(1 - KEPT) * new, out=first)
            np.add(
                np.float32(KEPT_SQUARES) * second, np.float32(1 - KEPT_SQUARES) * new**2, out=second
            )
            if one.ndim > 1:
                np.multiply(one, shrink, out=one)
            moved = step * first / (np.sqrt(second * unbiased) + np.float32(TINY))
            np.subtract(one, moved, out=one)

    def _layers(self, x: np.ndarray, masks: Sequence[np.ndarray | None] = ()) -> list[np.ndarray]:
        """Return the inputs and what comes out of each layer."""
        layers = [x]
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            flow = layers[-1] @ weight + bias
            if k < len(self.weights) - 1:
                flow = np.maximum(flow, np.float32(0))
                mask = masks[k] if masks else None
                flow = flow if mask is None else flow * mask
            layers.append(flow)
        layers[-1] = layers[-1] + x @ self.direct
        return layers

    def _mask(self, shape: tuple[int, int]) -> np.ndarray | None:
        """Return which units work, weighing more for those that rest; None if all do."""
        rest = self.how.dropout
        if not rest:
            return None
        working = self.random.random(shape, dtype=np.float32) >= np.float32(rest)
        return working * np.float32(1 / (1 - rest))

    def _draw(self, rows: int, columns: int) -> np.ndarray:
        """Return first weights (He et al. 2015)."""
        drawn = self.random.standard_normal((rows, columns)) * np.sqrt(2 / rows)
        return drawn.astype(np.float32)

    @property
    def _all(self) -> list[np.ndarray]:
        """All arrays that learn, in the order in which their gradients are found."""
        pairs = zip(reversed(self.biases), reversed(self.weights), strict=True)
        return [self.direct, *(one for pair in pairs for one in pair)]
