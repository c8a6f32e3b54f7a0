"""Trees of prices: better than the rule, at any level of prices, quantiles in order."""

import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest
from lab.errors import UsageError
from lab.forecast.prices.rule import WeeklyOrDaily
from lab.forecast.prices.trees import PriceLightGBM, PriceXGBoost
from lab.forecast.view import DayTable

from .conftest import LOAD, PRICE, WIND

OTHERS, KINDS = (LOAD, WIND), [PriceXGBoost, PriceLightGBM]


def error(period, model):
    found = period.run(model).forecasts.median
    return np.abs(found - period.actual()).mean()


@pytest.mark.parametrize("kind", KINDS)
def test_it_beats_the_rule_more_so_with_published_forecasts(period, kind):
    rule = error(period, WeeklyOrDaily(PRICE))
    without, with_them = error(period, kind(PRICE)), error(period, kind(PRICE, OTHERS))
    assert without < 0.9 * rule
    assert with_them < 0.8 * without


@pytest.mark.parametrize("kind", KINDS)
def test_another_currency_changes_nothing_but_the_unit(table, period, kind):
    frame = pd.DataFrame(table.flat, index=table.index)
    frame[PRICE] = 100 * frame[PRICE] - 7000
    moved = DayTable(frame, zone="UTC", target=PRICE, knowledge=table.knowledge)
    first, last = (str(table.dates[n]) for n in (period.first, period.last))
    model = kind(PRICE, OTHERS, trees=20)
    ours = period.run(model).forecasts.median
    theirs = Backtest(moved, first, last).run(model).forecasts.median
    np.testing.assert_allclose(theirs, 100 * ours - 7000, rtol=1e-3, atol=1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_quantiles_are_in_order_and_hold_their_share(period, kind):
    model = kind(PRICE, OTHERS, trees=60, levels=(0.1, 0.5, 0.9))
    found = period.run(model).forecasts
    assert (np.diff(found.values, axis=1) >= 0).all()
    inside = (period.actual() >= found.values[:, 0]) & (period.actual() <= found.values[:, 2])
    assert 0.5 < inside.mean() < 0.95


def test_contributions_add_up_to_what_is_added_to_the_rule(period):
    model = PriceLightGBM(PRICE, OTHERS, trees=20)
    period.run(model)
    some = period.inputs(model, period.first, period.first + 3)
    told = model.contributions(some).sum(axis=2)
    forecast = model.predict(some)[:, :, 0]
    scaled = np.arcsinh((forecast - some["middle"]) / some["spread"])
    np.testing.assert_allclose(told, scaled - some["base"], atol=1e-6)
    assert model.contributions(some).shape[2] == len(model.inputs.names()) + 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"trees": 0}, "at least 1, got 0"),
        ({"scale_days": 0}, "scale_days"),
        ({"learning_rate": 0}, "learning_rate above 0"),
        ({"levels": (0.1, 0.9)}, "contain 0.5"),
    ],
)
def test_impossible_settings_are_refused(kind, wrong, words):
    with pytest.raises(UsageError, match=words):
        kind(PRICE, **wrong)
