"""Which column of the table of values a minute belongs to: price bin, hour, and expected move."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.checks import finite, floats, whole
from lab.errors import DataError, UsageError
from lab.optimise.control.dynamics import Limits
from lab.optimise.control.forecasts import checked
from lab.optimise.control.market import HOURS

# Shares are taken of this where energy is worth less [USD/kWh].
LEAST_WORTH = 0.01


@dataclass(frozen=True)
class Bins:
    """Where the bins of prices, and of their expected moves, end; set on the training days only.

    Attributes
    ----------
    edges : tuple of float
        Ends of the bins of the price less what stored energy is worth [USD/kWh, or 1 for shares].
    moves : tuple of float
        Ends of the bins of the mean forecast 1, 5 and 15 minutes ahead less the price
        [USD/kWh]; empty where forecasts are not in the state.
    shares : bool
        Whether the distance of the price from the worth is told as a share of that worth.
    """

    edges: tuple[float, ...]
    moves: tuple[float, ...] = ()
    shares: bool = False

    def __post_init__(self) -> None:
        for name in ("edges", "moves"):
            values = floats(getattr(self, name), f"The {name} of bins")
            if not np.isfinite(values).all() or (np.diff(values) < 0).any():
                raise UsageError(
                    f"The {name} of bins must be rising numbers, got {values.tolist()}."
                )

    @classmethod
    def fit(
        cls,
        told: np.ndarray,
        move: np.ndarray | None = None,
        *,
        shares: bool = False,
        bins: int = 10,
        move_bins: int = 3,
        between: tuple[float, float] | None = None,
    ) -> "Bins":
        """Return bins that hold equally many of the training days' minutes.

        Parameters
        ----------
        told : numpy.ndarray, shape (steps, levels)
            What `told` returns.
        move : numpy.ndarray, shape (steps,), optional
            Mean forecast 1, 5 and 15 minutes ahead less the price [USD/kWh].
        shares : bool
            How the price was told.
        bins, move_bins : int
        between : tuple of float, optional
            Ends of one of the bins; those on either side of it hold equally many minutes.

        Raises
        ------
        DataError
            If there is nothing to fit.
        UsageError
            If a number of bins is not whole and positive.
        """
        whole(bins, "bins", 1)
        whole(move_bins, "move_bins", 1)
        if len(told) == 0:
            raise DataError("Bins of prices need at least one price, got none.")
        edges = _ends(told, bins) if between is None else _around(told, bins, *between)
        return cls(edges, () if move is None else _ends(move, move_bins), shares)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Price bins, hours and bins of moves."""
        return len(self.edges) + 1, HOURS, len(self.moves) + 1

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return int(np.prod(self.shape))

    def column(
        self, told: np.ndarray, hour: np.ndarray, move: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the column of every step and charge level, int32 of shape (steps, levels).

        `told` and `move` as in `fit`; `hour` of the local clock, shape (steps,).

        Raises
        ------
        DataError
            If they do not fit together, or one is no number.
        """
        told = finite(told, "Prices less worth")
        if told.ndim != 2 or len(told) != len(hour):
            raise DataError(
                f"Prices less worth must have a row for each of the {len(hour)} hours and a "
                f"column for each charge level, got the shape {told.shape}."
            )
        found = np.searchsorted(self.edges, told, side="right") * HOURS + hour[:, None]
        found *= self.shape[2]
        if self.moves:
            move = None if move is None else finite(move, "Expected moves")
            if move is None or move.shape != hour.shape:
                raise DataError(
                    "A state with forecasts needs an expected move for each of the "
                    f"{len(hour)} steps, got {'none' if move is None else len(move)}."
                )
            found += np.searchsorted(self.moves, move, side="right")[:, None]
        return np.ascontiguousarray(found.astype(np.int32))

    def place(
        self, price: float, worth: float, forecasts: Sequence[float], hour: int
    ) -> tuple[int, int, int]:
        """Return price bin, hour and bin of the move of one minute."""
        of = told(np.array(price), np.array(worth), self.shares)
        place = int(np.searchsorted(self.edges, of, side="right"))
        move = float(checked(forecasts).mean() - price)
        return place, hour, int(np.searchsorted(self.moves, move, side="right"))


def told(price: np.ndarray, worth: np.ndarray, shares: bool) -> np.ndarray:
    """Return by how much the price exceeds what stored energy is worth.

    As a difference [USD/kWh], or as a share of the worth [1]: what is lost on the way through a
    battery is a share, too.
    """
    away = price - worth
    return away / np.maximum(np.abs(worth), LEAST_WORTH) if shares else away


def loss_ends(of: Limits) -> tuple[float, float]:
    """Return the shares between which the way through the battery costs more than trade brings.

    Below the first, a kWh is worth storing; above the second, worth giving. Wear is left out.

    Examples
    --------
    >>> from lab.optimise.storage.battery import Battery
    >>> from lab.optimise.control.dynamics import limits
    >>> loss_ends(limits(Battery(1, 1, charge_efficiency=0.75, discharge_efficiency=0.8), 1.0))
    (-0.25, 0.25)
    """
    return of.charge_efficiency - 1, 1 / of.discharge_efficiency - 1


def _around(values: np.ndarray, bins: int, low: float, high: float) -> tuple[float, ...]:
    """Return ends of bins, one of which goes from `low` to `high`."""
    below, above = values[values < low], values[values >= high]
    if bins < 3 or not len(below) or not len(above):
        raise DataError(
            f"Bins on both sides of {low:g} to {high:g} need at least 3 bins and values on both "
            f"sides, got {bins} bins, {len(below)} values below and {len(above)} above."
        )
    share = len(below) / (len(below) + len(above))
    under = min(max(round((bins - 1) * share), 1), bins - 2)
    return (*_ends(below, under), low, high, *_ends(above, bins - 1 - under))


def _ends(values: np.ndarray, bins: int) -> tuple[float, ...]:
    return tuple(map(float, np.quantile(values, np.arange(1, bins) / bins)))
