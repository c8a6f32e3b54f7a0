"""The scale of the last weeks and the benchmark's rule, by hand and against the market's."""

import numpy as np
import pytest

from lab.forecast.prices import local, market


def test_place_is_the_median_and_the_deviation_of_the_last_days():
    days = np.array([[1000.0, 1000.0]] * 5 + [[10.0, 30.0]] * 4 + [[-10.0, np.nan]] * 3)
    middle, spread = local.place(days, 7)
    # Four times 10 and 30, three times -10: the median is 10, the median deviation 20.
    assert middle == 10.0
    assert spread == pytest.approx(1.4826 * 20.0)


def test_a_week_is_needed_and_a_constant_keeps_its_unit():
    assert np.isnan(local.place(np.ones((6, 24)))).all()
    assert local.place(np.full((7, 24), 5.0)) == (5.0, 1.0)
    # More than half of all hours at one value: the deviation from the median says nothing.
    rare = np.zeros((10, 24))
    rare[:, 0] = 240.0
    assert local.place(rare)[1] == pytest.approx(rare.std())


def test_the_scale_takes_negative_prices_there_and_back():
    prices = np.array([-500.0, -1.0, 0.0, 40.0, 9000.0])
    scaled = local.to_scale(prices, 40.0, 15.0)
    assert (np.diff(scaled) > 0).all()
    np.testing.assert_allclose(local.from_scale(scaled, 40.0, 15.0), prices)
    assert local.from_scale(np.array([1e6]), 40.0, 15.0)[0] < 15.0 * np.exp(local.HIGHEST) / 2 + 41


def test_the_rule_is_that_of_the_market(table):
    expected = market.naive(table)
    for day in range(table.history_days, table.history_days + 7):
        view = table.view(day)
        np.testing.assert_array_equal(local.ruled(view, "price"), expected[day])


def test_with_a_longer_lead_the_rule_repeats_what_is_known(table):
    prices, monday = table.days["price"], table.position("2014-05-05")
    assert local.day_of_week(table.view(monday)) == 0
    for day, lead, back in ((monday, 3, 7), (monday, 8, 14), (monday + 1, 3, 3)):
        found = local.ruled(table.view(day, lead), "price")
        np.testing.assert_array_equal(found, prices[day - back])
    assert np.isnan(local.ruled(table.view(3), "price")).any() == (
        local.day_of_week(table.view(3)) in local.WEEKLY
    )
