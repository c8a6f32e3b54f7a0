"""Prices some minutes ahead in several regions: gradient-boosted trees, one call for all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from lab import compute
from lab.errors import UsageError
from lab.forecast.boosters import check_shares
from lab.forecast.prices.realtime_forecast import RealtimeForecast
from lab.forecast.prices.realtime_inputs import Minutes, RealtimeInputs
from lab.forecast.prices.realtime_intervals import (
    WINDOW_MIN,
    Shifts,
    losses_by_strength,
    recent_movement,
)

if TYPE_CHECKING:
    import xgboost

HORIZONS_MIN = (1, 5, 15, 60)
TARGETS = ("change", "level")
OBJECTIVES = {"absolute": "reg:absoluteerror", "squared": "reg:squarederror"}
MAX_BIN = 64


class RealtimeForecaster:
    """XGBoost for each horizon, of all regions together; intervals from validation errors.

    Parameters
    ----------
    horizons_min : sequence of int
        Minutes ahead, ascending.
    inputs : RealtimeInputs
    target : str
        `change` from the present price, or the `level` of the price itself.
    loss : str
        `absolute` or `squared` error.
    trees, depth : int
        Most boosting rounds, and depth of a tree.
    learning_rate, row_share, column_share : float
        Shares are drawn anew for each tree.
    patience : int
        Rounds without a smaller mean absolute error on the validation part before it stops.
    strengths : sequence of float
        How strongly intervals may follow the recent movement of prices; see `Shifts`.
    tolerance : float
        Error up to which a forecast counts as good, in the unit of the prices.
    seed : int, optional
        Of rows and columns drawn; without it that of the project.

    Attributes
    ----------
    boosters_ : dict of xgboost.Booster
        By horizon, cut where the validation error was least.
    validation_mae_ : pandas.Series
        By horizon, in the unit of the prices.
    strength_losses_ : pandas.Series
        Pinball loss of the strengths tried; the least is taken.
    shifts_ : Shifts
    importance_ : pandas.DataFrame
        Share of the total gain that each input brought, by horizon; columns sum to 1.

    References
    ----------
    Chen, Guestrin, XGBoost (2016), doi:10.1145/2939672.2939785.
    """

    name = "xgboost"

    def __init__(
        self,
        horizons_min: Sequence[int] = HORIZONS_MIN,
        inputs: RealtimeInputs | None = None,
        *,
        target: str = "change",
        loss: str = "absolute",
        trees: int = 200,
        depth: int = 6,
        learning_rate: float = 0.1,
        row_share: float = 0.8,
        column_share: float = 0.8,
        patience: int = 20,
        strengths: Sequence[float] = (0.0, 0.5, 1.0),
        tolerance: float = 5.0,
        seed: int | None = None,
    ) -> None:
        steps = np.diff([0, *horizons_min])
        if not len(horizons_min) or (steps < 1).any() or min(trees, depth, patience) < 1:
            raise UsageError(
                "The forecaster needs ascending horizons from 1 minute on and at least 1 tree, "
                f"depth and patience, got {list(horizons_min)}, {trees}, {depth} and {patience}."
            )
        for value, offered in ((target, TARGETS), (loss, tuple(OBJECTIVES))):
            if value not in offered:
                raise UsageError(
                    f"Unknown target or loss {value!r}; choose {' or '.join(offered)}."
                )
        check_shares(
            "The forecaster", learning_rate=learning_rate, row_share=row_share,
            column_share=column_share,
        )  # fmt: skip
        self.horizons_min, self.inputs = tuple(horizons_min), inputs or RealtimeInputs()
        self.target, self.loss = target, loss
        self.trees, self.depth, self.patience = trees, depth, patience
        self.learning_rate = learning_rate
        self.row_share, self.column_share = row_share, column_share
        self.strengths, self.tolerance, self.seed = tuple(strengths), tolerance, seed

    def parameters(self) -> dict[str, Any]:
        """Return what XGBoost is told, threads and seed included."""
        return {
            "objective": OBJECTIVES[self.loss],
            "eval_metric": "mae",
            "tree_method": "hist",
            "max_bin": MAX_BIN,
            "max_depth": self.depth,
            "eta": self.learning_rate,
            "subsample": self.row_share,
            "colsample_bytree": self.column_share,
            "nthread": compute.threads(),
            "seed": (compute.seed() if self.seed is None else self.seed) % 2**31,
        }

    def fit(
        self, prices: pd.DataFrame, day_ahead: pd.DataFrame, validate_from: pd.Timestamp
    ) -> Self:
        """Learn from what lies before a time; stop and calibrate on what follows.

        Parameters
        ----------
        prices, day_ahead : pandas.DataFrame
            One column for each region, one row for each minute, UTC; nothing after the
            validation part.
        validate_from : pandas.Timestamp
            Forecasts issued from here on are the validation part; one that is issued before
            and is for a later minute belongs to neither.

        Raises
        ------
        DataError
            If the tables are not whole.
        UsageError
            If a part has no pair of issue and value for the longest horizon.
        """
        market = Minutes.of(prices, day_ahead)
        start = int(market.index.searchsorted(validate_from))
        first, need = self._first(), max(self.horizons_min) + 1
        if start - first < need or len(market.index) - start < need + 1:
            raise UsageError(
                f"A fit needs {first + need} minutes before the validation part and {need + 1} in "
                f"it, got {start} and {len(market.index) - start}."
            )
        self.regions_ = market.regions
        names, common = self.inputs.names(market.regions), self.inputs.common(market)
        end = len(market.index)
        errors = np.full((end - start, len(self.horizons_min), len(market.regions)), np.nan)
        self.boosters_ = {}
        for place, horizon in enumerate(self.horizons_min):
            x = self._rows(market, common, horizon)
            y = market.moved(-horizon) - self._base(market)
            learnt, checked = slice(first, start - horizon), slice(start, end - horizon)
            booster = self._grown((x[learnt], y[learnt]), (x[checked], y[checked]), names)
            errors[: end - horizon - start, place] = y[checked] - _forecast(booster, x[checked])
            self.boosters_[horizon] = booster
        self._learn_from(errors, recent_movement(market.prices)[start:])
        self.importance_ = _importance(self.boosters_, names)
        return self

    def predict(
        self, prices: pd.DataFrame, day_ahead: pd.DataFrame, issued_from: pd.Timestamp | None = None
    ) -> RealtimeForecast:
        """Forecast all horizons and regions at once, from every minute that has its history.

        Parameters
        ----------
        prices, day_ahead : pandas.DataFrame
            As in `fit`. The level may reach further than the prices; where it does not, the
            trees take their way for a missing value.
        issued_from : pandas.Timestamp, optional
            First minute of issue; without it the first with enough history.

        Raises
        ------
        DataError
            If the tables are not whole.
        UsageError
            If the regions are others than in `fit`, or no minute has enough history.
        """
        market, first = Minutes.of(prices, day_ahead), self._first()
        if issued_from is not None:
            first = max(first, int(market.index.searchsorted(issued_from)))
        if market.regions != self.regions_ or first >= len(market.index):
            raise UsageError(
                f"Forecasts need the regions {', '.join(self.regions_)} and more than {first} "
                f"minutes, got {', '.join(market.regions)} and {len(market.index)}."
            )
        common, base = self.inputs.common(market), self._base(market)[first:]
        point = [
            base + _forecast(self.boosters_[h], self._rows(market, common, h)[first:])
            for h in self.horizons_min
        ]
        recent = recent_movement(market.prices)[first:]
        return RealtimeForecast(
            market.index[first:],
            self.horizons_min,
            self.regions_,
            self.shifts_.around(np.stack(point, axis=1), recent),
            self._table(self.shifts_.confidence),
            self.tolerance,
        )

    def _first(self) -> int:
        """Return how many minutes must lie before an issue."""
        return max(self.inputs.history_min, WINDOW_MIN)

    def _rows(self, market: Minutes, common: np.ndarray, horizon: int) -> np.ndarray:
        """Return the inputs of a horizon, shape (minutes, regions, inputs)."""
        return np.concatenate([common, self.inputs.levels(market, horizon)], axis=-1)

    def _base(self, market: Minutes) -> np.ndarray:
        """Return what the trees' forecast is added to."""
        return market.prices if self.target == "change" else np.zeros_like(market.prices)

    def _grown(
        self, learnt: tuple[np.ndarray, ...], checked: tuple[np.ndarray, ...], names: list[str]
    ) -> "xgboost.Booster":
        """Return trees, no more of them than the validation part asks for."""
        import xgboost

        told = self.parameters()
        flat = [(x.reshape(-1, len(names)), y.ravel()) for x, y in (learnt, checked)]
        rows = xgboost.QuantileDMatrix(*flat[0], feature_names=names, max_bin=MAX_BIN)
        stop = xgboost.QuantileDMatrix(*flat[1], feature_names=names, max_bin=MAX_BIN, ref=rows)
        booster = xgboost.train(
            told, rows, self.trees, evals=[(stop, "validation")],
            early_stopping_rounds=self.patience, verbose_eval=False,
        )  # fmt: skip
        return booster[: booster.best_iteration + 1]

    def _learn_from(self, errors: np.ndarray, recent: np.ndarray) -> None:
        """Learn intervals and confidence from the errors of the validation part."""
        self.strength_losses_ = losses_by_strength(errors, recent, self.strengths)
        strength = float(self.strength_losses_.idxmin())
        self.shifts_ = Shifts.learn(errors, recent, strength, self.tolerance)
        mean = np.nanmean(np.abs(errors), axis=(0, 2))
        ahead = pd.Index(self.horizons_min, name="horizon_min")
        self.validation_mae_ = pd.Series(mean, ahead, name="validation_mae")

    def _table(self, values: np.ndarray) -> pd.DataFrame:
        """Return values by horizon and region."""
        ahead = pd.Index(self.horizons_min, name="horizon_min")
        return pd.DataFrame(values, ahead, pd.Index(self.regions_, name="region"))


def _forecast(booster: "xgboost.Booster", x: np.ndarray) -> np.ndarray:
    """Return what the trees say of every minute and region."""
    flat = x.reshape(-1, x.shape[-1])
    found = booster.inplace_predict(flat, validate_features=False)
    return np.asarray(found, dtype=float).reshape(x.shape[:-1])


def _importance(boosters: "dict[int, xgboost.Booster]", names: list[str]) -> pd.DataFrame:
    """Return the share of the total gain of each input, by horizon."""
    gains = {h: one.get_score(importance_type="total_gain") for h, one in boosters.items()}
    table = pd.DataFrame(gains, index=pd.Index(names, name="input")).fillna(0.0)
    return (table / table.sum()).rename_axis("horizon_min", axis="columns")
