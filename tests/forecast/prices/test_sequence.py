"""The sequence: the last 168 hours, prices on the scale; the outcome and its way back."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.forecast.prices.channels import Channels, with_channels
from lab.forecast.prices.local import from_scale
from lab.forecast.prices.sequence import PriceSequence, ScaledDeviation

from .conftest import LOAD, PRICE, WIND

OTHERS = (LOAD, WIND)


@pytest.fixture(scope="module")
def wide(table):
    frame = pd.DataFrame(table.flat, index=table.index)
    return with_channels(frame, PRICE, OTHERS, zone="UTC")


def test_it_is_168_hours_of_73_features(wide):
    channels, day = Channels.of(OTHERS), 120
    found = PriceSequence(PRICE, channels, OTHERS)(wide.view(day))
    assert found["sequence"].shape == (168, 73)
    assert np.isfinite(found["sequence"]).all()
    # Four days behind, and three a published column.
    assert found["day"].shape == (4 * 24 + 2 * 3 * 24,)
    at = channels.columns.index("feature_price_lag_1h")
    lagged = from_scale(found["sequence"][:, at], found["middle"][0], found["spread"][0])
    flat = wide.flat[PRICE][wide.start[day] - 169 : wide.start[day] - 1]
    np.testing.assert_allclose(lagged, flat, rtol=1e-4)
    load = found["sequence"][-24:, channels.columns.index(f"feature_{LOAD}")]
    np.testing.assert_allclose(load, wide.days[LOAD][day], rtol=1e-6)


def test_the_first_week_is_missing_not_wrong(wide):
    found = PriceSequence(PRICE, Channels.of(OTHERS), OTHERS)(wide.view(2))
    assert found["sequence"].shape == (168, 73)
    assert np.isnan(found["sequence"][: 168 - 48]).all()
    assert np.isnan(found["base"]).all()


def test_the_outcome_comes_back(wide):
    sequence = PriceSequence(PRICE, Channels.of(OTHERS), OTHERS)
    views = [sequence(wide.view(day)) for day in (100, 101)]
    inputs = {name: np.stack([one[name] for one in views]) for name in views[0]}
    target = wide.days[PRICE][[100, 101]]
    learned = ScaledDeviation().forward(target, inputs)
    back = ScaledDeviation().back(learned[:, :, None], inputs)
    np.testing.assert_allclose(back[:, :, 0], target)
    assert np.abs(learned).max() > 0.1


@pytest.mark.parametrize(("channels", "steps"), [(Channels((), ()), 168), (Channels.of(), 0)])
def test_a_sequence_of_nothing_is_refused(channels, steps):
    with pytest.raises(UsageError, match="at least one step and one channel"):
        PriceSequence(PRICE, channels, steps=steps)
