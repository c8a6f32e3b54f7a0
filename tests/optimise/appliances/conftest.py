import numpy as np
import pandas as pd
import pytest

from lab.optimise.appliances import Appliance, Site, requests

BEGIN = pd.Timestamp("2016-05-02", tz="UTC")
HOUR = pd.Timedelta(hours=1)
EVENING = {"start": "18:00", "end": "+1 08:00"}
SIX = (
    {"name": "dishwasher", "power_kw": 1.5, "duration_h": 2.0, **EVENING},
    {"name": "washing machine", "power_kw": 2.0, "duration_h": 1.5, **EVENING},
    {"name": "dryer", "power_kw": 3.0, "duration_h": 1.0, "after": ["washing machine"], **EVENING},
    {"name": "car", "power_kw": 7.0, "duration_h": 6.0, "kind": "interruptible",
     "start": "18:00", "end": "+1 07:00"},
    {"name": "pump", "power_kw": 1.2, "duration_h": 4.0, "kind": "interruptible", "min_on_h": 1.0,
     "max_starts": 2, "start": "+1 08:00", "end": "+1 20:00"},
    {"name": "heater", "power_kw": 4.0, "energy_kwh": 8.0, "kind": "adjustable", **EVENING},
)  # fmt: skip


@pytest.fixture(scope="session")
def hours():
    """Build a site of hourly slots from prices and other columns."""

    def build(prices, limit_kw=None, **columns):
        index = pd.date_range(BEGIN, periods=len(prices), freq="h")
        table = pd.DataFrame({"price_per_kwh": np.asarray(prices, float), **columns}, index)
        return Site(table, limit_kw)

    return build


@pytest.fixture(scope="session")
def item():
    """Build an appliance whose window is given in hours from the first slot."""

    def build(name="a", power_kw=1.0, first=0, last=4, **rest):
        if "energy_kwh" in rest:
            rest["kind"] = "adjustable"
        else:
            rest.setdefault("duration_h", 2.0)
        return Appliance(name, power_kw, BEGIN + first * HOUR, BEGIN + last * HOUR, **rest)

    return build


@pytest.fixture(scope="session")
def evening():
    """Build the standard six requests of a Belgian evening and a site of 104 quarter hours."""

    def build(day="2016-05-02", seed=0, limit_kw=None):
        asked = requests(SIX, day, "Europe/Brussels")
        begin, end = min(a.earliest for a in asked), max(a.latest for a in asked)
        index = pd.date_range(begin, end, freq="15min", inclusive="left")
        rng = np.random.default_rng(seed)
        price = 0.04 + 0.015 * rng.normal(size=len(index) // 4 + 1).repeat(4)[: len(index)]
        return asked, Site(pd.DataFrame({"price_per_kwh": price}, index), limit_kw)

    return build
