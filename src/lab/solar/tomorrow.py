"""Tomorrow's power without tomorrow's weather, by the clear-sky index.

Every model forecasts the index: power over what a clear sky would give. The sun's path
and the clear sky are known for any day; the index is known of days that have ended.
At night the forecast is zero, and it is never negative.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from lab import compute
from lab.errors import UsageError
from lab.forecast.boosters import check_names, check_shares
from lab.forecast.model import check_fitted
from lab.forecast.one_thread import one_thread
from lab.solar.indices import FAINT_SHARE, HIGHEST_INDEX, IndexInputs

Stacked = Mapping[str, np.ndarray]
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
BACK = ("index_1", "day_1", "day_2", "mean_7", "slot_28")
ROUNDS = 40
# Least residual that counts: an index is not known better.
LEAST_RESIDUAL = 0.02
USUAL = "mean_7"


class SmartPersistence:
    """Yesterday's clear-sky index times tomorrow's clear-sky power; nothing to fit.

    Parameters
    ----------
    by : str
        `slotwise`: the index of the same half-hour; `daily`: that of the whole day.
    inputs : IndexInputs
    """

    levels = (0.5,)
    layout = "clock"

    def __init__(self, by: str = "slotwise", inputs: IndexInputs | None = None) -> None:
        if by not in ("slotwise", "daily"):
            raise UsageError(f"Smart persistence goes by slotwise or daily, got {by!r}.")
        self.by, self.inputs = by, inputs or IndexInputs()
        self.name = "smart_persistence" if by == "slotwise" else "smart_persistence_daily"

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Return self."""
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return power, shape (days, slots, 1)."""
        return power_of(inputs[self.by][:, :, None], inputs["clear"])


class IndexBlend:
    """A straight line through indices of days past, by least error.

    Least absolute deviations (weighted by clear-sky power) by repeated least squares on
    standardised inputs.

    Parameters
    ----------
    names : sequence of str
        Names of the inputs in `x`.
    inputs : IndexInputs
    columns : sequence of str
        Those used, `USUAL` standing in where the index of a day is missing.
    penalty : float
        Ridge on the weights, as a share of the rows.
    name : str
        Its name in the forecast table.

    Attributes
    ----------
    coef_ : numpy.ndarray, shape (1 + columns,)
        Constant first, then the index per standard deviation of each input.
    mean_, scale_ : numpy.ndarray, shape (columns,)

    References
    ----------
    Schlossmacher, An iterative technique for absolute deviations curve fitting (1973),
    doi:10.1080/01621459.1973.10481436.
    """

    levels = (0.5,)
    layout = "clock"

    def __init__(
        self,
        names: Sequence[str],
        inputs: IndexInputs | None = None,
        columns: Sequence[str] = BACK,
        penalty: float = 0.0,
        name: str = "index_blend",
    ) -> None:
        if unknown := [name for name in (*columns, USUAL) if name not in names]:
            raise UsageError(
                f"Unknown input {unknown[0]!r} of a blend; choose among {', '.join(names)}."
            )
        if penalty < 0:
            raise UsageError(f"A blend's penalty must be 0 or more, got {penalty}.")
        self.names, self.inputs = list(names), inputs or IndexInputs()
        self.columns, self.penalty, self.name = list(columns), penalty, name

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Learn from past days: target (days, slots) in W."""
        rows, index, weight = training_rows(inputs, target)
        chosen = self._chosen(rows)
        known = np.isfinite(chosen)
        count = np.maximum(known.sum(axis=0), 1)
        self.mean_ = np.where(known, chosen, 0.0).sum(axis=0) / count
        away = np.where(known, chosen - self.mean_, 0.0)
        self.scale_ = np.maximum(np.sqrt((away**2).sum(axis=0) / count), 1e-6)
        # Many small products: a second thread costs more than it saves.
        with one_thread():
            self.coef_ = self._least_deviations(self._design(rows), index, weight)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return power, shape (days, slots, 1)."""
        days, slots, width = inputs["x"].shape
        index = self._design(inputs["x"].reshape(-1, width)) @ self.coef_
        return power_of(index.reshape(days, slots, 1), inputs["clear"])

    def _least_deviations(self, x: np.ndarray, index: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the coefficients of least weighted absolute error, constant first."""
        ridge = self.penalty * len(x) * np.eye(x.shape[1])
        ridge[0, 0] = 0.0
        now, found = weight, np.zeros(x.shape[1])
        for _ in range(ROUNDS):
            square = x.T @ (x * now[:, None]) + now.mean() * ridge
            found = np.linalg.lstsq(square, x.T @ (now * index))[0]
            now = weight / np.maximum(np.abs(index - x @ found), LEAST_RESIDUAL)
        return found

    def _chosen(self, rows: np.ndarray) -> np.ndarray:
        """Return the chosen inputs; a missing day of those in `BACK` is its week's mean."""
        chosen = rows[:, [self.names.index(name) for name in self.columns]]
        usual = rows[:, [self.names.index(USUAL)]]
        stands_in = np.array([name in BACK for name in self.columns])
        return np.where(np.isfinite(chosen) | ~stands_in, chosen, usual)

    def _design(self, rows: np.ndarray) -> np.ndarray:
        """Return standardised inputs behind a column of ones; what is missing is the mean."""
        away = (self._chosen(rows) - self.mean_) / self.scale_
        return np.hstack([np.ones((len(rows), 1)), np.where(np.isfinite(away), away, 0.0)])


