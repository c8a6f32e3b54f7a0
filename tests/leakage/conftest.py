"""A small table with both knowledge times, a clock change and, in one version, gaps."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab.forecast.demand import day_table

ZONE = "Australia/Melbourne"


def measured(first="2014-02-15", last="2014-04-12", zone=ZONE):
    """Return simulated demand and temperature over whole local days, with gaps at midnight."""
    begin, end = (pd.Timestamp(day, tz=zone).tz_convert("UTC") for day in (first, last))
    index = pd.date_range(begin, end, freq="30min", inclusive="left", name="time")
    rng = np.random.default_rng(3)
    hour = index.tz_convert(zone).hour.to_numpy()
    demand = 4000 + 500 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(0, 50, len(index))
    warm = 20 + rng.normal(0, 3, len(index))
    return pd.DataFrame({"demand_mw": demand, "temperature_c": warm}, index=index)


def made(frame):
    return day_table(frame, ZONE, {date(2014, 4, 7)})


@pytest.fixture(scope="session")
def frame():
    return measured()


@pytest.fixture(scope="session")
def build():
    return made


@pytest.fixture(scope="session")
def simulate():
    return measured


@pytest.fixture(scope="session")
def table(frame):
    return made(frame)


@pytest.fixture(scope="session")
def gappy(frame):
    """The same measurements, of which those from 22:00 to midnight are missing."""
    hour = frame.index.tz_convert(ZONE).hour
    return frame.mask(pd.Series(hour >= 22, index=frame.index), axis=0)
