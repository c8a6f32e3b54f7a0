"""Networks of prices: pooled steps, attention that sums to one, better than the rule."""

import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest
from lab.forecast.prices.channels import Channels, with_channels
from lab.forecast.prices.recurrent import PriceCnnLstm, PriceTransformer
from lab.forecast.prices.rule import WeeklyOrDaily
from lab.forecast.prices.sequence import PriceSequence

from .conftest import LOAD, PRICE, WIND

OTHERS = (LOAD, WIND)
INPUTS = PriceSequence(PRICE, Channels.of(OTHERS), OTHERS)
SMALL = {
    PriceCnnLstm: {"filters": (4, 4), "units": (6, 4), "pools": (4, 6)},
    PriceTransformer: {"width": 4, "heads": 1, "key_size": 2, "feed_forward": 4, "patch": 24},
}


@pytest.fixture(scope="module")
def sequences(table, period):
    frame = pd.DataFrame(table.flat, index=table.index)
    wide = with_channels(frame, PRICE, OTHERS, zone="UTC")
    return Backtest(wide, str(table.dates[period.first]), str(table.dates[period.last]))


@pytest.mark.parametrize("kind", SMALL, ids=lambda kind: kind.__name__)
def test_it_beats_the_rule_and_repeats_itself(sequences, kind):
    model = kind(inputs=INPUTS, epochs=15, validation_days=30, **SMALL[kind])
    found = sequences.run(model).forecasts.median
    rule = sequences.run(WeeklyOrDaily(PRICE)).forecasts.median
    actual = sequences.actual()
    assert np.abs(found - actual).mean() < 0.85 * np.abs(rule - actual).mean()
    again = kind(inputs=INPUTS, epochs=15, validation_days=30, **SMALL[kind])
    np.testing.assert_array_equal(sequences.run(again).forecasts.median, found)


def test_attention_weighs_the_pooled_steps(sequences):
    model = PriceCnnLstm(inputs=INPUTS, epochs=1, validation_days=30, **SMALL[PriceCnnLstm])
    sequences.run(model)
    seen = sequences.inputs(model, sequences.first, sequences.first + 3)
    weight = model.attention(seen)
    assert weight.shape == (3, 168 // 24)
    np.testing.assert_allclose(weight.sum(axis=1), 1.0, rtol=1e-5)
