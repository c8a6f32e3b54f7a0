"""An appliance and its request: what it needs, when it may run, and by which rules."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any

import pandas as pd

from lab.errors import UsageError

KINDS = ("continuous", "interruptible", "adjustable")
HOUR = pd.Timedelta(hours=1)
TINY = 1e-9
LEFT_OUT = ("duration_h", "energy_kwh", "max_starts", "value")
NUMBERS = ("power_kw", "min_power_kw", "min_on_h", "min_off_h", *LEFT_OUT)


@dataclass(frozen=True)
class Appliance:
    """One request of one appliance.

    Parameters
    ----------
    name : str
        Unique among the appliances that are planned together.
    power_kw : float
        Power while it runs; of an adjustable one the most it takes [kW].
    earliest, latest : pandas.Timestamp
        It runs within these (time zone aware), across midnight and over days if need be.
    duration_h : float, optional
        Run time [h]; of a continuous or an interruptible appliance.
    energy_kwh : float, optional
        Energy need [kWh]; of an adjustable appliance, instead of a run time.
    kind : str
        `continuous` (one unbroken run), `interruptible` (on or off in every slot) or
        `adjustable` (any power from `min_power_kw` to `power_kw`, or off).
    min_power_kw : float
        Least power of an adjustable appliance that is on [kW].
    min_on_h, min_off_h : float
        Least time of a run, and between two runs [h].
    max_starts : int, optional
        Most runs.
    after : sequence of str
        Appliances that must have finished before it starts.
    group : str, optional
        Of the appliances of one group at most one runs at a time.
    value : float, optional
        What the run is worth [currency]: it may be left out, and runs only if worth it.

    Raises
    ------
    UsageError
        When a name is no text, a number is impossible, when the kind and what is needed do not
        fit, or when the window is shorter than the run.

    Examples
    --------
    >>> evening = pd.Timestamp("2016-05-02 18:00", tz="Europe/Brussels")
    >>> Appliance("dryer", 3.0, evening, evening + pd.Timedelta(hours=14), 1.0).needs_kwh
    3.0
    """

    name: str
    power_kw: float
    earliest: pd.Timestamp
    latest: pd.Timestamp
    duration_h: float | None = None
    energy_kwh: float | None = None
    kind: str = "continuous"
    min_power_kw: float = 0.0
    min_on_h: float = 0.0
    min_off_h: float = 0.0
    max_starts: int | None = None
    after: Sequence[str] = ()
    group: str | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        _names_are_text(self)
        _known_kind(self)
        _numbers_are_numbers(self)
        _possible_numbers(self)
        _what_is_needed(self)
        _window_holds_the_run(self)

    @property
    def needs_kwh(self) -> float:
        """Energy of the whole run [kWh]."""
        if self.energy_kwh is not None:
            return float(self.energy_kwh)
        return float(self.power_kw) * float(self.duration_h or 0.0)

    @property
    def window_h(self) -> float:
        """Length of the window [h]."""
        return float((self.latest - self.earliest) / HOUR)

    @property
    def optional(self) -> bool:
        """Whether it may be left out."""
        return self.value is not None

    @property
    def adjustable(self) -> bool:
        """Whether its power is chosen, not only its time."""
        return self.kind == "adjustable"

    @property
    def ruled(self) -> bool:
        """Whether its runs are bound by a least time on or off, or a number of starts."""
        return self.min_on_h > 0 or self.min_off_h > 0 or self.max_starts is not None


def check_together(appliances: Iterable[Appliance]) -> dict[str, Appliance]:
    """Return appliances by name, in an order in which predecessors come first.

    Raises
    ------
    UsageError
        When there is none, a name comes twice, a predecessor is unknown, or appliances wait
        for each other in a circle.
    """
    given = list(appliances)
    names = [each.name for each in given]
    if not given:
        raise UsageError("At least one appliance is needed, got none.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"Every appliance needs a name of its own; {twice[0]!r} comes twice.")
    for each in given:
        if unknown := [name for name in each.after if name not in names]:
            raise UsageError(f"{each.name!r} runs after {unknown[0]!r}, which is not planned.")
    return _in_order({each.name: each for each in given})


def _in_order(waiting: dict[str, Appliance]) -> dict[str, Appliance]:
    """Return appliances so that every predecessor comes before those that wait for it."""
    ready: dict[str, Appliance] = {}
    while waiting:
        free = [name for name, each in waiting.items() if set(each.after) <= set(ready)]
        if not free:
            circle = ", ".join(repr(name) for name in waiting)
            raise UsageError(f"The appliances {circle} wait for each other in a circle.")
        ready |= {name: waiting.pop(name) for name in free}
    return ready


def zoned(stamp: Any, name: str) -> pd.Timestamp:
    """Return a time stamp that has a time zone, or raise `UsageError`."""
    if not isinstance(stamp, pd.Timestamp) or stamp.tz is None:
        raise UsageError(f"{name} must be a time stamp with a time zone, got {stamp!r}.")
    return stamp


def _names_are_text(item: Appliance) -> None:
    """Refuse names that are no text, and one name where a list of them belongs."""
    if not isinstance(item.name, str) or not isinstance(item.group, str | None):
        raise UsageError(
            f"The name and the group of an appliance must be text, got {item.name!r} and "
            f"{item.group!r}."
        )
    names = item.after
    if isinstance(names, str) or not isinstance(names, Collection):
        raise UsageError(f"after of {item.name!r} must be a list of names, got {names!r}.")


def _known_kind(item: Appliance) -> None:
    """Refuse a kind that does not exist."""
    if item.kind not in KINDS:
        raise UsageError(
            f"The kind of {item.name!r} must be one of {', '.join(KINDS)}, got {item.kind!r}."
        )


def _numbers_are_numbers(item: Appliance) -> None:
    """Refuse text and the like where a number belongs; keep a count as a whole number."""
    for name in NUMBERS:
        value = getattr(item, name)
        left_out = value is None and name in LEFT_OUT
        if not left_out and (isinstance(value, bool) or not isinstance(value, Real)):
            raise UsageError(f"{name} of {item.name!r} must be a number, got {value!r}.")
    if item.max_starts is not None:
        if not (item.max_starts >= 1 and float(item.max_starts).is_integer()):
            raise UsageError(
                f"max_starts of {item.name!r} must be a whole number of at least 1, "
                f"got {item.max_starts}."
            )
        object.__setattr__(item, "max_starts", int(item.max_starts))


def _possible_numbers(item: Appliance) -> None:
    """Refuse powers, times and counts that cannot be."""
    if not (isfinite(item.power_kw) and item.power_kw > 0):
        raise UsageError(f"power_kw of {item.name!r} must be positive, got {item.power_kw}.")
    if not 0 <= item.min_power_kw <= item.power_kw:
        raise UsageError(
            f"min_power_kw of {item.name!r} must lie from 0 to its power of {item.power_kw:g} kW, "
            f"got {item.min_power_kw}."
        )
    for name in ("min_on_h", "min_off_h"):
        if not (isfinite(getattr(item, name)) and getattr(item, name) >= 0):
            raise UsageError(
                f"{name} of {item.name!r} must be 0 or more, got {getattr(item, name)}."
            )
    if item.value is not None and not isfinite(item.value):
        raise UsageError(f"value of {item.name!r} must be a number, got {item.value}.")


def _what_is_needed(item: Appliance) -> None:
    """Ask for a run time, or for an energy where the power is adjustable."""
    wanted, other = (
        ("energy_kwh", "duration_h") if item.adjustable else ("duration_h", "energy_kwh")
    )
    need = getattr(item, wanted)
    if need is None or getattr(item, other) is not None:
        raise UsageError(f"{item.name!r} is {item.kind}, so it needs {wanted} and no {other}.")
    if not (isfinite(need) and need > 0):
        raise UsageError(f"{wanted} of {item.name!r} must be positive, got {need}.")
    if item.kind == "continuous" and item.ruled:
        raise UsageError(
            f"{item.name!r} is continuous, one run without a break: min_on_h, min_off_h and "
            "max_starts are for other kinds."
        )
    if item.adjustable and item.ruled and not item.min_power_kw > 0:
        raise UsageError(
            f"{item.name!r} is adjustable and its runs are bound, so it needs a min_power_kw "
            "above 0: without it nobody can tell when it is on."
        )


def _window_holds_the_run(item: Appliance) -> None:
    """Refuse windows without a zone, or too short."""
    for name in ("earliest", "latest"):
        zoned(getattr(item, name), f"{name} of {item.name!r}")
    run_h = item.needs_kwh / item.power_kw
    if item.window_h < run_h - TINY:
        raise UsageError(
            f"The window of {item.name!r} is {item.window_h:g} h long, shorter than its run of "
            f"{run_h:g} h."
        )
