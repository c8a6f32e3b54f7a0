import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.solar import physics, whole_day


@pytest.fixture(scope="module")
def table(frame, world):
    return physics.weather_inputs(frame, world.PLACE, world.PLANE)


@pytest.fixture(scope="module")
def wider(table, frame, world):
    return whole_day.add_whole_day(
        table, frame, world.PLACE, world.PLANE, world.AIR, zone=world.ZONE
    )


def test_every_column_is_there_and_the_inputs_stay(wider, table):
    assert set(wider) == set(table) | set(whole_day.OF_WHOLE_DAY)
    pd.testing.assert_frame_equal(wider[list(table)], table)


def test_the_clearness_of_a_day_is_that_of_its_energy(wider, frame, world):
    day = frame.tz_convert(world.ZONE).loc["2021-02-03"]
    expected = day["ghi_w_per_m2"].sum() / day["ghi_clear_w_per_m2"].sum()
    found = wider.tz_convert(world.ZONE).loc["2021-02-03":"2021-02-04"]
    assert found["day_clearness"].to_numpy()[:48] == pytest.approx(expected)
    assert found["day_before_clearness"].to_numpy()[48:] == pytest.approx(expected)


def test_a_typical_sky_is_one(wider, table):
    high = table["elevation"] > 20
    assert wider.loc[high, "sky_dni"].between(0.9, 1.1).all()


def test_clear_physics_bounds_the_cloudy(wider, table):
    # Near the plane's back, diffuse light under cloud can beat a beam that misses it.
    cloudy = (table["clearness"] < 0.9) & table["azimuth"].between(100, 200)
    cloudy &= table["elevation"] > 10
    assert (wider["physics_clear_w"] >= wider["physics_w"])[cloudy].all()


def test_a_missing_column_is_one_sentence(table, frame, world):
    with pytest.raises(DataError, match="dni_clear_w_per_m2 missing"):
        whole_day.add_whole_day(
            table,
            frame.drop(columns="dni_clear_w_per_m2"),
            world.PLACE,
            world.PLANE,
            world.AIR,
            zone=world.ZONE,
        )


def test_past_performance_by_hand():
    index = pd.date_range("2021-01-01", periods=8, freq="12h", tz="UTC")
    table = pd.DataFrame({"physics_w": 100.0, "day": True}, index=index)
    power = pd.Series([100, 100, 50, np.nan, 0, 0, 80, 80.0], index)
    found = whole_day.add_past_power(table, power, "UTC")
    assert found["performance_1"].iloc[[2, 4, 6]].tolist() == [1.0, 0.5, 0.0]
    assert found["performance_3"].iloc[6] == pytest.approx(250 / 500)
    assert found["energy_1"].iloc[4] == 100.0
    assert found["performance_1"].iloc[:2].isna().all()


def test_a_days_own_power_is_not_in_its_past(table, frame, world):
    before = whole_day.add_past_power(table, frame["power_w"], world.ZONE)
    changed = frame["power_w"].copy()
    local = changed.index.tz_convert(world.ZONE)
    later = np.asarray(local >= pd.Timestamp("2021-03-01", tz=world.ZONE))
    changed[later] = 1e6
    after = whole_day.add_past_power(table, changed, world.ZONE)
    until = np.asarray(local < pd.Timestamp("2021-03-02", tz=world.ZONE))
    pd.testing.assert_frame_equal(before[until], after[until])
