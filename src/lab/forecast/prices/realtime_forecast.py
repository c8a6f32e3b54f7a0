"""What a call of the real-time forecaster gives: prices, intervals and how sure they are."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.forecast.table import MEDIAN, QUANTILES
from lab.metrics import quantile_column


@dataclass(frozen=True)
class RealtimeForecast:
    """Forecasts of one or many issues, all horizons and regions.

    Attributes
    ----------
    issued_at : pandas.DatetimeIndex
        UTC.
    horizons_min : tuple of int
    regions : tuple of str
    values : numpy.ndarray, shape (issues, horizons, regions, levels)
        The quantiles of the forecast table, in the unit of the prices.
    confidence : pandas.DataFrame, shape (horizons, regions)
        Share of forecasts on the validation part that were off by `tolerance` at most, 0 to 1;
        the same for every issue.
    tolerance : float
        In the unit of the prices.
    """

    issued_at: pd.DatetimeIndex
    horizons_min: tuple[int, ...]
    regions: tuple[str, ...]
    values: np.ndarray
    confidence: pd.DataFrame
    tolerance: float

    @property
    def price(self) -> np.ndarray:
        """The forecast, shape (issues, horizons, regions): the median."""
        return self.values[..., QUANTILES.index(MEDIAN)]

    def interval(self, nominal: float) -> tuple[np.ndarray, np.ndarray]:
        """Return both ends of a central interval, each of shape (issues, horizons, regions).

        Raises
        ------
        UsageError
            If it has no quantiles, such as those of 0.8 and 0.95.
        """
        ends = [round((1 - nominal) / 2, 6), round((1 + nominal) / 2, 6)]
        if not set(ends) <= set(QUANTILES):
            offered = [round(1 - 2 * p, 6) for p in QUANTILES if p < MEDIAN]
            raise UsageError(f"No interval of {nominal}; choose one of {offered}.")
        low, high = (self.values[..., QUANTILES.index(p)] for p in ends)
        return low, high

    def to_table(self, model: str) -> pd.DataFrame:
        """Return the forecast table, a series a region, by issue, horizon and region."""
        issues, horizons, regions, levels = self.values.shape
        ahead = pd.to_timedelta(np.repeat(self.horizons_min, regions), unit="min")
        issued = self.issued_at.repeat(horizons * regions)
        keys = {
            "series_id": pd.Categorical(np.tile(self.regions, issues * horizons), self.regions),
            "issued_at": issued,
            "valid_at": issued + pd.to_timedelta(np.tile(ahead, issues)),
            "model": pd.Categorical.from_codes(np.zeros(len(issued), dtype=np.int8), [model]),
        }
        names = [quantile_column(level) for level in QUANTILES]
        flat = self.values.reshape(-1, levels).astype(np.float32)
        return pd.DataFrame(keys).join(pd.DataFrame(flat, columns=names))
