import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.optimise.appliances.tariff import hourly_prices, retail

ZONE = "Europe/Brussels"


def market(days):
    dates = pd.to_datetime(np.repeat(days, 24))
    hour = np.tile(np.arange(24), len(days))
    return pd.DataFrame({"delivery_date": dates, "hour": hour, "price_eur_per_mwh": hour * 10.0})


def test_market_hours_become_utc_hours_without_a_gap():
    spring, held = hourly_prices(market(["2016-03-26", "2016-03-27", "2016-03-28"]), ZONE)
    assert held == 0 and len(spring) == 71
    days = pd.date_range("2016-09-15", "2016-10-31").strftime("%Y-%m-%d")
    autumn, held = hourly_prices(market(days), ZONE)
    assert held == 1 and len(autumn) == 47 * 24 + 1
    local = autumn.tz_convert(ZONE)
    assert local["2016-10-30"].iloc[2:5].tolist() == pytest.approx([0.02, 0.02, 0.03])


def test_a_table_with_gaps_is_refused():
    with pytest.raises(DataError, match="24 hours have no price, the first at 2016-05-02 22:00"):
        hourly_prices(market(["2016-05-02", "2016-05-04"]), ZONE)


def test_a_table_without_a_column_is_refused():
    with pytest.raises(DataError, match="needs the column hour"):
        hourly_prices(market(["2016-05-02"]).drop(columns="hour"), ZONE)


def test_retail_adds_the_fee_and_taxes_all():
    assert retail(pd.Series([0.1]), 0.1, 0.2).tolist() == pytest.approx([0.24])
