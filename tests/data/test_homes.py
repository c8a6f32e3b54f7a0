"""Homes of a table, and those whose meters are faulty."""

import numpy as np
import pandas as pd
import pytest

from lab.data.homes import faulty, homes_of, mean_day, wall_clock
from lab.errors import DataError, UsageError

HOURS = pd.date_range("2020-06-01", periods=3, freq="h", tz="UTC")
TABLE = pd.DataFrame(
    {
        "home_1_load_kwh": [1.0, np.nan, 3.0],
        "home_1_pv_w_per_kw": [0.0, 500.0, 1000.0],
        "home_2_load_kwh": [2.0, 2.0, 2.0],
        "home_2_pv_w_per_kw": [0.0, 0.0, 250.0],
        "price_usd_per_kwh": 0.2,
    },
    HOURS,
)


def test_net_load_is_load_less_pv_of_the_installed_power():
    homes = homes_of(TABLE, 4.0)
    assert homes.net_kwh["home_1"].tolist() == [1.0, 0.0, -1.0]
    assert homes.net_kwh["home_2"].tolist() == [2.0, 2.0, 1.0]
    assert homes.missing_hours.to_dict() == {"home_1": 1, "home_2": 0}
    assert list(homes.only(["home_2"]).net_kwh) == ["home_2"]


def test_faulty_homes_are_told_with_their_reasons():
    findings = pd.DataFrame(
        [
            ("homes", "home_12_load_kwh", "zero_load"),
            ("homes", "home_12_pv_w_per_kw", "weak"),
            ("homes", "home_2_load_kwh", "zero_load"),
            ("homes", "home_3_load_kwh", "outliers"),
            ("other", "home_4_load_kwh", "zero_load"),
        ],
        columns=["table", "column", "check"],
    )
    found = faulty(findings, "homes")
    assert list(found) == ["home_2", "home_12"]
    assert found["home_12"] == "load of exactly 0, weak PV"


def test_the_mean_day_is_by_local_hour():
    found = mean_day(TABLE[["home_2_pv_w_per_kw"]], "Etc/GMT+8")
    assert found.index.tolist() == [16, 17, 18]


def test_bad_tables_are_refused_by_name():
    with pytest.raises(DataError, match="Homes need a column of load and one of PV each, got none"):
        homes_of(TABLE[["price_usd_per_kwh"]], 1.0)
    with pytest.raises(DataError, match="home_2"):
        homes_of(TABLE.drop(columns="home_2_pv_w_per_kw"), 1.0)
    with pytest.raises(DataError, match="at least 0, got less in home_2"):
        homes_of(TABLE.assign(home_2_load_kwh=-1.0), 1.0)
    for column in ("home_1_load_kwh", "home_1_pv_w_per_kw"):
        with pytest.raises(DataError, match="must be finite, got an infinite one in home_1"):
            homes_of(TABLE.assign(**{column: np.inf}), 1.0)
    for wrong, said in (
        (-1.0, "must be at least 0, got -1"),
        ([1.0, "4"], "must be a finite number, got '4'"),
        ([1.0, np.inf], "must be a finite number, got inf"),
    ):
        with pytest.raises(UsageError, match=f"installed_kw {said}"):
            homes_of(TABLE, wrong)


def test_homes_of_different_sizes():
    one = homes_of(TABLE, 4.0)
    several = homes_of(TABLE, [4.0] * len(one.load_kwh.columns))
    assert one.pv_kwh.equals(several.pv_kwh)
    with pytest.raises(UsageError, match="one number or one for each of"):
        homes_of(TABLE, [4.0] * 9)


def night_of_the_repeated_hour():
    """Two roofs around the autumn change of 2016, stamped by the wall clock."""
    index = pd.date_range("2016-11-05 20:00", "2016-11-06 12:00", freq="h", tz="Etc/GMT+8")
    index = index.tz_convert("UTC")
    hour = index.tz_convert("Etc/GMT+8").hour
    sun = np.where((hour > 7) & (hour < 17), 5.0, 0.0)
    return pd.DataFrame({"a": sun, "b": sun}, index)


@pytest.mark.parametrize("gone", [(1,), (0,), (0, 1)], ids=["after", "before", "both"])
def test_a_repeated_hour_amid_missing_ones_is_not_measured_as_dark(gone):
    power = night_of_the_repeated_hour()
    whole = wall_clock(power, "Etc/GMT+8", "America/Los_Angeles")
    hole = pd.Timestamp("2016-11-06 08:00", tz="UTC")  # 01:00 of summer time, the first pass
    beside = [pd.Timestamp(f"2016-11-06 0{hour}:00", tz="Etc/GMT+8") for hour in gone]
    power.loc[beside, "b"] = np.nan
    back = wall_clock(power, "Etc/GMT+8", "America/Los_Angeles")
    assert whole.loc[hole].tolist() == [0.0, 0.0]
    assert back.loc[hole, "a"] == 0.0
    assert np.isnan(back.loc[hole, "b"])


def test_a_gap_farther_away_leaves_the_repeated_hour_dark():
    power = night_of_the_repeated_hour()
    power.iloc[0, 1] = power.iloc[-3, 1] = np.nan
    back = wall_clock(power, "Etc/GMT+8", "America/Los_Angeles")
    assert back.loc[pd.Timestamp("2016-11-06 08:00", tz="UTC")].tolist() == [0.0, 0.0]
