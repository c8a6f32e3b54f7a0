"""Boosted trees for tomorrow's prices: all hours in one model, the hour among its inputs.

Trees cannot forecast a price that lies outside what they have seen; so they learn how the
price differs from the benchmark's rule on the scale of the last weeks (see `local`).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.boosters import check_levels, check_shares, grown, objective, repeatable, together
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of, usable
from lab.forecast.prices.hours import HourInputs
from lab.forecast.prices.local import SCALE_DAYS, from_scale, to_scale
from lab.forecast.trees import rows_with_slot

if TYPE_CHECKING:
    import lightgbm

BINS = 64


class PriceTrees(ABC):
    """What both libraries share: rows, scale, base, order of levels.

    Parameters
    ----------
    target : str
        Column of the prices.
    others : sequence of str
        Exogenous columns that are known ahead.
    trees : int
        Boosting rounds.
    depth : int
        Depth of a tree.
    learning_rate : float
    share : float
        Share of rows and of inputs drawn for each tree, 0 to 1.
    min_rows : int
        Rows in a leaf, at least.
    levels : sequence of float
        Quantile levels, ascending, 0.5 among them.
    scale_days : int
        Days that tell the scale.

    Raises
    ------
    UsageError
        If a setting is impossible.
    """

    name: ClassVar[str]
    layout: ClassVar[str] = CLOCK
    boosters_: Any

    def __init__(
        self,
        target: str,
        others: Sequence[str] = (),
        *,
        trees: int = 150,
        depth: int = 5,
        learning_rate: float = 0.05,
        share: float = 0.7,
        min_rows: int = 20,
        levels: Sequence[float] = (0.5,),
        scale_days: int = SCALE_DAYS,
    ) -> None:
        who = type(self).__name__
        if min(trees, depth, min_rows, scale_days) < 1:
            raise UsageError(
                f"{who} needs trees, depth, min_rows and scale_days of at least 1, got {trees}, "
                f"{depth}, {min_rows} and {scale_days}."
            )
        check_shares(who, learning_rate=learning_rate, share=share)
        self.levels = check_levels(who, levels)
        self.target, self.others, self.trees, self.depth = target, tuple(others), trees, depth
        self.learning_rate, self.share, self.min_rows = learning_rate, share, min_rows
        self.scale_days = scale_days
        self.inputs = HourInputs(target, self.others, scale_days)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on complete days: x (days, slots, inputs), base (days, slots).

        Raises
        ------
        UsageError
            If no day is complete.
        """
        learned = to_scale(target, inputs["middle"], inputs["spread"]) - inputs["base"]
        days = usable(inputs["base"], learned)
        self.boosters_ = self._grown(rows_with_slot(inputs["x"][days]), learned[days].ravel())
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, levels), ascending; NaN where the base is."""
        check_inputs(self, inputs)
        base = inputs["base"]
        found = self._told(rows_with_slot(inputs["x"])).reshape(*base.shape, len(self.levels))
        quantiles = together(list(np.moveaxis(found, -1, 0)), self.levels) + base[:, :, None]
        return from_scale(quantiles, inputs["middle"][:, :, None], inputs["spread"][:, :, None])

    @abstractmethod
    def _grown(self, rows: np.ndarray, learned: np.ndarray) -> Any:
        """Return the trees that were grown on rows, shape (rows, inputs)."""

    @abstractmethod
    def _told(self, rows: np.ndarray) -> np.ndarray:
        """Return what the trees say of rows, shape (rows, levels)."""


class PriceXGBoost(PriceTrees):
    """XGBoost on the pinball loss, all levels in one model.

    References
    ----------
    Chen, Guestrin, XGBoost (2016), doi:10.1145/2939672.2939785.
    """

    name = "xgboost"

    def _grown(self, rows: np.ndarray, learned: np.ndarray) -> Any:
        import xgboost

        told = {
            "objective": "reg:quantileerror",
            "quantile_alpha": np.array(self.levels),
            "tree_method": "hist",
            "max_bin": BINS,
            "max_depth": self.depth,
            "eta": self.learning_rate,
            "min_child_weight": self.min_rows,
            "subsample": self.share,
            "colsample_bytree": self.share,
            "nthread": compute.threads(),
            "seed": compute.seed() % 2**31,
        }
        if len(self.levels) > 1:
            told["multi_strategy"] = "multi_output_tree"
        return xgboost.train(told, xgboost.QuantileDMatrix(rows, learned, max_bin=BINS), self.trees)

    def _told(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(self.boosters_.inplace_predict(rows, validate_features=False))


class PriceLightGBM(PriceTrees):
    """LightGBM: the median by the absolute error, other levels by the pinball loss.

    References
    ----------
    Ke et al., LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 2017.
    """

    name = "lightgbm"
    boosters_: "list[lightgbm.Booster]"

    def contributions(self, inputs: Stacked) -> np.ndarray:
        """Return each input's SHAP value of the median, shape (days, slots, inputs + 2).

        On the scale of the last weeks. The last two are the hour's number and the mean of all
        forecasts; a row adds up to what is added to the benchmark's rule.

        References
        ----------
        Lundberg et al. (2020), doi:10.1038/s42256-019-0138-9.
        """
        check_inputs(self, inputs)
        median = self.boosters_[self.levels.index(0.5)]
        found = np.asarray(median.predict(rows_with_slot(inputs["x"]), pred_contrib=True))
        return found.reshape(*inputs["base"].shape, -1)

    def _grown(self, rows: np.ndarray, learned: np.ndarray) -> Any:
        import lightgbm

        told = {
            "max_depth": self.depth,
            "num_leaves": 2**self.depth - 1 if self.depth > 1 else 2,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.min_rows,
            "bagging_fraction": self.share,
            "bagging_freq": 1,
            "feature_fraction": self.share,
            "max_bin": BINS - 1,
            **repeatable(compute.threads()),
        }
        # Each level bins anew: a data set keeps the settings it was made with.
        return [
            grown(told | objective(level), lightgbm.Dataset(rows, learned), self.trees)
            for level in self.levels
        ]

    def _told(self, rows: np.ndarray) -> np.ndarray:
        threads = compute.threads()
        each = [np.asarray(one.predict(rows, num_threads=threads)) for one in self.boosters_]
        return np.stack(each, axis=-1)
