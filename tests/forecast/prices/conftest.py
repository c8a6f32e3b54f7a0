"""A market that is simulated: prices follow a load known ahead, with spikes and some below zero."""

import numpy as np
import pandas as pd
import pytest

from lab.backtest import Backtest
from lab.forecast.lear import Lear
from lab.forecast.view import DayTable

DAYS, PRICE, LOAD, WIND = 320, "price", "load_mw", "wind_mw"


@pytest.fixture(scope="package")
def table():
    """Whole days from 1 January 2014 on."""
    rng = np.random.default_rng(7)
    index = pd.date_range("2014-01-01", periods=24 * DAYS, freq="h", tz="UTC")
    wave = np.sin((index.hour.to_numpy() - 6) / 24 * 2 * np.pi)
    weekend = np.where(index.dayofweek >= 5, -0.4, 0.0)
    load = 10 + 2 * wave + weekend + np.repeat(rng.normal(0, 0.5, DAYS), 24)
    load += rng.normal(0, 0.2, len(index))
    wind = np.repeat(rng.gamma(2.0, 1.0, DAYS), 24) + rng.normal(0, 0.1, len(index))
    price = 40 + 8 * (load - 10) - 4 * (wind - 2) + rng.normal(0, 2, len(index))
    price[rng.integers(0, len(index), 30)] += 200
    frame = pd.DataFrame({PRICE: price, LOAD: load, WIND: wind}, index=index)
    knowledge = {PRICE: "past", LOAD: "known_future", WIND: "known_future"}
    return DayTable(frame, zone="UTC", target=PRICE, knowledge=knowledge, series_id="X")


@pytest.fixture(scope="package")
def period(table):
    """The last forty days."""
    return Backtest(table, str(table.dates[-40]), str(table.dates[-1]))


@pytest.fixture(scope="package")
def days(table, period):
    """Inputs and prices of the days from the eighth to the last but ten."""
    inputs = period.inputs(Lear(PRICE, (LOAD, WIND)), 7, DAYS - 10)
    return inputs, table.days[PRICE][7 : DAYS - 10]
