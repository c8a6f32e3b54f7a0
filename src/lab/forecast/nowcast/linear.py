"""Ridge regression for the next hours, one for every hour of issue and step ahead."""

from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.inputs import log_demand
from lab.forecast.model import Stacked, check_inputs, shapes_of
from lab.forecast.nowcast.inputs import NowcastInputs
from lab.forecast.one_thread import one_thread

HOURS = 24
# Issues whose inputs are laid out together: enough to be quick, few enough to hold.
CHUNK = 1000


class NowcastRidge:
    """Ridge per hour of issue and step, on the deviation of log demand from its usual value.

    Missing inputs count as average. The forecast is the median: a logarithm's mean,
    turned back.

    Parameters
    ----------
    alpha : float
        Penalty on standardised coefficients, above 0.
    neighbours : int
        Hours of issue on either side that are learnt from too, 0 to 11.

    Attributes
    ----------
    coef_ : numpy.ndarray of float32, shape (24, steps, inputs)
        Of standardised inputs.
    intercept_ : numpy.ndarray of float32, shape (24, steps)
    mean_, scale_ : numpy.ndarray of float32, shape (steps, inputs)

    References
    ----------
    Hoerl, Kennard, Ridge regression (1970), doi:10.1080/00401706.1970.10488634.
    """

    name = "ridge"
    levels = (0.5,)
    coef_: np.ndarray
    intercept_: np.ndarray
    mean_: np.ndarray
    scale_: np.ndarray

    def __init__(self, alpha: float = 3.0, neighbours: int = 0) -> None:
        if not alpha > 0 or not 0 <= neighbours < HOURS // 2:
            raise UsageError(
                "The ridge penalty alpha must be above 0 and neighbours from 0 to "
                f"{HOURS // 2 - 1}, got {alpha} and {neighbours}."
            )
        self.alpha, self.neighbours = alpha, neighbours
        self.inputs = NowcastInputs()

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete issues; an hour of issue without any forecasts the usual value."""
        deviation = log_demand(target) - inputs["base"]
        known = np.isfinite(deviation).all(axis=1)
        if not known.any():
            raise UsageError(
                "A fit needs at least one issue with measured hours after it and four earlier "
                f"days of each type, got {len(target)} issues of which none is."
            )
        self._standardise(inputs, known)
        steps, width = self.mean_.shape
        self.coef_ = np.zeros((HOURS, steps, width), dtype=np.float32)
        self.intercept_ = np.zeros((HOURS, steps), dtype=np.float32)
        # Matrices this small are slower on two threads, and ten times so on a busy machine.
        with one_thread():
            for hour in range(HOURS):
                apart = np.abs((inputs["hour"] - hour + HOURS // 2) % HOURS - HOURS // 2)
                rows = np.flatnonzero(known & (apart <= self.neighbours))
                if len(rows):
                    self._fit_hour(hour, self._scaled(inputs, rows), deviation[rows])
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (issues, steps, 1); NaN where the base is missing."""
        check_inputs(self, inputs)
        deviation = np.full(inputs["base"].shape, np.nan)
        for hour in np.unique(inputs["hour"]):
            rows = np.flatnonzero(inputs["hour"] == hour)
            found = np.einsum("nsf,sf->ns", self._scaled(inputs, rows), self.coef_[hour])
            deviation[rows] = found + self.intercept_[hour]
        return np.exp(inputs["base"] + deviation)[:, :, None]

    def _fit_hour(self, hour: int, z: np.ndarray, deviation: np.ndarray) -> None:
        """Solve all steps of one hour of issue: z (issues, steps, inputs)."""
        middle, level = z.mean(axis=0), deviation.mean(axis=0)
        tall = np.ascontiguousarray((z - middle).transpose(1, 0, 2), dtype=np.float64)
        gram = tall.transpose(0, 2, 1) @ tall + self.alpha * np.eye(tall.shape[2])
        moment = tall.transpose(0, 2, 1) @ (deviation - level).T[:, :, None]
        self.coef_[hour] = np.linalg.solve(gram, moment)[:, :, 0]
        self.intercept_[hour] = level - (middle * self.coef_[hour]).sum(axis=1)

    def _standardise(self, inputs: Stacked, known: np.ndarray) -> None:
        """Learn mean and spread of every input at every step."""
        count, total, square = (np.zeros(1) for _ in range(3))
        for rows in np.array_split(np.flatnonzero(known), known.sum() // CHUNK + 1):
            x = assembled(inputs, rows).astype(float)
            finite = np.isfinite(x)
            x[~finite] = 0.0
            count = count + finite.sum(axis=0)
            total, square = total + x.sum(axis=0), square + (x * x).sum(axis=0)
        mean = total / np.maximum(count, 1)
        spread = np.sqrt(np.maximum(square / np.maximum(count, 1) - mean**2, 0.0))
        self.mean_ = mean.astype(np.float32)
        self.scale_ = np.where(spread > 1e-4, spread, 1.0).astype(np.float32)

    def _scaled(self, inputs: Stacked, rows: np.ndarray) -> np.ndarray:
        """Return standardised inputs of some issues, 0 where missing."""
        z = (assembled(inputs, rows) - self.mean_) / self.scale_
        return np.where(np.isfinite(z), z, np.float32(0.0))


def assembled(inputs: Stacked, rows: np.ndarray) -> np.ndarray:
    """Return all inputs of some issues by step: float32, shape (issues, steps, inputs)."""
    steps = inputs["steps"][rows]
    common = inputs["common"][rows][:, None, :]
    days = inputs["days"][rows[:, None], inputs["ahead"][rows]]
    wide = np.broadcast_to(common, (*steps.shape[:2], common.shape[2]))
    return np.concatenate([wide, steps, days], axis=2)
