"""Where appliances run: prices, carbon, the rest of the house, its PV and its connection."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lab.calendar import check_utc
from lab.checks import floats, setting
from lab.errors import DataError, UsageError
from lab.optimise.appliances.appliance import HOUR, TINY, Appliance

COLUMNS = ("price_per_kwh", "export_price_per_kwh", "carbon_kg_per_kwh", "load_kw", "pv_kw")


@dataclass(frozen=True, eq=False)
class Site:
    """Slots of one length with what holds in each of them.

    Parameters
    ----------
    table : pandas.DataFrame
        UTC index of equal steps (slot starts). `price_per_kwh` (of what is drawn from the
        grid) [currency/kWh]; where not given, `export_price_per_kwh` (paid for what is fed
        in) [currency/kWh], `carbon_kg_per_kwh` [kg/kWh], `load_kw` (the rest of the house)
        [kW] and `pv_kw` [kW] are 0.
    limit_kw : float, optional
        Most that may be drawn from the grid at a time [kW].

    Raises
    ------
    DataError
        When a column is missing or unknown, a value is missing, steps differ, or a load, PV
        power or carbon intensity is negative.
    UsageError
        When the limit is not positive.
    """

    table: pd.DataFrame
    limit_kw: float | None = None

    def __post_init__(self) -> None:
        _check_table(self.table)
        if self.limit_kw is not None:
            setting(self.limit_kw, "limit_kw", 0, open_low=True)

    @cached_property
    def index(self) -> pd.DatetimeIndex:
        """Slot starts, UTC."""
        return pd.DatetimeIndex(self.table.index).as_unit("ns")

    @property
    def slots(self) -> int:
        """How many slots there are."""
        return len(self.table)

    @cached_property
    def step_h(self) -> float:
        """Length of a slot [h]."""
        return float((self.index[1] - self.index[0]) / HOUR)

    def values(self, column: str) -> np.ndarray:
        """Return a column as numbers, 0 where it is not given."""
        if column not in self.table:
            return np.zeros(self.slots)
        return self.table[column].to_numpy(float)

    @cached_property
    def surplus_kw(self) -> np.ndarray:
        """PV that the rest of the house does not use [kW]."""
        return np.maximum(self.values("pv_kw") - self.values("load_kw"), 0.0)

    @cached_property
    def room_kw(self) -> np.ndarray:
        """Power that appliances may take in each slot [kW]; infinite without a limit."""
        if self.limit_kw is None:
            return np.full(self.slots, np.inf)
        rest = self.limit_kw - self.values("load_kw") + self.values("pv_kw")
        return np.maximum(rest, 0.0)

    def position(self, stamp: pd.Timestamp) -> float:
        """Return a time in slots since the first one's start."""
        return float((stamp.tz_convert("UTC") - self.index[0]) / HOUR) / self.step_h

    def window(self, item: Appliance) -> tuple[int, int]:
        """Return the first slot of a window and the one after its last.

        Raises
        ------
        DataError
            When the prices end before the window does, or begin after it.
        UsageError
            When the whole slots of the window are fewer than the run needs.
        """
        first = int(np.ceil(self.position(item.earliest) - 1e-6))
        last = int(np.floor(self.position(item.latest) + 1e-6))
        if first < 0 or last > self.slots:
            end = self.index[-1] + pd.Timedelta(hours=self.step_h)
            raise DataError(
                f"The window of {item.name!r}, {item.earliest} to {item.latest}, reaches beyond "
                f"the prices, {self.index[0]} to {end}."
            )
        if last - first < self.steps(item):
            raise UsageError(
                f"The window of {item.name!r} holds {max(last - first, 0)} whole slots, its run "
                f"needs {self.steps(item)}."
            )
        return first, last

    def steps(self, item: Appliance) -> int:
        """Return the slots of a run; of an adjustable appliance, the least that suffice.

        Raises
        ------
        UsageError
            When the run time is no whole number of slots, or an adjustable appliance takes more
            than it needs even at its least power.
        """
        exact = item.needs_kwh / item.power_kw / self.step_h
        if item.adjustable:
            count = int(np.ceil(exact - 1e-6))
            least_kwh = item.min_power_kw * count * self.step_h
            if least_kwh > item.needs_kwh + TINY:
                raise UsageError(
                    f"{item.name!r} needs {item.needs_kwh:g} kWh, but at its min_power_kw of "
                    f"{item.min_power_kw:g} kW it takes {least_kwh:g} kWh even in the fewest slots "
                    f"of {self.step_h:g} h."
                )
            return count
        if abs(exact - round(exact)) > 1e-6:
            raise UsageError(
                f"duration_h of {item.name!r} must be a whole number of slots of "
                f"{self.step_h:g} h, got {item.duration_h}."
            )
        return round(exact)

    def least_steps(self, hours: float) -> int:
        """Return the slots that a least time on or off takes, rounded up."""
        return int(np.ceil(hours / self.step_h - 1e-6))

    def bill(self, appliances_kw: Any) -> "Bill":
        """Return what the site pays and emits with some power of appliances [kW], (slots,)."""
        net = np.asarray(appliances_kw, float) + self.values("load_kw") - self.values("pv_kw")
        drawn, fed = np.maximum(net, 0.0), np.maximum(-net, 0.0)
        money = drawn @ self.values("price_per_kwh") - fed @ self.values("export_price_per_kwh")
        return Bill(
            cost=float(money) * self.step_h,
            carbon_kg=float(drawn @ self.values("carbon_kg_per_kwh")) * self.step_h,
            import_kwh=float(drawn.sum()) * self.step_h,
            export_kwh=float(fed.sum()) * self.step_h,
            peak_kw=float(drawn.max()),
        )

    def added(self, appliances_kw: Any) -> "Bill":
        """Return what appliances add to the bill; the peak is the whole site's."""
        with_them, without = self.bill(appliances_kw), self.bill(np.zeros(self.slots))
        return Bill(
            cost=with_them.cost - without.cost,
            carbon_kg=with_them.carbon_kg - without.carbon_kg,
            import_kwh=with_them.import_kwh - without.import_kwh,
            export_kwh=with_them.export_kwh - without.export_kwh,
            peak_kw=with_them.peak_kw,
        )


