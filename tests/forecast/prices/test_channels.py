"""Seventy-three features for any market, causal, those known ahead read a day later."""

import numpy as np
import pandas as pd
import pytest

from lab import leakage
from lab.errors import UsageError
from lab.forecast.prices.channels import COUNT, Channels, kind, with_channels
from lab.forecast.prices.trees import PriceLightGBM

from .conftest import LOAD, PRICE, WIND


@pytest.fixture(scope="module")
def frame(table):
    return pd.DataFrame(table.flat, index=table.index)


@pytest.mark.parametrize("others", [(), ("a",), ("a", "b"), ("a", "b", "c", "d")])
def test_every_market_has_as_many(others):
    found = Channels.of(others)
    assert len(set(found.columns)) == len(found.kinds) == COUNT
    assert found.kinds.count("level") > 20


def test_too_many_exogenous_columns_are_refused():
    with pytest.raises(UsageError, match="at most four exogenous columns, got 5"):
        Channels.of(tuple("abcde"))


def test_a_level_moves_with_the_price_and_a_change_does_not(frame):
    shifted = frame.assign(**{PRICE: frame[PRICE] + 1000.0})
    before, after = (with_channels(one, PRICE, zone="UTC") for one in (frame, shifted))
    for name in Channels.of().columns:
        moved = after.flat[name][-48:-24] - before.flat[name][-48:-24]
        own = kind(name.removeprefix("feature_"))
        if "symmetric" not in name:
            np.testing.assert_allclose(moved, 1000.0 if own == "level" else 0.0, atol=1e-6)


def test_what_is_published_is_read_a_day_later(frame, table):
    found = with_channels(frame, PRICE, (LOAD, WIND), zone="UTC")
    load, told = table.flat[LOAD], found.flat[f"feature_{LOAD}"]
    np.testing.assert_array_equal(told[:-24], load[24:])
    assert np.isnan(told[-24:]).all()
    hour = found.flat["feature_weekday"]
    np.testing.assert_array_equal(hour[-24:], (found.dates[-1].astype(int) + 3 + 1) % 7)


def test_no_feature_and_no_view_knows_the_future(frame):
    knowledge = dict.fromkeys((LOAD, WIND), "known_future")
    prepared = leakage.Prepared(
        frame, lambda raw: with_channels(raw, PRICE, (LOAD, WIND), zone="UTC"), knowledge
    )
    model = {"trees": lambda _: PriceLightGBM(PRICE, (LOAD, WIND), trees=3)}
    found = leakage.check_all(model, prepared, "2014-08-01", "2014-08-30", issues=2)
    assert all(one.moved is None for one in found)


def test_published_forecasts_need_days_of_24_hours(frame):
    with pytest.raises(UsageError, match="need days of 24 hours, got the zone Europe/Paris"):
        with_channels(frame, PRICE, (LOAD,), zone="Europe/Paris")
    assert len(with_channels(frame, PRICE, zone="Europe/Paris")) > 300
