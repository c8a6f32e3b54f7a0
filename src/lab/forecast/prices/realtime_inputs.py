"""Inputs of forecasts some minutes ahead: what the prices of all regions say at each minute.

A row is one region at one minute. Nothing after that minute is read but the clock and the
day-ahead level, which was published the day before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.calendar import check_utc, in_zone
from lab.errors import DataError, UsageError

STATISTICS = ("mean", "std", "min", "max")
MINUTE_NS = 60 * 10**9


@dataclass(frozen=True)
class Minutes:
    """Prices of all regions, minute by minute, and the day-ahead level beside them.

    Attributes
    ----------
    index : pandas.DatetimeIndex
        UTC, every minute.
    regions : tuple of str
    prices : numpy.ndarray, shape (minutes, regions)
        [currency/MWh].
    day_ahead : numpy.ndarray, shape (minutes and more, regions)
        It may reach further than the prices do.
    """

    index: pd.DatetimeIndex
    regions: tuple[str, ...]
    prices: np.ndarray
    day_ahead: np.ndarray

    @classmethod
    def of(cls, prices: pd.DataFrame, day_ahead: pd.DataFrame) -> "Minutes":
        """Return the arrays of two tables with one column for each region.

        Raises
        ------
        DataError
            If a table is not in UTC, lacks a minute or a value, or the two differ in regions
            or in their first minute.
        """
        for name, table in (("prices", prices), ("day-ahead level", day_ahead)):
            _check(name, table)
        same = list(prices.columns) == list(day_ahead.columns)
        if not same or prices.index[0] != day_ahead.index[0] or len(day_ahead) < len(prices):
            raise DataError(
                "Prices and day-ahead level need the same regions and first minute, and the level "
                f"must reach as far; got {', '.join(map(str, prices))} from {prices.index[0]} to "
                f"{prices.index[-1]} and {', '.join(map(str, day_ahead))} from "
                f"{day_ahead.index[0]} to {day_ahead.index[-1]}."
            )
        regions = tuple(str(name) for name in prices)
        index = pd.DatetimeIndex(prices.index)
        return cls(index, regions, prices.to_numpy(float), day_ahead.to_numpy(float))

    def moved(self, minutes: int) -> np.ndarray:
        """Return prices so many minutes earlier (below 0: later), NaN where there are none."""
        return _moved(self.prices, minutes)

    def level(self, ahead: int) -> np.ndarray:
        """Return the day-ahead level `ahead` minutes later, NaN beyond what is published."""
        return _later(self.day_ahead, ahead, len(self.prices))

    def course(self, ahead: int) -> np.ndarray:
        """Return the day-ahead level drawn as a line from one hour's middle to the next's.

        A level of whole hours jumps where demand and sun change steadily.
        """
        count, begun = len(self.day_ahead), int(self.index[0].minute)
        middle = np.arange(30 - begun, count, 60)
        middle = middle[middle >= 0]
        if not len(middle):
            return self.level(ahead)
        minutes = np.arange(count)
        drawn = [np.interp(minutes, middle, one[middle]) for one in self.day_ahead.T]
        return _later(np.stack(drawn, axis=1), ahead, len(self.prices))


@dataclass(frozen=True)
class RealtimeInputs:
    """Which inputs a forecast sees.

    Attributes
    ----------
    lags_min, windows_min : sequence of int
        Lags and rolling windows of the region's own price [min]; windows end with the minute
        of the issue.
    others_min : sequence of int
        Lags of the price changes of every region.
    zone : str
        IANA zone of the time of day.
    day_ahead : bool
        Whether the day-ahead level is an input.
    shared : bool
        Whether the movement that all regions share is set apart from that of one, both about
        the course of the day-ahead level.
    """

    lags_min: Sequence[int] = (1, 5, 10, 15, 30, 60)
    windows_min: Sequence[int] = (5, 10, 15, 30, 60)
    others_min: Sequence[int] = (1, 5, 15)
    zone: str = "UTC"
    day_ahead: bool = True
    shared: bool = True

    def __post_init__(self) -> None:
        """Refuse lags below a minute and windows without a spread."""
        lags = (*self.lags_min, *self.others_min)
        if min(lags, default=0) < 1 or min(self.windows_min, default=0) < 2:
            raise UsageError(
                "Inputs need at least one lag from 1 minute and one window from 2 minutes on, got "
                f"lags {list(lags)} and windows {list(self.windows_min)}."
            )

    @property
    def history_min(self) -> int:
        """Minutes that must lie before an issue."""
        return max(*self.lags_min, *self.others_min, *self.windows_min)

    def names(self, regions: Sequence[str]) -> list[str]:
        """Return the names of all inputs in the order of their columns."""
        return [
            "price",
            *(f"lag_{k}min" for k in self.lags_min),
            *(f"{name}_{k}min" for k in self.windows_min for name in STATISTICS),
            *(f"spread_to_{name}" for name in regions),
            *(f"change_{k}min_{name}" for k in self.others_min for name in regions),
            *("day_sin", "day_cos", "minute_of_hour", "weekend", "region"),
            *(self._shared_names() if self.shared else ()),
            *(("from_level", "to_level", "level_in_1h") if self.day_ahead else ()),
            *(("course",) if self.shared else ()),
        ]

    def common(self, market: Minutes) -> np.ndarray:
        """Return what is the same for all horizons, shape (minutes, regions, inputs), float32."""
        columns = [market.prices, *self._own(market), *_others(market, self.others_min)]
        columns += _clock(market, self.zone) + (self._apart(market) if self.shared else [])
        return np.stack(columns, axis=-1).astype(np.float32)

    def levels(self, market: Minutes, horizon: int) -> np.ndarray:
        """Return what the day-ahead level says of a horizon, shape (minutes, regions, 0 to 4).

        How far the present price lies from it, the way from the price to the level at the
        minute that is forecast, how the level changes within an hour, and its course until then.
        """
        now, then, later = (market.level(ahead) for ahead in (0, horizon, 60))
        columns = [market.prices - now, then - market.prices, later - now] if self.day_ahead else []
        if self.shared:
            columns.append(market.course(horizon) - market.course(0))
        whole = np.stack(columns, axis=-1) if columns else np.empty((*market.prices.shape, 0))
        return whole.astype(np.float32)

    def _shared_names(self) -> list[str]:
        windows = [f"shared_from_mean_{k}min" for k in self.windows_min]
        return ["shared", "apart", *windows, f"apart_from_mean_{max(self.windows_min)}min"]

    def _apart(self, market: Minutes) -> list[np.ndarray]:
        """Return the movement that all regions share, that of one, and both against their means."""
        away = market.prices - market.course(0)
        shared = np.median(away, axis=1, keepdims=True)
        apart = away - shared
        windows = [shared - _trailing_mean(shared, k) for k in self.windows_min]
        alike = [np.broadcast_to(one, away.shape) for one in (shared, *windows)]
        return [alike[0], apart, *alike[1:], apart - _trailing_mean(apart, max(self.windows_min))]

    def _own(self, market: Minutes) -> list[np.ndarray]:
        """Return lags and rolling statistics; all but spreads as they lie to the present price."""
        found = [market.moved(k) - market.prices for k in self.lags_min]
        frame = pd.DataFrame(market.prices)
        for minutes in self.windows_min:
            rolling = frame.rolling(minutes)
            for name in STATISTICS:
                values = getattr(rolling, name)().to_numpy()
                found.append(values if name == "std" else values - market.prices)
        return found


def _others(market: Minutes, lags: Sequence[int]) -> list[np.ndarray]:
    """Return how far every region's price lies from the own one, and how each has changed."""
    shape, prices = market.prices.shape, market.prices
    spreads = [prices[:, [k]] - prices for k in range(shape[1])]
    changes = [prices - market.moved(lag) for lag in lags]
    return spreads + [
        np.broadcast_to(change[:, [k]], shape) for change in changes for k in range(shape[1])
    ]


