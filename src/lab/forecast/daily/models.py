"""Daily totals by lead time: ridge and trees on demand freed of calendar and weather.

Both first learn, from the days that had ended, what calendar and temperature do to the
logarithm of a day's total. What then remains of recent days is the level; how warm it has
been is the weather. From these, the season and the holidays ahead they forecast how far
the total will be from what its calendar alone makes of it. One model serves one lead time.
"""

from abc import ABC, abstractmethod
from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast.boosters import check_shares, grown, repeatable
from lab.forecast.daily.inputs import CALENDAR, EFFECTS, WEEK, DailyInputs
from lab.forecast.daily.table import PAST, TARGET
from lab.forecast.inputs import log_demand
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of

WARM_NIGHT_C = 16.0
WARM_EVENING_C = 22.0
LEVEL_HALF_LIVES = (3.0, 14.0)
WEATHER_HALF_LIVES = (5.0, 20.0)
SAME_WEEKDAYS = 4
USUAL_PENALTY = 1.0
# Fewest days from which calendar and weather can be told apart.
MIN_DAYS = 60


class Daily(ABC):
    """What the daily models share: the effects of calendar and weather, and what is left.

    Attributes
    ----------
    usual_ : numpy.ndarray, shape (calendar + weather columns,)
        Effects on the logarithm of a total, by ridge on the days that had ended.
    """

    levels = (0.5,)
    layout = CLOCK

    def __init__(self) -> None:
        self.inputs = DailyInputs()

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on past issues: target (days, 1).

        Raises
        ------
        UsageError
            If fewer than 60 days have all values.
        """
        last, before = inputs["past"][:, -1], inputs["past"][:, -2]
        seen = np.column_stack([inputs["calendar"][:, -1], weather(last, before)])
        usable = complete(seen, last[:, PAST.index(TARGET)])
        self.usual_ = ridge(seen[usable], last[usable, PAST.index(TARGET)], USUAL_PENALTY)[0]
        x = self.columns(inputs)
        away = log_demand(target[:, 0]) - self._calendar(inputs["ahead"])
        usable = complete(x, away)
        self._learn(x[usable], away[usable])
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, 1, 1); NaN where recent days are missing."""
        check_inputs(self, inputs)
        x = self.columns(inputs)
        usable = np.isfinite(x).all(axis=1)
        found = np.full(len(x), np.nan)
        if usable.any():
            found[usable] = self._forecast(x[usable])
        return np.exp(found + self._calendar(inputs["ahead"]))[:, None, None]

    def columns(self, inputs: Stacked) -> np.ndarray:
        """Return what is known at each issue: levels, weather, season and holidays ahead."""
        past = inputs["past"]
        before = np.concatenate([past[:, :1], past[:, :-1]], axis=1)
        warmth = weather(past, before) @ self.usual_[len(CALENDAR) :]
        total = past[:, :, PAST.index(TARGET)]
        level = total - self._calendar(inputs["calendar"]) - warmth
        evening = log_demand(past[:, :, PAST.index("demand_last_6h_mw")]) - total
        last = {name: past[:, -1, PAST.index(name)] for name in PAST}
        hot = np.maximum(last["temperature_last_6h_c"] - WARM_EVENING_C, 0.0)
        return np.column_stack(
            [
                *(recent_mean(level, days) for days in LEVEL_HALF_LIVES),
                *(recent_mean(warmth, days) for days in WEATHER_HALF_LIVES),
                *(level[:, -1], warmth[:, -1], warmth[:, -2], hot),
                evening[:, -1] - evening[:, -1 - WEEK :: -WEEK][:, :SAME_WEEKDAYS].mean(axis=1),
                last["temperature_latest_c"],
                last["temperature_last_6h_c"],
                last["temperature_min_c"],
                inputs["ahead"][:, WEEK:],
            ]
        )

    def _calendar(self, calendar: np.ndarray) -> np.ndarray:
        """Return the effect of weekdays and holidays, without the season's."""
        return np.asarray(calendar[..., : len(EFFECTS)] @ self.usual_[: len(EFFECTS)])

    @abstractmethod
    def _learn(self, x: np.ndarray, y: np.ndarray) -> None:
        """Learn how far totals are from what their calendar makes of them."""

    @abstractmethod
    def _forecast(self, x: np.ndarray) -> np.ndarray:
        """Return how far totals will be from what their calendar makes of them."""


