"""Gradient-boosted trees grown leaf by leaf, one model for every half-hour."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.boosters import (
    check_levels,
    check_shares,
    grown_levels,
    objective,
    repeatable,
    together,
)
from lab.forecast.inputs import DayInputs, log_demand
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of, usable
from lab.forecast.trees import rows_with_slot

if TYPE_CHECKING:
    import lightgbm


class LightGBM:
    """LightGBM of the deviation from the usual log demand: the median, other levels if asked.

    The median is learnt by the absolute error, other levels by the pinball loss, one booster
    each; quantiles survive the logarithm and its way back unchanged.

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
    levels : sequence of float
        Quantile levels, ascending, 0.5 among them.

    Attributes
    ----------
    boosters_ : list of lightgbm.Booster
        One for each level.

    Raises
    ------
    UsageError
        If a setting is impossible.

    References
    ----------
    Ke et al., LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 2017.
    """

    name = "lightgbm"
    layout = CLOCK
    boosters_: "list[lightgbm.Booster]"

    def __init__(
        self,
        trees: int = 200,
        leaves: int = 31,
        learning_rate: float = 0.06,
        *,
        share: float = 0.7,
        input_share: float = 0.4,
        depth: int = -1,
        levels: Sequence[float] = (0.5,),
    ) -> None:
        if trees < 1 or leaves < 2:
            raise UsageError(
                f"LightGBM needs at least 1 tree and 2 leaves, got {trees} and {leaves}."
            )
        if depth < 1 and depth != -1:
            raise UsageError(f"LightGBM needs a depth of at least 1, or -1 for any, got {depth}.")
        check_shares("LightGBM", learning_rate=learning_rate, share=share, input_share=input_share)
        self.levels = check_levels("LightGBM", levels)
        self.trees, self.leaves, self.learning_rate = trees, leaves, learning_rate
        self.share, self.input_share, self.depth = share, input_share, depth
        self.inputs = DayInputs()

    @property
    def booster_(self) -> "lightgbm.Booster":
        """The booster of the median."""
        return self.boosters_[self.levels.index(0.5)]

    def parameters(self, level: float = 0.5) -> dict[str, Any]:
        """Return what LightGBM is told for a level, threads and seed included."""
        return {
            **objective(level),
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
        self.boosters_ = grown_levels(self.parameters, rows, self.trees, self.levels)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, levels), ascending; NaN where the base is missing.

        Levels that cross are put in order from the median outwards.
        """
        check_inputs(self, inputs)
        rows, base = rows_with_slot(inputs["x"]), inputs["base"]
        threads = compute.threads()
        found = [np.asarray(one.predict(rows, num_threads=threads)) for one in self.boosters_]
        deviation = together([one.reshape(base.shape) for one in found], self.levels)
        return np.exp(base[:, :, None] + deviation)

    def contributions(self, inputs: Stacked) -> np.ndarray:
        """Return each input's SHAP value of the median, shape (days, slots, inputs + 2).

        In log demand. The last two are the half-hour's number and the mean of all forecasts;
        a row adds up to the forecast deviation.

        References
        ----------
        Lundberg et al. (2020), doi:10.1038/s42256-019-0138-9.
        """
        check_inputs(self, inputs)
        rows = rows_with_slot(inputs["x"])
        found = np.asarray(self.booster_.predict(rows, pred_contrib=True))
        return found.reshape(*inputs["base"].shape, -1)
