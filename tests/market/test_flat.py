import numpy as np
import pytest

from lab.errors import SolveError
from lab.market.dynamic import Forecasts, PriceRule, dynamic_price, objective
from lab.market.flat import best_flat_price

RULE = PriceRule()


@pytest.fixture
def forecasts():
    return Forecasts([100.0, 80.0, 120.0], [150.0, 60.0, 90.0], [0.0, 0.5, 1.0])


def test_no_other_price_is_better(forecasts):
    found = best_flat_price(forecasts, RULE)
    grid = np.linspace(RULE.low_usd_per_kwh, RULE.high_usd_per_kwh, 4501)
    scores = objective(grid[:, None], forecasts, RULE).mean(axis=1)
    assert found == pytest.approx(grid[scores.argmax()], abs=1e-4)
    assert objective(found, forecasts, RULE).mean() >= scores.max()


def test_prices_that_move_are_at_least_as_good(forecasts):
    moving = dynamic_price(forecasts, RULE)
    flat = objective(best_flat_price(forecasts, RULE), forecasts, RULE)
    assert moving.objective.mean() > flat.mean()
    low, high = moving.price_usd_per_kwh.min(), moving.price_usd_per_kwh.max()
    assert low < best_flat_price(forecasts, RULE) < high


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [pytest.param(0.05, 0.2, 0.2, id="upper bound"), pytest.param(0.1, 0.5, None, id="inside")],
)
def test_it_keeps_the_bounds(forecasts, low, high, expected):
    rule = PriceRule(low_usd_per_kwh=low, high_usd_per_kwh=high)
    free = best_flat_price(forecasts, RULE)
    assert best_flat_price(forecasts, rule) == pytest.approx(expected or free)


def test_a_consumer_surplus_that_outweighs_all_is_refused(forecasts):
    with pytest.raises(SolveError, match="One price for all intervals is no convex problem"):
        best_flat_price(forecasts, PriceRule(weights=(1.0, 0.0, 0.0)))
