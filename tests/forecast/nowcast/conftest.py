"""Hourly issues of the simulated demand, over the autumn clock change."""

import numpy as np
import pandas as pd
import pytest

from lab.backtest.hourly import HourlyBacktest
from lab.forecast.demand import day_table

ZONE = "Australia/Melbourne"


@pytest.fixture(scope="session")
def period(table):
    return HourlyBacktest(table, "2014-04-05", "2014-04-08")


@pytest.fixture(scope="session")
def spring():
    """A table over the clock change of 5 October 2014."""
    index = pd.date_range("2014-07-31 14:00", "2014-10-10 13:00", freq="30min", tz="UTC")[:-1]
    rng = np.random.default_rng(5)
    hour = index.tz_convert(ZONE).hour.to_numpy()
    demand = 4000 + 500 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(0, 50, len(index))
    frame = pd.DataFrame({"demand_mw": demand, "temperature_c": 15.0}, index=index)
    return day_table(frame, ZONE, set())
