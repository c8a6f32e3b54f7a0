"""The training of one network: batches in random order, early stopping, best weights.

Its own loop, as these data are small: `keras.Model.fit` spends a tenth of a second an epoch
on making iterators, ten times what the epoch computes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.errors import DataError

Curves = dict[str, list[float]]
Loss = Callable[[Any, Any], Any]
Examples = tuple[Mapping[str, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Schedule:
    """How a network is trained.

    Attributes
    ----------
    epochs : int
        At most.
    patience : int
        Epochs without a better validation loss before training stops.
    learning_rate : float
    batch : int
        Examples of a batch, at most.
    seed : int
        Of the order of the examples.
    """

    epochs: int
    patience: int
    learning_rate: float
    batch: int
    seed: int


def train(network: Any, loss: Loss, early: Examples, late: Examples, how: Schedule) -> Curves:
    """Train a network in place by Adam and leave it with its best weights.

    Parameters
    ----------
    network : keras.Model
        From inputs by name to the output that is trained.
    loss : callable
        Of what was measured and what was forecast, to one number.
    early, late : (inputs by name, measured)
        Examples to learn from, and those that decide when to stop.
    how : Schedule

    Returns
    -------
    dict of list of float
        `loss` and `val_loss` by epoch.

    Raises
    ------
    DataError
        If no epoch has a finite validation loss: then there are no best weights.

    References
    ----------
    Kingma, Ba, Adam: a method for stochastic optimization (2015), arXiv:1412.6980.
    """
    step, measure = _compiled(network, loss, early, late, how.learning_rate)
    rng = np.random.default_rng(how.seed)
    curves: Curves = {"loss": [], "val_loss": []}
    count = len(early[1])
    best, weights, since = np.inf, network.get_weights(), 0
    for _ in range(how.epochs):
        batches = np.array_split(rng.permutation(count), -(-count // how.batch))
        losses = [float(step(rows)) * len(rows) for rows in batches]
        curves["loss"].append(sum(losses) / count)
        curves["val_loss"].append(float(measure()))
        since += 1
        if curves["val_loss"][-1] < best:
            best, weights, since = curves["val_loss"][-1], network.get_weights(), 0
        if since >= how.patience:
            break
    if not np.isfinite(best):
        raise DataError(
            f"The training diverged: none of its {len(curves['val_loss'])} epochs has a finite "
            f"validation loss at the learning rate {how.learning_rate:g}; choose a lower one."
        )
    network.set_weights(weights)
    return curves


def _compiled(
    network: Any, loss: Loss, early: Examples, late: Examples, learning_rate: float
) -> tuple[Callable[[np.ndarray], Any], Callable[[], Any]]:
    """Return a step of training on some of the early examples, and the loss of the late ones."""
    import keras
    import tensorflow as tf

    inputs, measured = _constants(early)
    late_inputs, late_measured = _constants(late)
    optimiser = keras.optimizers.Adam(learning_rate)
    optimiser.build(network.trainable_variables)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
    def step(rows: Any) -> Any:
        some = {name: tf.gather(values, rows) for name, values in inputs.items()}
        with tf.GradientTape() as tape:
            error = loss(tf.gather(measured, rows), network(some, training=True))
        variables = network.trainable_variables
        optimiser.apply(tape.gradient(error, [v.value for v in variables]), variables)
        return error

    @tf.function
    def measure() -> Any:
        return loss(late_measured, network(late_inputs, training=False))

    return step, measure


def _constants(examples: Examples) -> tuple[dict[str, Any], Any]:
    """Return examples as tensors."""
    import tensorflow as tf

    inputs, measured = examples
    return {name: tf.constant(v) for name, v in inputs.items()}, tf.constant(measured)


def pinball(levels: Sequence[float]) -> Loss:
    """Return the mean pinball loss at quantile levels, as a loss of tensors.

    References
    ----------
    Koenker, Bassett, Regression quantiles (1978), doi:10.2307/1913643.
    """
    import keras

    def pinball_loss(measured: Any, forecast: Any) -> Any:
        short = keras.ops.expand_dims(measured, -1) - forecast
        level = keras.ops.convert_to_tensor(levels, dtype=short.dtype)
        return keras.ops.mean(keras.ops.maximum(level * short, (level - 1.0) * short))

    return pinball_loss
