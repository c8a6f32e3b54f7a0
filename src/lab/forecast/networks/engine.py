"""What the networks need of Keras beyond their layers.

Scaling is part of a network, so its file is complete. A network answers through a call
compiled for one issue: what is forecast for it cannot depend on what is forecast beside it.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lab import compute
from lab.errors import UsageError

# Standard deviations that an input may lie away from its mean: no heat is hotter than that.
REACH = 4.0
# What XLA compiles must not differ between machines; see `lab.compute`.
XLA = "--xla_cpu_max_isa=AVX2"
DAY = "day"

Parts = dict[str, np.ndarray]
Answer = Callable[[Mapping[str, np.ndarray]], Parts]


def deterministic_keras() -> Any:
    """Import Keras with the seed set and deterministic kernels; return the module.

    Layer names start anew, so that a model's file does not depend on how many models
    were built before it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("XLA_FLAGS", XLA)
    import keras
    import tensorflow as tf

    keras.backend.clear_session()
    tf.config.experimental.enable_op_determinism()
    set_seed(compute.seed())
    return keras


def set_seed(seed: int) -> None:
    """Fix the draws of weights and dropout from here on."""
    import keras

    keras.utils.set_random_seed(seed % 2**31)


def scaled(layers: Any, tensor: Any, values: np.ndarray) -> Any:
    """Return a tensor in units of its spread in training, clipped; what is missing is average.

    Parameters
    ----------
    layers : module
        `keras.layers`.
    tensor : keras tensor
        One input.
    values : numpy.ndarray, shape (issues, ..., channels)
        The same input in training, NaN where missing.
    """
    import keras

    rows = values.reshape(-1, values.shape[-1]).astype(float)
    known = np.isfinite(rows)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, rows, 0.0).sum(axis=0) / count
    variance = (np.where(known, rows - mean, 0.0) ** 2).sum(axis=0) / count
    variance = np.where(variance > 1e-12, variance, 1.0)
    flow = layers.Normalization(mean=mean.tolist(), variance=variance.tolist())(tensor)
    return keras.ops.clip(keras.ops.nan_to_num(flow), -REACH, REACH)


def joined(layers: Any, tensors: Sequence[Any]) -> Any:
    """Return tensors side by side in their last axis; None if there are none.

    Raises
    ------
    UsageError
        If they differ in another axis: sequences of different lengths.
    """
    if len({tensor.shape[:-1] for tensor in tensors}) > 1:
        raise UsageError(
            "All sequences must have the same number of steps, got "
            f"{', '.join(str(tensor.shape[1]) for tensor in tensors)}."
        )
    if len(tensors) > 1:
        return layers.Concatenate()(list(tensors))
    return tensors[0] if tensors else None


def mean_network(networks: Sequence[Any]) -> Any:
    """Return one network whose outputs are the means of the networks' outputs.

    It holds what a forecast needs, no optimiser.
    """
    import keras

    first = networks[0]
    inputs = {x.name: keras.Input(x.shape[1:], name=x.name) for x in first.inputs}
    answers = [network(inputs) for network in networks]
    means = {
        name: keras.layers.Average()([a[name] for a in answers]) if len(answers) > 1 else value
        for name, value in answers[0].items()
    }
    return keras.Model(inputs, means, name="mean_of_seeds")


def compiled(network: Any) -> Answer:
    """Return a network as a function of named arrays, (issues, ...), to named arrays.

    XLA makes one program of all steps of a recurrent layer: 168 hours take a tenth of the
    time, after a second or two at the first call.
    """
    import tensorflow as tf

    signature = {
        x.name: tf.TensorSpec((1, *x.shape[1:]), tf.float32, name=x.name) for x in network.inputs
    }

    @tf.function(input_signature=[signature], jit_compile=True)
    def call(parts: Any) -> Any:
        return network(parts, training=False)

    def answer(parts: Mapping[str, np.ndarray]) -> Parts:
        issues = range(len(next(iter(parts.values()))))
        told = [
            call({name: tf.constant(parts[name][n : n + 1]) for name in signature}) for n in issues
        ]
        return {name: np.concatenate([one[name].numpy() for one in told]) for name in told[0]}

    return answer
