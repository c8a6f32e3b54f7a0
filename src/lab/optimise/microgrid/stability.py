"""How well the grid bears a net load: a score from 0 to 1, concave, so that a plan may raise it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.checks import setting
from lab.errors import UsageError


@dataclass(frozen=True)
class Score:
    """The grid-stability score: straight lines between knots, falling off to both sides.

    The default stands for 1 - (net load / rating)²: 1 where nothing is asked of the grid, 0 at
    the rating in either direction, and steeper the closer to it. The score is of net load
    alone: it knows neither frequency nor voltage.

    Attributes
    ----------
    rating_kw : float
        Net load at which the score is 0 [kW], in both directions.
    knots : sequence of float
        Loads between which the score is straight, as shares of the rating [1], from 0 to 1.

    Examples
    --------
    >>> Score(10.0)(np.array([-10.0, -5.0, 0.0, 2.5, 10.0])).tolist()
    [0.0, 0.75, 1.0, 0.9375, 0.0]
    """

    rating_kw: float
    knots: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0)

    def __post_init__(self) -> None:
        setting(self.rating_kw, "The rating of a stability score [kW]", 0, open_low=True)
        at = np.asarray(self.knots, dtype=float)
        if len(at) < 2 or at[0] != 0 or at[-1] != 1 or not (np.diff(at) > 0).all():
            raise UsageError(
                f"The knots of a stability score must rise from 0 to 1, got {list(self.knots)}."
            )

    def __call__(self, net_load_kw: np.ndarray) -> np.ndarray:
        """Return the score of each net load [kW]; 0 beyond the rating."""
        at = np.asarray(self.knots, dtype=float)
        share = np.abs(np.asarray(net_load_kw, dtype=float)) / self.rating_kw
        return np.interp(share, at, 1 - at**2)

    @property
    def widths_kw(self) -> np.ndarray:
        """Width of each piece between two knots, from the middle outwards [kW]."""
        return self.rating_kw * np.diff(self.knots)

    @property
    def rates(self) -> np.ndarray:
        """Score that a kW in each piece costs [1/kW]; rising outwards, which makes it concave."""
        at = np.asarray(self.knots, dtype=float)
        return (at[1:] + at[:-1]) / self.rating_kw
