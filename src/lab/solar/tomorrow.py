"""Tomorrow's power without tomorrow's weather, by the clear-sky index.

Every model forecasts the index: power over what a clear sky would give. The sun's path
and the clear sky are known for any day; the index is known of days that have ended.
At night the forecast is zero, and it is never negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lab import compute
from lab.errors import UsageError

Stacked = Mapping[str, np.ndarray]
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
# Below this share of the highest clear-sky power an index is noise.
FAINT_SHARE = 0.03
HIGHEST_INDEX = 1.5
WINDOWS = (2, 3, 7, 28)
BACK = ("index_1", "day_1", "day_2", "mean_7", "slot_28")
ROUNDS = 40


@dataclass(frozen=True)
class IndexInputs:
    """What the clear-sky indices of days past say about the target day.

    The view's columns `power`, and, if `weather`, the columns named there, are `past`;
    `clear_w, elevation, azimuth, year_sin, year_cos` are `known_future`.

    Attributes
    ----------
    target : str
        Column of power.
    weather : tuple of str
        Further measured columns, of which daily means of the last two days are used.
    """

    target: str = "power_w"
    weather: tuple[str, ...] = ()

    def __call__(self, view: Any) -> dict[str, np.ndarray]:
        """Return `x` (slots, inputs), `clear` (slots,), `slotwise` and `daily` (slots,)."""
        clear = view.future_days["clear_w"]
        index = Indices(view.past_days[self.target], view.past_days["clear_w"])
        columns = self.columns(view, index)
        return {
            "x": np.stack(list(columns.values()), axis=1),
            "clear": clear,
            "slotwise": index.slot(1),
            "daily": np.full(len(clear), index.day(1)),
        }

    def names(self, view: Any) -> list[str]:
        """Return the names of the inputs, in the order of `x`."""
        index = Indices(view.past_days[self.target], view.past_days["clear_w"])
        return list(self.columns(view, index))

    def columns(self, view: Any, index: "Indices") -> dict[str, np.ndarray]:
        """Return the inputs by name, shape (slots,) each."""
        slots = len(view.future_days["clear_w"])
        known = {
            name: view.future_days[name]
            for name in ("elevation", "azimuth", "year_sin", "year_cos")
        }
        known["slot"] = np.arange(slots, dtype=float)
        past: dict[str, Any] = {f"day_{back}": index.day(back, strict=True) for back in (1, 2)}
        past |= {f"mean_{days}": index.mean(days) for days in WINDOWS}
        past |= {"morning_1": index.part(0), "afternoon_1": index.part(1), "rough_1": index.rough()}
        for name in self.weather:
            means = _means(view.past_days[name][-2:])
            past[f"{name}_1"], past[f"{name}_change"] = means[-1], means[-1] - means[0]
        by_slot = {"index_1": index.slot(1), "slot_7": index.slot(7), "slot_28": index.slot(28)}
        return known | {n: np.full(slots, float(v)) for n, v in past.items()} | by_slot


class Indices:
    """Clear-sky indices of the days before an issue, from power and clear-sky power.

    Parameters
    ----------
    power, clear : numpy.ndarray, shape (days, slots)
        The last day is yesterday; power may be missing.
    """

    def __init__(self, power: np.ndarray, clear: np.ndarray) -> None:
        known = np.isfinite(power) & (clear > FAINT_SHARE * clear.max())
        self.power, self.clear = np.where(known, power, 0.0), np.where(known, clear, 0.0)

    def day(self, back: int, strict: bool = False) -> float:
        """Return the index of the day `back` days ago, or, unless strict, of the last before."""
        usable = self.clear.sum(axis=1) > 0
        days = len(usable) - back
        found = np.flatnonzero(usable[: days + 1])
        if days < 0 or not len(found) or (strict and not usable[days]):
            return np.nan
        return _ratio(self.power[found[-1]], self.clear[found[-1]])

    def mean(self, days: int) -> float:
        """Return the index of the last days together."""
        return _ratio(self.power[-days:], self.clear[-days:])

    def part(self, half: int) -> float:
        """Return the index of yesterday's first (0) or second (1) half of clear-sky energy."""
        total = np.cumsum(self.clear[-1])
        first = total <= total[-1] / 2
        rows = first if half == 0 else ~first
        return _ratio(self.power[-1][rows], self.clear[-1][rows])

    def rough(self) -> float:
        """Return the mean change of yesterday's index from one slot to the next."""
        clear = self.clear[-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            index = np.where(clear > 0, self.power[-1] / clear, np.nan)
        steps = np.abs(np.diff(index))
        steps = steps[np.isfinite(steps)]
        return float(steps.mean()) if len(steps) else np.nan

    def slot(self, days: int) -> np.ndarray:
        """Return each slot's index over the last days, neighbours of a faint slot standing in.

        Shape (slots,). A day without power is passed over; without any, NaN.
        """
        usable = np.flatnonzero(self.clear.sum(axis=1) > 0)[-days:]
        power, clear = self.power[usable].sum(axis=0), self.clear[usable].sum(axis=0)
        bright = np.flatnonzero(clear > 0)
        if not len(bright):
            return np.full(len(clear), np.nan)
        index = np.minimum(power[bright] / clear[bright], HIGHEST_INDEX)
        return np.interp(np.arange(len(clear)), bright, index)


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
    """A straight line through yesterday's, last week's and the usual index, by least error.

    Least absolute deviations (weighted by clear-sky power) by repeated least squares, on
    the inputs `BACK`.

    Attributes
    ----------
    coef_ : numpy.ndarray, shape (1 + inputs,)
        Constant first.

    References
    ----------
    Schlossmacher, An iterative technique for absolute deviations curve fitting (1973),
    doi:10.1080/01621459.1973.10481436.
    """

    name = "index_blend"
    levels = (0.5,)
    layout = "clock"

    def __init__(self, names: list[str], inputs: IndexInputs | None = None) -> None:
        self.names, self.inputs = names, inputs or IndexInputs()
        self.columns = [names.index(name) for name in BACK]

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Learn from past days: target (days, slots) in W."""
        rows, index, weight = training_rows(inputs, target)
        x = self._design(rows)
        known = np.isfinite(x).all(axis=1)
        x, index, weight = x[known], index[known], weight[known]
        now = weight
        for _ in range(ROUNDS):
            root = np.sqrt(now)
            self.coef_ = np.linalg.lstsq(x * root[:, None], index * root)[0]
            now = weight / np.maximum(np.abs(index - x @ self.coef_), 1e-3)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return power, shape (days, slots, 1)."""
        days, slots, width = inputs["x"].shape
        index = self._design(inputs["x"].reshape(-1, width)) @ self.coef_
        return power_of(index.reshape(days, slots, 1), inputs["clear"])

    def _design(self, rows: np.ndarray) -> np.ndarray:
        """Return the chosen inputs behind a column of ones; a missing day is its week's mean."""
        chosen = rows[:, self.columns]
        usual = rows[:, [self.names.index("mean_7")]]
        return np.hstack([np.ones((len(rows), 1)), np.where(np.isfinite(chosen), chosen, usual)])


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
        self.names, self.inputs = names, inputs or IndexInputs()
        self.trees, self.depth = trees, depth
        self.learning_rate, self.subsample = learning_rate, subsample

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Learn from past days: target (days, slots) in W."""
        import xgboost

        x, index, weight = training_rows(inputs, target)
        rows = xgboost.QuantileDMatrix(
            x.astype(np.float32), index, weight=weight, feature_names=self.names, max_bin=64
        )
        self.booster_ = xgboost.train(self._settings(), rows, self.trees)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return power, shape (days, slots, 9), ascending."""
        days, slots, width = inputs["x"].shape
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


def _ratio(power: np.ndarray, clear: np.ndarray) -> float:
    """Return the sum of power over that of clear-sky power, NaN without any."""
    return float(power.sum() / clear.sum()) if clear.sum() > 0 else np.nan


def _means(values: np.ndarray) -> np.ndarray:
    """Return the mean of each day over known slots, NaN where none is."""
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
