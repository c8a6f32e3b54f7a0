"""Inputs of the models that continue a series: its own history, and the calendar.

Such a model learns from one long series and continues the end of it. The series is that
of wall-clock days, so that every day has the same number of steps: an hour that the clock
skips is bridged, one that comes twice is averaged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from lab.errors import DataError, UsageError
from lab.forecast.inputs import CALENDAR, Inputs, log_demand
from lab.forecast.model import Stacked
from lab.forecast.view import View

# Mean and variance of what is normal in its logarithm, by slot.
LogNormal = tuple[np.ndarray, np.ndarray]
DAY_TYPE, WEEKDAY = CALENDAR.index("day_type"), CALENDAR.index("weekday")


@dataclass(frozen=True)
class HistoryInputs:
    """The last days of a series, with their calendar and temperature.

    Calling it with a view gives `values` and `temperature`, shape (days, slots), oldest first
    and NaN where nothing is known; `calendar`, shape (days, flags); `ahead`, shape (flags,),
    the target day's calendar; `lead` [days] and `last`, the last known day's number; and, only
    where the view knows the target day's temperature (the labelled upper bound), that as
    `temperature_ahead`, shape (slots,).

    Parameters
    ----------
    target : str
        Column of the table.
    temperature : str or None
        Column of the temperature [degC], if it is to be given.
    days : int
        Length of the history.
    """

    target: str = "demand_mw"
    temperature: str | None = None
    days: int = 56

    def __call__(self, view: View) -> Inputs:
        """Return the inputs of one view.

        Raises
        ------
        DataError
            If a value of the history is infinite.
        """
        if np.isinf(view.past[self.target]).any():
            raise DataError(
                f"Values must be finite or missing; column {self.target!r} holds an infinite one "
                f"before {view.issued_at}."
            )
        slots = view.past_days[self.target].shape[1]
        nothing = np.full((len(view.past_dates), slots), np.nan)
        warm = nothing if self.temperature is None else view.past_days[self.temperature]
        calendar = np.stack([view.past_days[name][:, 0] for name in CALENDAR], axis=1)
        found = {
            "values": self._padded(view.past_days[self.target]),
            "temperature": self._padded(warm),
            "calendar": self._padded(calendar),
            "ahead": np.array([view.future_days[name][0] for name in CALENDAR]),
            "lead": np.array(view.lead_days),
            "last": view.past_dates[-1:].astype("datetime64[D]").astype(np.int64)[0],
        }
        if self.temperature is not None and self.temperature in view.future_days:
            found["temperature_ahead"] = view.future_days[self.temperature]
        return found

    def _padded(self, days: np.ndarray) -> np.ndarray:
        """Return the last days, with NaN for those before the history begins."""
        found = np.full((self.days, days.shape[1]), np.nan)
        kept = days[-self.days :]
        found[self.days - len(kept) :] = kept
        return found


@dataclass(frozen=True)
class Series:
    """Everything that stacked inputs know of one series, day by day without gaps.

    Attributes
    ----------
    log : numpy.ndarray, shape (days, slots)
        Log of the values, NaN where missing or not positive.
    temperature : numpy.ndarray, shape (days, slots)
    calendar : numpy.ndarray, shape (days, flags)
    """

    log: np.ndarray
    temperature: np.ndarray
    calendar: np.ndarray


def series(inputs: Stacked, days: int | None = None) -> Series:
    """Return the series up to the last issue: the first history, then day by day.

    Parameters
    ----------
    inputs : mapping of arrays
        Stacked `HistoryInputs`.
    days : int, optional
        Only the last so many days.
    """
    last, length = inputs["last"], inputs["values"].shape[1]
    first = int(last.min()) - length + 1
    place = last - first
    found = []
    for name in ("values", "temperature", "calendar"):
        history = inputs[name]
        whole = np.full((int(place.max()) + 1, history.shape[2]), np.nan)
        whole[:length] = history[int(last.argmin())]
        whole[place] = history[:, -1]
        found.append(whole[-(days or len(whole)) :])
    return Series(log_demand(found[0]), found[1], found[2])


def log_normal(middle: np.ndarray, variance: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Return quantiles of what is normal in its logarithm, on a new last axis."""
    score = np.array([NormalDist().inv_cdf(level) for level in levels])
    return np.asarray(np.exp(middle[..., None] + np.sqrt(variance)[..., None] * score))


def forecast_each(
    inputs: Stacked,
    forecast: Callable[[Series, Stacked], LogNormal],
    levels: tuple[float, ...],
    fewest_days: int = 1,
) -> np.ndarray:
    """Return the quantiles of every issue, each forecast alone: (issues, slots, levels).

    Parameters
    ----------
    inputs : mapping of arrays
        Stacked `HistoryInputs`.
    forecast : callable
        From an issue's series and its inputs, a stack of one, to the target day's normal.
    levels : tuple of float
    fewest_days : int
        An issue that knows a value of fewer days gets NaN.
    """
    found = np.full((len(inputs["last"]), inputs["values"].shape[2], len(levels)), np.nan)
    for number in range(len(found)):
        one = {name: values[number : number + 1] for name, values in inputs.items()}
        past = series(one)
        if np.isfinite(past.log).any(axis=1).sum() >= fewest_days:
            found[number] = log_normal(*forecast(past, one), levels)
    return found


def check_series(name: str, log: np.ndarray, fewest_days: int) -> None:
    """Refuse a series from which a model cannot learn.

    Parameters
    ----------
    name : str
        The model, for the sentence.
    log : numpy.ndarray, shape (days, slots)
    fewest_days : int

    Raises
    ------
    DataError
        If a value is infinite.
    UsageError
        If too few days hold a value, or all values are the same.
    """
    if np.isinf(log).any():
        raise DataError(f"{name} needs values that are finite or missing, got an infinite one.")
    known = np.isfinite(log)
    days = int(known.any(axis=1).sum())
    if days < fewest_days:
        raise UsageError(
            f"{name} needs at least {fewest_days} days with a positive value to learn from, "
            f"got {days}."
        )
    if np.ptp(log[known]) == 0:
        raise UsageError(
            f"{name} needs a series that varies, got one constant at {np.exp(log[known][0]):g}."
        )
