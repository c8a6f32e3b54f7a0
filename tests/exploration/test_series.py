"""Tables become hourly series that end where a test begins."""

import pandas as pd
import pytest

from lab.errors import DataError
from lab.exploration.series import fleet_power, hourly, local_midnight, market_hours, seen_part


def stamps(start, periods, freq="h"):
    return pd.date_range(start, periods=periods, freq=freq, tz="UTC")


def sessions(*rows):
    table = pd.DataFrame(rows, columns=["arrival", "departure", "delivered_kwh"])
    for name in ("arrival", "departure"):
        table[name] = pd.to_datetime(table[name], utc=True)
    return table


def test_a_local_day_begins_before_midnight_utc_in_melbourne():
    start = local_midnight("2014-01-01", "Australia/Melbourne")
    assert start == pd.Timestamp("2013-12-31 13:00", tz="UTC")


def test_nothing_of_the_unseen_day_is_kept():
    table = pd.DataFrame({"a_w": range(48)}, index=stamps("2016-08-30 22:00", 48))
    kept = seen_part(table, "Europe/Brussels", "2016-09-01")
    assert kept.index[-1] == pd.Timestamp("2016-08-31 21:00", tz="UTC")
    assert len(kept) == 24
    assert seen_part(table, "Europe/Brussels", None) is table


def test_a_table_that_begins_too_late_is_refused():
    table = pd.DataFrame({"a_w": [1.0]}, index=stamps("2016-09-01", 1))
    with pytest.raises(DataError, match="No row lies before 2016-01-01.*begins 2016-09-01"):
        seen_part(table, "Europe/Brussels", "2016-01-01")


def test_half_hours_become_means_and_marks_are_left_out():
    table = pd.DataFrame(
        {"a_w": [1.0, 3.0, 5.0, None], "a_w_imputed": [True, False, False, False]},
        index=stamps("2016-01-01", 4, "30min"),
    )
    found = hourly(table)
    assert list(found) == ["a_w"]
    assert found["a_w"].tolist() == [2, 5]


def test_market_hours_follow_the_clock_of_each_zone():
    table = pd.DataFrame(
        {
            "zone": ["FR", "FR", "BE", "BE"],
            "delivery_date": ["2016-03-27"] * 4,
            "hour": [1, 2, 1, 3],
            "price_eur_per_mwh": [10.0, 11.0, 20.0, 21.0],
        }
    )
    found = market_hours(table, {"FR": "Europe/Paris", "BE": "Europe/Brussels"})
    assert found["price_be_eur_per_mwh"].tolist() == [20, 21]
    assert found["price_fr_eur_per_mwh"].iloc[0] == 10
    # Hour 2 does not exist on that day.
    assert found["price_fr_eur_per_mwh"].isna().tolist() == [False, True]


def test_energy_is_spread_evenly_over_the_stay():
    found = fleet_power(
        sessions(
            ("2019-05-01 08:30", "2019-05-01 10:30", 8.0),
            ("2019-05-01 09:00", "2019-05-01 10:00", 3.0),
        )
    )
    assert found.index[0] == pd.Timestamp("2019-05-01 08:00", tz="UTC")
    assert found.tolist() == pytest.approx([2, 7, 2])


def test_no_car_no_power():
    found = fleet_power(
        sessions(
            ("2019-05-01 08:00", "2019-05-01 09:00", 1.0),
            ("2019-05-01 10:00", "2019-05-01 11:00", 1.0),
        )
    )
    assert found.tolist() == pytest.approx([1, 0, 1])


def test_a_session_that_ends_before_it_begins_is_refused():
    with pytest.raises(DataError, match="must end after it begins, got 1"):
        fleet_power(sessions(("2019-05-01 08:00", "2019-05-01 08:00", 1.0)))
