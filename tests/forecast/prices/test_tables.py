"""The project's price files as days, and the hours that are hard."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.forecast.prices import tables


@pytest.fixture
def raw():
    """Two zones over the last Sunday of March, which has 24 hours on a market's clock."""
    days = pd.to_datetime(["2016-03-26", "2016-03-27", "2016-03-28"])
    one = pd.DataFrame({"delivery_date": np.repeat(days, 24), "hour": np.tile(np.arange(24), 3)})
    one["price_eur_per_mwh"] = np.arange(72.0) - 5.0
    one["load_forecast_mw"] = 1000.0 + np.arange(72)
    return pd.concat([one.assign(zone="FR"), one.assign(zone="BE", price_eur_per_mwh=1.0)])


def test_every_day_of_a_market_has_24_hours(raw):
    frame = tables.market24(raw, "FR")
    found = tables.plain(
        frame, "price_eur_per_mwh", ("load_forecast_mw",), zone="UTC", series_id="FR"
    )
    assert found.days["price_eur_per_mwh"].shape == (3, 24)
    np.testing.assert_array_equal(found.days["price_eur_per_mwh"].ravel(), np.arange(72.0) - 5)
    assert found.knowledge == {"price_eur_per_mwh": "past", "load_forecast_mw": "known_future"}


def test_an_unknown_zone_names_those_that_are_there(raw):
    with pytest.raises(DataError, match="no zone 'DE' in the prices; there is BE, FR"):
        tables.market24(raw, "DE")


def test_a_price_below_zero_is_never_a_spike():
    prices = np.array([-500.0, -1.0, 0.0, 3.0])
    assert list(tables.regimes(prices, 0.0)) == ["negative", "negative", "spike", "spike"]
    assert list(tables.regimes(np.zeros(4))) == ["usual"] * 4
