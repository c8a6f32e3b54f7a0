"""Exponential smoothing with two seasons, day and week (Holt, Winters, Taylor).

Half-hourly demand has a season within the day and one within the week; the smoothing of
statsmodels (`ETSModel`, `ExponentialSmoothing`) knows one. So the recursion is written out
here, and its shares are searched for with SciPy.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from lab.errors import UsageError
from lab.forecast import history
from lab.forecast.checks import check_least
from lab.forecast.history import DAY_TYPE, WEEKDAY, HistoryInputs
from lab.forecast.inputs import WEEK, log_demand
from lab.forecast.model import CLOCK, Stacked, check_inputs, shapes_of
from lab.forecast.table import QUANTILES

NAME = "Exponential smoothing"
SUNDAY, FREE_DAY = 6, 2
# Days whose means are the first state, fewest days of a fit, and most issues it learns from.
FIRST_DAYS, FEWEST_DAYS, MOST_ISSUES = 21, 36, 120
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
        Latest issues that a fit learns from, every so many of them.

    Attributes
    ----------
    smoothing_ : Smoothing
    spread_ : numpy.ndarray, shape (slots,)
        Mean squared error of log demand.

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
        check_least(NAME, FEWEST_DAYS, history_days=history_days, window_days=window_days)
        self.target, self.history_days, self.window_days = target, history_days, window_days
        self.inputs = HistoryInputs(target, None, history_days)

    def fit(self, inputs: Stacked, target: np.ndarray) -> Self:
        """Fit on issues with enough history: their histories, and what came after.

        Raises
        ------
        UsageError
            If the series is too short or constant.
        DataError
            If a value is infinite.
        """
        from scipy.optimize import minimize

        past = history.series(inputs)
        history.check_series(NAME, past.log, FEWEST_DAYS)
        some = self._learnable(inputs, target)
        parts = {name: values[some] for name, values in inputs.items()}
        state, came = first_states(parts), log_demand(target[some])

        def missed(shares: np.ndarray) -> np.ndarray:
            return np.asarray(came - forecasts(parts, state, Smoothing(*shares)))

        found = minimize(
            lambda shares: np.nanmean(missed(shares) ** 2),
            START,
            method="Nelder-Mead",
            bounds=[(0.0, 1.0)] * len(START),
            options={"maxfev": MOST_TRIALS, "xatol": 1e-3, "fatol": 1e-8},
        )
        self.smoothing_ = Smoothing(*(float(share) for share in found.x))
        self.spread_ = np.nanmean(missed(found.x) ** 2, axis=0)
        self.shapes_ = shapes_of(inputs)
        return self

    def predict(self, inputs: Stacked) -> np.ndarray:
        """Return forecasts, shape (days, slots, 9); NaN where no history is known."""
        check_inputs(self, inputs)
        middle = forecasts(inputs, first_states(inputs), self.smoothing_)
        middle[~(inputs["values"] > 0).any(axis=(1, 2))] = np.nan
        return history.log_normal(middle, np.broadcast_to(self.spread_, middle.shape), self.levels)

    def _learnable(self, inputs: Stacked, target: np.ndarray) -> np.ndarray:
        """Return which issues a fit learns from: the latest ones, at most `MOST_ISSUES`."""
        days = (inputs["values"] > 0).any(axis=2).sum(axis=1)
        latest = inputs["last"] > inputs["last"].max() - self.window_days
        known = (target > 0).any(axis=1)
        found = np.flatnonzero((days > FIRST_DAYS) & latest & known)
        if not len(found):
            raise UsageError(
                f"{NAME} needs an issue with more than {FIRST_DAYS} known days "
                f"before it and a measured target day, got {len(days)} issues without."
            )
        every = -(-len(found) // MOST_ISSUES)
        # Not one weekday alone.
        return np.asarray(found[:: -(every + (every % WEEK == 0))])


@dataclass(frozen=True)
class State:
    """What is smoothed, for every issue: level, seasons, and the last error.

    Attributes
    ----------
    level, last : numpy.ndarray, shape (issues,)
    day : numpy.ndarray, shape (issues, slots)
    week : numpy.ndarray, shape (issues, 7, slots)
    """

    level: np.ndarray
    day: np.ndarray
    week: np.ndarray
    last: np.ndarray


def forecasts(inputs: Stacked, state: State, shares: Smoothing) -> np.ndarray:
    """Smooth every issue's history and forecast its target day: log demand, (issues, slots)."""
    state = smoothed(inputs, state, shares)
    slots, rows = state.day.shape[1], np.arange(len(state.day))
    steps = (inputs["lead"][:, None] - 1) * slots + np.arange(1, slots + 1)
    season = state.day + state.week[rows, week_position(inputs["ahead"])]
    return np.asarray(state.level[:, None] + season + state.last[:, None] * shares.carry**steps)


def smoothed(inputs: Stacked, state: State, shares: Smoothing) -> State:
    """Return the state at the end of every history.

    A day at a time: the seasons of a day's steps are fixed before it begins, so that only
    the level has to be followed from step to step, and that is a linear filter. What is
    missing counts as what the day's beginning expected.
    """
    from scipy.signal import lfilter

    log, kinds = log_demand(inputs["values"]), week_position(inputs["calendar"])
    level, day, week, last = state.level, state.day, state.week.copy(), state.last
    rows, keep = np.arange(len(log)), 1 - shares.level
    for number in range(log.shape[1]):
        place = kinds[:, number]
        rest = log[:, number] - day - week[rows, place]
        rest = np.where(np.isfinite(rest), rest, level[:, None])
        start = keep * level[:, None]
        levels = lfilter([shares.level], [1.0, -keep], rest, axis=1, zi=start)[0]
        error = rest - np.concatenate([level[:, None], levels[:, :-1]], axis=1)
        day = day + shares.day * error
        week[rows, place] += shares.week * error
        level, last = levels[:, -1], error[:, -1]
    return State(level, day, week, last)


def first_states(inputs: Stacked) -> State:
    """Return the states that histories begin with: means of the first days with values."""
    log, kinds = log_demand(inputs["values"]), week_position(inputs["calendar"])
    found = [first_state(*one) for one in zip(log, kinds, strict=True)]
    level, day, week = (np.array(part) for part in zip(*found, strict=True))
    return State(level, day, week, np.zeros(len(level)))


def week_position(calendar: np.ndarray) -> np.ndarray:
    """Return the place in the week of days, shape (..., flags): a holiday's is Sunday's, 6."""
    free = calendar[..., DAY_TYPE] == FREE_DAY
    known = np.nan_to_num(calendar[..., WEEKDAY])
    return np.asarray(np.where(free, SUNDAY, known).astype(int))


def first_state(log: np.ndarray, kinds: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return level, season of the day (slots,) and of the week (7, slots) from means.

    Parameters
    ----------
    log : numpy.ndarray, shape (days, slots)
    kinds : numpy.ndarray, shape (days,)
        Places in the week.
    """
    begin = int(np.isfinite(log).any(axis=1).argmax())
    early, kinds = log[begin : begin + FIRST_DAYS], kinds[begin : begin + FIRST_DAYS]
    level = float(_mean(early.reshape(-1, 1))[0])
    day = _mean(early - level)
    week = np.stack([_mean(early[kinds == kind] - level - day) for kind in range(WEEK)])
    return level, day, week


def _mean(days: np.ndarray) -> np.ndarray:
    """Return the mean over days of what is known, 0 where nothing is."""
    known = np.isfinite(days)
    return np.where(known, days, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
