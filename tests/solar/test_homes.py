import numpy as np
import pandas as pd
import pytest

from lab.data.homes import wall_clock
from lab.errors import DataError
from lab.quality.rules import SiblingRule
from lab.solar import ahead, homes, physics, site

PLACE, AIR = site.Place(34.0, -117.0), ahead.Atmosphere(0.1, 1.5)
STANDARD, ZONE = "Etc/GMT+8", "America/Los_Angeles"
RULE = SiblingRule(0.999, 0.8, 0.8, 4, 0.05, 0.5, 5, 0.05, 2, 0.25)
INDEX = pd.date_range("2017-02-20", "2017-03-26", freq="h", tz=STANDARD).tz_convert("UTC")[:-1]


@pytest.fixture(scope="module")
def sky():
    return homes.town_sky(INDEX, PLACE, AIR)


def roof(sky, tilt=25.0, azimuth=180.0, watts=0.8):
    return site.expected(sky[1], site.Plane(tilt, azimuth, 30.0, watts, homes.PER_KELVIN))


def on_wall_clock(power):
    """Stamp true hours by the wall clock and read them as standard time, as the table does."""
    naive = power.index.tz_convert(ZONE).tz_localize(None)
    read = pd.DatetimeIndex(naive).tz_localize(STANDARD).tz_convert("UTC")
    return power.set_axis(read).reindex(power.index).fillna(0.0)


def test_the_wall_clock_is_put_back_to_standard_time(sky):
    power = pd.DataFrame({"a": roof(sky), "b": roof(sky, azimuth=150.0)}, index=INDEX)
    stamped = on_wall_clock(power)
    assert not np.allclose(stamped, power)
    back = wall_clock(stamped, STANDARD, ZONE)
    assert np.allclose(back.iloc[:-1], power.iloc[:-1])
    # After the change the table ends an hour early.
    assert back.iloc[-1].isna().all()


def test_in_autumn_the_repeated_hour_stays_dark():
    index = pd.date_range("2016-11-05", "2016-11-08", freq="h", tz=STANDARD).tz_convert("UTC")
    hour = index.tz_convert(STANDARD).hour.to_numpy()
    power = pd.DataFrame({"a": np.where((hour > 7) & (hour < 17), 5.0, 0.0)}, index=index)
    back = wall_clock(power, STANDARD, ZONE)
    before = back.loc[: pd.Timestamp("2016-11-06", tz=STANDARD), "a"].to_numpy()
    assert before[:24].tolist() == np.roll(power["a"].to_numpy()[:24], -1).tolist()
    assert back["a"].iloc[-24:].tolist() == power["a"].iloc[-24:].tolist()
    assert back.notna().all().all()
    power.loc[hour == 1, "a"] = 5.0
    with pytest.raises(DataError, match="beside the one that it repeats"):
        wall_clock(power, STANDARD, ZONE)


def test_light_in_the_skipped_hour_is_refused():
    power = pd.DataFrame({"a": np.ones(len(INDEX))}, index=INDEX)
    with pytest.raises(DataError, match="expected at night"):
        wall_clock(power, "UTC", ZONE)


def test_the_middle_of_a_day_by_hand():
    index = pd.date_range("2017-01-01", periods=24, freq="h", tz="UTC")
    power = pd.DataFrame({"a": 0.0}, index=index)
    power.loc[index[10], "a"], power.loc[index[13], "a"] = 1.0, 2.0
    assert homes.middle_of_day(power, "UTC")["a"].tolist() == [12.0]


