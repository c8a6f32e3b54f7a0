"""A simulated PV system whose place, plane and stamp offset are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lab.solar import ahead, site

PLACE = site.Place(46.0, 8.0)
PLANE = site.Plane(35.0, 150.0, 15.0, 3.0, -0.004)
AIR = ahead.Atmosphere(0.08, 1.5)
ZONE = "Etc/GMT-1"


def clear_sky(index, place=PLACE):
    sky = site.sun(index, place)
    light = ahead.solis(sky["elevation"], AIR)
    # Simplified Solis does not close the balance of beam and diffuse light; measured tables do.
    light["ghi"] = light["dni"] * sky["up"].clip(lower=0) + light["dhi"]
    return light.rename(columns=lambda name: f"{name}_clear_w_per_m2")


def simulated(first="2021-01-01", days=120, seed=3):
    """Half-hourly simulated weather and power; every third day is clear, one is without power."""
    index = pd.date_range(first, periods=48 * days, freq="30min", tz="UTC", name="time")
    frame = clear_sky(index)
    random = np.random.default_rng(seed)
    index_of_day = np.where(np.arange(days) % 3 == 0, 1.0, random.uniform(0.2, 0.9, days))
    cloud = np.repeat(index_of_day, 48)
    frame["temperature_c"] = 10 + 5 * np.sin(np.arange(len(index)) / 48 * 2 * np.pi)
    frame["ghi_w_per_m2"] = cloud * frame["ghi_clear_w_per_m2"]
    whole = ahead.clear_power(index, PLACE, PLANE, AIR, 10.0)["clear_w"]
    frame["power_w"] = cloud * whole
    frame.loc[frame.index[48 * 40 : 48 * 41], "power_w"] = np.nan
    return frame


@pytest.fixture(scope="session")
def frame():
    return simulated()


@pytest.fixture(scope="session")
def world():
    """The truth behind the simulated system, and the functions that simulate it."""
    return SimpleNamespace(
        PLACE=PLACE, PLANE=PLANE, AIR=AIR, ZONE=ZONE, clear_sky=clear_sky, simulated=simulated
    )
