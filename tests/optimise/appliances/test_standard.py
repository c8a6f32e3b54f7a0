import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.appliances import requests
from lab.optimise.appliances.standard import at_clock, hourly_prices, retail

ZONE = "Europe/Brussels"
WISH = {"name": "a", "power_kw": 1.0, "duration_h": 1.0, "start": "18:00", "end": "+1 08:00"}


@pytest.mark.parametrize(
    ("day", "hours"), [("2016-03-26", 13), ("2016-10-29", 15), ("2016-05-02", 14)]
)
def test_windows_follow_the_local_clock(day, hours):
    assert requests([WISH], day, ZONE)[0].window_h == hours


def test_skipped_and_repeated_clock_times():
    assert at_clock("+1 02:30", "2016-03-26", ZONE) == pd.Timestamp("2016-03-27 01:00", tz="UTC")
    assert at_clock("02:30", "2016-10-30", ZONE) == pd.Timestamp("2016-10-30 00:30", tz="UTC")


@pytest.mark.parametrize("text", ["evening", "+x 08:00", ""])
def test_a_clock_time_that_cannot_be_read(text):
    with pytest.raises(UsageError, match="A clock time is written '18:00'"):
        at_clock(text, "2016-05-02", ZONE)


def test_an_unknown_key_is_named():
    with pytest.raises(UsageError, match="'a' has the unknown key 'watts'"):
        requests([WISH | {"watts": 5}], "2016-05-02", ZONE)


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


def test_retail_adds_the_fee_and_taxes_all():
    assert retail(pd.Series([0.1]), 0.1, 0.2).tolist() == pytest.approx([0.24])
