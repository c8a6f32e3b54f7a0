"""A battery: what it holds, how fast it moves energy, what it loses and what it may not do."""

import math
from dataclasses import dataclass

from lab.checks import setting


@dataclass(frozen=True)
class Battery:
    """A battery with constant power limits and efficiencies.

    Attributes
    ----------
    capacity_kwh : float
        Energy between empty and full [kWh].
    charge_kw, discharge_kw : float
        Greatest power at the terminals [kW]; `discharge_kw` is `charge_kw` unless given.
    charge_efficiency, discharge_efficiency : float
        One-way efficiencies, over 0 to 1 [1].
    self_discharge_per_hour : float
        Share of the held energy that is lost in an hour, 0 to below 1 [1].
    soc_min, soc_max : float
        Limits of the state of charge, 0 to 1 [1].
    soc_start : float
        State of charge before the first step [1].
    soc_end : float, optional
        State of charge after the last step [1]; free where None.
    wear_per_kwh : float
        Cost of a kWh of throughput, charged and discharged at the terminals [currency/kWh].
    cycles_per_day : float, optional
        Most energy discharged in a local day, as a multiple of the capacity [1]; no cap where None.
    name : str

    Raises
    ------
    UsageError
        For a value outside its range, in one sentence that names it.

    Examples
    --------
    >>> Battery(capacity_kwh=10, charge_kw=5, charge_efficiency=0.9).usable_kwh
    10.0
    >>> Battery(capacity_kwh=-2, charge_kw=5)
    Traceback (most recent call last):
    lab.errors.UsageError: capacity_kwh of battery 'battery' must be above 0, got -2.
    """

    capacity_kwh: float
    charge_kw: float
    discharge_kw: float | None = None
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    self_discharge_per_hour: float = 0.0
    soc_min: float = 0.0
    soc_max: float = 1.0
    soc_start: float = 0.0
    soc_end: float | None = None
    wear_per_kwh: float = 0.0
    cycles_per_day: float | None = None
    name: str = "battery"

    def __post_init__(self) -> None:
        if self.discharge_kw is None:
            object.__setattr__(self, "discharge_kw", self.charge_kw)
        for item in ("capacity_kwh", "charge_kw", "discharge_kw"):
            self._lies(item, 0, open_low=True)
        for item in ("charge_efficiency", "discharge_efficiency"):
            self._lies(item, 0, 1, open_low=True)
        self._lies("self_discharge_per_hour", 0, 1, open_high=True)
        self._lies("wear_per_kwh", 0)
        self._lies("soc_min", 0, 1, open_high=True)
        self._lies("soc_max", self.soc_min, 1, open_low=True)
        for item in ("soc_start", *(() if self.soc_end is None else ("soc_end",))):
            self._lies(item, self.soc_min, self.soc_max)
        if self.cycles_per_day is not None:
            self._lies("cycles_per_day", 0, open_low=True)

    def _lies(self, item: str, low: float, high: float = math.inf, **ends: bool) -> None:
        """Refuse a value outside its range."""
        setting(getattr(self, item), f"{item} of battery {self.name!r}", low, high, **ends)

    @property
    def usable_kwh(self) -> float:
        """Energy between the limits of the state of charge [kWh]."""
        return float((self.soc_max - self.soc_min) * self.capacity_kwh)

    @property
    def round_trip(self) -> float:
        """Share of the energy taken that can be given back [1]."""
        return self.charge_efficiency * self.discharge_efficiency

    def kept(self, hours: float) -> float:
        """Share of the held energy that is left after some hours [1]."""
        return float((1 - self.self_discharge_per_hour) ** hours)
