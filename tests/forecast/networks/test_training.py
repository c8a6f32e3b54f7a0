"""The training loop on networks of one weight, by hand."""

import numpy as np
import pytest

from lab.errors import DataError
from lab.forecast.networks.engine import deterministic_keras
from lab.forecast.networks.training import Schedule, pinball, train

pytestmark = [
    pytest.mark.usefixtures("eager"),
    pytest.mark.filterwarnings("ignore:Even though the .tf.config"),
]


def line(weight):
    """Return y = weight * x as a network."""
    keras = deterministic_keras()
    x = keras.Input((1,), name="x")
    network = keras.Model({"x": x}, keras.layers.Dense(1, use_bias=False)(x))
    network.set_weights([np.array([[weight]])])
    return network


def absolute(measured, forecast):
    import keras

    return keras.ops.mean(keras.ops.absolute(measured - forecast))


def points(slope, count=6):
    x = np.ones((count, 1), dtype=np.float32)
    return {"x": x}, np.float32(slope) * x


def test_best_weights_are_restored_and_patience_ends_the_training():
    # It learns its way from 0 to 1, but what decides wants 0.22: two steps of about 0.1.
    network = line(0.0)
    how = Schedule(epochs=50, patience=2, learning_rate=0.1, batch=6, seed=0)
    curves = train(network, absolute, points(1.0), points(0.22), how)
    weight = network.get_weights()[0].item()
    assert curves["val_loss"] == pytest.approx([0.12, 0.02, 0.08, 0.18], abs=1e-3)
    assert min(curves["val_loss"]) == pytest.approx(abs(weight - 0.22), abs=1e-6)
    assert curves["loss"] == pytest.approx([1.0, 0.9, 0.8, 0.7], abs=1e-3)


def test_every_example_is_seen_once_an_epoch():
    network = line(0.0)
    x = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]], dtype=np.float32)
    how = Schedule(epochs=1, patience=1, learning_rate=1e-9, batch=2, seed=0)
    curves = train(network, absolute, ({"x": x}, x), ({"x": x}, x), how)
    assert curves["loss"] == pytest.approx([2.0])


def test_pinball_by_hand():
    loss = pinball((0.1, 0.5))
    measured = np.array([[4.0, 1.0]], dtype=np.float32)
    forecast = np.array([[[2.0, 4.0], [2.0, 3.0]]], dtype=np.float32)
    # 0.1 * 2, 0, 0.9 * 1 and 0.5 * 2, over four values.
    assert float(loss(measured, forecast)) == pytest.approx((0.2 + 0 + 0.9 + 1.0) / 4)


def test_a_training_that_diverges_is_refused():
    network = line(0.0)
    how = Schedule(epochs=3, patience=2, learning_rate=0.5, batch=6, seed=0)
    with pytest.raises(DataError, match="diverged: none of its 2 epochs .* learning rate 0.5;"):
        train(network, absolute, points(np.nan), points(1.0), how)
