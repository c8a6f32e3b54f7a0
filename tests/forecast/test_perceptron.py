"""The perceptron: its gradient, what it can learn, its seeds, what it refuses."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.perceptron import SMOOTH, Learning, Perceptron


def loss(network, x, y, weight):
    error = network(x) - y
    return float((np.sqrt(error**2 + SMOOTH**2) * weight[:, None]).mean())


def test_it_goes_down_the_gradient_of_the_weighted_absolute_error():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 6)).astype(np.float32)
    y = rng.normal(size=(40, 3)).astype(np.float32)
    weight = rng.uniform(0.5, 1.5, 40).astype(np.float32)
    network = Perceptron((6, 5, 4, 3), Learning(dropout=0.0, decay=0.0), 1)
    caught = []
    network._adam = lambda gradients, rate: caught.extend(gradients)
    network._step(x, y, weight, 0.001)
    for array, gradient in zip(network._all, caught, strict=True):
        assert gradient.shape == array.shape
        place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        ends = []
        for step in (0.02, -0.04):
            array[place] += np.float32(step)
            ends.append(loss(network, x, y, weight))
        array[place] += np.float32(0.02)
        assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 0.04, rel=0.05, abs=1e-4)


def test_it_learns_what_no_line_can():
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, size=(600, 2)).astype(np.float32)
    y = np.abs(x[:, :1])
    weight = np.ones(600, np.float32)
    network = Perceptron((2, 32, 1), Learning(rate=0.01, dropout=0.0), 1)
    network.learn(x, y, weight, passes=60)
    fitted = np.linalg.lstsq(np.column_stack([x, np.ones(600)]), y, rcond=None)[0]
    line = np.abs(np.column_stack([x, np.ones(600)]) @ fitted - y).mean()
    assert np.abs(network(x) - y).mean() < 0.2 * line


def test_the_seed_decides_everything():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(80, 4)), rng.normal(size=(80, 2))
    x, y, weight = x.astype(np.float32), y.astype(np.float32), np.ones(80, np.float32)

    def answers(seed):
        network = Perceptron((4, 8, 2), Learning(), seed)
        network.learn(x, y, weight, passes=3)
        return network(x)

    np.testing.assert_array_equal(answers(1), answers(1))
    assert np.abs(answers(1) - answers(2)).max() > 0.01


@pytest.mark.parametrize(
    "wrong", [{"rate": 0}, {"rate": 1}, {"dropout": 1.0}, {"decay": -1.0}, {"batch": 0}]
)
def test_impossible_learning_is_refused(wrong):
    with pytest.raises(UsageError, match="A perceptron needs a rate between 0 and 1"):
        Learning(**wrong)
