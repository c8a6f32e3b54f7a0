"""LightGBM for series that may be zero: one model over all slots, direct."""

from typing import Any, Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.boosters import check_levels, check_shares, repeatable
from lab.forecast.intervals import ascending
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.profile import ProfileInputs, from_scale, to_scale, usable_rows


class ProfileTrees:
    """LightGBM with a pinball loss, one booster for each level, pooled over slots.

    The target is the deviation from the usual day on the square-root scale; quantiles
    survive the way back unchanged. The slot is an input.

    Parameters
    ----------
    target : str
        Column of the table.
    levels : sequence of float
        Quantile levels, ascending, 0.5 among them.
    trees, leaves, min_rows : int
        Boosting rounds, leaves of a tree, fewest rows in a leaf.
    learning_rate : float
    threads : int
        One is fastest below some ten thousand rows; another number, other trees.
    year : bool
        Waves of the year among the inputs.
    least : float
        Lowest possible value, in the target's unit; -inf for none.

    Attributes
    ----------
    boosters_ : list of lightgbm.Booster

    References
    ----------
    Ke et al., LightGBM (2017), NeurIPS 30, 3146-3154.
    """

    name = "lightgbm"
    layout = CLOCK

    def __init__(
        self,
        target: str = "energy_kwh",
        *,
        levels: tuple[float, ...] = (0.5,),
        trees: int = 100,
        leaves: int = 15,
        learning_rate: float = 0.05,
        min_rows: int = 40,
        threads: int = 1,
        year: bool = True,
        least: float = 0.0,
    ) -> None:
        if trees < 1 or leaves < 2:
            raise UsageError(
                f"Trees must be at least 1 and leaves at least 2, got {trees} and {leaves}."
            )
        check_shares("LightGBM", learning_rate=learning_rate)
        self.levels = check_levels("LightGBM", levels)
        self.target, self.trees, self.leaves = target, trees, leaves
        self.learning_rate, self.min_rows, self.threads = learning_rate, min_rows, threads
        self.year, self.least = year, least
        self.inputs = ProfileInputs(target, year)

    def parameters(self, level: float) -> dict[str, Any]:
        """Return what LightGBM is told, threads and seed included."""
        return {
            "objective": "quantile",
            "alpha": level,
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.min_rows,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "feature_fraction": 0.5,
            "max_bin": 63,
            **repeatable(self.threads),
        }

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on x (days, slots, inputs), base (days, slots), level (days, 1)."""
        import lightgbm

        deviation = to_scale(target, inputs["level"]) - inputs["base"]
        keep = usable_rows(inputs["base"], deviation).ravel()
        x, y = _rows(inputs["x"])[keep], deviation.ravel()[keep]
        self.boosters_ = []
        for level in self.levels:
            told = self.parameters(level)
            data = lightgbm.Dataset(x, y, params=told, free_raw_data=True)
            self.boosters_.append(lightgbm.train(told, data, self.trees))
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, levels), ascending; NaN without a base."""
        check_inputs(self, inputs)
        rows, base = _rows(inputs["x"]), inputs["base"]
        found = [one.predict(rows, num_threads=self.threads) for one in self.boosters_]
        shape = (*base.shape, len(self.levels))
        deviation = ascending(np.stack(found, axis=-1).reshape(shape), self.levels)
        return from_scale(base[:, :, None] + deviation, inputs["level"][:, :, None], self.least)

    def contributions(self, inputs: Stacked) -> np.ndarray:
        """Return each input's SHAP value of the median, shape (days, slots, inputs + 2).

        The last two are the slot and the mean of all forecasts; a row adds up to the
        deviation from the usual day on the square-root scale.

        References
        ----------
        Lundberg et al. (2020), doi:10.1038/s42256-019-0138-9.
        """
        check_inputs(self, inputs)
        booster = self.boosters_[self.levels.index(0.5)]
        found = np.asarray(booster.predict(_rows(inputs["x"]), pred_contrib=True))
        return found.reshape(*inputs["base"].shape, -1)


def _rows(x: np.ndarray) -> np.ndarray:
    """Return one row per slot, its number within the day as the last input."""
    days, slots, _ = x.shape
    number = np.broadcast_to(np.arange(slots)[None, :, None], (days, slots, 1))
    return np.concatenate([x, number], axis=2).reshape(days * slots, -1).astype(np.float32)
