"""Where a search looks: named ranges, each checked when it is made."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.errors import UsageError

if TYPE_CHECKING:
    import optuna

KINDS = ("log", "float", "int", "log_int")


@dataclass(frozen=True)
class Range:
    """The values that one hyperparameter may take.

    Parameters
    ----------
    kind : str
        `float` or `int`, evenly; `log` or `log_int`, evenly in the logarithm.
    low, high : float
        Both included.

    Raises
    ------
    UsageError
        If the kind is unknown, the ends are out of order, or a logarithmic range is not
        above 0.
    """

    kind: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"A range is one of {', '.join(KINDS)}, got {self.kind!r}.")
        if not self.low < self.high or not math.isfinite(self.high - self.low):
            raise UsageError(f"A range must go up, got {self.low} to {self.high}.")
        if self.kind.startswith("log") and self.low <= 0:
            raise UsageError(f"A logarithmic range must begin above 0, got {self.low}.")

    def suggest(self, trial: "optuna.Trial", name: str) -> float | int:
        """Return a value that the sampler proposes."""
        log = self.kind.startswith("log")
        if self.kind.endswith("int"):
            return trial.suggest_int(name, int(self.low), int(self.high), log=log)
        return trial.suggest_float(name, self.low, self.high, log=log)

    def holds(self, value: float) -> bool:
        """Return whether a value lies in the range."""
        return bool(self.low <= value <= self.high)


Space = Mapping[str, Range]


def space_of(ranges: Mapping[str, Any]) -> dict[str, Range]:
    """Return the space that params.yaml describes: name to `[kind, low, high]`.

    Raises
    ------
    UsageError
        If an entry is not a kind and two numbers.

    Examples
    --------
    >>> space_of({"trees": ["int", 50, 300]})
    {'trees': Range(kind='int', low=50, high=300)}
    """
    found = {}
    for name, told in ranges.items():
        if not (isinstance(told, list | tuple) and len(told) == 3):
            raise UsageError(f"The range of {name!r} must be [kind, low, high], got {told!r}.")
        found[name] = Range(*told)
    return found
