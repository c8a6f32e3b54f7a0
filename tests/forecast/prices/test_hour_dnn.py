"""What the network of hours sees of each hour, by hand."""

import numpy as np
import pytest

from lab.forecast.prices.dnn import PriceDnn
from lab.forecast.prices.hour_dnn import HourDnn

PRICE, LOAD = "price", "load_mw"
SLOTS = 24


@pytest.fixture(scope="module")
def blocks():
    """One day of four days' prices and three of a load: 100 k + hour in block k."""
    return (100.0 * np.arange(7)[:, None] + np.arange(SLOTS))[None]


def seen(blocks, hour, **options):
    """The inputs of an hour in the order in which they are told."""
    parts = HourDnn(PRICE, (LOAD,), **options)._parts(blocks)
    return [part[0, hour, 0] for part, _ in parts]


def test_an_hour_sees_itself_and_its_neighbours(blocks):
    found = seen(blocks, 10)

    assert found[:11] == [10, 11.5, 0, 23, 9, 11, 8, 12, 20, 22, 23]
    assert found[11:15] == [110, 111.5, 100, 123]
    today = [410, 409, 411, 408, 412, 407, 413, 411.5, 400, 423]
    assert found[23:33] == today
    assert found[33:] == [510, 511.5, 610, 611.5]


@pytest.mark.parametrize(("hour", "before", "after"), [(0, 0, 1), (23, 22, 23)])
def test_the_day_ends_with_its_first_and_last_hour(blocks, hour, before, after):
    assert seen(blocks, hour)[4:6] == [before, after]


def test_an_hour_tells_its_place_and_the_day_of_the_week():
    model = HourDnn(PRICE)
    model.y_scale_ = type("Scale", (), {"middle": np.zeros(SLOTS)})
    found = model._calendar(np.eye(7)[[4]])[0] / 0.7
    assert found.shape == (SLOTS, SLOTS + 4 + 7)
    np.testing.assert_array_equal(found[:, :SLOTS], np.eye(SLOTS))
    np.testing.assert_allclose(found[6, SLOTS : SLOTS + 4], [1, 0, 0, -1], atol=1e-12)
    np.testing.assert_allclose(found[:, SLOTS + 4 :], np.tile(np.eye(7)[4], (SLOTS, 1)))


def test_shapes_of_days_join_a_network_of_days(blocks):
    plain, shaped = (
        np.concatenate([part for part, _ in PriceDnn(PRICE, (LOAD,), shapes=on)._parts(blocks)], 1)
        for on in (False, True)
    )
    assert (plain.shape, shaped.shape) == ((1, 7 * SLOTS), (1, 7 * (SLOTS + 3)))
    np.testing.assert_array_equal(shaped[0, SLOTS : SLOTS + 3], [11.5, 0, 23])
