"""Simulated one-minute prices of four coupled regions of a power market, for methods alone.

A day-ahead price is what a curve of offers asks for the net load that is expected: demand with
a morning and an evening peak and quieter weekends, less sun around noon, less wind. Real-time
prices come off the same curve at the net load that occurs. What was not expected dies away, so
prices revert to the day-ahead level, and swing most where the curve is steep. Regions part
where a line is full: the spread then lasts. Spikes come in clusters and decay. Each local day
has random numbers of its own and nothing looks ahead: the first ten days are the same whether
ten or thirty are simulated. Parameters are plausible and fitted to no data set.

References
----------
Barlow, A diffusion model for electricity prices, Mathematical Finance (2002): demand that
reverts, through a curve of supply. Cartea, Figueroa, Pricing in electricity markets: a mean
reverting jump diffusion model with seasonality (2005), doi:10.1080/13504860500117503.
Christensen, Hurn, Lindsay, Forecasting spikes in electricity prices (2012),
doi:10.1016/j.ijforecast.2011.02.019: spikes cluster. Hawkes, Spectra of some self-exciting and
mutually exciting point processes (1971), doi:10.1093/biomet/58.1.83. Hogan, Contract networks
for electric power transmission (1992), doi:10.1007/BF00133621: energy, losses, congestion.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.simulate.minutes import Clock
from lab.simulate.streams import stream

FIRST = "2023-04-10"
PRICE, DAY_AHEAD = "simulated_price_usd_per_mwh_", "simulated_day_ahead_usd_per_mwh_"
# The kind of random stream, far from those of `streams`.
PRICES = 100

# Net load is in units of the year's peak demand. Sun and wind at their best, and how much less
# is used at weekends: a market with a quarter of its energy from both, in spring.
SUN, WIND, WEEKEND = 0.35, 0.30, 0.92
# The curve of offers, LOW + SCALE exp(STEEP net load) [USD/MWh]: 0 near no net load, 28 at 0.4,
# 75 at 0.75, as gas plants follow on coal and peakers on gas.
LOW, SCALE, STEEP = -25.0, 26.0, 1.8
# What the day ahead does not know. Errors of load, sun and wind last for hours and are some
# percent of the peak; ramps and dispatch last about an interval of five minutes; the weather of
# one region lasts in between. Standard deviation [of the peak] and half-life [min].
SLOW, FAST, LOCAL = (0.05, 120.0), (0.03, 5.0), (0.015, 15.0)
# A full line stays full for this long on average; its price settles within an interval [min].
CONGESTED_MIN, SETTLING_MIN, LIKELIEST = 90.0, 5.0, 0.7
# Spikes: first ones a day at mid load; how many more each brings about, and how soon [min];
# sizes are Pareto, from SMALLEST on [USD/MWh]; half of a size reaches the other regions; they
# decay within one or two intervals as plants answer [min].
SPIKES, OFFSPRING, MEMORY_MIN = 3.0, 0.5, 15.0
SMALLEST, TAIL, REACH, DECAY_MIN = 40.0, 2.0, 0.5, 6.0
# Scarcity makes spikes likelier, by exp(SCARCE net load); below SURPLUS they point downwards.
SCARCE, MIDDLE, SURPLUS = 3.0, 0.45, 0.15
# The cap of offers in the United States (FERC Order 831) and California's floor [USD/MWh].
FLOOR, CAP = -150.0, 2000.0


@dataclass(frozen=True)
class Region:
    """What sets a region apart.

    Attributes
    ----------
    losses : float
        Share of its price that losses add.
    driver : str
        What fills its line: `wind`, `sun` or `demand`; empty for the region of reference.
    above, slope : float
        The line is full with a probability of `slope` times what the driver (0 to 1) exceeds
        `above` by, 0.7 at most.
    spread_usd_per_mwh : float
        Mean congestion while the line is full: below 0 where it leads outwards.
    spikes : float
        Share of the spikes that begin here.
    """

    losses: float
    driver: str
    above: float
    slope: float
    spread_usd_per_mwh: float
    spikes: float


REGIONS = {
    "north": Region(0.0, "", 0.0, 0.0, 0.0, 0.25),
    "east": Region(0.03, "demand", 0.75, 2.0, 15.0, 0.40),
    "south": Region(-0.01, "sun", 0.40, 1.2, -12.0, 0.20),
    "west": Region(-0.02, "wind", 0.50, 1.5, -15.0, 0.15),
}


def real_time_prices(days: int, seed: int, *, first: str = FIRST) -> pd.DataFrame:
    """Simulate one-minute real-time prices and their day-ahead levels.

    Parameters
    ----------
    days : int
        Whole local days of America/Chicago, at least 1. More days go on where fewer end.
    seed : int
        Not negative.
    first : ISO string
        First local day.

    Returns
    -------
    pandas.DataFrame, shape (minutes, 8)
        UTC index `time`, every minute. `simulated_price_usd_per_mwh_<region>`, known once its
        minute has begun, and `simulated_day_ahead_usd_per_mwh_<region>`, the same for all
        minutes of an hour and published the day before; in cents, -150 to 2,000.

    Raises
    ------
    UsageError
        If there is not at least one day, or the seed is negative.
    """
    hidden = Hidden.of(first, days, seed)
    now = {PRICE + name: values for name, values in hidden.prices(0).items()}
    ahead = {DAY_AHEAD + name: values for name, values in hidden.day_ahead().items()}
    return pd.DataFrame(now | ahead, index=hidden.clock.index).clip(FLOOR, CAP).round(2)


def informed(days: int, seed: int, ahead_min: int, *, first: str = FIRST) -> pd.DataFrame:
    """Return what someone who saw through the simulation would forecast: a bound, no model.

    Every error, spike and line as it stands at the issue is known, apart from each other, and
    how it fades; so is the course of the expected net load. What chance adds later is not: no
    further spike, no line that fills or empties.

    Parameters
    ----------
    days, seed, first
        As in `real_time_prices`.
    ahead_min : int
        Minutes from issue to the minute that is forecast.

    Returns
    -------
    pandas.DataFrame
        One column for each region, by minute of the issue; those within `ahead_min` of the end
        are left out.
    """
    hidden = Hidden.of(first, days, seed)
    index = hidden.clock.index[: len(hidden.clock.index) - ahead_min]
    return pd.DataFrame(hidden.prices(ahead_min), index=index).clip(FLOOR, CAP)


@dataclass(frozen=True)
class Hidden:
    """What lies behind the prices, every minute; regions are numbered as in `REGIONS`.

    Attributes
    ----------
    clock : Clock
    expected, slow, fast : numpy.ndarray, shape (minutes,)
        Net load that the day ahead expects, and its errors [of the peak].
    local, spikes : numpy.ndarray, shape (minutes, regions)
        Errors of one region [of the peak]; what spikes add [USD/MWh].
    likely, target, congestion : numpy.ndarray, shape (minutes, regions)
        How likely the line is full; where the price of congestion is heading, and where it is
        [USD/MWh].
    """

    clock: Clock
    expected: np.ndarray
    slow: np.ndarray
    fast: np.ndarray
    local: np.ndarray
    spikes: np.ndarray
    likely: np.ndarray
    target: np.ndarray
    congestion: np.ndarray

    @classmethod
    def of(cls, first: str, days: int, seed: int) -> "Hidden":
        """Simulate."""
        clock = Clock.of(first, days)
        chance = Chance.of(seed, clock)
        drivers = _drivers(clock, chance)
        expected = drivers["demand"] - SUN * drivers["sun"] - WIND * drivers["wind"]
        slow, fast = _lasting(chance.slow, *SLOW), _lasting(chance.fast, *FAST)
        lines = [
            _line(region, drivers, chance.line[:, k], chance.size[:, k])
            for k, region in enumerate(REGIONS.values())
        ]
        likely, target = (np.stack(part, axis=1) for part in zip(*lines, strict=True))
        keep = 0.5 ** (1 / SETTLING_MIN)
        return cls(
            clock,
            expected,
            slow,
            fast,
            _lasting(chance.local, *LOCAL),
            _spikes(expected + slow + fast, chance),
            likely,
            target,
            _decaying((1 - keep) * target, keep),
        )

    def prices(self, ahead_min: int) -> dict[str, np.ndarray]:
        """Return prices so many minutes later if nothing new happens: 0 gives what happens."""
        last = len(self.expected) - ahead_min
        left = {m: 0.5 ** (ahead_min / m) for m in (SLOW[1], FAST[1], LOCAL[1], DECAY_MIN)}
        system = self.expected[ahead_min:] + left[SLOW[1]] * self.slow[:last]
        system = system + left[FAST[1]] * self.fast[:last]
        settled = 1 - 0.5 ** (ahead_min / SETTLING_MIN)
        found = {}
        for k, (name, region) in enumerate(REGIONS.items()):
            energy = offers(system + left[LOCAL[1]] * self.local[:last, k])
            energy = energy + left[DECAY_MIN] * self.spikes[:last, k]
            line = self.congestion[:last, k]
            line = line + settled * (self.target[:last, k] - line)
            found[name] = (1 + region.losses) * energy + line
        return found

    def day_ahead(self) -> dict[str, np.ndarray]:
        """Return the level of every hour: offers at the expected net load, losses, congestion."""
        return {
            name: _hourly_mean(
                (1 + region.losses) * offers(self.expected)
                + region.spread_usd_per_mwh * self.likely[:, k],
                self.clock.hour,
            )
            for k, (name, region) in enumerate(REGIONS.items())
        }


def offers(net_load: np.ndarray) -> np.ndarray:
    """Return the price that the curve of offers asks [USD/MWh].

    Parameters
    ----------
    net_load : numpy.ndarray
        Demand less sun and wind, in units of the year's peak demand.

    Examples
    --------
    >>> offers(np.array([0.0, 0.4, 0.75])).round(1).tolist()
    [1.0, 28.4, 75.3]
    """
    return LOW + SCALE * np.exp(STEEP * net_load)


@dataclass(frozen=True)
class Chance:
    """The random numbers of all days, drawn day by day in a fixed order.

    Attributes
    ----------
    demand, clear : numpy.ndarray, shape (days,)
        Deviation of a day's demand; how clear its sky is, 0 to 1.
    wind, slow, fast : numpy.ndarray, shape (minutes,)
        Standard normal.
    local, line, size : numpy.ndarray, shape (minutes, regions)
        Standard normal; 0 to 1, whether a line changes; its congestion if so, mean 1.
    spike, spike_size, spike_at : numpy.ndarray, shape (minutes,)
        0 to 1, whether there is one; its size [USD/MWh]; its region's number.
    """

    demand: np.ndarray
    clear: np.ndarray
    wind: np.ndarray
    slow: np.ndarray
    fast: np.ndarray
    local: np.ndarray
    line: np.ndarray
    size: np.ndarray
    spike: np.ndarray
    spike_size: np.ndarray
    spike_at: np.ndarray

    @classmethod
    def of(cls, seed: int, clock: Clock) -> "Chance":
        """Draw for every minute of the clock."""
        minutes = np.bincount(clock.day)
        days = [cls._day(stream(seed, PRICES, number), n) for number, n in enumerate(minutes)]
        return cls(*(np.concatenate(parts) for parts in zip(*days, strict=True)))

    @staticmethod
    def _day(draw: np.random.Generator, minutes: int) -> tuple[np.ndarray, ...]:
        each, origins = (minutes, len(REGIONS)), [one.spikes for one in REGIONS.values()]
        return (
            draw.normal(0, 0.03, 1),
            draw.beta(5, 2, 1),
            draw.standard_normal(minutes),
            draw.standard_normal(minutes),
            draw.standard_normal(minutes),
            draw.standard_normal(each),
            draw.random(each),
            draw.gamma(2.0, 0.5, each),
            draw.random(minutes),
            SMALLEST * (1 + draw.pareto(TAIL, minutes)),
            draw.choice(len(REGIONS), minutes, p=origins),
        )


def _drivers(clock: Clock, chance: Chance) -> dict[str, np.ndarray]:
    """Return expected demand, sun and wind of every minute, in units of their largest."""
    demand = 0.55 + _bump(clock.local_h, 8.0, 1.5, 0.12) + _bump(clock.local_h, 13.5, 4.0, 0.12)
    demand += _bump(clock.local_h, 19.5, 2.5, 0.28)
    demand *= np.where(clock.weekend, WEEKEND, 1.0) * (1 + chance.demand[clock.day])
    sun = np.maximum(np.cos(np.pi * (clock.local_h - 13.25) / 13.0), 0.0) ** 1.3
    sun[np.abs(clock.local_h - 13.25) > 6.5] = 0.0
    wind = 1 / (1 + np.exp(-_lasting(chance.wind, 1.0, 720.0)))
    return {"demand": demand, "sun": sun * chance.clear[clock.day], "wind": wind}


def _line(
    region: Region, drivers: dict[str, np.ndarray], drawn: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how likely a region's line is full, and where its congestion is heading.

    A chain of two states; what is drawn as the line fills holds until it empties.
    """
    if not region.driver:
        return np.zeros(len(drawn)), np.zeros(len(drawn))
    likely = np.clip(region.slope * (drivers[region.driver] - region.above), 0.0, LIKELIEST)
    begins = likely / (1 - likely) / CONGESTED_MIN
    full, state = np.empty(len(drawn), dtype=bool), False
    for minute, (number, begin) in enumerate(zip(drawn.tolist(), begins.tolist(), strict=True)):
        state = number >= 1 / CONGESTED_MIN if state else number < begin
        full[minute] = state
    return likely, _held(full, region.spread_usd_per_mwh * size)


