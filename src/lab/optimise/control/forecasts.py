"""What is known of coming prices: published day-ahead levels, and deviations that die away.

A real-time price returns to its day-ahead level. How much of a deviation is left after so many
minutes is read off the training days, one share for each lead time. It is the rule that study
`price_realtime` finds hard to beat, and needs nothing but the market's own table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.checks import floats, whole
from lab.errors import DataError, UsageError
from lab.optimise.control.market import HOURS, Market

# Lead times that the state of an agent may see [min].
SEEN_MIN = (1, 5, 15)
# Blocks of a plan [steps]: minutes at first, then hours, a day with the present minute.
BLOCKS = (1,) * 9 + (5,) * 4 + (15,) * 2 + (30,) * 2 + (60,) * 22


@dataclass(frozen=True)
class Reversion:
    """How deviations from the day-ahead level die away.

    Attributes
    ----------
    leads : tuple of int
        Lead times [steps].
    shares : tuple of float
        What is left of a deviation after each [1].
    mean : float
        Mean deviation, to which prices return [USD/kWh].
    """

    leads: tuple[int, ...]
    shares: tuple[float, ...]
    mean: float

    @classmethod
    def fit(cls, market: Market, leads: Sequence[int]) -> "Reversion":
        """Return the shares that fit a market's past best, by least squares.

        Raises
        ------
        UsageError
            If a lead time is not whole and positive, or the past is not longer than the longest.
        """
        leads = [whole(lead, "A lead time") for lead in leads]
        if not leads or min(leads) < 1 or max(leads) >= len(market):
            raise UsageError(
                f"Lead times must lie from 1 to below the {len(market)} steps of the past, got "
                f"{', '.join(map(str, leads)) or 'none'}."
            )
        away = market.price - market.level
        mean = float(away.mean())
        away = away - mean
        left = [away[h:] @ away[:-h] / max(away[:-h] @ away[:-h], 1e-300) for h in leads]
        return cls(tuple(leads), tuple(map(float, left)), mean)

    @property
    def levels_only(self) -> "Reversion":
        """The same without the present deviation: the published levels and their mean error."""
        return Reversion(self.leads, (0.0,) * len(self.leads), self.mean)

    def ahead(self, market: Market) -> np.ndarray:
        """Return forecasts of every step at every lead time [USD/kWh], shape (steps, leads)."""
        away = market.price - market.level - self.mean
        found = np.empty((len(market), len(self.leads)))
        for k, (lead, share) in enumerate(zip(self.leads, self.shares, strict=True)):
            found[:, k] = known_level(market, lead) + self.mean + share * away
        return found


def known_level(market: Market, lead: int) -> np.ndarray:
    """Return the level expected `lead` steps later with what is published, shape (steps,).

    Levels not yet published, and those behind the end of the table, are those of a day before.
    Where the table does not reach back as far, the present level stands in.
    """
    now, level = np.arange(len(market)), market.level
    day = round(HOURS / market.step_h)
    then = now + lead
    while ((late := then >= market.known_until) & (then >= 0)).any():
        then = np.where(late, then - day, then)
    return np.where(then < 0, level, level[np.maximum(then, 0)])


def middles(blocks: Sequence[int] = BLOCKS) -> tuple[int, ...]:
    """Return the lead time of each block's middle, the first beginning with the next step.

    Examples
    --------
    >>> middles((1, 1, 5))
    (1, 2, 5)
    """
    ends = np.cumsum(blocks)
    return tuple(int(e - (b - 1) // 2) for e, b in zip(ends, blocks, strict=True))


def checked(forecasts: Sequence[float]) -> np.ndarray:
    """Return the forecasts 1, 5 and 15 minutes ahead as an array, or refuse them."""
    values = floats(forecasts, "Forecasts")
    if values.shape != (len(SEEN_MIN),) or not np.isfinite(values).all():
        raise DataError(
            f"Forecasts must be {len(SEEN_MIN)} numbers, for {', '.join(map(str, SEEN_MIN))} "
            f"minutes ahead, got {values.tolist()}."
        )
    return values
