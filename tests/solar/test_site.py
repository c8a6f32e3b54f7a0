import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError
from lab.solar import ahead, site


def test_the_place_comes_back_from_its_own_clear_sky(world):
    index = pd.date_range("2021-03-01", periods=48 * 60, freq="30min", tz="UTC")
    found = site.locate(world.clear_sky(index).round())
    assert found.latitude == pytest.approx(world.PLACE.latitude, abs=0.1)
    assert found.longitude == pytest.approx(world.PLACE.longitude, abs=0.1)


def test_a_place_in_the_south_and_west_comes_back(world):
    south = site.Place(-33.5, -70.6)
    index = pd.date_range("2021-03-01", periods=48 * 60, freq="30min", tz="UTC")
    found = site.locate(world.clear_sky(index, south))
    assert (found.latitude, found.longitude) == pytest.approx((-33.5, -70.6), abs=0.1)


def test_a_label_of_fifteen_minutes_moves_the_longitude_alone(world):
    index = pd.date_range("2021-03-01", periods=48 * 60, freq="30min", tz="UTC")
    late = world.clear_sky(index).shift(freq="15min")
    found = site.locate(late)
    assert found.longitude == pytest.approx(world.PLACE.longitude - 3.75, abs=0.1)
    assert found.latitude == pytest.approx(world.PLACE.latitude, abs=0.1)


def test_plane_and_offset_come_back_from_clear_days(frame, world):
    found = site.orient(frame, site.clear_rows(frame, "UTC"), world.PLACE)
    assert found.tilt == pytest.approx(world.PLANE.tilt, abs=1.5)
    assert found.azimuth == pytest.approx(world.PLANE.azimuth, abs=1.5)
    assert found.offset_minutes == pytest.approx(world.PLANE.offset_minutes, abs=3)
    assert found.watts_per_w_per_m2 == pytest.approx(world.PLANE.watts_per_w_per_m2, rel=0.05)


def test_clear_days_are_every_third(frame):
    keep = site.clear_rows(frame, "UTC").reshape(-1, 48).all(axis=1)
    assert list(np.flatnonzero(keep)[:4]) == [0, 3, 6, 9]
    assert not keep[40]


@pytest.mark.parametrize(
    ("tilt", "expected"),
    [
        pytest.param(0.0, 600.0, id="flat-sees-all"),
        pytest.param(90.0, 0.0 + 50.0 + 60.0, id="wall-facing-away"),
    ],
)
def test_light_in_a_plane_by_hand(tilt, expected):
    # Sun in the zenith, 500 beam and 100 diffuse; the ground gives back a fifth, half is seen.
    sky = {"east": 0.0, "north": 0.0, "up": 1.0, "dni": 500.0, "dhi": 100.0, "ghi": 600.0}
    sky = {name: np.array([value]) for name, value in sky.items()}
    assert site.in_plane(sky, tilt, 180.0) == pytest.approx(expected)


def test_heat_takes_power_by_hand():
    sky = {"east": 0.0, "north": 0.0, "up": 1.0, "dni": 1000.0, "dhi": 0.0, "ghi": 1000.0}
    sky = {name: np.array([value]) for name, value in sky.items()} | {
        "temperature": np.array([15.0])
    }
    # Cells at 15 + 30 = 45 degC, 20 K above the reference: 8 % less.
    plane = site.Plane(0.0, 180.0, 0.0, 3.0, -0.004)
    assert site.expected(sky, plane) == pytest.approx(3000 * 0.92)


def test_bootstrap_of_equal_blocks_has_no_error():
    values = np.array([1.0, 3.0, 1.0, 3.0])
    error = site.bootstrap(
        lambda rows: np.array([values[rows].mean()]), np.arange(4), np.array([0, 0, 1, 1]), 10, 1
    )
    assert error == pytest.approx(0)


def test_bootstrap_error_of_a_mean_is_near_its_formula():
    values = np.random.default_rng(0).normal(size=400)
    rows = np.arange(400)
    error = site.bootstrap(lambda r: np.array([values[r].mean()]), rows, rows, 300, 1)
    assert error[0] == pytest.approx(values.std() / 20, rel=0.2)


def test_missing_power_is_one_sentence(frame, world):
    with pytest.raises(DataError, match=r"power_w missing\."):
        site.clear_rows(frame.drop(columns="power_w"), world.ZONE)


def test_power_without_a_value_is_one_sentence(frame, world):
    with pytest.raises(DataError, match=r"power_w hold no finite value\."):
        site.clear_rows(frame.assign(power_w=np.nan), world.ZONE)


def test_too_few_rows_are_refused(frame, world):
    with pytest.raises(DataError, match="at least 100 rows with a clear-sky beam"):
        site.locate(frame.iloc[:48])
    with pytest.raises(DataError, match="at least 100 rows of clear days, got 10"):
        site.orient(frame, np.arange(10), world.PLACE)


def test_irregular_stamps_are_refused(world):
    frame = world.simulated(days=12)
    with pytest.raises(DataError, match="regular table"):
        site.orient(frame.drop(frame.index[5]), np.arange(200), world.PLACE)


def test_the_sun_is_down_at_midnight_and_south_at_noon(world):
    index = pd.DatetimeIndex(["2021-06-21 00:00", "2021-06-21 11:30"], tz="UTC")
    sky = site.sun(index, world.PLACE)
    assert sky["elevation"].iloc[0] < -15
    # 90 - 46 + 23.4 at the solstice.
    assert sky["elevation"].iloc[1] == pytest.approx(67.4, abs=0.3)
    assert sky["azimuth"].iloc[1] == pytest.approx(180, abs=3)
    assert np.linalg.norm(sky[["east", "north", "up"]], axis=1) == pytest.approx(1)


def test_clear_power_is_zero_at_night_and_stays_below_the_peak(world):
    index = pd.date_range("2021-06-21", periods=48, freq="30min", tz="UTC")
    path = ahead.clear_power(index, world.PLACE, world.PLANE, ahead.Atmosphere(0.08, 1.5))
    assert (path["clear_w"][path["elevation"] < -1] == 0).all()
    assert 2000 < path["clear_w"].max() < 3600