def _held(full: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return what was drawn as a line filled, while it is full, else 0."""
    begins = full & ~np.concatenate([[False], full[:-1]])
    latest = np.maximum.accumulate(np.where(begins, np.arange(len(full)), 0))
    return np.where(full, drawn[latest], 0.0)


def _spikes(net_load: np.ndarray, chance: Chance) -> np.ndarray:
    """Return what spikes add to the price [USD/MWh], shape (minutes, regions).

    A self-exciting process: each spike raises the rate of the next ones, the more so the
    sooner.
    """
    rate = SPIKES / 1440 * np.exp(SCARCE * (net_load - MIDDLE))
    fades, raised = np.exp(-1 / MEMORY_MIN), 0.0
    jumps = np.zeros((len(net_load), len(REGIONS)))
    for minute, (number, base) in enumerate(zip(chance.spike.tolist(), rate.tolist(), strict=True)):
        raised *= fades
        if number < base + raised:
            raised += OFFSPRING * (1 - fades)
            size = chance.spike_size[minute] * (-0.5 if net_load[minute] < SURPLUS else 1.0)
            jumps[minute] = REACH * size
            jumps[minute, chance.spike_at[minute]] = size
    return _decaying(jumps, 0.5 ** (1 / DECAY_MIN))


def _decaying(jumps: np.ndarray, keep: float) -> np.ndarray:
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0], [1.0, -keep], jumps, axis=0))


def _lasting(drawn: np.ndarray, deviation: float, half_life_min: float) -> np.ndarray:
    """Return a stationary process that reverts to 0, of standard normal numbers."""
    keep = 0.5 ** (1 / half_life_min)
    shocks = deviation * np.sqrt(1 - keep**2) * drawn
    shocks[0] = deviation * drawn[0]
    return _decaying(shocks, keep)


def _bump(local_h: np.ndarray, at: float, width: float, height: float) -> np.ndarray:
    """Return a rise around an hour of the wall clock, which goes on past midnight."""
    away = np.abs(local_h - at) % 24
    return height * np.exp(-0.5 * (np.minimum(away, 24 - away) / width) ** 2)


def _hourly_mean(values: np.ndarray, hour: np.ndarray) -> np.ndarray:
    return (np.bincount(hour, values) / np.bincount(hour))[hour]
