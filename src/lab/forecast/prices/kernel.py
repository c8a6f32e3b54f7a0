"""Kernel regression of prices: days that looked like this one, the recent ones counting more."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.lear import BEYOND, LearInputs, complete
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.scaling import AsinhScale

# What is known of the day itself tells more of how alike two days are than what lies behind them.
TODAY, WEEKDAY = 3.0, 0.3
# On the transformed scale no input lies farther from its median: e^5 / 2 deviations.
REACH = 5.0


class PriceKernel:
    """One regression for all 24 hours on the exponential kernel of whole days.

    It takes what LEAR takes, standardised by median and median absolute deviation and
    transformed by the inverse sinh. Days are as alike as exp(-distance / length); the distance
    counts the exogenous series of the day itself `today` times, the day of the week `weekday`
    times. Every day's error variance doubles with each half-life that it lies back, so old days
    fade out instead of falling out of a window. With several half-lives the mean of the
    regressions is the model; they share the kernel, the costly part.

    Parameters
    ----------
    target : str
        Column of the prices.
    others : sequence of str
        Exogenous columns that are known ahead.
    half_lives_days : sequence of float
    penalty : float
        Error variance of the last day, in units of the kernel's variance.
    length : float
        In units of the root mean square size of a day.
    today, weekday : float
    name : str

    Attributes
    ----------
    support_ : numpy.ndarray, shape (days, inputs)
    dual_ : numpy.ndarray, shape (days, slots)
    intercept_ : numpy.ndarray, shape (slots,)

    Raises
    ------
    UsageError
        If a parameter is not above 0, or there is no half-life.

    References
    ----------
    Rasmussen, Williams, Gaussian processes for machine learning (2006), chapters 2 and 4: the
    mean of a Gaussian process with the exponential covariance (Matern 1/2).
    """

    levels = (0.5,)
    layout = CLOCK

    def __init__(
        self,
        target: str,
        others: Sequence[str] = (),
        *,
        half_lives_days: Sequence[float] = (91, 182, 728),
        penalty: float = 0.01,
        length: float = 8.0,
        today: float = TODAY,
        weekday: float = WEEKDAY,
        name: str = "kernel",
    ) -> None:
        numbers = {"penalty": penalty, "length": length, "today": today, "weekday": weekday}
        wrong = [f"{key} {value}" for key, value in numbers.items() if not value > 0]
        wrong += [f"half-life {value}" for value in half_lives_days if not value > 0]
        if wrong or not len(half_lives_days):
            raise UsageError(
                "A kernel regression of prices needs at least one half-life, and it, the penalty, "
                f"the length and both weights above 0, got {', '.join(wrong) or 'no half-life'}."
            )
        self.name, self.target, self.others = name, target, tuple(others)
        self.half_lives_days = tuple(float(days) for days in half_lives_days)
        self.penalty, self.length, self.today, self.weekday = penalty, length, today, weekday
        self.inputs = LearInputs(target, self.others)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on the days whose inputs and prices are all known.

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
        known = complete("A kernel regression of prices", inputs, target)
        x, prices = inputs["x"][known], target[known]
        self.x_scale_, self.y_scale_ = AsinhScale.of(x), AsinhScale.of(prices)
        rows = self._weighted(x, inputs["weekday"][known])
        self.unit_ = float(np.sqrt((rows**2).sum(axis=1).mean()))
        self.support_ = rows / self.unit_
        y = self.y_scale_.to(prices)
        self.highest_ = np.abs(y).max() + BEYOND
        ago = (len(known) - 1 - np.flatnonzero(known))[:, None] / np.array(self.half_lives_days)
        kernel = self._kernel(self.support_)
        found = [self._regression(kernel, y, 0.5**column) for column in ago.T]
        self.dual_, self.intercept_ = (np.mean(part, axis=0) for part in zip(*found, strict=True))
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where an input is missing."""
        check_inputs(self, inputs)
        rows = self._weighted(inputs["x"], inputs["weekday"]) / self.unit_
        # Day by day, so that a forecast does not depend on what is forecast beside it.
        found = np.stack([self._kernel(row[None])[0] @ self.dual_ for row in rows])
        found = np.clip(found + self.intercept_, -self.highest_, self.highest_)
        return self.y_scale_.back(found)[:, :, None]

    def _regression(
        self, kernel: np.ndarray, y: np.ndarray, fading: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return dual coefficients and intercept where days count as `fading`, shape (days,)."""
        from scipy.linalg import cho_factor, cho_solve

        middle = fading @ y / fading.sum()
        penalised = kernel + np.diag(self.penalty / fading)
        factor = cho_factor(penalised, lower=True, overwrite_a=True, check_finite=False)
        return cho_solve(factor, y - middle, check_finite=False), middle

    def _weighted(self, x: np.ndarray, weekday: np.ndarray) -> np.ndarray:
        """Return days on the scale of the distance, shape (days, inputs); NaN stays."""
        scaled = np.clip(self.x_scale_.to(x), -REACH, REACH)
        slots = self.y_scale_.middle.size
        weights = self.inputs.weights(today=self.today, slots=slots)
        return np.concatenate([scaled * weights, self.weekday * np.sqrt(slots) * weekday], axis=1)

    def _kernel(self, rows: np.ndarray) -> np.ndarray:
        """Return how alike days are to those learnt from, shape (rows, days); 1 at most."""
        product = rows @ self.support_.T
        squares = (rows**2).sum(axis=1)[:, None] + (self.support_**2).sum(axis=1)
        apart = np.sqrt(np.maximum(squares - 2 * product, 0.0))
        return np.asarray(np.exp(-apart / self.length))
