"""Scales of medians and absolute deviations; on one of them spikes are short."""

from dataclasses import dataclass
from typing import Self

import numpy as np

# The median absolute deviation of a normal variable, as a share of its standard deviation.
NORMAL = 1.4826
SAME = 1e-9
# Deviations from the median beyond which a linear scale tells nothing apart.
FARTHEST = 12.0


@dataclass(frozen=True)
class AsinhScale:
    """Standardise by median and median absolute deviation, then take the inverse sinh.

    Near the median it is linear, far away logarithmic, and it takes negative values; nothing
    in it depends on the unit.

    Attributes
    ----------
    middle, spread : numpy.ndarray, shape (columns,)

    References
    ----------
    Uniejewski, Weron, Ziel, Variance stabilizing transformations for electricity spot price
    forecasting (2018), doi:10.1109/TPWRS.2017.2734563.
    """

    middle: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> Self:
        """Return the scale of the columns of `values`, shape (rows, columns), all finite.

        Where half of a column is one value, its standard deviation takes the place of the
        deviation from the median; a constant column keeps its unit.
        """
        middle = np.median(values, axis=0)
        spread = NORMAL * np.median(np.abs(values - middle), axis=0)
        spread = np.where(spread > SAME, spread, values.std(axis=0))
        return cls(middle, np.where(spread > SAME, spread, 1.0))

    def to(self, values: np.ndarray) -> np.ndarray:
        """Return values on the scale."""
        return np.arcsinh((values - self.middle) / self.spread)

    def back(self, values: np.ndarray) -> np.ndarray:
        """Return values of the scale in their own unit."""
        return np.sinh(values) * self.spread + self.middle


@dataclass(frozen=True)
class LinearScale(AsinhScale):
    """Standardise by median and median absolute deviation alone; what lies far away is clipped.

    On this scale an error counts as it does in the price's own unit, but for what is clipped:
    where prices seldom spike that is nearer to what a forecast is judged by.
    """

    def to(self, values: np.ndarray) -> np.ndarray:
        """Return values on the scale, `FARTHEST` deviations from the median at most."""
        return np.clip((values - self.middle) / self.spread, -FARTHEST, FARTHEST)

    def back(self, values: np.ndarray) -> np.ndarray:
        """Return values of the scale in their own unit."""
        return values * self.spread + self.middle


SCALES = {"asinh": AsinhScale, "linear": LinearScale}
