"""What stands in a microgrid: nodes, lines, generators, stores, flexible demand, the grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.checks import setting
from lab.errors import DataError, UsageError

Series = np.ndarray | Sequence[float]
# Charge and discharge in an hour, as a share of the capacity: the project's specification.
HOURLY_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class Node:
    """A place where power arrives and leaves.

    Attributes
    ----------
    name : str
    load_kw : array, shape (hours,)
        Demand that does not move [kW].
    value_of_lost_load_usd_per_kwh : float, optional
        What a kWh that is asked for and not served costs here [USD/kWh]; without it nothing may
        be shed.
    """

    name: str
    load_kw: Series
    value_of_lost_load_usd_per_kwh: float | None = None

    def __post_init__(self) -> None:
        _series(self, "load_kw", least=0.0)
        if self.value_of_lost_load_usd_per_kwh is not None:
            _not_negative(self, "value_of_lost_load_usd_per_kwh")


@dataclass(frozen=True)
class Line:
    """A line between two nodes, the same in both directions.

    Attributes
    ----------
    name, start, end : str
        Own name and those of the nodes.
    capacity_kw : float
        Most power that enters it at either end [kW].
    loss_share : float
        Share of what enters that does not arrive [1], 0 to below 1.
    """

    name: str
    start: str
    end: str
    capacity_kw: float
    loss_share: float = 0.0

    def __post_init__(self) -> None:
        _not_negative(self, "capacity_kw")
        _number(self, "loss_share", low=0, high=1, open_high=True)
        if self.start == self.end:
            raise UsageError(f"{_called(self)} must join two nodes, got {self.start!r} twice.")


@dataclass(frozen=True, eq=False)
class Generator:
    """A generator: dispatchable at a cost, or renewable and curtailed at will.

    Attributes
    ----------
    name, node : str
    available_kw : float or array, shape (hours,)
        Most power it gives [kW]: one number, or what sun and wind allow hour by hour.
    cost_usd_per_kwh : float
        Cost of what it gives [USD/kWh].
    renewable : bool
        Whether its power counts as renewable.
    carbon_kg_per_kwh : float
        Carbon of what it gives [kg/kWh].
    """

    name: str
    node: str
    available_kw: float | Series
    cost_usd_per_kwh: float = 0.0
    renewable: bool = False
    carbon_kg_per_kwh: float = 0.0

    def __post_init__(self) -> None:
        if np.ndim(self.available_kw):
            _series(self, "available_kw", least=0.0)
        else:
            _not_negative(self, "available_kw")
        _number(self, "cost_usd_per_kwh")
        _not_negative(self, "carbon_kg_per_kwh")


@dataclass(frozen=True)
class Store:
    """A battery, or any other store of electricity.

    Attributes
    ----------
    name, node : str
    capacity_kwh : float
    hourly_share : float
        Most that is charged or discharged in an hour, measured at the node, as a share of the
        capacity [1/h].
    charge_efficiency, discharge_efficiency : float
        One way [1], above 0 and up to 1.
    kept_per_hour : float
        Share of the stored energy that is still there after an hour [1].
    soc_min, soc_max : float
        Limits of the state of charge [1].
    initial_soc : float
        At the start [1].
    final_soc : float, optional
        Least at the end [1]; as much as at the start when omitted.
    wear_usd_per_kwh : float
        Cost of every kWh discharged [USD/kWh].
    """

    name: str
    node: str
    capacity_kwh: float
    hourly_share: float = HOURLY_SHARE
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95
    kept_per_hour: float = 1.0
    soc_min: float = 0.0
    soc_max: float = 1.0
    initial_soc: float = 0.5
    final_soc: float | None = None
    wear_usd_per_kwh: float = 0.0

    def __post_init__(self) -> None:
        _not_negative(self, "capacity_kwh", "hourly_share", "wear_usd_per_kwh")
        _number(self, "charge_efficiency", "discharge_efficiency", low=0, high=1, open_low=True)
        _share(self, "kept_per_hour", "soc_min", "soc_max")
        if self.soc_min > self.soc_max:
            raise UsageError(
                f"{_called(self)}: soc_min must not lie above soc_max, got {self.soc_min:g} above "
                f"{self.soc_max:g}."
            )
        ends = ("initial_soc",) if self.final_soc is None else ("initial_soc", "final_soc")
        _number(self, *ends, low=self.soc_min, high=self.soc_max)

    @property
    def power_kw(self) -> float:
        """Most power in and out, at the node [kW]."""
        return self.hourly_share * self.capacity_kwh

    @property
    def last_soc(self) -> float:
        """Least state of charge at the end [1]."""
        return self.initial_soc if self.final_soc is None else self.final_soc


@dataclass(frozen=True, eq=False)
class FlexibleDemand:
    """Demand that may wait or come early: what is moved is given back in the same window.

    Attributes
    ----------
    name, node : str
    baseline_kw : array, shape (hours,)
        What is asked for if nothing moves [kW].
    less_share : float
        Share of the baseline that may be left out in an hour [1].
    more_kw : float
        Most that may be taken beyond the baseline [kW].
    cost_usd_per_kwh : float
        Cost of every kWh moved [USD/kWh].
    window_hours : float, optional
        Length of the windows, one after the other from the first hour [h]; local days when
        omitted.
    """

    name: str
    node: str
    baseline_kw: Series
    less_share: float = 1.0
    more_kw: float = 0.0
    cost_usd_per_kwh: float = 0.0
    window_hours: float | None = None

    def __post_init__(self) -> None:
        _series(self, "baseline_kw", least=0.0)
        _share(self, "less_share")
        _not_negative(self, "more_kw", "cost_usd_per_kwh")
        if self.window_hours is not None:
            _number(self, "window_hours", low=0, open_low=True)


@dataclass(frozen=True, eq=False)
class GridConnection:
    """A way to the public grid, with a price for each direction.

    Attributes
    ----------
    name, node : str
    import_kw, export_kw : float
        Most power from and to the grid [kW].
    import_price_usd_per_kwh, export_price_usd_per_kwh : array, shape (hours,)
        Prices [USD/kWh]; negative ones are allowed, but the export price may nowhere lie above the
        import price, or buying and selling the same kWh would pay.
    carbon_kg_per_kwh : array, shape (hours,), optional
        Carbon of what is imported [kg/kWh]; none when omitted.
    """

    name: str
    node: str
    import_kw: float
    export_kw: float
    import_price_usd_per_kwh: Series
    export_price_usd_per_kwh: Series
    carbon_kg_per_kwh: Series | None = None

    def __post_init__(self) -> None:
        _not_negative(self, "import_kw", "export_kw")
        _series(self, "import_price_usd_per_kwh")
        _series(self, "export_price_usd_per_kwh")
        bought = np.asarray(self.import_price_usd_per_kwh)
        sold = np.asarray(self.export_price_usd_per_kwh)
        if self.carbon_kg_per_kwh is None:
            object.__setattr__(self, "carbon_kg_per_kwh", np.zeros(len(bought)))
        _series(self, "carbon_kg_per_kwh")
        if len(bought) == len(sold) and (sold > bought).any():
            at = int(np.argmax(sold > bought))
            raise UsageError(
                f"{_called(self)} cannot pay more for export than import costs, got {sold[at]:g} "
                f"above {bought[at]:g} USD/kWh in hour {at}."
            )

    @property
    def rating_kw(self) -> float:
        """Net load at which the stability score is 0 [kW]: the larger of both limits."""
        return max(self.import_kw, self.export_kw)


WORDS = {
    "GridConnection": "Grid connection",
    "FlexibleDemand": "Flexible demand",
}


def _called(part: Any) -> str:
    """Return how a sentence begins that is about a part."""
    kind = type(part).__name__
    return f"{WORDS.get(kind, kind)} {part.name!r}"


def _number(
    part: Any,
    *keys: str,
    low: float = -np.inf,
    high: float = np.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> None:
    ends = {"open_low": open_low, "open_high": open_high}
    for key in keys:
        setting(getattr(part, key), f"{_called(part)}: {key}", low, high, **ends)


def _not_negative(part: Any, *keys: str) -> None:
    _number(part, *keys, low=0)


def _share(part: Any, *keys: str) -> None:
    _number(part, *keys, low=0, high=1)


def _series(part: Any, key: str, least: float = -np.inf) -> None:
    """Keep a series as an array that nobody changes, if it has a number in every hour."""
    try:
        values = np.array(getattr(part, key), dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"{_called(part)}: {key} must hold numbers alone ({error}).") from error
    if values.ndim != 1:
        raise DataError(f"{_called(part)}: {key} must be one row of hours, got {values.ndim} axes.")
    missing = ~np.isfinite(values)
    if missing.any():
        raise DataError(
            f"{_called(part)}: {key} must be a number in every hour, but {missing.sum()} of "
            f"{len(values)} are missing, the first in hour {int(np.argmax(missing))}."
        )
    if (values < least).any():
        at = int(np.argmax(values < least))
        raise DataError(
            f"{_called(part)}: {key} must be {least:g} or more, got {values[at]:g} in hour {at}."
        )
    values.flags.writeable = False
    object.__setattr__(part, key, values)
