"""Exponential smoothing with two seasons, day and week (Holt, Winters, Taylor)."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast import history
from lab.forecast.history import DAY_TYPE, WEEKDAY, HistoryInputs, Series
from lab.forecast.inputs import WEEK
from lab.forecast.model import CLOCK, Stacked
from lab.forecast.table import QUANTILES

SUNDAY, FREE_DAY = 6, 2
# Days whose means are the first state, and fewest days of a fit.
FIRST_DAYS, FEWEST_DAYS = 21, 36
START, MOST_TRIALS = (0.02, 0.1, 0.2, 0.9), 300


@dataclass(frozen=True)
class Smoothing:
    """Shares, 0 to 1, of an error that the level and the seasons take over.

    Attributes
    ----------
    level, day, week : float
    carry : float
        Share of an error that is left a step later.
    """

    level: float
    day: float
    week: float
    carry: float


class Ets:
    """Double seasonal exponential smoothing of log demand, with autoregressive errors.

    Level, a season of a day and one of a week are smoothed; a public holiday is a Sunday.
    The shares are those with the least squared error of a whole day forecast at its issue,
    as long ahead as asked. Quantiles are normal in the logarithm, with the variance of
    those errors by time of day.

    Parameters
    ----------
    target : str
        Column of the table.
    history_days : int
        Days over which the state is built up at an issue.
    window_days : int
        Latest days that a fit learns from.

    Attributes
    ----------
    smoothing_ : Smoothing
    spread_ : numpy.ndarray, shape (slots,)
        Variance of the error of log demand.

    Raises
    ------
    UsageError
        If a window is shorter than what a first state needs.

    References
    ----------
    Taylor, Short-term electricity demand forecasting using double seasonal exponential
    smoothing (2003), doi:10.1057/palgrave.jors.2601589; holidays by rule: Arora, Taylor
    (2013), doi:10.1109/TPWRS.2013.2263066.
    """

    name = "ets"
    levels = QUANTILES
    layout = CLOCK

    def __init__(
        self, target: str = "demand_mw", *, history_days: int = 56, window_days: int = 365
    ) -> None:
        if min(history_days, window_days) < FEWEST_DAYS:
            raise UsageError(
                f"Exponential smoothing needs windows of at least {FEWEST_DAYS} days, got "
                f"history_days {history_days} and window_days {window_days}."
            )
        self.target, self.history_days, self.window_days = target, history_days, window_days
        self.inputs = HistoryInputs(target, None, history_days)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on the series that the inputs hold, up to the last issue among them.

        Raises
        ------
        UsageError
            If the series is too short or constant.
        DataError
            If a value is infinite.
        """
        from scipy.optimize import minimize

        past = history.series(inputs, self.window_days)
        history.check_series("Exponential smoothing", past.log, FEWEST_DAYS)
        lead = int(inputs["lead"][0])
        found = minimize(
            lambda shares: np.nanmean(errors(past, Smoothing(*shares), lead) ** 2),
            START,
            method="Nelder-Mead",
            bounds=[(0.0, 1.0)] * len(START),
            options={"maxfev": MOST_TRIALS, "xatol": 1e-3, "fatol": 1e-8},
        )
        self.smoothing_ = Smoothing(*(float(share) for share in found.x))
        self.spread_ = np.nanvar(errors(past, self.smoothing_, lead), axis=0)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 9); NaN where no history is known."""
        found = np.full((len(inputs["last"]), inputs["values"].shape[2], len(self.levels)), np.nan)
        for number in range(len(found)):
            one = {name: values[number : number + 1] for name, values in inputs.items()}
            past = history.series(one)
            if np.isfinite(past.log).any():
                path = forecasts(past, self.smoothing_, one["ahead"], int(one["lead"][0]))
                found[number] = history.log_normal(path[-1], self.spread_, self.levels)
        return found


def errors(past: Series, shares: Smoothing, lead: int) -> np.ndarray:
    """Return what came less what was forecast `lead` days ahead, shape (days, slots).

    The days of the first state are left out.
    """
    path = forecasts(past, shares, past.calendar[-1:], lead)[:-1]
    return np.asarray((past.log[lead - 1 :] - path[: len(past.log) - lead + 1])[FIRST_DAYS:])


def forecasts(past: Series, shares: Smoothing, ahead: np.ndarray, lead: int) -> np.ndarray:
    """Smooth a series and forecast one day at each of its midnights.

    Parameters
    ----------
    past : Series
    shares : Smoothing
    ahead : numpy.ndarray, shape (1, flags)
        Calendar of the day `lead` days after the last known one.
    lead : int

    Returns
    -------
    numpy.ndarray, shape (days + 1, slots)
        Log demand of the day `lead` - 1 days after each day and after the end, issued at
        that day's first moment. The last `lead` - 1 days before the end, whose target days
        have no calendar here, are NaN.
    """
    from scipy.signal import lfilter

    kinds = week_position(past.calendar)
    level, day, week = first_state(past.log, kinds)
    slots, keep = past.log.shape[1], 1 - shares.level
    fading = shares.carry ** ((lead - 1) * slots + np.arange(1, slots + 1))
    to_come = np.concatenate([kinds[lead - 1 :], np.full(lead - 1, -1), week_position(ahead)])
    found, last = np.full((len(past.log) + 1, slots), np.nan), 0.0
    for number, target in enumerate(to_come):
        if target >= 0:
            found[number] = level + day + week[target] + last * fading
        if number == len(past.log):
            break
        usual = day + week[kinds[number]]
        rest = past.log[number] - usual
        # What is missing counts as what the day's beginning expected.
        rest = np.where(np.isfinite(rest), rest, level)
        levels = lfilter([shares.level], [1.0, -keep], rest, zi=[keep * level])[0]
        error = rest - np.concatenate([[level], levels[:-1]])
        day, week[kinds[number]] = (
            day + shares.day * error,
            week[kinds[number]] + (shares.week * error),
        )
        level, last = float(levels[-1]), float(error[-1])
    return found


def week_position(calendar: np.ndarray) -> np.ndarray:
    """Return each day's place in the week, 0 (Monday) to 6; a holiday's is Sunday's."""
    free = calendar[:, DAY_TYPE] == FREE_DAY
    known = np.nan_to_num(calendar[:, WEEKDAY])
    return np.asarray(np.where(free, SUNDAY, known).astype(int))


def first_state(log: np.ndarray, kinds: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return level, season of the day (slots,) and of the week (7, slots) from means."""
    begin = int(np.isfinite(log).any(axis=1).argmax())
    early, kinds = log[begin : begin + FIRST_DAYS], kinds[begin : begin + FIRST_DAYS]
    known = np.isfinite(early)
    level = float(early[known].mean())
    day = _mean(early - level)
    week = np.stack([_mean(early[kinds == kind] - level - day) for kind in range(WEEK)])
    return level, day, week


def _mean(days: np.ndarray) -> np.ndarray:
    """Return the mean over days of what is known, 0 where nothing is."""
    known = np.isfinite(days)
    return np.where(known, days, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