def _clock(market: Minutes, zone: str) -> list[np.ndarray]:
    """Return time of day, minute of the hour, weekend and the region's number."""
    local, shape = in_zone(market.index, zone), market.prices.shape
    angle = 2 * np.pi * np.asarray(local.hour * 60 + local.minute) / 1440
    of_time = [np.sin(angle), np.cos(angle), local.minute, local.weekday >= 5]
    columns = [np.broadcast_to(np.asarray(one, dtype=float)[:, None], shape) for one in of_time]
    return [*columns, np.broadcast_to(np.arange(shape[1], dtype=float), shape)]


def _trailing_mean(values: np.ndarray, minutes: int) -> np.ndarray:
    return pd.DataFrame(values).rolling(minutes).mean().to_numpy()


def _later(values: np.ndarray, ahead: int, count: int) -> np.ndarray:
    """Return `count` rows from row `ahead` on, NaN beyond the end."""
    found = values[ahead : ahead + count]
    return np.concatenate([found, np.full((count - len(found), values.shape[1]), np.nan)])


def _moved(values: np.ndarray, minutes: int) -> np.ndarray:
    found = np.full(values.shape, np.nan)
    if minutes >= 0:
        found[minutes:] = values[: len(values) - minutes]
    else:
        found[:minutes] = values[-minutes:]
    return found


def _check(name: str, table: pd.DataFrame) -> None:
    """Refuse a table that is not one row for every minute, in UTC and without gaps."""
    index = check_utc(table.index)
    steps = np.diff(index.as_unit("ns").asi8)
    if not len(index) or (steps != MINUTE_NS).any():
        wrong = np.flatnonzero(steps != MINUTE_NS)
        where = f" after {index[wrong[0]]}" if len(wrong) else ""
        raise DataError(f"The {name} must have a row for every minute, got {len(index)}{where}.")
    missing = ~np.isfinite(table.to_numpy(dtype=float)).all(axis=1)
    if missing.any():
        raise DataError(
            f"The {name} must have a value in every minute; {int(missing.sum())} lack one, the "
            f"first is {index[missing][0]}."
        )
