"""Gradient-boosted trees with all quantiles in one model."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.boosters import check_levels, check_names, check_shares
from lab.forecast.inputs import DayInputs, log_demand
from lab.forecast.intervals import ascending
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of, usable
from lab.forecast.table import QUANTILES

MAX_BIN = 64


class XGBoost:
    """XGBoost with a pinball loss for nine quantiles at once, or those that are asked for.

    One tree of a round carries the leaf values of all quantiles, so nine quantiles cost
    little more than one. Its target is the deviation of log demand from its usual value;
    quantiles survive the logarithm and its way back unchanged.

    Parameters
    ----------
    trees : int
        Boosting rounds.
    depth : int
        Depth of a tree.
    learning_rate : float
    subsample : float
        Share of rows and of inputs drawn for each tree, 0 to 1.
    names : sequence of str, optional
        Names of the inputs, kept in the file of the model.
    levels : sequence of float
        Quantile levels, ascending, 0.5 among them.

    Attributes
    ----------
    booster_ : xgboost.Booster

    Raises
    ------
    UsageError
        If a setting is impossible.

    References
    ----------
    Chen, Guestrin, XGBoost (2016), doi:10.1145/2939672.2939785.
    """

    name = "xgboost"
    layout = CLOCK

    def __init__(
        self,
        trees: int = 60,
        depth: int = 5,
        learning_rate: float = 0.15,
        subsample: float = 0.5,
        *,
        names: list[str] | None = None,
        levels: Sequence[float] = QUANTILES,
    ) -> None:
        if trees < 1 or depth < 1:
            raise UsageError(f"Trees and depth must be at least 1, got {trees} and {depth}.")
        check_shares("XGBoost", learning_rate=learning_rate, subsample=subsample)
        self.levels = check_levels("XGBoost", levels)
        self.trees, self.depth, self.names = trees, depth, names
        self.learning_rate, self.subsample = learning_rate, subsample
        self.inputs = DayInputs()

    def parameters(self) -> dict[str, object]:
        """Return what XGBoost is told, threads and seed included."""
        return {
            "objective": "reg:quantileerror",
            "quantile_alpha": np.array(self.levels),
            "multi_strategy": "multi_output_tree",
            "tree_method": "hist",
            "max_bin": MAX_BIN,
            "max_depth": self.depth,
            "eta": self.learning_rate,
            "min_child_weight": 20,
            "subsample": self.subsample,
            "colsample_bytree": self.subsample,
            "nthread": compute.threads(),
            "seed": compute.seed() % 2**31,
        }

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete days: x (days, slots, inputs), base (days, slots).

        Raises
        ------
        UsageError
            If no day is complete, or the names are not one for each input.
        """
        import xgboost

        if self.names:
            check_names("XGBoost", self.names, inputs["x"].shape[2])
        deviation = log_demand(target) - inputs["base"]
        days = usable(inputs["base"], deviation)
        names = [*self.names, "half_hour"] if self.names else None
        rows = xgboost.QuantileDMatrix(
            rows_with_slot(inputs["x"][days]),
            deviation[days].ravel(),
            feature_names=names,
            max_bin=MAX_BIN,
        )
        self.booster_ = xgboost.train(self.parameters(), rows, self.trees)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, levels): ascending, the median the model's own."""
        check_inputs(self, inputs)
        found = self.booster_.inplace_predict(rows_with_slot(inputs["x"]), validate_features=False)
        base = inputs["base"]
        quantiles = ascending(found.reshape(*base.shape, len(self.levels)), self.levels)
        return np.exp(base[:, :, None] + quantiles)


def rows_with_slot(x: np.ndarray) -> np.ndarray:
    """Return one row per half-hour, its number within the day as the last input."""
    days, slots, _ = x.shape
    number = np.broadcast_to(np.arange(slots)[None, :, None], (days, slots, 1))
    return np.concatenate([x, number], axis=2).reshape(days * slots, -1).astype(np.float32)
