"""Requests written as clock times, and a block of flats that asks every day."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lab.calendar import market24_to_utc
from lab.errors import DataError, UsageError
from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.site import Site

DAY = pd.Timedelta(days=1)
NEEDS = ("duration_h", "energy_kwh", "kind", "min_power_kw", "value")
OPTIONS = (*NEEDS, "min_on_h", "min_off_h", "max_starts", "after", "group")


def requests(
    wishes: Iterable[Mapping[str, Any]], day: pd.Timestamp | str, zone: str
) -> tuple[Appliance, ...]:
    """Return the appliances that are asked for on a local day.

    Parameters
    ----------
    wishes : iterable of mapping
        Each with `name`, `power_kw`, `start` and `end` as clock times such as `18:00`, with
        `+1 08:00` for the next day, and any other attribute of `Appliance`.
    day : date
        Local date of the request.
    zone : str
        Zone of the clock. A time that spring skips is the first after it, one that comes
        twice in autumn the first of the two.

    Raises
    ------
    UsageError
        When a key is unknown, a clock time cannot be read, or an appliance is impossible.

    Examples
    --------
    >>> wish = {"name": "dryer", "power_kw": 3.0, "duration_h": 1.0}
    >>> wish |= {"start": "18:00", "end": "+1 08:00"}
    >>> requests([wish], "2016-05-02", "Europe/Brussels")[0].window_h
    14.0
    """
    made = []
    for wish in wishes:
        rest = {k: v for k, v in wish.items() if k not in ("name", "power_kw", "start", "end")}
        if unknown := sorted(set(rest) - set(OPTIONS)):
            raise UsageError(
                f"{wish.get('name')!r} has the unknown key {unknown[0]!r}; known are "
                f"{', '.join(OPTIONS)}."
            )
        begin, end = (at_clock(wish[key], day, zone) for key in ("start", "end"))
        made.append(Appliance(wish["name"], float(wish["power_kw"]), begin, end, **rest))
    return tuple(made)


def at_clock(text: str, day: pd.Timestamp | str, zone: str) -> pd.Timestamp:
    """Return a clock time of a local day, or of one after it, in UTC.

    Examples
    --------
    >>> at_clock("+1 08:00", "2016-03-26", "Europe/Brussels").isoformat()
    '2016-03-27T06:00:00+00:00'
    """
    later, _, clock = f" {text}".rpartition(" ")
    try:
        naive = pd.Timestamp(day).normalize() + int(later or 0) * DAY + pd.Timedelta(f"{clock}:00")
    except ValueError as error:
        raise UsageError(
            f"A clock time is written '18:00', or '+1 08:00' on the next day; got {text!r}."
        ) from error
    local = naive.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return local.tz_convert("UTC")


def hourly_prices(table: pd.DataFrame, zone: str) -> tuple[pd.Series, int]:
    """Return day-ahead prices of a `market24` table by UTC hour, and how many are held over.

    Parameters
    ----------
    table : pandas.DataFrame
        `delivery_date`, `hour`, `price_eur_per_mwh` of one market.
    zone : str
        Its zone. The hour that spring skips is dropped; the hour that comes twice in autumn
        keeps its price the second time.

    Returns
    -------
    pandas.Series
        `price_per_kwh` [EUR/kWh], without a gap.
    int
        Hours whose price is held over.
    """
    stamps = market24_to_utc(table["delivery_date"], table["hour"], zone)
    known = ~stamps.isna()
    price = pd.Series(table["price_eur_per_mwh"].to_numpy(float)[known] / 1000, stamps[known])
    every = pd.date_range(price.index[0], price.index[-1], freq="h", name="time")
    if len(gone := every[~every.isin(price.index)]) > len(price) / 1000:
        raise DataError(f"{len(gone)} hours have no price, the first at {gone[0]}.")
    return price.reindex(every).ffill().rename("price_per_kwh"), len(gone)


def retail(price: pd.Series, fee_per_kwh: float, tax_share: float) -> pd.Series:
    """Return what a household pays: energy, then network and levies, then tax on all of it.

    A scaled and shifted price leaves the best schedule as it is, wherever all energy is needed;
    the saving in percent is smaller, for the fee is paid at any hour.
    """
    return (price + fee_per_kwh) * (1 + tax_share)


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
    from lab.optimise.appliances.baseline import immediate

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


SIX: tuple[dict[str, Any], ...] = (
    {"power_kw": 1.5, "duration_h": 2.0},
    {"power_kw": 2.0, "duration_h": 1.5},
    {"power_kw": 3.0, "duration_h": 1.0},
    {"power_kw": 7.0, "duration_h": 6.0, "kind": "interruptible"},
    {"power_kw": 1.2, "duration_h": 4.0, "kind": "interruptible", "min_on_h": 1.0},
    {"power_kw": 4.0, "energy_kwh": 8.0, "kind": "adjustable"},
)
