"""Simulated half-hours of Victoria's kind, and the daily table made of them."""

import numpy as np
import pandas as pd
import pytest

from lab.calendar import holidays_of
from lab.forecast.daily.table import daily_table

ZONE = "Australia/Melbourne"


def measured(first="2013-01-01", days=260, seed=1):
    """Return demand that follows weekday and temperature, half-hourly from 0:00 UTC."""
    index = pd.date_range(first, periods=48 * days, freq="30min", tz="UTC", name="time")
    rng = np.random.default_rng(seed)
    spell = rng.normal(0, 2, days)
    for day in range(1, days):
        spell[day] += 0.7 * spell[day - 1]
    wander = np.repeat(spell, 48)
    hour = index.hour.to_numpy() / 24 * 2 * np.pi
    warm = 16 + 6 * np.cos(2 * np.pi * index.dayofyear.to_numpy() / 365) + wander
    warm = warm + 4 * np.sin(hour)
    local = index.tz_convert(ZONE).dayofweek.to_numpy()
    demand = 4500 + 600 * np.sin(hour) - 500 * (local >= 5) + 60 * np.maximum(warm - 20, 0)
    demand = demand + 40 * np.maximum(16 - warm, 0)
    noise = rng.normal(0, 40, len(index))
    return pd.DataFrame({"demand_mw": demand + noise, "temperature_c": warm}, index=index)


def made(frame):
    return daily_table(frame, ZONE, set(holidays_of("AU", "VIC", (2012, 2013, 2014))))


@pytest.fixture(scope="session")
def simulate():
    return measured


@pytest.fixture(scope="session")
def build():
    return made


@pytest.fixture(scope="session")
def table():
    return made(measured())
