"""The published peer: quantile trees on the last totals alone, one model for each level.

This is how skforecast's documentation makes its intervals of Victoria's daily demand: a
direct forecaster, LightGBM with the quantile objective, lags as the only inputs.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.boosters import check_shares, grown, repeatable
from lab.forecast.daily.table import TARGET
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.table import QUANTILES
from lab.forecast.view import View


@dataclass(frozen=True)
class Lags:
    """The last totals known at the issue, latest first, NaN before the table begins."""

    count: int

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return `lags`, shape (count,)."""
        past = view.past_days[TARGET][::-1][: self.count, 0]
        return {"lags": np.append(past, np.full(self.count - len(past), np.nan))}


class LagTrees:
    """LightGBM with the quantile objective on lags; crossing quantiles are put in order.

    Parameters
    ----------
    lags : int
        Last totals that it sees.
    trees, leaves : int
    learning_rate : float
        The library's defaults are 100, 31 and 0.1.

    Attributes
    ----------
    boosters_ : list of lightgbm.Booster
        One for each level.

    Raises
    ------
    UsageError
        If there is no lag or tree, or a tree has fewer than two leaves.

    References
    ----------
    skforecast, user guide, Probabilistic forecasting (https://skforecast.org); Chernozhukov,
    Fernandez-Val, Galichon, Quantile and probability curves without crossing (2010),
    doi:10.3982/ECTA7880.
    """

    name = "lag_trees"
    levels = QUANTILES
    layout = CLOCK

    def __init__(
        self, lags: int = 7, trees: int = 100, leaves: int = 31, learning_rate: float = 0.1
    ) -> None:
        if lags < 1 or trees < 1 or leaves < 2:
            raise UsageError(
                "Lag trees need at least 1 lag, 1 tree and 2 leaves, got "
                f"{lags}, {trees} and {leaves}."
            )
        check_shares("Lag trees", learning_rate=learning_rate)
        self.lags, self.trees, self.leaves, self.learning_rate = lags, trees, leaves, learning_rate
        self.inputs = Lags(lags)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit one model for each level on the days whose total is known: target (days, 1)."""
        import lightgbm

        usable = np.isfinite(inputs["lags"]).all(axis=1) & np.isfinite(target[:, 0])
        x, y = inputs["lags"][usable], target[usable, 0]
        if not len(y):
            raise UsageError(f"Lag trees need at least one day with {self.lags} lags, got none.")
        self.boosters_ = [
            grown(self._told(level), lightgbm.Dataset(x, y), self.trees) for level in QUANTILES
        ]
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, 1, levels); NaN where a lag is missing."""
        check_inputs(self, inputs)
        x = inputs["lags"]
        found = [np.asarray(b.predict(x, num_threads=1)) for b in self.boosters_]
        ordered = np.sort(np.stack(found, axis=1), axis=1)
        ordered[~np.isfinite(x).all(axis=1)] = np.nan
        return ordered[:, None, :]

    def _told(self, level: float) -> dict[str, Any]:
        """Return what LightGBM is told for one level."""
        return {
            "objective": "quantile",
            "alpha": level,
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            # A thousand rows are too few to be worth sharing.
            **repeatable(threads=1),
        }
