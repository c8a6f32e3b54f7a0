"""The last week as a sequence of features, and what networks of prices learn."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lab.errors import UsageError
from lab.forecast.model import Stacked
from lab.forecast.prices.channels import Channels
from lab.forecast.prices.hours import LAGS
from lab.forecast.prices.local import SCALE_DAYS, WEEK, from_scale, place, ruled, to_scale
from lab.forecast.view import View

WEEK_HOURS = 168


@dataclass(frozen=True)
class PriceSequence:
    """The features of the last 168 rows, prices among them on the scale of the last weeks.

    Beside the sequence stands a vector that joins the last layer of a network: the prices of
    some days behind and what is published of the day itself. A few hundred days do not teach a
    network to carry 24 prices through a sequence unharmed.

    Attributes
    ----------
    target : str
        Column of the prices.
    channels : Channels
        Columns of the table that form the sequence.
    others : tuple of str
        Exogenous columns that are known ahead.
    steps : int
        Rows, 168 hours.
    scale_days : int
        Days that tell the scale.

    Raises
    ------
    UsageError
        If there is no channel or no step.
    """

    target: str
    channels: Channels
    others: tuple[str, ...] = ()
    steps: int = WEEK_HOURS
    scale_days: int = SCALE_DAYS

    def __post_init__(self) -> None:
        """Refuse a sequence of nothing."""
        if self.steps < 1 or not self.channels.columns:
            raise UsageError(
                f"A sequence needs at least one step and one channel, got {self.steps} and "
                f"{len(self.channels.columns)}."
            )

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return `sequence` (steps, channels), `day`, `base` (slots,), `middle`, `spread` (1,).

        The base is the benchmark's rule on the scale; NaN in the table's first week. `day` holds
        the days behind, less the base, and what is published of the day itself.
        """
        middle, spread = place(view.past_days[self.target], self.scale_days)
        kinds = np.array(self.channels.kinds)
        rows = np.stack([view.past[name][-self.steps :] for name in self.channels.columns], axis=1)
        sequence = np.full((self.steps, rows.shape[1]), np.nan)
        sequence[self.steps - len(rows) :] = rows
        for one, least in (("level", middle), ("change", 0.0)):
            own = kinds == one
            sequence[:, own] = to_scale(sequence[:, own], least, spread)
        base = to_scale(ruled(view, self.target), middle, spread)
        told = {"base": base, "middle": np.array([middle]), "spread": np.array([spread])}
        # A year of sequences in 64 bits would take twice the memory, for networks of 32.
        found = {"sequence": sequence.astype(np.float32)}
        return found | {"day": self._day(view, base, middle, spread)} | told

    def _day(self, view: View, base: np.ndarray, middle: float, spread: float) -> np.ndarray:
        """Return the short way past the sequence, shape (inputs,)."""
        found = []
        for lag in LAGS:
            before = _back(view.past_days[self.target], lag)
            found.append(to_scale(before, middle, spread) - base)
        for name in self.others:
            past, day = view.past_days[name], view.future_days[name]
            least, size = place(past, self.scale_days)
            found.append((day - least) / size)
            found += [(day - _back(past, lag)) / size for lag in (1, WEEK)]
        return np.concatenate(found)


def _back(days: np.ndarray, lag: int) -> np.ndarray:
    """Return the day so many days back, NaN where there is none."""
    return days[-lag] if len(days) >= lag else np.full(days.shape[1], np.nan)


@dataclass(frozen=True)
class ScaledDeviation:
    """Deviation from the benchmark's rule on the scale of the last weeks.

    Inputs: `base` (slots,) on that scale, `middle` and `spread` (1,).
    """

    aside: ClassVar[tuple[str, ...]] = ("base", "middle", "spread")

    def forward(self, target: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return prices on the scale, minus base."""
        return to_scale(target, inputs["middle"], inputs["spread"]) - inputs["base"]

    def back(self, learned: np.ndarray, inputs: Stacked) -> np.ndarray:
        """Return prices of base plus learned."""
        scaled = inputs["base"][:, :, None] + learned
        return from_scale(scaled, inputs["middle"][:, :, None], inputs["spread"][:, :, None])
