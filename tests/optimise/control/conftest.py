import numpy as np
import pandas as pd
import pytest

from lab.optimise.control.compare import Stage
from lab.optimise.control.market import Market
from lab.optimise.storage.battery import Battery

MINUTES = 1440


def market_of(prices, levels=None, *, begin="2024-05-06", zone="UTC", freq="min"):
    """Return a market of prices in USD/kWh, which are their own levels unless told."""
    prices = np.asarray(prices, float)
    index = pd.date_range(pd.Timestamp(begin, tz=zone), periods=len(prices), freq=freq)
    levels = prices if levels is None else np.asarray(levels, float)
    return Market(pd.DataFrame({"price": prices, "level": levels}, index.tz_convert("UTC")), zone)


def noisy(days, seed=0, *, zone="UTC"):
    """Return days of prices that swing with the hour and stray from their level for minutes."""
    draw = np.random.default_rng(seed)
    hour = np.arange(days * MINUTES) // 60 % 24
    level = 0.04 + 0.025 * np.sin(2 * np.pi * (hour - 12) / 24)
    away, shocks = np.zeros(len(level)), draw.normal(0, 0.003, len(level))
    for t in range(1, len(level)):
        away[t] = 0.9 * away[t - 1] + shocks[t]
    return market_of(level + away, level, zone=zone)


@pytest.fixture
def battery():
    return Battery(
        100, 50, charge_efficiency=0.95, discharge_efficiency=0.9, soc_min=0.1, soc_max=0.9,
        soc_start=0.5,
    )  # fmt: skip


@pytest.fixture(scope="session")
def three_days():
    return noisy(3)


@pytest.fixture
def stage(three_days, battery):
    return Stage(three_days, battery, 0.03)
