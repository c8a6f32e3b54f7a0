"""The network of days of prices: seeds, a backtest that starts anew, refusals."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.naive import Naive
from lab.forecast.prices.dnn import PriceDnn

from .conftest import LOAD, PRICE, WIND

OTHERS = (LOAD, WIND)
SMALL = {"units": (32, 16), "first_passes": 20}


def some(days, count):
    return {name: values[-count:] for name, values in days[0].items()}


def test_numbers_differ_and_each_repeats_itself(days):
    def answers(number):
        return PriceDnn(PRICE, OTHERS, number=number, **SMALL).fit(*days).predict(some(days, 4))

    np.testing.assert_array_equal(answers(0), answers(0))
    assert np.abs(answers(0) - answers(1)).max() > 0.01


def test_it_beats_the_rule_and_starts_anew_after_so_many_fits(period):
    model = PriceDnn(PRICE, OTHERS, fresh_after=20, **SMALL)
    run = period.run(model, refit="daily")
    actual = period.actual()
    rule = period.run(Naive("last_week", PRICE)).forecasts.median
    assert np.abs(run.forecasts.median - actual).mean() < 0.8 * np.abs(rule - actual).mean()
    late = period.blocks(
        PriceDnn(PRICE, OTHERS, fresh_after=20, **SMALL), period.edges("daily")[20:]
    )
    np.testing.assert_array_equal(run.forecasts.values[20 * 24 :], late)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"units": ()}, "layers"),
        ({"units": (0,)}, "fewest_units"),
        ({"first_passes": 0}, "first_passes"),
        ({"half_life_days": 0}, "half-life above 0"),
        ({"number": -1}, "number of at least 0"),
    ],
)
def test_impossible_parameters_are_refused(wrong, words):
    with pytest.raises(UsageError, match=words):
        PriceDnn(PRICE, **wrong)


def test_too_few_days_are_refused(days):
    few = {name: values[:20] for name, values in days[0].items()}
    with pytest.raises(UsageError, match="at least 30 days without gaps"):
        PriceDnn(PRICE, OTHERS).fit(few, days[1][:20])
