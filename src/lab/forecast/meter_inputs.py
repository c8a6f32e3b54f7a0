"""Inputs for household meters: what hours like the one asked for were like.

A household's load rests, then jumps: its mean is seldom met, and the forecast that errs
least is a median. Inputs are therefore medians and other quantiles of past days at the same
hour, over windows and kinds of day, beside the latest days, the shape of the household's
day, how well simple rules held of late, and the calendar. Loads are divided by the meter's
own recent level, so that one model may serve meters of any size, and learns from all of them.
"""

from dataclasses import dataclass

import numpy as np

from lab.forecast.inputs import Inputs
from lab.forecast.profile import mean_known
from lab.forecast.view import View

WEEK, MONTH, LONG = 7, 28, 56
HALF_LIFE_DAYS = 14.0
SAME_TYPE_COUNTS, SAME_WEEKDAY_COUNTS = 3.0, 2.0
DAYS_BACK = (1, 2, 3)
LATEST_H = (1, 3, 6)
# A week that rests must not make the next ordinary day look huge.
LEAST_OF_LONG_LEVEL = 0.25
PARTS_OF_DAY = {"night": (0, 6), "noon": (10, 16), "evening": (17, 23)}
CALENDAR = ("weekday", "day_type", "holiday", "bridge_day", "christmas", "daylight_saving")
Columns = dict[str, np.ndarray | float]


@dataclass(frozen=True)
class MeterInputs:
    """Inputs for every slot of the target day, in units of the meter's recent level.

    Calling it with a view gives `x`, shape (slots, inputs), and `level`, shape (1,), in the
    target's unit. Missing history is NaN; `level` is NaN where nothing is known.

    Parameters
    ----------
    target : str
        Column of the table.
    weather : tuple of str
        Columns of `past` knowledge whose last days are inputs too.
    """

    target: str = "load_w"
    weather: tuple[str, ...] = ()

    def __call__(self, view: View) -> Inputs:
        """Return the inputs of one view."""
        level = steady_level(view.past_days[self.target])
        columns = self._columns(view, level)
        slots = view.past_days[self.target].shape[1]
        x = np.empty((slots, len(columns)), dtype=np.float32)
        for number, column in enumerate(columns.values()):
            x[:, number] = column
        return {"x": x, "level": np.array([level])}

    def names(self, view: View) -> list[str]:
        """Return the names of the columns of `x`."""
        return list(self._columns(view, 1.0))

    def _columns(self, view: View, level: float) -> Columns:
        """Return all inputs by name."""
        days = view.past_days[self.target] / level
        if not len(days):
            days = np.full((1, days.shape[1]), np.nan)
        return (
            _medians(days, view)
            | _latest(days, view.lead_days)
            | _shape(days)
            | _steadiness(days, view.lead_days)
            | self._weather(view)
            | _calendar(view)
        )

    def _weather(self, view: View) -> Columns:
        """Return the last day's weather, and how it differs from that of the last weeks."""
        found: Columns = {}
        for name in self.weather:
            daily = mean_known(view.past_days[name][-MONTH:].T)
            latest = float(daily[-1]) if len(daily) else np.nan
            found[f"{name}_1"] = latest
            found[f"{name}_7"] = mean_of(daily[-WEEK:])
            found[f"{name}_change"] = latest - mean_of(daily)
        return found


def mean_of(values: np.ndarray) -> float:
    """Return the mean of all known values, NaN where there is none."""
    known = values[np.isfinite(values)]
    return float(known.sum() / known.size) if known.size else float("nan")


def steady_level(days: np.ndarray) -> float:
    """Return the mean absolute value of the last week, at least a quarter of the history's.

    Parameters
    ----------
    days : numpy.ndarray, shape (days, slots)
        History, oldest first, NaN where missing.

    Returns
    -------
    float
        The history's where the week is missing; 1 where all is zero; NaN where nothing is
        known.
    """
    size = np.abs(days)
    week, whole = mean_of(size[-WEEK:]), mean_of(size)
    if np.isnan(whole):
        return whole
    level = whole if np.isnan(week) else max(week, LEAST_OF_LONG_LEVEL * whole)
    return level or 1.0


def quantiles(values: np.ndarray, levels: tuple[float, ...]) -> list[np.ndarray]:
    """Return quantiles over the first axis of what is known, NaN where nothing is.

    Linear between neighbours, like numpy's `nanquantile`, which is thirty times slower here.
    """
    if not len(values):
        return [np.full(values.shape[1], np.nan) for _ in levels]
    ordered = np.sort(values, axis=0)
    last = np.isfinite(values).sum(axis=0) - 1
    column = np.arange(values.shape[1])
    found = []
    for level in levels:
        place = level * np.maximum(last, 0)
        below = place.astype(np.intp)
        low, high = ordered[below, column], ordered[np.minimum(below + 1, len(values) - 1), column]
        share = place - below
        found.append(np.where(share > 0, low + share * (high - low), low))
    return found


def weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted median over the first axis of what is known.

    Parameters
    ----------
    values : numpy.ndarray, shape (days, slots)
    weights : numpy.ndarray, shape (days,)
        Above 0.

    Returns
    -------
    numpy.ndarray, shape (slots,)
        The smallest value at which half of the weight is reached; NaN where nothing is known.
    """
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    total = np.where(np.isfinite(ordered), weights[order], 0.0).cumsum(axis=0)
    first = (total >= 0.5 * total[-1]).argmax(axis=0)
    return ordered[first, np.arange(values.shape[1])]


def _medians(days: np.ndarray, view: View) -> Columns:
    """Return quantiles of past days at the same hour, by window and by kind of day."""
    count = len(days)
    kinds, kind = _of_day(view, "day_type", count)
    weekdays, weekday = _of_day(view, "weekday", count)
    alike, same = days[kinds == kind][-12:], days[weekdays == weekday][-8:]
    month, long = days[-MONTH:], days[-LONG:]
    low, middle, high, top = quantiles(month, (0.25, 0.5, 0.75, 0.9))
    week = quantiles(days[-WEEK:], (0.5,))[0]
    near = np.concatenate([np.roll(month, 1, axis=1), month, np.roll(month, -1, axis=1)])
    age = np.arange(len(long))[::-1]
    weights = 0.5 ** (age / HALF_LIFE_DAYS)
    weights = weights * np.where(kinds[-LONG:] == kind, SAME_TYPE_COUNTS, 1.0)
    weights = weights * np.where(weekdays[-LONG:] == weekday, SAME_WEEKDAY_COUNTS, 1.0)
    return {
        "median_28": middle,
        "quarter_28": low,
        "three_quarters_28": high,
        "nine_tenths_28": top,
        "mean_28": mean_known(month),
        "median_7": week,
        "median_7_of_3h": _smooth(week),
        "median_14": quantiles(days[-2 * WEEK :], (0.5,))[0],
        "median_56": quantiles(long, (0.5,))[0],
        "median_28_of_3h": quantiles(near, (0.5,))[0],
        "median_same_type": quantiles(alike, (0.5,))[0],
        "mean_same_type": mean_known(alike[-4:]),
        "median_same_weekday": quantiles(same, (0.5,))[0],
        "mean_same_weekday": mean_known(same[-4:]),
        "weighted_median": weighted_median(long, weights),
    }


def _latest(days: np.ndarray, lead_days: int) -> Columns:
    """Return the latest days, the last hours, and how they lay against the usual."""
    last, usual = days[-1], quantiles(days[-MONTH:], (0.5,))[0]
    away = last - usual
    weeks_back = WEEK * -(-lead_days // WEEK) - lead_days + 1
    found: Columns = {f"day_{back}": _row(days, back) for back in DAYS_BACK}
    found |= {
        "day_1_of_3h": _smooth(last),
        "week_1": _row(days, weeks_back),
        "week_2": _row(days, weeks_back + WEEK),
        "day_1_mean": mean_of(last),
        "day_1_least": float(np.fmin.reduce(last)),
        "day_1_most": float(np.fmax.reduce(last)),
        "deviation_1": mean_of(away),
        "deviation_of_6h": mean_of(away[-6:]),
        "deviation_2": mean_of(_row(days, 2) - usual),
    }
    return found | {f"latest_{n}h": mean_of(last[-n:]) for n in LATEST_H}


def _shape(days: np.ndarray) -> Columns:
    """Return what kind of household it is of late: parts of its day, spread, trend."""
    profile = mean_known(days[-MONTH:])
    mean, month = mean_of(profile), mean_of(days[-MONTH:])
    per_hour = len(profile) / 24
    parts = {n: (int(a * per_hour), int(b * per_hour)) for n, (a, b) in PARTS_OF_DAY.items()}
    scale = mean if mean > 0 else np.nan
    week = days[-WEEK:]
    found: Columns = {n: mean_of(profile[a:b]) / scale for n, (a, b) in parts.items()}
    return found | {
        "usual_of_day": mean,
        "spread_7": mean_of((week - mean_of(week)) ** 2) ** 0.5,
        "trend": mean_of(week) - month,
    }


def _steadiness(days: np.ndarray, lead_days: int) -> Columns:
    """Return how far the month's days lay from its median, and from the day before."""
    month = days[-MONTH:]
    from_median = mean_of(np.abs(month - quantiles(month, (0.5,))[0]))
    from_before = mean_of(np.abs(month[lead_days:] - month[:-lead_days]))
    known = from_median > 0
    return {
        "from_median": from_median,
        "from_before_to_from_median": from_before / from_median if known else np.nan,
    }


def _calendar(view: View) -> Columns:
    """Return the calendar of the target day, and the hour."""
    slots = len(view.future_days["weekday"])
    found: Columns = {name: float(view.future_days[name][0]) for name in CALENDAR}
    return found | {"hour": np.arange(slots) * 24 / slots}


def _of_day(view: View, name: str, count: int) -> tuple[np.ndarray, float]:
    """Return a calendar column of the past days and of the target day."""
    past = view.past_days[name][:, 0] if len(view.past_days[name]) else np.full(count, np.nan)
    return past, float(view.future_days[name][0])


def _smooth(values: np.ndarray) -> np.ndarray:
    """Return the mean of each slot and its neighbours, around the clock."""
    return mean_known(np.stack([np.roll(values, 1), values, np.roll(values, -1)]))


def _row(days: np.ndarray, back: int) -> np.ndarray:
    """Return the day `back` days before the issue, NaN where there is none."""
    return days[-back] if back <= len(days) else np.full(days.shape[1], np.nan)
