"""Ridge regression per slot for series that may be zero.

Like `lab.forecast.linear`, but on the scale of `lab.forecast.profile` and with days whose
history or target is missing in part.
"""

from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.one_thread import one_thread
from lab.forecast.profile import ProfileInputs, from_scale, to_scale, usable_rows

LEARNED = ("coef_", "intercept_", "mean_", "scale_")


class ProfileRidge:
    """Ridge per slot on the deviation from the usual day; never below 0 unless asked.

    Missing inputs count as average. The forecast is the median if errors are even on the
    square-root scale.

    Parameters
    ----------
    target : str
        Column of the table.
    alpha : float
        Penalty on standardised coefficients, above 0.
    neighbours : int
        Slots on either side whose days are learnt from too.
    year : bool
        Waves of the year among the inputs.
    least : float
        Lowest possible value, in the target's unit; -inf for none.

    Attributes
    ----------
    coef_, mean_, scale_ : numpy.ndarray, shape (slots, inputs)
        Of standardised inputs.
    intercept_ : numpy.ndarray, shape (slots,)

    References
    ----------
    Hoerl, Kennard, Ridge regression (1970), doi:10.1080/00401706.1970.10488634.
    """

    name = "ridge"
    levels = (0.5,)
    layout = CLOCK
    coef_: np.ndarray
    intercept_: np.ndarray
    mean_: np.ndarray
    scale_: np.ndarray

    def __init__(
        self,
        target: str = "energy_kwh",
        *,
        alpha: float = 100.0,
        neighbours: int = 1,
        year: bool = True,
        least: float = 0.0,
    ) -> None:
        if not alpha > 0 or neighbours < 0:
            raise UsageError(
                "The ridge penalty alpha must be above 0 and neighbours at least 0, got "
                f"{alpha} and {neighbours}."
            )
        self.target, self.alpha, self.neighbours = target, alpha, neighbours
        self.year, self.least = year, least
        self.inputs = ProfileInputs(target, year)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on x (days, slots, inputs), base (days, slots), level (days, 1)."""
        deviation = to_scale(target, inputs["level"]) - inputs["base"]
        rows = usable_rows(inputs["base"], deviation)
        # Matrices this small are slower on two threads, and ten times so on a busy machine.
        with one_thread():
            fits = [self._fit_slot(inputs["x"], deviation, rows, s) for s in range(rows.shape[1])]
        for name, values in zip(LEARNED, zip(*fits, strict=True), strict=True):
            setattr(self, name, np.array(values))
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where the base is missing."""
        check_inputs(self, inputs)
        x = np.where(np.isfinite(inputs["x"]), inputs["x"], self.mean_)
        deviation = np.einsum("dsf,sf->ds", (x - self.mean_) / self.scale_, self.coef_)
        scaled = inputs["base"] + self.intercept_ + deviation
        return from_scale(scaled, inputs["level"], self.least)[:, :, None]

    def _fit_slot(
        self, x: np.ndarray, y: np.ndarray, rows: np.ndarray, slot: int
    ) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
        """Return coefficients, intercept, means and scales of one slot."""
        near = range(slot - self.neighbours, slot + self.neighbours + 1)
        pool = [n % x.shape[1] for n in near]
        keep = rows[:, pool].ravel()
        if not keep.any():
            zeros = np.zeros(x.shape[2])
            return zeros, 0.0, zeros, np.ones(x.shape[2])
        z, target = x[:, pool].reshape(-1, x.shape[2])[keep], y[:, pool].ravel()[keep]
        known = np.isfinite(z)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, z, 0.0).sum(axis=0) / count
        z = np.where(known, z, mean) - mean
        spread = z.std(axis=0)
        scale = np.where(spread > 1e-9, spread, 1.0)
        z = z / scale
        intercept = float(target.mean())
        gram = z.T @ z + self.alpha * np.eye(z.shape[1])
        return np.linalg.solve(gram, z.T @ (target - intercept)), intercept, mean, scale
