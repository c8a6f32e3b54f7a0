"""Decomposition into day, week and rest by LOESS; the seasons go on, the rest is a SARIMA."""

from typing import Any, Self

import numpy as np

from lab.errors import UsageError
from lab.forecast import history, sarima
from lab.forecast.checks import check_least
from lab.forecast.ets import SUNDAY, week_position
from lab.forecast.history import WEEKDAY, HistoryInputs, Series
from lab.forecast.inputs import WEEK
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.table import QUANTILES

# STL needs two whole periods, here weeks, and more for a season that is allowed to change.
FEWEST_DAYS = 28


class Mstl:
    """MSTL of log demand: the last day's and week's seasons go on, the rest by SARIMA.

    In the history a public holiday counts as the same weekday a week before; as the target
    day it takes Sunday's season. What the seasons leave, trend and remainder together, is
    continued by a SARIMA on hourly means. Quantiles are normal in the logarithm.

    Parameters
    ----------
    target : str
        Column of the table.
    windows : tuple of two int
        Odd lengths of the seasons' LOESS: days for the day's, weeks for the week's.
    order, seasonal_order : tuple of three int
        Of the rest: (p, d, q) and, for a day, (P, D, Q).
    history_days : int
        Days that are decomposed at an issue.
    window_days : int
        Latest days that a fit learns from.

    Attributes
    ----------
    params_ : numpy.ndarray
        Of the SARIMA, in the order of statsmodels.
    scale_ : float
        Variance of its innovations.
    spread_ : numpy.ndarray, shape (slots,)
        Variance within an hour.

    Raises
    ------
    UsageError
        If a window is too short or even, or an order is not three whole numbers from 0.

    References
    ----------
    Bandara, Hyndman, Bergmeir, MSTL: a seasonal-trend decomposition algorithm for time
    series with multiple seasonal patterns (2021), doi:10.48550/arXiv.2107.13462; Cleveland
    et al., STL (1990), Journal of Official Statistics 6(1).
    """

    name = "mstl"
    levels = QUANTILES
    layout = CLOCK

    def __init__(
        self,
        target: str = "demand_mw",
        *,
        windows: tuple[int, int] = (21, 15),
        order: sarima.Order = (1, 0, 1),
        seasonal_order: sarima.Order = (1, 0, 0),
        history_days: int = 56,
        window_days: int = 182,
    ) -> None:
        sarima.Spec(order, seasonal_order)
        check_least("MSTL", FEWEST_DAYS, history_days=history_days, window_days=window_days)
        if len(windows) != 2 or any(one < 3 or one % 2 == 0 for one in windows):
            raise UsageError(
                f"MSTL's windows must be two odd numbers of at least 3, got {windows}."
            )
        self.target, self.windows = target, windows
        self.order, self.seasonal_order = order, seasonal_order
        self.history_days, self.window_days = history_days, window_days
        self.inputs = HistoryInputs(target, None, history_days)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit the SARIMA on what the seasons leave of the days up to the last issue.

        Raises
        ------
        UsageError
            If the series is too short or constant.
        DataError
            If a value is infinite.
        """
        past = history.series(inputs, self.window_days)
        history.check_series("MSTL", past.log, FEWEST_DAYS)
        rest = self._decomposed(past)[2]
        self.params_, self.scale_ = sarima.fit(rest - rest.mean(), self._spec(rest.shape[1]))
        self.spread_ = (rest - sarima.smoothed(rest)).var(axis=0)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 9); NaN where less than 28 days are known."""
        check_inputs(self, inputs)
        return history.forecast_each(inputs, self._forecast, self.levels, FEWEST_DAYS)

    def _forecast(self, past: Series, one: Stacked) -> history.LogNormal:
        """Return mean and variance of the target day's log demand, shape (slots,)."""
        day, week, rest = self._decomposed(past)
        place, lead = int(week_position(one["ahead"])[0]), int(one["lead"][0])
        slots, usual = rest.shape[1], rest.mean()
        error, variance = sarima.continued(rest - usual, self._spec(slots), self.params_, lead)
        return day + week[place] + usual + error, self.scale_ * variance + self.spread_

    def _decomposed(self, past: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the last day's season, the last week's from Monday on, and the rest by days."""
        from statsmodels.tsa.seasonal import MSTL

        days = _without_gaps(past)
        slots = days.shape[1]
        # LOESS at some places and straight lines between them: a fiftieth of the time. Level
        # fits (degree 0) at the end of the series, where straight ones overshoot.
        how: dict[str, Any] = {
            "seasonal_jump": max(1, slots // 4),
            "trend_jump": slots,
            "low_pass_jump": slots,
            "seasonal_deg": 0,
            "trend_deg": 0,
        }
        found = MSTL(
            days.ravel(), periods=(slots, WEEK * slots), windows=self.windows, iterate=1,
            stl_kwargs=how,
        ).fit()  # fmt: skip
        season = found.seasonal.reshape(len(days), slots, 2)
        first = int(past.calendar[-WEEK, WEEKDAY])
        week = np.roll(season[-WEEK:, :, 1], first, axis=0)
        return season[-1, :, 0], week, days - season.sum(axis=2)

    def _spec(self, slots: int) -> sarima.Spec:
        """Return the orders for a day of `slots` steps."""
        return sarima.Spec(self.order, self.seasonal_order, sarima.hours_of(slots))


def _without_gaps(past: Series) -> np.ndarray:
    """Return the days from the first with a value on, gaps and holidays filled.

    A holiday and a missing value are that of the same weekday a week before, and failing
    that the mean of the time of day.
    """
    begin = int(np.isfinite(past.log).any(axis=1).argmax())
    days, calendar = past.log[begin:].copy(), past.calendar[begin:]
    moved = (week_position(calendar) == SUNDAY) & (calendar[:, WEEKDAY] != SUNDAY)
    known = np.isfinite(days)
    mean = np.where(known, days, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    for number in range(len(days)):
        if number >= WEEK and moved[number]:
            days[number] = days[number - WEEK]
        earlier = days[number - WEEK] if number >= WEEK else mean
        days[number] = np.where(np.isfinite(days[number]), days[number], earlier)
    return days
