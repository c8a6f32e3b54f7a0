"""Simulated hourly household meters, from one to thousands.

Each meter has streams of random numbers of its own, so meter i is the same whether ten or
ten thousand are made, in one piece or in parts. Power is what is always on, plus activity
by clock, weekday, season and a mood of the day, plus heating and cooling by a weather that
all share, plus appliances whose size has a heavy tail. Stays away leave the base load;
stretches of missing values are NaN. Arithmetic runs over blocks of meters at once.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.calendar import day_types, holidays_of, local_days
from lab.errors import UsageError
from lab.simulate.households import activity, households
from lab.simulate.streams import NOISE, WEATHER, stream

ZONE, COUNTRY = "Europe/Brussels", "BE"
FUSE_W = 9200.0
HEATING_BELOW_C, COOLING_ABOVE_C = 15.0, 23.0
AWAY_PER_YEAR, MISSING_PER_YEAR, MISSING_HOURS = 2.0, 3.0, 14.0
BLOCK = 50


@dataclass(frozen=True)
class Clock:
    """Local time of every row.

    Attributes
    ----------
    index : pandas.DatetimeIndex
        UTC, hourly, from a local midnight on.
    hour, day, free : numpy.ndarray of int, shape (rows,)
        Local hour, number of the local day, 1 on a weekend or holiday.
    year : numpy.ndarray, shape (rows,)
        Share of the year that has passed, 0 to 1.
    """

    index: pd.DatetimeIndex
    hour: np.ndarray
    day: np.ndarray
    free: np.ndarray
    year: np.ndarray

    @classmethod
    def of(cls, first: str, days: int) -> "Clock":
        """Return the clock of whole local days.

        Raises
        ------
        UsageError
            If there is not at least one day.
        """
        if days < 1:
            raise UsageError(f"Simulated meters need at least one day, got {days}.")
        begin = pd.Timestamp(first, tz=ZONE)
        end = begin + pd.DateOffset(days=days)
        span = pd.date_range(begin.tz_convert("UTC"), end.tz_convert("UTC"), freq="h")
        index = pd.DatetimeIndex(span[:-1], name="time").as_unit("ns")
        dates = pd.DatetimeIndex(local_days(index, ZONE)["local_date"])
        years = sorted(set(dates.year))
        free = np.asarray(day_types(dates, holidays_of(COUNTRY, None, years)).codes) > 0
        hour = np.asarray(index.tz_convert(ZONE).hour)
        day = np.unique(dates, return_inverse=True)[1]
        return cls(index, hour, day, free.astype(int), np.asarray(dates.day_of_year) / 365.25)


def temperature_c(days: int, seed: int, *, first: str = "2023-01-01") -> pd.Series:
    """Return the simulated outdoor temperature that all meters share [degC], hourly.

    A wave of the year, one of the day, and weather that lasts for some days.
    """
    return pd.Series(_weather(Clock.of(first, days), seed), Clock.of(first, days).index)


def meters(
    count: int, days: int, seed: int, *, first: str = "2023-01-01", start: int = 0
) -> pd.DataFrame:
    """Simulate household meters.

    Parameters
    ----------
    count : int
        Meters, at least 1.
    days : int
        Whole local days of Europe/Brussels, at least 1. Another number of days is another
        simulation.
    seed : int
        Not negative.
    first : ISO string
        First local day.
    start : int
        Number of the first meter.

    Returns
    -------
    pandas.DataFrame, shape (hours, count), float32
        Mean power [W] from each time stamp on for an hour; UTC index `time`, columns
        `simulated_meter_00000_w` and so on, 0 to 9,200 W, NaN where missing.

    Raises
    ------
    UsageError
        If a number is too small.
    """
    drawn, clock = households(count, seed, start=start), Clock.of(first, days)
    weather = _weather(clock, seed)
    power = np.empty((len(clock.index), count), dtype=np.float32)
    for begin in range(0, count, BLOCK):
        block = drawn.iloc[begin : begin + BLOCK]
        numbers = range(start + begin, start + begin + len(block))
        noises = [Noise.of(seed, number, clock) for number in numbers]
        power[:, begin : begin + len(block)] = _power(block, noises, clock, weather).T
    return pd.DataFrame(power, index=clock.index, columns=list(drawn.index))


@dataclass(frozen=True)
class Noise:
    """What chance adds to one meter.

    Attributes
    ----------
    base, activity : numpy.ndarray, shape (rows,)
        Factors of the base load and of activity.
    wish, size_w : numpy.ndarray, shape (rows,)
        An appliance runs where the wish (0 to 1) is below its probability; its power [W].
    away, missing : numpy.ndarray of bool, shape (rows,)
        Nobody at home; no reading.
    """

    base: np.ndarray
    activity: np.ndarray
    wish: np.ndarray
    size_w: np.ndarray
    away: np.ndarray
    missing: np.ndarray

    @classmethod
    def of(cls, seed: int, number: int, clock: Clock) -> "Noise":
        """Draw the noise of meter `number`, everything in a fixed order."""
        draw, rows = stream(seed, NOISE, number), len(clock.hour)
        mood = _lasting(0.22 * draw.standard_normal(clock.day[-1] + 1), 0.5)[clock.day]
        hourly = _lasting(0.28 * draw.standard_t(4, rows).clip(-8, 8), 0.5)
        years = rows / (365 * 24)
        return cls(
            base=1 + 0.08 * draw.standard_normal(rows).clip(-4, 4),
            activity=np.exp(mood + hourly),
            wish=draw.random(rows),
            size_w=300 + 500 * draw.pareto(2.5, rows),
            away=_stretches(draw, rows, AWAY_PER_YEAR * years, 24 * 5.0),
            missing=_stretches(draw, rows, MISSING_PER_YEAR * years, MISSING_HOURS),
        )


def _weather(clock: Clock, seed: int) -> np.ndarray:
    """Return the temperature [degC] of every row."""
    draw = stream(seed, WEATHER)
    spell = _lasting(1.6 * draw.standard_normal(clock.day[-1] + 1), 0.8)
    rows = np.arange(len(clock.hour)) / 24
    smooth = np.interp(rows, np.arange(len(spell)) + 0.5, spell)
    season = 10.5 - 8.0 * np.cos(2 * np.pi * (clock.year - 0.05))
    return season + 3.2 * np.cos(2 * np.pi * (clock.hour - 15) / 24) + smooth


def _power(
    block: pd.DataFrame, noises: list[Noise], clock: Clock, weather: np.ndarray
) -> np.ndarray:
    """Return the power [W] of a block of meters, shape (meters, rows)."""

    def of(name: str) -> np.ndarray:
        return block[name].to_numpy(dtype=float)[:, None]

    def noise(name: str) -> np.ndarray:
        return np.stack([getattr(one, name) for one in noises])

    home = ~noise("away")
    busy = activity(block)[:, clock.free, clock.hour] * home
    winter = 1 + of("winter") * np.cos(2 * np.pi * (clock.year - 0.02))
    felt = _lasting(weather / 24, 1 - 1 / 24)
    felt += weather[0] * (1 - 1 / 24) ** np.arange(1, len(felt) + 1)
    heating = of("heating_w_per_k") * np.maximum(HEATING_BELOW_C - felt, 0) * (0.5 + 0.5 * home)
    cooling = of("cooling_w_per_k") * np.maximum(weather - COOLING_ABOVE_C, 0) * home
    appliances = noise("size_w") * (noise("wish") < 0.05 * busy)
    power = of("base_w") * noise("base") + of("activity_w") * busy * winter * noise("activity")
    power = np.clip(power + heating + cooling + appliances, 0, FUSE_W)
    return np.where(noise("missing"), np.nan, power)


def _lasting(shocks: np.ndarray, keep: float) -> np.ndarray:
    """Return shocks of which a share is kept from each step to the next."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0], [1.0, -keep], shocks))


def _stretches(
    draw: np.random.Generator, rows: int, expected: float, mean_length: float
) -> np.ndarray:
    """Return where random stretches lie, as a mask of rows; they may overlap and be cut."""
    count = draw.poisson(expected)
    begins = draw.integers(0, rows, count)
    lengths = draw.geometric(1 / mean_length, count)
    mask = np.zeros(rows, dtype=bool)
    for begin, length in zip(begins, lengths, strict=True):
        mask[begin : begin + length] = True
    return mask