class IndexTrees:
    """XGBoost with a pinball loss for nine quantiles of the clear-sky index at once.

    Parameters
    ----------
    names : sequence of str
        Names of the inputs.
    trees, depth : int
    learning_rate, subsample : float
    inputs : IndexInputs
    """

    name = "index_trees"
    levels = QUANTILES
    layout = "clock"

    def __init__(
        self,
        names: list[str],
        *,
        trees: int = 150,
        depth: int = 3,
        learning_rate: float = 0.05,
        subsample: float = 0.5,
        inputs: IndexInputs | None = None,
    ) -> None:
        if trees < 1 or depth < 1:
            raise UsageError(f"Trees and depth must be at least 1, got {trees} and {depth}.")
        check_shares("XGBoost", learning_rate=learning_rate, subsample=subsample)
        self.names, self.inputs = names, inputs or IndexInputs()
        self.trees, self.depth = trees, depth
        self.learning_rate, self.subsample = learning_rate, subsample

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Learn from past days: target (days, slots) in W.

        Raises
        ------
        UsageError
            If the names are not one for each input, or no day has daylight with power.
        """
        import xgboost

        check_names("IndexTrees", self.names, inputs["x"].shape[2])
        x, index, weight = training_rows(inputs, target)
        rows = xgboost.QuantileDMatrix(
            x.astype(np.float32),
            index,
            weight=weight,
            feature_names=self.names,
            max_bin=64,
            nthread=1,
        )
        self.booster_ = xgboost.train(self._settings(), rows, self.trees)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return power, shape (days, slots, 9), ascending.

        Raises
        ------
        UsageError
            If it has not been fitted, or the inputs are not those of its names.
        """
        check_fitted(self, "booster_")
        days, slots, width = inputs["x"].shape
        check_names("IndexTrees", self.names, width)
        rows = inputs["x"].reshape(-1, width).astype(np.float32)
        found = self.booster_.inplace_predict(rows, validate_features=False)
        index = np.sort(found.reshape(days, slots, len(self.levels)), axis=2)
        return power_of(index, inputs["clear"])

    def _settings(self) -> dict[str, Any]:
        """Return what XGBoost is told, threads and seed included."""
        return {
            "objective": "reg:quantileerror",
            "quantile_alpha": np.array(self.levels),
            "multi_strategy": "multi_output_tree",
            "tree_method": "hist",
            "max_bin": 64,
            "max_depth": self.depth,
            "eta": self.learning_rate,
            "min_child_weight": 20,
            "subsample": self.subsample,
            "colsample_bytree": self.subsample,
            # Small trees: a second thread costs more than it saves.
            "nthread": 1,
            "seed": compute.seed() % 2**31,
        }


def training_rows(inputs: Stacked, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return inputs, clear-sky index and weight of every daylight slot with power.

    Raises
    ------
    UsageError
        If there is none.
    """
    clear = inputs["clear"]
    keep = np.isfinite(target) & (clear > FAINT_SHARE * np.max(clear, initial=0.0))
    if not keep.any():
        raise UsageError(
            f"A fit needs daylight with measured power, got {len(target)} days without any."
        )
    index = np.minimum(target[keep] / clear[keep], HIGHEST_INDEX)
    return inputs["x"][keep], index, clear[keep] / clear.max()


def power_of(index: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Return power from indices (days, slots, levels): zero at night, never negative."""
    watts = np.clip(index, 0, HIGHEST_INDEX) * clear[:, :, None]
    return np.where(clear[:, :, None] > 0, watts, 0.0)
