"""The benchmark's naive forecast as a model, for any table of days."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from lab.forecast.model import CLOCK, Stacked
from lab.forecast.prices.local import ruled
from lab.forecast.view import View


@dataclass(frozen=True)
class Ruled:
    """The rule's forecast for one view: `forecast`, shape (slots,).

    Attributes
    ----------
    target : str
    """

    target: str

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return what the rule says."""
        return {"forecast": ruled(view, self.target)}


class WeeklyOrDaily:
    """Monday, Saturday and Sunday are as a week before, other days as the day before.

    `lab.forecast.prices.market.naive` gives the same of whole markets.

    Parameters
    ----------
    target : str
        Column of the prices.

    References
    ----------
    Nogales, Contreras, Conejo, Espinola (2002), doi:10.1109/MPER.2002.4312063.
    """

    name = "weekly_or_daily"
    levels = (0.5,)
    layout = CLOCK

    def __init__(self, target: str) -> None:
        self.target = target
        self.inputs = Ruled(target)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Return self: a rule has nothing to learn."""
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1)."""
        return np.asarray(inputs["forecast"])[:, :, None]
