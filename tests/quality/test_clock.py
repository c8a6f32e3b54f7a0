from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab.quality.clock import (
    change_table,
    clock_changes,
    is_summer_time,
    rhythm_shift,
    rows_on,
    seasonal_shift,
    sun_delay,
    whole_changes,
)

ZONE = "Europe/Brussels"


@pytest.fixture(scope="module")
def year() -> pd.DatetimeIndex:
    return pd.date_range("2021-01-01", "2021-12-31 23:30", freq="30min", tz="UTC")


def bump(minutes: np.ndarray, centre: float) -> np.ndarray:
    """Return a smooth hill in the day, around a minute."""
    return np.clip(np.cos((minutes - centre) / 720 * np.pi), 0, None) ** 2


def minutes(index: pd.DatetimeIndex) -> np.ndarray:
    return (index.hour * 60 + index.minute).to_numpy().astype(float)


def test_clock_changes_of_a_year(year):
    found = clock_changes(year[0], year[-1], ZONE)
    assert found["day"].tolist() == [date(2021, 3, 28), date(2021, 10, 31)]
    assert found["hours"].tolist() == [23, 25]
    assert found["starts"].iloc[0] == pd.Timestamp("2021-03-27 23:00", tz="UTC")


def test_a_day_that_the_span_cuts_is_not_whole(year):
    cut = year[year >= pd.Timestamp("2021-03-28 06:00", tz="UTC")]
    assert len(clock_changes(cut[0], cut[-1], ZONE)) == 2
    assert whole_changes(cut, ZONE)["day"].tolist() == [date(2021, 10, 31)]


def test_a_zone_without_summer_time_never_changes(year):
    assert clock_changes(year[0], year[-1], "Asia/Tokyo").empty


@pytest.mark.parametrize(("month", "hours"), [(3, 23), (10, 25)], ids=["spring", "autumn"])
def test_rows_of_short_and_long_days(year, month, hours):
    changes = clock_changes(year[0], year[-1], ZONE)
    change = changes[changes["hours"] == hours].iloc[0]
    table = pd.DataFrame({"load_kw": 1.0}, year)
    assert change["day"].month == month
    assert rows_on(table, change["starts"], hours) == (2 * hours, 2 * hours)
    assert rows_on(table.drop(change["starts"]), change["starts"], hours)[0] == 2 * hours - 1


def test_people_follow_the_clock_on_the_wall_and_light_the_sun(rules, year):
    wall = minutes(year.tz_convert(ZONE))
    table = pd.DataFrame(
        {"load_kw": bump(wall, 1140), "ghi_w_per_m2": bump(minutes(year), 700)}, year
    )
    found = change_table(table, ZONE, list(table), rules.clock)
    assert found["load_kw"].tolist() == pytest.approx([-60, 60], abs=10)
    assert found["ghi_w_per_m2"].tolist() == pytest.approx([0, 0], abs=5)
    assert (found["rows"] == found["expected"]).all()


def test_without_both_windows_there_is_no_shift(rules, year):
    series = pd.Series(bump(minutes(year), 700), year)
    assert np.isnan(rhythm_shift(series, year[0], rules.clock))
    assert np.isnan(rhythm_shift(series * 0, year[5000], rules.clock))


@pytest.mark.parametrize("noon", [720, 60], ids=["noon in the day", "day over midnight UTC"])
def test_the_delay_of_power_after_light(year, noon):
    angle = (minutes(year) - noon + 720) % 1440
    light = pd.Series(bump(angle, 720), year)
    power = pd.Series(bump(angle, 780), year)
    delay = sun_delay(power, light)
    assert delay.median() == pytest.approx(60, abs=2)


def test_days_with_missing_power_are_left_out(year):
    light = pd.Series(bump(minutes(year), 720), year)
    power = light.copy()
    power["2021-05-05"] = np.nan
    assert len(sun_delay(power, light)) == len(sun_delay(light, light)) - 1


def test_power_stamped_by_the_wall_moves_an_hour_against_the_light(year):
    light = pd.Series(bump(minutes(year), 720), year)
    summer = np.array([is_summer_time(day, ZONE) for day in year.date])
    power = pd.Series(bump(minutes(year), np.where(summer, 780, 720)), year)
    assert seasonal_shift(sun_delay(power, light), ZONE) == pytest.approx(60, abs=2)
    assert seasonal_shift(sun_delay(light, light), ZONE) == 0
