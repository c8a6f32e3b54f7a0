"""Ridge regression, one for every half-hour of the day."""

from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.inputs import DayInputs, log_demand
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of, usable

DAYS_PER_YEAR = 365.25
SEASON_FLOOR = 0.15


class Ridge:
    """Ridge per half-hour on the deviation of log demand from its usual value.

    Missing inputs count as average. The forecast is the median: a logarithm's mean,
    turned back.

    Parameters
    ----------
    alpha : float
        Penalty on standardised coefficients, per half-hour, above 0.
    season_days : float, optional
        Days of the same season count more: a bell of this width [days] around the day of
        the year of the latest day known, above a floor. By default all count the same.

    Attributes
    ----------
    coef_ : numpy.ndarray, shape (slots, inputs)
        Of standardised inputs.
    intercept_ : numpy.ndarray, shape (slots,)
    mean_, scale_ : numpy.ndarray, shape (slots, inputs)

    References
    ----------
    Hoerl, Kennard, Ridge regression (1970), doi:10.1080/00401706.1970.10488634.
    """

    name = "ridge"
    levels = (0.5,)
    layout = CLOCK

    def __init__(self, alpha: float = 10.0, season_days: float | None = None) -> None:
        if not alpha > 0:
            raise UsageError(f"The ridge penalty alpha must be above 0, got {alpha}.")
        if season_days is not None and not season_days > 0:
            raise UsageError(f"season_days must be above 0, got {season_days}.")
        self.alpha, self.season_days = alpha, season_days
        self.inputs = DayInputs()

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete days: x (days, slots, inputs), base (days, slots)."""
        z, y, weight = self._prepare(inputs, target)
        self.intercept_ = np.average(y, axis=0, weights=weight)
        middle = np.average(z, axis=1, weights=weight)[:, None]
        self.coef_ = self._solve(z - middle, y - self.intercept_, weight)
        self.intercept_ = self.intercept_ - (middle[:, 0] * self.coef_).sum(axis=1)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where the base is missing."""
        check_inputs(self, inputs)
        x = np.where(np.isfinite(inputs["x"]), inputs["x"], self.mean_)
        deviation = np.einsum("dsf,sf->ds", (x - self.mean_) / self.scale_, self.coef_)
        return np.exp(inputs["base"] + self.intercept_ + deviation)[:, :, None]

    def _prepare(
        self, inputs: Stacked, target: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return z (slots, days, inputs), deviations (days, slots) and weights of the days."""
        deviation = log_demand(target) - inputs["base"]
        days = usable(inputs["base"], deviation)
        x = inputs["x"][days]
        self.mean_ = _mean(x)
        filled = np.where(np.isfinite(x), x, self.mean_)
        spread = filled.std(axis=0)
        self.scale_ = np.where(spread > 1e-9, spread, 1.0)
        z = ((filled - self.mean_) / self.scale_).transpose(1, 0, 2)
        return z, deviation[days], self._weights(inputs)[days]

    def _solve(self, z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return coefficients (slots, inputs): z (slots, days, inputs), y (days, slots)."""
        heavy = z.transpose(0, 2, 1) * weight
        gram = heavy @ z + self.alpha * np.eye(z.shape[2])
        return np.linalg.solve(gram, heavy @ y.T[:, :, None])[:, :, 0]

    def _weights(self, inputs: Stacked) -> np.ndarray:
        """Return what each day counts, with mean 1; the floor keeps the other seasons in."""
        if self.season_days is None:
            return np.ones(len(inputs["base"]))
        season = inputs["season"]
        apart = np.abs(np.angle(np.exp(1j * (season - season[-1])))) * DAYS_PER_YEAR / (2 * np.pi)
        weight = SEASON_FLOOR + np.exp(-0.5 * (apart / self.season_days) ** 2)
        return np.asarray(weight / weight.mean())


def _mean(x: np.ndarray) -> np.ndarray:
    """Return the mean over days of what is known, 0 where nothing is."""
    known = np.isfinite(x)
    count = known.sum(axis=0)
    return np.divide(np.where(known, x, 0.0).sum(axis=0), count, where=count > 0, out=0.0 * count)
