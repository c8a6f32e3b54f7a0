"""Simulated cases for timing: six appliances in a day, and a block of flats."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.baseline import immediate
from lab.optimise.appliances.clock import DAY
from lab.optimise.appliances.site import Site

SIX: tuple[dict[str, Any], ...] = (
    {"power_kw": 1.5, "duration_h": 2.0},
    {"power_kw": 2.0, "duration_h": 1.5},
    {"power_kw": 3.0, "duration_h": 1.0},
    {"power_kw": 7.0, "duration_h": 6.0, "kind": "interruptible"},
    {"power_kw": 1.2, "duration_h": 4.0, "kind": "interruptible", "min_on_h": 1.0},
    {"power_kw": 4.0, "energy_kwh": 8.0, "kind": "adjustable"},
)


def block_of_flats(
    appliances: int, days: int, seed: int, limit_share: float
) -> tuple[tuple[Appliance, ...], Site]:
    """Return simulated daily requests of many appliances under one connection.

    Each appliance is one of six kinds and asks once a day, at a random time; the limit is a
    share of the peak under immediate execution. Prices have a daily wave and noise. All of it
    is drawn with a seed: a case for timing, not a measurement.

    Parameters
    ----------
    appliances, days : int
    seed : int
    limit_share : float
        Of the peak of immediate execution [1].
    """
    rng = np.random.default_rng(seed)
    slots = 96 * days
    index = pd.date_range("2016-05-02", periods=slots, freq="15min", tz="UTC")
    hour = np.arange(slots // 4)
    price = 0.2 + 0.08 * np.sin(2 * np.pi * hour / 24) + rng.normal(0, 0.02, len(hour))
    table = pd.DataFrame({"price_per_kwh": np.repeat(price, 4)}, index)
    step = pd.Timedelta("15min")
    made = []
    for number in range(appliances):
        for day in range(days):
            kind = SIX[number % len(SIX)]
            steps = round((kind.get("duration_h") or kind["energy_kwh"] / kind["power_kw"]) * 4)
            first = int(day * 96 + rng.integers(0, 60))
            last = min(first + int(rng.integers(steps + 8, 60)), slots)
            first = min(first, last - steps)
            begin, end = index[0] + first * step, index[0] + last * step
            made.append(Appliance(f"{number}.{day}", earliest=begin, latest=end, **kind))
    peak = immediate(made, Site(table)).sum(axis=1).max()
    return tuple(made), Site(table, limit_kw=float(peak * limit_share))


def six_in_a_day(seed: int, limit_kw: float | None = None) -> tuple[tuple[Appliance, ...], Site]:
    """Return six appliances that may run at any time of 96 slots, at simulated prices.

    The kinds of the standard case, the dryer after the washing machine: a case for timing.

    Parameters
    ----------
    seed : int
        Of the prices.
    limit_kw : float, optional
    """
    rng = np.random.default_rng(seed)
    index = pd.date_range("2016-05-02", periods=96, freq="15min", tz="UTC")
    price = 0.2 + 0.08 * np.sin(2 * np.pi * np.arange(24) / 24) + rng.normal(0, 0.02, 24)
    window = {"earliest": index[0], "latest": index[0] + DAY}
    named = zip(("dishwasher", "washing", "dryer", "car", "pump", "heater"), SIX, strict=True)
    made = [Appliance(name, **window, **kind) for name, kind in named]
    made[2] = replace(made[2], after=("washing",))
    return tuple(made), Site(pd.DataFrame({"price_per_kwh": np.repeat(price, 4)}, index), limit_kw)
