"""What networks of prices share: scales, fading days, a first training and daily small ones."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.checks import check_least
from lab.forecast.lear import BEYOND, LearInputs, complete
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.perceptron import Learning, Perceptron
from lab.forecast.scaling import SCALES

# How far inputs reach on the scale: e^5 / 2 deviations from the median where they are transformed.
REACH = 5.0
# What the level of prices weighs.
LEVEL = 0.7
# The transformation makes deviations shorter by about as much.
LINEAR_UNIT = 1.5
SEEDS_APART = 1000


@dataclass(frozen=True)
class Course:
    """How often a network goes through its days, and how fast it learns meanwhile.

    Attributes
    ----------
    first : sequence of (share, pace)
        Parts of the first training: each a share of its passes, and of the learning rate.
    daily : float
        Share of the learning rate in all later trainings.
    """

    first: tuple[tuple[float, float], ...]
    daily: float

    def passes(self, number: int) -> list[tuple[int, float]]:
        """Return the first training's parts, the last of them taking what rounding leaves."""
        counts = [int(share * number) for share, _ in self.first[:-1]]
        counts.append(number - sum(counts))
        return [(count, pace) for count, (_, pace) in zip(counts, self.first, strict=True)]


class PriceNetwork(ABC):
    """A perceptron on what LEAR takes, recalibrated daily by a warm start.

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
    scale : {"asinh", "linear"}
        Whether prices and exogenous series are transformed or standardised alone.
    levelled : bool
        Whether all prices are told apart from their mean over the days that are inputs, which
        is then an input of its own; it counts all of these days, out of sight or not.
    left_out : float
        Chance of each block of inputs (a column, so many days back) to stay out of sight of this
        network; yesterday's prices and what is known of the day itself never do.
    number : int
        Which of several networks that differ by their draws alone.

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
    searched for. Blocks left out: Ho, The random subspace method (1998), doi:10.1109/34.709601.
    """

    levels = (0.5,)
    layout = CLOCK
    warm_start = True
    course: ClassVar[Course]

    def __init__(
        self,
        target: str,
        others: Sequence[str] = (),
        *,
        units: Sequence[int],
        learning: Learning,
        first_passes: int,
        daily_passes: int,
        half_life_days: float,
        fresh_after: int,
        scale: str,
        levelled: bool,
        left_out: float,
        number: int,
        name: str,
    ) -> None:
        check_least("A network of prices", 1, first_passes=first_passes, daily_passes=daily_passes)
        check_least("A network of prices", 1, fresh_after=fresh_after, layers=len(units))
        check_least("A network of prices", 1, fewest_units=min(units))
        if not half_life_days > 0 or number < 0 or not 0 <= left_out < 1:
            raise UsageError(
                "A network of prices needs a half-life above 0, a number of at least 0 and a "
                f"share of blocks left out from 0 to below 1, got {half_life_days}, {number} and "
                f"{left_out}."
            )
        if scale not in SCALES:
            raise UsageError(f"Unknown scale {scale!r}; choose one of {', '.join(SCALES)}.")
        self.name, self.target, self.others = name, target, tuple(others)
        self.units, self.learning, self.scale = tuple(units), learning, scale
        self.first_passes, self.daily_passes = first_passes, daily_passes
        self.half_life_days, self.fresh_after, self.number = half_life_days, fresh_after, number
        self.levelled, self.left_out = levelled, left_out
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
        known = complete("A network of prices", inputs, target)
        days = {name: np.asarray(values)[known] for name, values in inputs.items()}
        seen, _, level = self._seen(days["x"], target.shape[1])
        prices = target[known] - level[:, None]
        fresh = not hasattr(self, "network_")
        if fresh:
            self.x_scale_ = SCALES[self.scale].of(seen.reshape(-1, seen.shape[-1]))
            self.y_scale_ = SCALES[self.scale].of(prices)
            self.shapes_ = shapes_of(inputs)
        y = self.y_scale_.to(prices) / self._unit
        self.highest_ = float(np.abs(y).max()) + BEYOND
        ago = len(known) - 1 - np.flatnonzero(known)
        weight = 0.5 ** (ago / self.half_life_days)
        self._train(self._rows(days), y, weight / weight.mean(), fresh)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where an input that it sees is missing."""
        check_inputs(self, inputs)
        _, _, level = self._seen(inputs["x"], self.y_scale_.middle.size)
        # Day by day, so that a forecast does not depend on what is forecast beside it.
        found = np.stack([self.network_(np.atleast_2d(day)).ravel() for day in self._rows(inputs)])
        found = np.clip(found.astype(float), -self.highest_, self.highest_) * self._unit
        return (self.y_scale_.back(found) + level[:, None])[:, :, None]

    def kept_blocks(self) -> list[int]:
        """Return which blocks of the inputs this network looks at."""
        draw = np.random.default_rng([compute.seed(), self.number]).random(len(self.inputs.blocks))
        always = [lag == (1 if name == self.target else 0) for name, lag in self.inputs.blocks]
        return [k for k, must in enumerate(always) if must or draw[k] >= self.left_out]

    def _train(self, rows: np.ndarray, y: np.ndarray, weight: np.ndarray, fresh: bool) -> None:
        """Train on days, shape (days, inputs), or hours, shape (days, slots, inputs)."""
        outputs = y.shape[1] if rows.ndim == 2 else 1
        x, y = rows.reshape(-1, rows.shape[-1]), y.reshape(-1, outputs).astype(np.float32)
        weight = np.repeat(weight, len(x) // len(weight)).astype(np.float32)
        parts = [(self.daily_passes, self.course.daily)]
        if fresh:
            seed = compute.seed() + SEEDS_APART * self.number
            self.network_ = Perceptron((x.shape[1], *self.units, outputs), self.learning, seed)
            parts = self.course.passes(self.first_passes)
        for passes, pace in parts:
            self.network_.learn(x, y, weight, passes=passes, pace=pace)

    def _seen(self, x: np.ndarray, slots: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return inputs, their weights, and the level of prices on each day (0 if not levelled).

        Inputs are the last axis: shape (days, inputs), or (days, slots, inputs) by the hour.
        """
        blocks = np.asarray(x, dtype=float).reshape(len(x), -1, slots)
        prices = np.array([name == self.target for name, _ in self.inputs.blocks])
        level = blocks[:, prices].mean(axis=(1, 2)) if self.levelled else np.zeros(len(x))
        parts = self._parts(blocks - np.where(prices[:, None], level[:, None, None], 0.0))
        if self.levelled:
            whole = level.reshape(-1, *[1] * (parts[0][0].ndim - 1))
            parts.append((np.broadcast_to(whole, (*parts[0][0].shape[:-1], 1)), LEVEL))
        weights = np.concatenate([np.full(part.shape[-1], weight) for part, weight in parts])
        return np.concatenate([part for part, _ in parts], axis=-1), weights, level

    def _rows(self, inputs: Stacked) -> np.ndarray:
        """Return what the network learns from: inputs on their scale, weighed, and the calendar."""
        seen, weights, _ = self._seen(inputs["x"], self.y_scale_.middle.size)
        scaled = np.clip(self.x_scale_.to(seen) / self._unit, -REACH, REACH)
        calendar = self._calendar(np.asarray(inputs["weekday"], dtype=float))
        return np.concatenate([scaled * weights, calendar], axis=-1).astype(np.float32)

    @property
    def _unit(self) -> float:
        return LINEAR_UNIT if self.scale == "linear" else 1.0

    @abstractmethod
    def _parts(self, blocks: np.ndarray) -> list[tuple[np.ndarray, float]]:
        """Return inputs and what they weigh, from days' blocks, shape (days, blocks, slots)."""

    @abstractmethod
    def _calendar(self, weekday: np.ndarray) -> np.ndarray:
        """Return what is known of each day's or hour's place, from days of the week (days, 7)."""
