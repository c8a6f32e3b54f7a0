"""What a network learns instead of the target itself, and the way back.

An outcome is a frozen value with `forward`, `back` and `aside`: the names of inputs that
belong to the outcome and are not shown to the network. All need `base`, the usual value of
the target on the outcome's scale. Quantiles survive each way back: it is increasing.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from lab.forecast.inputs import log_demand
from lab.forecast.model import Stacked
from lab.forecast.profile import from_scale, to_scale


class Outcome(Protocol):
    """The way from a target to what is learned, and back."""

    @property
    def aside(self) -> tuple[str, ...]:
        """Names of inputs that the network does not see."""

    def forward(self, target: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return what is learned, (days, slots), of a target, (days, slots)."""
        ...

    def back(self, learned: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return forecasts of the target, (days, slots, levels), of learned values."""
        ...


@dataclass(frozen=True)
class LogDeviation:
    """Deviation of the target's logarithm from its base: demand, which reacts in proportion.

    Inputs: `base` (slots,), on the logarithmic scale.
    """

    aside: ClassVar[tuple[str, ...]] = ("base",)

    def forward(self, target: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return log target minus base; NaN where the target is not positive."""
        return np.asarray(log_demand(target) - inputs["base"])

    def back(self, learned: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return exp(base + learned)."""
        return np.asarray(np.exp(inputs["base"][:, :, None] + learned))


@dataclass(frozen=True)
class Deviation:
    """Deviation of the target from its base in its own unit: prices, which may be negative.

    Inputs: `base` (slots,).
    """

    aside: ClassVar[tuple[str, ...]] = ("base",)

    def forward(self, target: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return target minus base."""
        return np.asarray(target - inputs["base"])

    def back(self, learned: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return base plus learned."""
        return np.asarray(inputs["base"][:, :, None] + learned)


@dataclass(frozen=True)
class RootDeviation:
    """Deviation on the square-root scale of `lab.forecast.profile`: loads that rest at zero.

    Inputs: `base` (slots,) on that scale, and the series' `level` (1,).

    Parameters
    ----------
    least : float
        Lowest possible value, in the target's unit.
    """

    least: float = 0.0
    aside: ClassVar[tuple[str, ...]] = ("base", "level")

    def forward(self, target: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return the root of the target in units of the level, minus base."""
        return np.asarray(to_scale(target, inputs["level"]) - inputs["base"])

    def back(self, learned: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return the target of base plus learned, not below `least`."""
        root = inputs["base"][:, :, None] + learned
        return np.asarray(from_scale(root, inputs["level"][:, :, None], self.least))