def test_a_plane_comes_back_although_every_third_day_is_cloudy(sky):
    power = roof(sky, 32.0, 150.0, 0.9)
    power = np.where(np.arange(len(power)) // 24 % 3 == 0, 0.4, 1.0) * power
    power[30] = np.nan
    found = homes.upper_plane(power, sky[1])
    assert (found.tilt, found.azimuth) == pytest.approx((32.0, 150.0), abs=5.0)
    assert found.watts_per_w_per_m2 == pytest.approx(0.9, rel=0.05)
    assert found.offset_minutes == 30.0


def test_a_plane_needs_power(sky):
    with pytest.raises(DataError, match="power above 0"):
        homes.upper_plane(np.zeros(len(INDEX)), sky[1])


@pytest.fixture(scope="module")
def family(sky):
    random = np.random.default_rng(4)
    common = np.repeat(random.uniform(0.4, 1.0, len(INDEX) // 24 + 1), 24)[: len(INDEX)]
    roofs = {
        f"home_{n}": roof(sky) * common * random.uniform(0.7, 1.0, len(INDEX)) for n in range(6)
    }
    roofs["home_6"] = 0.9 * roofs["home_2"]
    roofs["home_7"], roofs["home_8"] = 0.2 * roofs["home_1"], 0.001 * roofs["home_0"]
    return pd.DataFrame(roofs, index=INDEX)


def test_faults_are_named_and_the_first_of_copies_stands_for_them(family):
    found = homes.faults(family, RULE)
    assert found[found != ""].to_dict() == {
        "home_6": "copy of home_2",
        "home_7": "weak",
        "home_8": "dead",
    }
    groups = homes.witnesses(found)
    assert groups[["home_2", "home_6", "home_7", "home_8"]].tolist() == ["home_2", "home_2", "", ""]


def test_darkness_counts_only_in_full_daylight_while_others_work(family, sky):
    power = family[["home_0", "home_1", "home_2", "home_3"]].copy()
    clear = pd.DataFrame({name: roof(sky) for name in power}, index=INDEX)
    noon = clear["home_0"].to_numpy().argmax()
    power.iloc[noon, 0] = 0.0
    dark = homes.dark_in_daylight(power, clear, list(power))
    assert dark.to_numpy().sum() == 1 and dark["home_0"].iloc[noon]
    everywhere = homes.dark_in_daylight(power * 0, clear, list(power))
    assert not everywhere.to_numpy().any()


def test_others_are_never_the_roof_itself_nor_its_copy():
    clear = pd.DataFrame({name: [100.0, 100.0, 1.0] for name in "abc"})
    power = pd.DataFrame({"a": [50.0, 50, 0], "b": [60.0, np.nan, 0], "c": [90.0, 90, 0]})
    groups = pd.Series({"a": "a", "b": "a", "c": "c"})
    found = homes.others_index(power, clear, groups)
    assert found["a"].tolist()[:2] == pytest.approx([0.9, 0.9])
    assert found["b"].tolist()[:2] == pytest.approx([0.9, 0.9])
    assert found["c"].tolist()[:2] == pytest.approx([0.55, 0.5])
    assert found.iloc[2].isna().all()


def test_the_frame_declares_when_each_column_is_known(family, sky):
    clear = pd.Series(roof(sky), INDEX)
    frame, knowledge = homes.inputs_frame(family["home_0"], clear, clear * 0 + 1, sky[0])
    assert set(frame) == set(knowledge)
    assert {n for n, kind in knowledge.items() if kind == "past"} == {"power_w", "others"}


def test_a_bound_that_sees_the_others_beats_the_clear_sky(family, sky):
    clear = pd.Series(roof(sky), INDEX)
    plane = site.Plane(25.0, 180.0, 30.0, 0.8, homes.PER_KELVIN)
    seen = {"others": family["home_1"] / clear.where(clear > 20)}
    table = homes.same_hour(clear, plane, sky[0], seen)
    assert table["others_before"].iloc[12] == pytest.approx(table["others"].iloc[11], nan_ok=True)
    columns = tuple(name for name in table if name not in ("physics_w", "day"))
    model = physics.Boosted(columns, adjusts=True, trees=40, min_rows=5.0)
    found = model.fit(table, family["home_0"]).predict(table)
    power = family["home_0"].to_numpy()
    assert np.abs(found - power).mean() < 0.5 * np.abs(clear - power).mean()
