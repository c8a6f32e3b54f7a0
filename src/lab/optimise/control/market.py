"""One region's prices, minute by minute, with what is known of them beforehand."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lab.checks import floats, whole
from lab.errors import DataError, UsageError
from lab.settings import check_zone

# The day ahead is published at this hour of the local clock for the whole next local day, as
# auctions around noon do.
PUBLISHED_HOUR = 13
# Hours of a day on the clock, and of the horizon of forecasts and plans.
HOURS = 24
USD_PER_KWH = 1 / 1000


@dataclass(frozen=True)
class Market:
    """Prices that one battery meets, equally spaced in time.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by the tz-aware begin of the step. Columns `price` and `level`, the day-ahead
        price of the same minute, both [USD/kWh].
    zone : str
        IANA zone of the local clock.

    Raises
    ------
    DataError
        For an empty table, a missing column, a price that is no number, or steps that are not
        equally spaced.
    UsageError
        For a zone that there is not.
    """

    table: pd.DataFrame
    zone: str = "UTC"

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", _checked(self.table))
        check_zone(self.zone, "a market")

    @classmethod
    def of(cls, prices: pd.Series, levels: pd.Series, zone: str) -> "Market":
        """Return the market of prices and day-ahead levels in USD/MWh."""
        table = _checked(pd.DataFrame({"price": prices, "level": levels}))
        return cls(table * USD_PER_KWH, zone)

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def price(self) -> np.ndarray:
        """Real-time prices [USD/kWh], shape (steps,)."""
        return np.ascontiguousarray(self.table["price"].to_numpy(float))

    @cached_property
    def level(self) -> np.ndarray:
        """Day-ahead prices [USD/kWh], shape (steps,)."""
        return np.ascontiguousarray(self.table["level"].to_numpy(float))

    @property
    def step_h(self) -> float:
        """Length of a step [h]; a minute for a single row."""
        index = self.table.index
        return (index[1] - index[0]) / pd.Timedelta(hours=1) if len(index) > 1 else 1 / 60

    @cached_property
    def local(self) -> pd.DatetimeIndex:
        """Times on the local clock."""
        return pd.DatetimeIndex(self.table.index).tz_convert(self.zone)

    @cached_property
    def hour(self) -> np.ndarray:
        """Hours of the local clock, 0 to 23, shape (steps,)."""
        return self.local.hour.to_numpy(np.int64)

    @cached_property
    def day(self) -> np.ndarray:
        """Number of the local day from the first one on, shape (steps,)."""
        return np.asarray(pd.factorize(self.local.date)[0], dtype=np.int64)

    def days(self, first: int, last: int) -> "Market":
        """Return the local days `first` to `last`, counted from 1, both included.

        Raises
        ------
        UsageError
            If there are no such days.
        """
        first, last, day = whole(first, "The first day"), whole(last, "The last day"), self.day + 1
        if not 1 <= first <= last <= day[-1]:
            raise UsageError(
                f"Days must lie from 1 to {day[-1]} and be in order, got {first} to {last}."
            )
        return Market(self.table[(day >= first) & (day <= last)], self.zone)

    @cached_property
    def worths(self) -> dict[Any, np.ndarray]:
        """Worths of stored energy by what they rest on, see `worth.in_plan`; empty at first."""
        return {}

    @cached_property
    def known_until(self) -> np.ndarray:
        """Number of the first step whose day-ahead price is not yet known.

        Before 13:00 of the local clock that is the next local midnight, from then on the one
        after it; never more than the table holds. Shape (steps,).
        """
        day, hour = self.day, self.hour
        ends = np.append(np.flatnonzero(np.diff(day)) + 1, len(day))
        return ends[np.minimum(day + (hour >= PUBLISHED_HOUR), len(ends) - 1)]


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the two columns as numbers, or refuse them."""
    missing = [name for name in ("price", "level") if name not in table]
    if missing:
        raise DataError(f"The table of prices lacks {' and '.join(missing)}.")
    index = table.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None or len(index) == 0:
        raise DataError(
            "The table of prices needs one tz-aware time per row and at least one row, got "
            f"{type(index).__name__} of {len(index)}."
        )
    steps = np.unique(np.diff(index.asi8))
    if len(steps) > 1 or (len(steps) == 1 and steps[0] <= 0):
        raise DataError(
            "The times of prices must be equally spaced and rising, got "
            f"{len(steps)} different steps."
        )
    columns = {name: floats(table[name], f"The {name}") for name in ("price", "level")}
    for name, values in columns.items():
        bad = ~np.isfinite(values)
        if bad.any():
            raise DataError(
                f"The {name} must be a number in every step, got {int(bad.sum())} that are not, "
                f"the first at {index[bad.argmax()]:%Y-%m-%d %H:%M %Z}."
            )
    return pd.DataFrame(columns, index)