@dataclass(frozen=True)
class Bill:
    """What a schedule costs.

    Attributes
    ----------
    cost : float
        Drawn energy at its price less fed energy at the export price [currency].
    carbon_kg : float
        Of drawn energy; fed energy earns none [kg].
    import_kwh, export_kwh : float
        [kWh]
    peak_kw : float
        Most that is drawn in a slot [kW].
    """

    cost: float
    carbon_kg: float
    import_kwh: float
    export_kwh: float
    peak_kw: float


def in_slots(values: pd.Series, step: pd.Timedelta | str) -> pd.Series:
    """Return values of longer steps, each held through its shorter slots.

    Parameters
    ----------
    values : pandas.Series
        UTC index of equal steps, such as hourly prices.
    step : Timedelta or str
        Length of a slot, a whole part of the step.

    Raises
    ------
    DataError
        When there are fewer than two values, or steps differ.
    UsageError
        When the length cannot be read, or is no whole part of the step.

    Examples
    --------
    >>> hours = pd.date_range("2016-05-01", periods=2, freq="h", tz="UTC")
    >>> in_slots(pd.Series([1.0, 2.0], hours), "30min").tolist()
    [1.0, 1.0, 2.0, 2.0]
    """
    index, width = equal_steps(values.index, "The values"), _width(step)
    long = index[1] - index[0]
    if long % width != pd.Timedelta(0):
        raise UsageError(f"A slot of {width} is no whole part of the step of {long}.")
    fine = pd.date_range(index[0], index[-1] + long, freq=width, inclusive="left")
    return pd.Series(np.repeat(values.to_numpy(float), long // width), fine, name=values.name)


def equal_steps(index: pd.Index, what: str) -> pd.DatetimeIndex:
    """Return time stamps in UTC, two or more, in equal steps and in order, or raise `DataError`."""
    stamps = check_utc(index)
    if len(stamps) < 2 or np.ptp(np.diff(stamps.asi8)) != 0 or stamps[1] <= stamps[0]:
        raise DataError(f"{what} must be two or more, in equal steps and in order.")
    return stamps


def powers_of(
    schedule: pd.DataFrame, names: Iterable[str], index: pd.DatetimeIndex
) -> dict[str, np.ndarray]:
    """Return the power of appliances [kW] from a schedule on some slots.

    Raises
    ------
    DataError
        When the schedule lacks an appliance, or has other slots.
    """
    wanted = list(names)
    if missing := [name for name in wanted if name not in schedule]:
        raise DataError(f"The schedule has no column of the appliance {missing[0]!r}.")
    if not index.equals(schedule.index):
        raise DataError(
            f"The schedule must have the {len(index)} slots from {index[0]} on, got "
            f"{len(schedule)} others."
        )
    return {name: floats(schedule[name], f"Powers of {name!r}") for name in wanted}


def _width(step: pd.Timedelta | str) -> pd.Timedelta:
    """Return the length of a slot."""
    try:
        width = pd.Timedelta(step)
    except (TypeError, ValueError):
        width = pd.NaT
    if not width > pd.Timedelta(0):
        raise UsageError(f"The length of a slot must be positive, such as '15min'; got {step!r}.")
    return width


def _check_table(table: pd.DataFrame) -> None:
    """Refuse what is no complete table of a site."""
    if "price_per_kwh" not in table or set(table) - set(COLUMNS):
        got = ", ".join(map(str, table)) or "none"
        raise DataError(
            f"A site needs the column price_per_kwh and knows {', '.join(COLUMNS[1:])}; got {got}."
        )
    index = equal_steps(table.index, "The slots of a site")
    for name in table:
        values = floats(table[name], name)
        if not np.isfinite(values).all():
            where = index[np.flatnonzero(~np.isfinite(values))[0]]
            raise DataError(f"{name} has no value at {where}; every slot needs one.")
        if name in COLUMNS[2:] and values.min() < -TINY:
            where = index[int(values.argmin())]
            raise DataError(f"{name} must be 0 or more, got {values.min():g} at {where}.")
