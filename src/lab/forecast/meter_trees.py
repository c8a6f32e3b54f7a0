"""LightGBM with an absolute loss for household meters: one, many or all of them at once."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.boosters import check_shares, repeatable
from lab.forecast.meter_inputs import MeterInputs
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of

if TYPE_CHECKING:
    import lightgbm


class MeterTrees:
    """Gradient boosted trees of the median, pooled over slots and whatever meters are given.

    The target is the load in units of the meter's recent level, so an error counts in
    proportion to the household's size. Days of several meters may stand one after the other
    in `fit` and `predict`: the model does not know which meter it sees.

    Parameters
    ----------
    target : str
        Column of the table.
    name : str
        Name in the forecast table.
    trees, leaves, min_rows : int
        Boosting rounds, leaves of a tree, fewest rows in a leaf.
    learning_rate : float
    weather : tuple of str
        Columns of the table whose last days are inputs too.
    threads : int
        Another number, other trees.
    least : float
        Lowest possible value, in the target's unit; -inf for none.

    Attributes
    ----------
    booster_ : lightgbm.Booster

    References
    ----------
    Ke et al., LightGBM (2017), NeurIPS 30, 3146-3154.
    """

    levels = (0.5,)
    layout = CLOCK
    booster_: "lightgbm.Booster"

    def __init__(
        self,
        target: str = "load_w",
        *,
        name: str = "lightgbm",
        trees: int = 150,
        leaves: int = 31,
        min_rows: int = 100,
        learning_rate: float = 0.05,
        weather: tuple[str, ...] = (),
        threads: int = 1,
        least: float = 0.0,
    ) -> None:
        if trees < 1 or leaves < 2 or min_rows < 1:
            raise UsageError(
                "Trees and rows in a leaf must be at least 1 and leaves at least 2, got "
                f"{trees}, {min_rows} and {leaves}."
            )
        check_shares("LightGBM", learning_rate=learning_rate)
        self.target, self.name, self.trees, self.leaves = target, name, trees, leaves
        self.min_rows, self.learning_rate, self.weather = min_rows, learning_rate, tuple(weather)
        self.threads, self.least = threads, least
        self.inputs = MeterInputs(target, self.weather)

    def parameters(self) -> dict[str, Any]:
        """Return what LightGBM is told, threads and seed included."""
        return {
            "objective": "l1",
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.min_rows,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "feature_fraction": 0.4,
            "max_bin": 63,
            **repeatable(self.threads),
        }

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on x (days, slots, inputs) and level (days, 1).

        Raises
        ------
        UsageError
            If fewer values than two leaves need are measured.
        """
        import lightgbm

        share = (target / inputs["level"]).ravel()
        keep = np.isfinite(share)
        if keep.sum() < 2 * self.min_rows:
            raise UsageError(
                f"A fit needs at least {2 * self.min_rows} measured values with some history, "
                f"got {int(keep.sum())}."
            )
        told = self.parameters()
        data = lightgbm.Dataset(_rows(inputs["x"])[keep], share[keep], params=told)
        self.booster_ = lightgbm.train(told, data, self.trees)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where nothing of the meter is known."""
        check_inputs(self, inputs)
        x = inputs["x"]
        found = np.asarray(self.booster_.predict(_rows(x), num_threads=self.threads))
        return np.maximum(found.reshape(x.shape[:2]) * inputs["level"], self.least)[:, :, None]

    def contributions(self, inputs: Stacked) -> np.ndarray:
        """Return what each input adds to each forecast, in units of the meter's level.

        Returns
        -------
        numpy.ndarray, shape (days, slots, inputs + 1)
            Exact Shapley values of the trees; the last is the mean forecast. Their sum is
            the forecast in units of the level, before it is kept above `least`.

        References
        ----------
        Lundberg et al., From local explanations to global understanding with explainable AI
        for trees (2020), doi:10.1038/s42256-019-0138-9.
        """
        check_inputs(self, inputs)
        x = inputs["x"]
        found = self.booster_.predict(_rows(x), pred_contrib=True, num_threads=self.threads)
        return np.asarray(found).reshape(*x.shape[:2], -1)


def _rows(x: np.ndarray) -> np.ndarray:
    """Return one row per slot, shape (days * slots, inputs)."""
    rows: np.ndarray = x.reshape(-1, x.shape[2])
    return rows
