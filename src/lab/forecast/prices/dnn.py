"""A network with 24 outputs for tomorrow's prices, which goes on learning every day."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.checks import check_least
from lab.forecast.lear import BEYOND, FEWEST, LearInputs
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.perceptron import Learning, Perceptron
from lab.forecast.scaling import AsinhScale

# How far inputs reach, and what they weigh: the smaller, the more slowly their weights are learnt.
REACH, TODAY, BACK = 5.0, 0.7, 0.35
# The last passes of a first training go more slowly, as all later ones do.
LAST, PACE = 0.3, 0.3
SEEDS_APART = 1000


class PriceDnn:
    """Hidden layers on what LEAR takes, all hours at once, recalibrated daily by a warm start.

    The first fit trains from random weights. A fit of a model that has been fitted goes on from
    there with a few slow passes over the days it is given. Recent days weigh more: half as much
    with every half-life back. After `fresh_after` fits a backtest starts anew, so that pieces of
    a long period can be computed apart.

    Parameters
    ----------
    target : str
        Column of the prices.
    others : sequence of str
        Exogenous columns that are known ahead.
    units : sequence of int
        Widths of the hidden layers.
    learning : Learning
    first_passes, daily_passes : int
        Over the days learnt from, in the first fit and in later ones.
    half_life_days : float
    fresh_after : int
        Fits.
    number : int
        Which of several networks that differ by their seeds alone.

    Attributes
    ----------
    network_ : Perceptron
    x_scale_, y_scale_ : AsinhScale
        Of the first fit.

    Raises
    ------
    UsageError
        If a parameter is out of its range.

    References
    ----------
    Lago et al., Forecasting day-ahead electricity prices (2021),
    doi:10.1016/j.apenergy.2021.116983: its DNN; there trained anew every day on inputs that were
    searched for.
    """

    levels = (0.5,)
    layout = CLOCK
    warm_start = True

    def __init__(
        self,
        target: str,
        others: Sequence[str] = (),
        *,
        units: Sequence[int] = (256, 128),
        learning: Learning | None = None,
        first_passes: int = 100,
        daily_passes: int = 1,
        half_life_days: float = 365.0,
        fresh_after: int = 182,
        number: int = 0,
        name: str = "dnn",
    ) -> None:
        check_least("A network of prices", 1, first_passes=first_passes, daily_passes=daily_passes)
        check_least("A network of prices", 1, fresh_after=fresh_after, layers=len(units))
        check_least("A network of prices", 1, fewest_units=min(units))
        if not half_life_days > 0 or number < 0:
            raise UsageError(
                "A network of prices needs a half-life above 0 and a number of at least 0, got "
                f"{half_life_days} and {number}."
            )
        self.name, self.target, self.others = name, target, tuple(others)
        self.units, self.learning = tuple(units), learning or Learning()
        self.first_passes, self.daily_passes = first_passes, daily_passes
        self.half_life_days, self.fresh_after, self.number = half_life_days, fresh_after, number
        self.inputs = LearInputs(target, self.others)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Train, or go on training, on the days whose inputs and prices are all known.

        Parameters
        ----------
        inputs : mapping of arrays
            `x` (days, inputs) and `weekday` (days, 7).
        target : numpy.ndarray, shape (days, slots)

        Raises
        ------
        UsageError
            If fewer than `lear.FEWEST` such days are left.
        """
        known = np.isfinite(inputs["x"]).all(axis=1) & np.isfinite(target).all(axis=1)
        if known.sum() < FEWEST:
            raise UsageError(
                f"A network of prices needs at least {FEWEST} days without gaps to learn from, "
                f"got {known.sum()}."
            )
        fresh = not hasattr(self, "network_")
        if fresh:
            self.x_scale_ = AsinhScale.of(inputs["x"][known])
            self.y_scale_ = AsinhScale.of(target[known])
            self.shapes_ = shapes_of(inputs)
        x = self._rows(inputs)[known]
        y = self.y_scale_.to(target[known]).astype(np.float32)
        self.highest_ = float(np.abs(y).max()) + BEYOND
        ago = len(known) - 1 - np.flatnonzero(known)
        weight = 0.5 ** (ago / self.half_life_days)
        rows = x, y, (weight / weight.mean()).astype(np.float32)
        slow = int(LAST * self.first_passes) if fresh else self.daily_passes
        if fresh:
            seed = compute.seed() + SEEDS_APART * self.number
            sizes = (x.shape[1], *self.units, y.shape[1])
            self.network_ = Perceptron(sizes, self.learning, seed)
            self.network_.learn(*rows, passes=self.first_passes - slow)
        self.network_.learn(*rows, passes=slow, pace=PACE)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where an input is missing."""
        check_inputs(self, inputs)
        # Day by day, so that a forecast does not depend on what is forecast beside it.
        found = np.concatenate([self.network_(row[None]) for row in self._rows(inputs)])
        found = np.clip(found.astype(float), -self.highest_, self.highest_)
        return self.y_scale_.back(found)[:, :, None]

    def _rows(self, inputs: Stacked) -> np.ndarray:
        """Return inputs as the network sees them, shape (days, inputs)."""
        scaled = np.clip(self.x_scale_.to(inputs["x"]), -REACH, REACH)
        slots = self.y_scale_.middle.size
        weights = self.inputs.weights(today=TODAY, back=BACK, slots=slots)
        return np.concatenate([scaled * weights, TODAY * inputs["weekday"]], axis=1).astype(
            np.float32
        )
