"""Intervals of prices some minutes ahead, and how sure a forecast is: split conformal.

Every quantile is the forecast moved by the same quantile of the errors of a stretch that the
model has not learnt from, apart for every horizon and region. Errors count in units of how
much prices have moved of late, as far as that helps: prices are calm for hours and then not.

References
----------
Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, Distribution-free predictive inference for
regression (2018), doi:10.1080/01621459.2017.1307116.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.forecast.intervals import ascending, quantiles_of
from lab.forecast.table import QUANTILES
from lab.metrics import pinball

CALM, WINDOW_MIN = 0.2, 60


def recent_movement(prices: np.ndarray, window_min: int = WINDOW_MIN) -> np.ndarray:
    """Return how much prices have moved from minute to minute of late, shape (minutes, regions).

    Root of the mean squared change within the window that ends with a minute; NaN before.
    """
    squared = pd.DataFrame(np.diff(prices, axis=0, prepend=np.nan) ** 2)
    return np.sqrt(squared.rolling(window_min).mean().clip(lower=0).to_numpy())


@dataclass(frozen=True)
class Shifts:
    """What past errors say about the next ones.

    Attributes
    ----------
    strength : float
        0: errors count as they are; 1: fully in units of the recent movement.
    usual : numpy.ndarray, shape (regions,)
        Median movement, in whose units the recent one is taken.
    shifts : numpy.ndarray, shape (horizons, regions, levels)
        Quantiles of the errors at usual movement.
    confidence : numpy.ndarray, shape (horizons, regions)
        Share of past forecasts that were off by the tolerance at most, 0 to 1.
    """

    strength: float
    usual: np.ndarray
    shifts: np.ndarray
    confidence: np.ndarray

    @classmethod
    def learn(
        cls, errors: np.ndarray, recent: np.ndarray, strength: float, tolerance: float
    ) -> "Shifts":
        """Return the shifts of past errors.

        Parameters
        ----------
        errors : numpy.ndarray, shape (issues, horizons, regions)
            Measured less forecast; NaN where not known.
        recent : numpy.ndarray, shape (issues, regions)
            What `recent_movement` gives.
        strength : float
            0 to 1.
        tolerance : float
            Error up to which a forecast counts as good, in the unit of the prices.

        Raises
        ------
        UsageError
            If the strength or the tolerance is out of range, or a horizon has no error.
        """
        known = np.isfinite(errors)
        if not (0 <= strength <= 1 and tolerance > 0) or not known.any(axis=0).all():
            raise UsageError(
                "Intervals need a strength from 0 to 1, a tolerance above 0 and errors of every "
                f"horizon and region, got {strength}, {tolerance} and "
                f"{int(known.sum(axis=0).min())} errors of one of them."
            )
        usual = np.nanmedian(recent, axis=0)
        scale = _scale(recent, usual, strength)[:, None, :]
        pool = np.repeat((errors / scale)[..., None], len(QUANTILES), axis=-1)
        good = (np.abs(errors) <= tolerance) & known
        share = good.sum(axis=0) / (known.sum(axis=0) + 1)
        return cls(strength, usual, quantiles_of(pool), share)

    def around(self, point: np.ndarray, recent: np.ndarray) -> np.ndarray:
        """Return the quantiles around forecasts, shape (issues, horizons, regions, levels).

        Parameters
        ----------
        point : numpy.ndarray, shape (issues, horizons, regions)
        recent : numpy.ndarray, shape (issues, regions)
        """
        scale = _scale(recent, self.usual, self.strength)[:, None, :, None]
        values = point[..., None] + scale * self.shifts
        values[..., QUANTILES.index(0.5)] = point
        return ascending(values, QUANTILES)


def losses_by_strength(
    errors: np.ndarray, recent: np.ndarray, strengths: Sequence[float]
) -> "pd.Series[float]":
    """Return the pinball loss by strength: shifts of each half, scored on the other half.

    Parameters
    ----------
    errors, recent
        As `Shifts.learn` takes them.
    strengths : sequence of float
        To be tried.
    """
    half = len(errors) // 2
    folds = (slice(None, half), slice(half, None))
    loss = {}
    for strength in strengths:
        found = []
        for learnt, scored in (folds, folds[::-1]):
            shifts = Shifts.learn(errors[learnt], recent[learnt], strength, 1.0)
            band = shifts.around(np.zeros_like(errors[scored]), recent[scored])
            found += [pinball(errors[scored], band[..., k], p) for k, p in enumerate(QUANTILES)]
        loss[strength] = float(np.nanmean([np.nanmean(one) for one in found]))
    return pd.Series(loss, name="pinball").rename_axis("strength")


def _scale(recent: np.ndarray, usual: np.ndarray, strength: float) -> np.ndarray:
    """Return by what errors are expected to be larger than usual, shape (issues, regions)."""
    return np.maximum(recent / np.maximum(usual, 1e-9), CALM) ** strength
