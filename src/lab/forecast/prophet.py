"""Prophet with temperature, weekend and holiday regressors."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from lab import compute
from lab.errors import UsageError
from lab.forecast.inputs import (
    HEATING_BELOW_C,
    NIGHT_COOLING_ABOVE_C,
    cooling,
    heating,
    log_demand,
)
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of, usable
from lab.forecast.view import View

REGRESSORS = (
    "cooling",
    "heating",
    "cooling_mean",
    "warm_evening",
    "cold_evening",
    "weekend",
    "holiday",
)
GROWTHS, MODES = ("flat", "linear"), ("multiplicative", "log")
SATURDAY = 5
LAST_3_H = -6


@dataclass(frozen=True)
class ProphetInputs:
    """The regressors of the target day and its wall-clock times.

    Temperature enters by persistence: that of the day before at the same half-hour, its
    mean cooling degrees and its last three hours. Only where the view knows the target
    day's temperature (the labelled upper bound) is that day's own taken.
    """

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return `regressors`, shape (slots, 7), and `minute`, shape (slots,), since 1970.

        Where the view knows the target day's temperature, `temperature_ahead`, shape (slots,),
        says so.
        """
        past = view.past_days["temperature_c"]
        day = view.future_days.get("temperature_c", past[-1])
        slots = len(day)
        evening = past[-1][LAST_3_H:].mean(keepdims=True)
        columns = (
            cooling(day),
            heating(day),
            cooling(day).mean(),
            cooling(evening, NIGHT_COOLING_ABOVE_C),
            heating(evening, HEATING_BELOW_C),
            float(view.future_days["weekday"][0] >= SATURDAY),
            float(view.future_days["holiday"][0]),
        )
        stacked = np.stack([np.broadcast_to(column, slots) for column in columns], axis=1)
        begin = view.date.astype("datetime64[m]").astype(np.int64)
        found = {"regressors": stacked, "minute": begin + np.arange(slots) * (1440 // slots)}
        return found | ({"temperature_ahead": day} if "temperature_c" in view.future_days else {})


class Prophet:
    """Prophet: year, week, a day's shape by day type and regressors, all multiplicative.

    The model has no sampled uncertainty of its own (`uncertainty_samples=0`): intervals
    are calibrated on its past errors like those of every point forecast.

    Parameters
    ----------
    yearly_order, weekly_order, daily_order : int
        Fourier orders, at least 1.
    seasonality_prior, changepoint_prior : float
        Prior scales of the waves and regressors, and of changes of the trend's slope,
        above 0. A flat trend has no slope to change.
    growth : {"flat", "linear"}
        The trend. A straight line cannot be told from the yearly wave in one year of
        data: it is worth trying with several.
    mode : {"multiplicative", "log"}
        `multiplicative`: trend times 1 plus the sum of all effects; `log`: additive on log
        demand, every effect a factor of its own.

    Attributes
    ----------
    model_ : prophet.Prophet

    Raises
    ------
    UsageError
        If a parameter is out of its range.

    References
    ----------
    Taylor, Letham, Forecasting at scale (2018), doi:10.1080/00031305.2017.1380080.
    """

    name = "prophet"
    levels = (0.5,)
    layout = CLOCK

    def __init__(
        self,
        yearly_order: int = 4,
        weekly_order: int = 3,
        daily_order: int = 8,
        *,
        seasonality_prior: float = 10.0,
        changepoint_prior: float = 0.05,
        growth: str = "flat",
        mode: str = "multiplicative",
    ) -> None:
        orders = (yearly_order, weekly_order, daily_order)
        if min(orders) < 1 or not (seasonality_prior > 0 and changepoint_prior > 0):
            raise UsageError(
                "Prophet's Fourier orders must be at least 1 and its prior scales above 0, got "
                f"orders {orders}, priors {seasonality_prior} and {changepoint_prior}."
            )
        for what, given, known in (("growth", growth, GROWTHS), ("mode", mode, MODES)):
            if given not in known:
                raise UsageError(f"Prophet's {what} must be {' or '.join(known)}, got {given!r}.")
        self.yearly_order, self.weekly_order, self.daily_order = orders
        self.seasonality_prior, self.changepoint_prior = seasonality_prior, changepoint_prior
        self.growth, self.mode = growth, mode
        self.inputs = ProphetInputs()

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on days with a complete target and complete regressors."""
        log = log_demand(target)
        days = usable(inputs["regressors"].sum(axis=2), log)
        rows = _rows({name: values[days] for name, values in inputs.items()})
        y = log[days] if self.mode == "log" else target[days]
        self.model_ = self._new()
        self.model_.fit(rows.assign(y=y.ravel()), seed=compute.seed() % 2**31)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 1); NaN where a regressor is missing."""
        check_inputs(self, inputs)
        rows = _rows(inputs)
        known = rows[list(REGRESSORS)].notna().all(axis=1).to_numpy()
        found = np.full(len(rows), np.nan)
        if known.any():
            found[known] = self._mean(rows[known].reset_index(drop=True))
        return found.reshape(*inputs["minute"].shape, 1)

    def _mean(self, rows: pd.DataFrame) -> np.ndarray:
        """Return what Prophet's `predict` calls yhat, in a fifth of its time."""
        ready = self.model_.setup_dataframe(rows)
        effect = self._features(ready) @ self.model_.params["beta"].mean(axis=0)
        trend = self.model_.predict_trend(ready)
        if self.mode == "log":
            return np.asarray(np.exp(trend + effect * self.model_.y_scale))
        return np.asarray(trend * (1 + effect))

    def _features(self, ready: pd.DataFrame) -> np.ndarray:
        """Return the waves, each where its condition holds, and the regressors, by column."""
        parts = []
        for wave in self.model_.seasonalities.values():
            values = self.model_.fourier_series(ready["ds"], wave["period"], wave["fourier_order"])
            where = wave["condition_name"]
            parts.append(values if where is None else values * ready[[where]].to_numpy(dtype=float))
        return np.concatenate([*parts, ready[list(REGRESSORS)].to_numpy(dtype=float)], axis=1)

    def _new(self) -> Any:
        """Return the unfitted Prophet model."""
        import logging

        from prophet import Prophet as Original

        # It warns of every fit on less than two years; the studies say so once.
        for library in ("cmdstanpy", "prophet"):
            logging.getLogger(library).setLevel(logging.ERROR)
        trend: Any = self.growth
        model = Original(
            growth=trend,
            daily_seasonality=False,
            weekly_seasonality=False,
            yearly_seasonality=self.yearly_order,
            seasonality_mode="additive" if self.mode == "log" else "multiplicative",
            seasonality_prior_scale=self.seasonality_prior,
            changepoint_prior_scale=self.changepoint_prior,
            uncertainty_samples=0,
        )
        for name in REGRESSORS:
            model.add_regressor(name)
        model.add_seasonality("week", 7, self.weekly_order)
        model.add_seasonality("workday", 1, self.daily_order, condition_name="workday")
        model.add_seasonality("free_day", 1, self.daily_order, condition_name="free_day")
        return model


def _rows(inputs: Stacked) -> pd.DataFrame:
    """Return Prophet's table: `ds`, the regressors and the two conditions."""
    values = inputs["regressors"].reshape(-1, len(REGRESSORS))
    rows = pd.DataFrame(values, columns=list(REGRESSORS))
    rows.insert(0, "ds", inputs["minute"].ravel().astype("datetime64[m]").astype("datetime64[ns]"))
    free = (rows["weekend"] > 0) | (rows["holiday"] > 0)
    return rows.assign(workday=~free, free_day=free)
