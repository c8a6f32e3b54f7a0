"""Regression on Fourier terms, calendar and temperature, with SARIMA errors."""

from typing import Self

import numpy as np

from lab.errors import DataError
from lab.forecast import effect, history, response, sarima
from lab.forecast.checks import check_least
from lab.forecast.history import HistoryInputs, Series
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.table import QUANTILES

FEWEST_DAYS = 28


class Sarimax:
    """SARIMAX of log demand: linear regression, and a seasonal ARMA for what it leaves.

    The regression is fitted first, by least squares; the errors, as hourly means, then get
    their SARIMA by maximum likelihood. At an issue the Kalman filter runs over the errors of
    the view's history and is continued; the target day's temperature effect is expected from
    the last days' effects by another regression, or computed where the view knows that
    temperature. Quantiles are normal in the logarithm.

    Parameters
    ----------
    target, temperature : str
        Columns of the table; no temperature is used if the second is None.
    order, seasonal_order : tuple of three int
        (p, d, q) and, for a day, (P, D, Q).
    window_days : int
        Latest days of errors that the SARIMA is fitted on.
    history_days : int
        Days of history that the filter runs over at an issue.

    Attributes
    ----------
    coef_ : numpy.ndarray, shape (terms + 1,)
        Of the regression, intercept first.
    effect_ : numpy.ndarray, shape (slots, predictors + 1)
        Regression of the temperature effect on what is known of it, intercept first.
    params_ : numpy.ndarray
        Of the SARIMA, in the order of statsmodels.
    scale_ : float
        Variance of its innovations.
    spread_ : numpy.ndarray, shape (slots,)
        Variance of what the SARIMA does not know: weather, and within an hour.

    Raises
    ------
    UsageError
        If an order is not three whole numbers from 0, or a window is too short.

    References
    ----------
    Box, Jenkins, Time series analysis (1970); Hyndman, Athanasopoulos, Forecasting:
    principles and practice (2021), chapter 10; Durbin, Koopman, Time series analysis by
    state space methods (2012), doi:10.1093/acprof:oso/9780199641178.001.0001.
    """

    name = "sarimax"
    levels = QUANTILES
    layout = CLOCK

    def __init__(
        self,
        target: str = "demand_mw",
        temperature: str | None = "temperature_c",
        *,
        order: tuple[int, int, int] = (2, 0, 1),
        seasonal_order: tuple[int, int, int] = (1, 0, 1),
        window_days: int = 365,
        history_days: int = 56,
    ) -> None:
        sarima.Spec(order, seasonal_order)
        least = effect.WEEK_DAYS + 1
        check_least("A SARIMAX", least, history_days=history_days, window_days=window_days)
        self.target, self.temperature = target, temperature
        self.order, self.seasonal_order = order, seasonal_order
        self.window_days, self.history_days = window_days, history_days
        self.inputs = HistoryInputs(target, temperature, history_days)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on the series that the inputs hold, up to the last issue among them.

        Raises
        ------
        UsageError
            If the series is too short or constant.
        DataError
            If a value is infinite, or no temperature is known.
        """
        past = history.series(inputs)
        history.check_series("A SARIMAX", past.log, FEWEST_DAYS)
        if self.temperature is not None and not np.isfinite(past.temperature).any():
            raise DataError(
                f"A SARIMAX needs values of the temperature {self.temperature!r}, got none; "
                "give None for a model without temperature."
            )
        x, warm = self._terms(past)
        self.coef_ = response.regress(x.reshape(-1, x.shape[2]), past.log.ravel())
        weather = warm @ self.coef_[len(self.coef_) - warm.shape[2] :]
        left = past.log - self.coef_[0] - x @ self.coef_[1:]
        spec = self._spec(left.shape[1])
        self.params_, self.scale_ = sarima.fit(left[-self.window_days :], spec)
        self.spread_ = np.nanvar(left - sarima.smoothed(left), axis=0)
        self.effect_ = np.zeros((left.shape[1], 0))
        if self.temperature is not None:
            lead = int(inputs["lead"][0])
            self.effect_, wrong = effect.fit(weather, past.temperature, past.calendar, lead)
            self.spread_ = self.spread_ + wrong * np.isnan(_temperature_ahead(inputs)).any()
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 9); NaN where no history is known."""
        check_inputs(self, inputs)
        return history.forecast_each(inputs, self._forecast, self.levels)

    def _terms(self, past: Series) -> tuple[np.ndarray, np.ndarray]:
        """Return all terms of the regression, and those of the weather, its last."""
        slots = past.log.shape[1]
        fixed = response.calendar_terms(past.calendar, slots)
        if self.temperature is None:
            return fixed, np.zeros((*past.log.shape, 0))
        before = np.vstack([np.full((1, slots), np.nan), past.temperature[:-1]])
        warm = response.weather_terms(past.temperature, before)
        return np.concatenate([fixed, warm], axis=2), warm

    def _forecast(self, past: Series, one: Stacked) -> history.LogNormal:
        """Return mean and variance of the target day's log demand, shape (slots,)."""
        x, warm = self._terms(past)
        left = past.log - self.coef_[0] - x @ self.coef_[1:]
        slots, lead = left.shape[1], int(one["lead"][0])
        fixed = response.calendar_terms(one["ahead"], slots)[0]
        base = self.coef_[0] + fixed @ self.coef_[1 : fixed.shape[1] + 1]
        error, variance = sarima.continued(left, self._spec(slots), self.params_, lead)
        return base + self._weather(past, warm, one) + error, self.scale_ * variance + self.spread_

    def _weather(self, past: Series, warm: np.ndarray, one: Stacked) -> np.ndarray:
        """Return the target day's temperature effect: expected, or computed where it is seen."""
        seen = _temperature_ahead(one)
        if self.temperature is None:
            return np.zeros(seen.shape[1])
        coef = self.coef_[len(self.coef_) - warm.shape[2] :]
        if np.isfinite(seen).all():
            before = past.temperature[-1:] if one["lead"][0] == 1 else seen
            return np.asarray(response.weather_terms(seen, before)[0] @ coef)
        x = effect.predictors(warm @ coef, past.temperature, one["ahead"][0, effect.YEAR_ANGLE])
        return effect.expected(x, self.effect_)

    def _spec(self, slots: int) -> sarima.Spec:
        """Return the orders for a day of `slots` steps."""
        return sarima.Spec(self.order, self.seasonal_order, sarima.hours_of(slots))


def _temperature_ahead(inputs: Stacked) -> np.ndarray:
    """Return the target days' temperature, (issues, slots), NaN where the views do not know it."""
    unknown = np.full((len(inputs["last"]), inputs["values"].shape[2]), np.nan)
    return np.asarray(inputs.get("temperature_ahead", unknown))
