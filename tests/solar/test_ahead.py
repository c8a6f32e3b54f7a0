import pandas as pd
import pytest

from lab.errors import DataError
from lab.solar import ahead, site


def test_the_atmosphere_comes_back_from_its_clear_sky(world):
    index = pd.date_range("2021-03-01", periods=48 * 30, freq="30min", tz="UTC")
    light = ahead.solis(site.sun(index, world.PLACE)["elevation"], world.AIR)
    light = light.rename(columns=lambda name: f"{name}_clear_w_per_m2")
    found = ahead.typical_atmosphere(light, world.PLACE)
    assert found.aerosol == pytest.approx(world.AIR.aerosol, abs=0.01)
    assert found.water_cm == pytest.approx(world.AIR.water_cm, rel=0.1)


def test_an_atmosphere_needs_sun(world):
    index = pd.date_range("2021-03-01 22:00", periods=4, freq="30min", tz="UTC")
    with pytest.raises(DataError, match="above 0, got none"):
        ahead.typical_atmosphere(world.clear_sky(index), world.PLACE)


def test_no_light_below_the_horizon(world):
    light = ahead.solis(pd.Series([-5.0, 40.0]), world.AIR)
    assert (light.iloc[0] == 0).all()
    assert light.loc[1, "ghi"] > 500
