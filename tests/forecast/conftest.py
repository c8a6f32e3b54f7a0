"""A simulated demand of Victoria's shape, small enough for every model in seconds."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab.forecast.demand import day_table

ZONE = "Australia/Melbourne"
HOLIDAYS = {date(2014, 4, 18), date(2014, 4, 25)}


def simulated(first="2014-01-15", last="2014-05-10", seed=1):
    """Half-hourly simulated demand over whole local days; the autumn clock change is in it."""
    begin = pd.Timestamp(first, tz=ZONE).tz_convert("UTC")
    end = (pd.Timestamp(last, tz=ZONE) + pd.DateOffset(days=1)).tz_convert("UTC")
    index = pd.date_range(begin, end, freq="30min", inclusive="left", name="time")
    local = index.tz_convert(ZONE)
    hour = (local.hour + local.minute / 60).to_numpy()
    rng = np.random.default_rng(seed)
    warm = 18 + 6 * np.sin((hour - 9) / 24 * 2 * np.pi) + 3 * np.sin(np.arange(len(index)) / 200)
    shape = 1000 * np.sin((hour - 8) / 24 * 2 * np.pi)
    work = np.where(local.day_of_week < 5, 500, 0)
    noise = rng.normal(0, 50, len(index))
    return pd.DataFrame(
        {"demand_mw": 4500 + shape + work + 30 * (warm - 18) + noise, "temperature_c": warm},
        index=index,
    )


@pytest.fixture(scope="session")
def frame():
    return simulated()


@pytest.fixture(scope="session")
def table(frame):
    return day_table(frame, ZONE, HOLIDAYS)
