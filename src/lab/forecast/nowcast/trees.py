"""Gradient-boosted trees for the next hours: one model for every hour of issue and step."""

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
from lab.forecast.inputs import log_demand
from lab.forecast.model import Stacked, check_inputs, shapes_of
from lab.forecast.nowcast.inputs import NowcastInputs
from lab.forecast.nowcast.linear import CHUNK, assembled

if TYPE_CHECKING:
    import lightgbm

# A second thread saves little here, and on a busy machine the two wait for each other.
THREADS = 1


class NowcastTrees:
    """LightGBM of the deviation from the usual log demand: the median, other levels if asked.

    Trees are poor at a straight line, and the next half-hour is one: a part of the last
    deviation, step by step, goes in as it is, and they learn what is left.

    Parameters
    ----------
    trees : int
        Boosting rounds.
    leaves : int
        Leaves of a tree.
    learning_rate : float
    row_share : float
        Share of all pairs of issue and step that are learnt from, above 0 to 1: those of
        neighbouring issues tell the same story.
    input_share : float
        Share of inputs drawn for each tree, above 0 to 1.
    levels : sequence of float
        Quantile levels, ascending, 0.5 among them.

    Attributes
    ----------
    boosters_ : list of lightgbm.Booster
        One for each level, of what is left after `kept_` times the last deviation, in units
        of `size_`.
    kept_, size_ : numpy.ndarray, shape (steps,)
        Part of the last deviation that is left at a step, and mean size of the rest.

    References
    ----------
    Ke et al., LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 2017.
    """

    name = "lightgbm"
    boosters_: "list[lightgbm.Booster]"

    def __init__(
        self,
        trees: int = 200,
        leaves: int = 31,
        learning_rate: float = 0.1,
        row_share: float = 0.3,
        input_share: float = 0.5,
        *,
        levels: Sequence[float] = (0.5,),
    ) -> None:
        if trees < 1 or leaves < 2 or not (0 < row_share <= 1 and 0 < input_share <= 1):
            raise UsageError(
                "The trees need at least 1 round, 2 leaves and shares above 0 up to 1, got "
                f"{trees}, {leaves}, {row_share} and {input_share}."
            )
        check_shares("The trees", learning_rate=learning_rate)
        self.levels = check_levels("the trees", levels)
        self.trees, self.leaves, self.learning_rate = trees, leaves, learning_rate
        self.row_share, self.input_share = row_share, input_share
        self.inputs = NowcastInputs()

    @property
    def booster_(self) -> "lightgbm.Booster":
        """The booster of the median."""
        return self.boosters_[self.levels.index(0.5)]

    def parameters(self, level: float = 0.5) -> dict[str, Any]:
        """Return what LightGBM is told for a level, the project's seed included."""
        return {
            **objective(level),
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": 60,
            "feature_fraction": self.input_share,
            "max_bin": 63,
            **repeatable(THREADS),
        }

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on a drawn share of the pairs whose base and target are known.

        Raises
        ------
        UsageError
            If there is none.
        """
        import lightgbm

        away = log_demand(target) - inputs["base"]
        last = np.nan_to_num(inputs["common"][:, 0].astype(float))
        self.kept_ = _slopes(last, away)
        away = away - last[:, None] * self.kept_
        self.size_ = _mean_size(away)
        deviation = away / self.size_
        known = np.flatnonzero(np.isfinite(deviation))
        if not len(known):
            raise UsageError(
                "A fit needs at least one measured step with four earlier days of its type, got "
                f"{len(target)} issues with none."
            )
        rng = np.random.default_rng(compute.seed())
        count = max(1, round(self.row_share * len(known)))
        drawn = np.sort(rng.choice(known, size=count, replace=False))
        issue, step = np.divmod(drawn, deviation.shape[1])
        rows = lightgbm.Dataset(_pairs(inputs, issue, step), deviation[issue, step])
        self.boosters_ = grown_levels(self.parameters, rows, self.trees, self.levels)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (issues, steps, levels), ascending; NaN without a base."""
        check_inputs(self, inputs)
        base = inputs["base"] + np.nan_to_num(inputs["common"][:, :1]) * self.kept_
        found = [np.empty((0, base.shape[1], len(self.levels)))]
        for first in range(0, len(base), CHUNK):
            rows = np.arange(first, min(len(base), first + CHUNK))
            x = _placed(assembled(inputs, rows), inputs["hour"][rows])
            flat = x.reshape(-1, x.shape[2])
            each = [np.asarray(b.predict(flat, num_threads=THREADS)) for b in self.boosters_]
            found.append(together([one.reshape(len(rows), -1) for one in each], self.levels))
        return np.exp(base[:, :, None] + self.size_[:, None] * np.concatenate(found))

    def contributions(self, inputs: Stacked, step: int) -> np.ndarray:
        """Return each input's SHAP value of the median at one step, shape (issues, inputs + 3).

        In log demand, of what the trees add to the usual and to the part of the last deviation
        that is left. The last three are the hour of the issue, the step, and the mean of all
        forecasts; a row adds up to what is added.

        References
        ----------
        Lundberg et al. (2020), doi:10.1038/s42256-019-0138-9.
        """
        check_inputs(self, inputs)
        issues = np.arange(len(inputs["base"]))
        rows = _pairs(inputs, issues, np.full(len(issues), step))
        found = self.booster_.predict(rows, pred_contrib=True, num_threads=THREADS)
        return self.size_[step] * np.asarray(found)


def _slopes(last: np.ndarray, away: np.ndarray) -> np.ndarray:
    """Return which part of the last deviation is left at every step, by least squares."""
    known = np.isfinite(last)[:, None] & np.isfinite(away)
    x, y = np.where(known, last[:, None], 0.0), np.where(known, away, 0.0)
    square = (x * x).sum(axis=0)
    return np.divide((x * y).sum(axis=0), square, out=np.zeros(len(square)), where=square > 0)


def _mean_size(away: np.ndarray) -> np.ndarray:
    """Return the mean absolute value of each step, 1 where nothing is known."""
    known = np.isfinite(away)
    count = np.maximum(known.sum(axis=0), 1)
    size = np.where(known, np.abs(away), 0.0).sum(axis=0) / count
    return np.where(size > 0, size, 1.0)


def _pairs(inputs: Stacked, issue: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return the inputs of pairs of issue and step, shape (pairs, inputs + 2)."""
    days = inputs["days"][issue, inputs["ahead"][issue, step]]
    columns = [
        inputs["common"][issue], inputs["steps"][issue, step], days,
        inputs["hour"][issue][:, None], step[:, None],
    ]  # fmt: skip
    return np.concatenate([c.astype(np.float32, copy=False) for c in columns], axis=1)


def _placed(x: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """Return inputs of whole issues beside hour of issue and step."""
    step = np.broadcast_to(np.arange(x.shape[1], dtype=np.float32), x.shape[:2])
    at = np.broadcast_to(hour[:, None].astype(np.float32), x.shape[:2])
    return np.concatenate([x, at[:, :, None], step[:, :, None]], axis=2)
