"""Which column of the table of values a minute belongs to: price bin, hour, and expected move."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.errors import DataError, UsageError
from lab.optimise.control.forecasts import checked
from lab.optimise.control.market import Market

HOURS = 24


@dataclass(frozen=True)
class Bins:
    """Where the bins of prices, and of their expected moves, end; set on the training days only.

    Attributes
    ----------
    edges : tuple of float
        Ends of the bins of the price less what stored energy is worth [USD/kWh].
    moves : tuple of float
        Ends of the bins of the mean forecast 1, 5 and 15 minutes ahead less the price
        [USD/kWh]; empty where forecasts are not in the state.
    """

    edges: tuple[float, ...]
    moves: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("edges", "moves"):
            values = np.asarray(getattr(self, name), float)
            if not np.isfinite(values).all() or (np.diff(values) < 0).any():
                raise UsageError(f"The {name} of bins must be rising numbers, got {list(values)}.")

    @classmethod
    def fit(
        cls,
        market: Market,
        worth: np.ndarray,
        seen: np.ndarray | None = None,
        *,
        bins: int = 10,
        move_bins: int = 3,
    ) -> "Bins":
        """Return bins that hold equally many of the training days' minutes.

        Parameters
        ----------
        market : Market
            The training days.
        worth : numpy.ndarray, shape (steps, levels)
            What stored energy is worth [USD/kWh]; 0 for bins of the price itself.
        seen : numpy.ndarray, shape (steps, 3), optional
            Forecasts 1, 5 and 15 minutes ahead [USD/kWh].
        bins, move_bins : int
        """
        told = market.price[:, None] - worth
        if seen is None:
            return cls(_ends(told, bins))
        return cls(_ends(told, bins), _ends(seen.mean(axis=1) - market.price, move_bins))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Price bins, hours and bins of moves."""
        return len(self.edges) + 1, HOURS, len(self.moves) + 1

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return int(np.prod(self.shape))

    def column(
        self, market: Market, worth: np.ndarray, seen: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the column of every step and charge level, int32 of shape (steps, levels)."""
        told = np.searchsorted(self.edges, market.price[:, None] - worth, side="right")
        found = told * HOURS + market.hour[:, None]
        found *= self.shape[2]
        if self.moves:
            if seen is None or seen.shape != (len(market), 3):
                raise DataError(
                    "A state with forecasts needs three of them for each of the "
                    f"{len(market)} steps, got {None if seen is None else seen.shape}."
                )
            move = seen.mean(axis=1) - market.price
            found += np.searchsorted(self.moves, move, side="right")[:, None]
        return np.ascontiguousarray(found.astype(np.int32))

    def place(
        self, price: float, worth: float, forecasts: Sequence[float], hour: int
    ) -> tuple[int, int, int]:
        """Return price bin, hour and bin of the move of one minute."""
        told = int(np.searchsorted(self.edges, price - worth, side="right"))
        move = float(checked(forecasts).mean() - price)
        return told, hour, int(np.searchsorted(self.moves, move, side="right"))


def _ends(values: np.ndarray, bins: int) -> tuple[float, ...]:
    return tuple(map(float, np.quantile(values, np.arange(1, bins) / bins)))
