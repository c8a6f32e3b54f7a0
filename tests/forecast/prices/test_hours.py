"""Inputs of trees: named one by one, taken from the right day, on the scale."""

import numpy as np
import pytest

from lab.forecast.prices.hours import HourInputs
from lab.forecast.prices.local import from_scale

from .conftest import LOAD, PRICE, WIND


@pytest.mark.parametrize("others", [(), (LOAD,), (LOAD, WIND)], ids=["none", "one", "two"])
def test_every_input_has_a_name(table, others):
    inputs = HourInputs(PRICE, others)
    found = inputs(table.view(100))
    # The last name is that of the hour, which the trees add.
    assert found["x"].shape == (24, len(inputs.names()) - 1)
    assert np.isfinite(found["x"]).all()
    assert len(set(inputs.names())) == len(inputs.names())


def test_inputs_are_what_they_are_called(table):
    inputs, day = HourInputs(PRICE, (LOAD,)), 101
    found = inputs(table.view(day))
    column = dict(zip(inputs.names(), found["x"].T, strict=False))
    middle, spread = found["middle"][0], found["spread"][0]
    prices, load = table.days[PRICE], table.days[LOAD]
    for name, back in (("price 1d", 1), ("price 7d", 7)):
        np.testing.assert_allclose(from_scale(column[name], middle, spread), prices[day - back])
    highest = from_scale(column["price 1d high"][0], middle, spread)
    assert highest == pytest.approx(prices[day - 1].max())
    change = column["load less 1d"] / (load[day] - load[day - 1])
    np.testing.assert_allclose(change, change[0])
    assert (column["weekday"] == (table.dates[day].astype(int) + 3) % 7).all()


def test_the_first_week_has_no_base(table):
    assert np.isnan(HourInputs(PRICE)(table.view(3))["base"]).all()
