"""The rule as a model: what the market's function says, row by row."""

import numpy as np

from lab.forecast.prices import market
from lab.forecast.prices.rule import WeeklyOrDaily

from .conftest import PRICE


def test_it_repeats_the_market(table, period, monkeypatch):
    monkeypatch.setattr(market, "PRICE", PRICE)
    found = period.run(WeeklyOrDaily(PRICE)).forecasts
    np.testing.assert_array_equal(found.median, market.naive(table)[period.first :].ravel())
    assert found.model == "weekly_or_daily"
