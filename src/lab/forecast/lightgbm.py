"""Gradient-boosted trees grown leaf by leaf, one model for every half-hour."""

from typing import Any, Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.boosters import grown, repeatable
from lab.forecast.inputs import DayInputs, log_demand
from lab.forecast.model import CLOCK, Stacked, usable
from lab.forecast.trees import rows_with_slot


class LightGBM:
    """LightGBM of the median: absolute loss on the deviation from the usual log demand.

    Parameters
    ----------
    trees : int
        Boosting rounds.
    leaves : int
        Leaves of a tree.
    learning_rate : float
    share : float
        Share of rows drawn for each tree, 0 to 1.
    input_share : float
        Share of inputs drawn for each tree, 0 to 1.
    depth : int
        Levels of a tree at most; -1 for no limit.

    Attributes
    ----------
    booster_ : lightgbm.Booster

    References
    ----------
    Ke et al., LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 2017.
    """

    name = "lightgbm"
    levels = (0.5,)
    layout = CLOCK

    def __init__(
        self,
        trees: int = 200,
        leaves: int = 31,
        learning_rate: float = 0.06,
        *,
        share: float = 0.7,
        input_share: float = 0.4,
        depth: int = -1,
    ) -> None:
        if trees < 1 or leaves < 2:
            raise UsageError(
                f"LightGBM needs at least 1 tree and 2 leaves, got {trees} and {leaves}."
            )
        self.trees, self.leaves, self.learning_rate = trees, leaves, learning_rate
        self.share, self.input_share, self.depth = share, input_share, depth
        self.inputs = DayInputs()

    def parameters(self) -> dict[str, Any]:
        """Return what LightGBM is told, threads and seed included."""
        return {
            "objective": "regression_l1",
            "num_leaves": self.leaves,
            "max_depth": self.depth,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": 60,
            "bagging_fraction": self.share,
            "bagging_freq": 1,
            "feature_fraction": self.input_share,
            "max_bin": 63,
            **repeatable(compute.threads()),
        }

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete days: x (days, slots, inputs), base (days, slots)."""
        import lightgbm

        deviation = log_demand(target) - inputs["base"]
        days = usable(inputs["base"], deviation)
        rows = lightgbm.Dataset(rows_with_slot(inputs["x"][days]), deviation[days].ravel())
        self.booster_ = grown(self.parameters(), rows, self.trees)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where the base is missing."""
        found = np.asarray(
            self.booster_.predict(rows_with_slot(inputs["x"]), num_threads=compute.threads())
        )
        return np.exp(inputs["base"] + found.reshape(inputs["base"].shape))[:, :, None]

    def contributions(self, inputs: Stacked) -> np.ndarray:
        """Return each input's SHAP value, shape (days, slots, inputs + 2), in log demand.

        The last two are the half-hour's number and the mean of all forecasts; a row adds up
        to the forecast deviation.

        References
        ----------
        Lundberg et al. (2020), doi:10.1038/s42256-019-0138-9.
        """
        rows = rows_with_slot(inputs["x"])
        found = np.asarray(self.booster_.predict(rows, pred_contrib=True))
        return found.reshape(*inputs["base"].shape, -1)