class DailyRidge(Daily):
    """Ridge on recent levels and weather, the season and the holidays ahead.

    Parameters
    ----------
    alpha : float
        Penalty on standardised coefficients, above 0.

    Attributes
    ----------
    coef_ : numpy.ndarray
    intercept_ : float

    Raises
    ------
    UsageError
        If the penalty is not above 0.

    References
    ----------
    Hoerl, Kennard, Ridge regression (1970), doi:10.1080/00401706.1970.10488634.
    """

    name = "daily_ridge"

    def __init__(self, alpha: float = 200.0) -> None:
        super().__init__()
        if not alpha > 0:
            raise UsageError(f"The ridge penalty alpha must be above 0, got {alpha}.")
        self.alpha = alpha

    def _learn(self, x: np.ndarray, y: np.ndarray) -> None:
        self.coef_, self.intercept_ = ridge(x, y, self.alpha)

    def _forecast(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self.intercept_ + x @ self.coef_)


class DailyTrees(Daily):
    """Small trees on the same inputs, of the median: LightGBM with absolute loss.

    Parameters
    ----------
    trees : int
        Boosting rounds.
    leaves : int
        Leaves of a tree.
    learning_rate : float

    Attributes
    ----------
    booster_ : lightgbm.Booster

    Raises
    ------
    UsageError
        If there is no tree or a tree has fewer than two leaves.

    References
    ----------
    Ke et al., LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 2017.
    """

    name = "daily_trees"

    def __init__(self, trees: int = 150, leaves: int = 4, learning_rate: float = 0.05) -> None:
        super().__init__()
        if trees < 1 or leaves < 2:
            raise UsageError(
                f"Daily trees need at least 1 tree and 2 leaves, got {trees} and {leaves}."
            )
        check_shares("Daily trees", learning_rate=learning_rate)
        self.trees, self.leaves, self.learning_rate = trees, leaves, learning_rate

    def _learn(self, x: np.ndarray, y: np.ndarray) -> None:
        import lightgbm

        told = {
            "objective": "regression_l1",
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": 15,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "feature_fraction": 0.5,
            # A thousand rows are too few to be worth sharing.
            **repeatable(threads=1),
        }
        self.booster_ = grown(told, lightgbm.Dataset(x, y), self.trees)

    def _forecast(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self.booster_.predict(x, num_threads=1))


def weather(day: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the temperatures that move a day's demand, from the columns of `PAST`.

    Heat and cold of the day before count too: houses keep them.
    """
    now = {name: day[..., PAST.index(name)] for name in PAST}
    then = {name: before[..., PAST.index(name)] for name in PAST}
    nights = np.maximum(now["temperature_min_c"] - WARM_NIGHT_C, 0.0)
    means = [now[name] for name in ("cooling_k", "hot_k", "heating_k", "temperature_mean_c")]
    return np.stack([*means, then["cooling_k"], then["heating_k"], nights], axis=-1)


def recent_mean(values: np.ndarray, half_life: float) -> np.ndarray:
    """Return the mean over days, oldest first, later ones counting more; NaN left out."""
    weight = 0.5 ** (np.arange(values.shape[1])[::-1] / half_life)
    known = np.isfinite(values)
    total = (np.where(known, values, 0.0) * weight).sum(axis=1)
    count = (known * weight).sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)


def ridge(x: np.ndarray, y: np.ndarray, penalty: float) -> tuple[np.ndarray, float]:
    """Return coefficients and intercept, the penalty being on standardised inputs."""
    middle, spread = x.mean(axis=0), x.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    z = (x - middle) / scale
    gram = z.T @ z + penalty * np.eye(x.shape[1])
    coef = np.linalg.solve(gram, z.T @ (y - y.mean())) / scale
    return coef, float(y.mean() - middle @ coef)


def complete(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return which rows have all values, shape (rows,).

    Raises
    ------
    UsageError
        If there are too few.
    """
    usable = np.isfinite(x).all(axis=1) & np.isfinite(y)
    if usable.sum() < MIN_DAYS:
        raise UsageError(
            f"A daily model needs at least {MIN_DAYS} days to learn from, got "
            f"{usable.sum()} of {len(y)} with all values."
        )
    return np.asarray(usable)
