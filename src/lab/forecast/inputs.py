"""Inputs of the day-ahead models, each a pure function of one `View`.

Demand is handled as a logarithm: its reactions are proportions. The base of every
input set is the mean of the last four days of the target day's type (workday, Saturday,
Sunday or holiday); models forecast the deviation from it. A demand that is not positive
counts as missing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from lab.calendar import day_types, in_zone, is_holiday, local_days
from lab.forecast.view import View

Inputs = dict[str, np.ndarray]
COOLING_ABOVE_C = 20.0
NIGHT_COOLING_ABOVE_C = 18.0
HEATING_BELOW_C = 16.0
SAME_DAYS = 4
WEEK = 7
CALENDAR = (
    "weekday",
    "day_type",
    "holiday",
    "after_holiday",
    "before_holiday",
    "bridge_day",
    "christmas",
    "summer_break",
    "year_angle",
    "daylight_saving",
)
FLAGS = tuple(name for name in CALENDAR if name not in ("weekday", "day_type", "year_angle"))
CLOSED_FROM, CLOSED_TO = (12, 24), (1, 2)
BREAK_FROM, BREAK_TO = (12, 20), (1, 12)


def calendar_columns(
    index: pd.DatetimeIndex, zone: str, holidays: Collection[date]
) -> pd.DataFrame:
    """Return what the calendar says about the local day of each time stamp.

    All of it is known in advance: public holidays are laid down by law years ahead.

    Parameters
    ----------
    index : pandas.DatetimeIndex
        UTC.
    zone : str
        IANA zone.
    holidays : collection of date
        Public holidays, one day beyond the table's ends included.

    Returns
    -------
    pandas.DataFrame
        The columns of `CALENDAR`, numeric: weekday 0 (Monday) to 6, day_type 0 workday,
        1 Saturday, 2 Sunday or holiday, flags 0 or 1, year_angle [rad].
    """
    dates = pd.DatetimeIndex(local_days(index, zone)["local_date"])
    weekday = np.asarray(dates.day_of_week)
    kind = np.asarray(day_types(dates, holidays).codes)
    work = kind == 0
    after, before = is_holiday(dates, holidays, -1), is_holiday(dates, holidays, 1)
    bridge = work & ((after & before) | (after & (weekday == 4)) | (before & (weekday == 0)))
    place = list(zip(dates.month, dates.day, strict=True))
    closed = np.array([p >= CLOSED_FROM or p <= CLOSED_TO for p in place])
    quiet = np.array([p >= BREAK_FROM or p <= BREAK_TO for p in place]) & ~closed
    local = in_zone(index, zone).tz_localize(None) - index.tz_localize(None)
    columns = {
        "weekday": weekday,
        "day_type": kind,
        "holiday": is_holiday(dates, holidays),
        "after_holiday": after & work,
        "before_holiday": before & work,
        "bridge_day": bridge,
        "christmas": closed,
        "summer_break": quiet,
        "year_angle": 2 * np.pi * np.asarray(dates.day_of_year) / 365.25,
        "daylight_saving": np.asarray(local > local.min()),
    }
    return pd.DataFrame(columns, index=index).astype(float)


def log_demand(values: np.ndarray) -> np.ndarray:
    """Return the logarithm, NaN where a value is not positive."""
    return np.log(np.where(values > 0, values, np.nan))


def cooling(temperature_c: np.ndarray, base_c: float = COOLING_ABOVE_C) -> np.ndarray:
    """Return the cooling degrees above `base_c` [K]."""
    return np.maximum(temperature_c - base_c, 0.0)


def heating(temperature_c: np.ndarray, base_c: float = HEATING_BELOW_C) -> np.ndarray:
    """Return the heating degrees below `base_c` [K]."""
    return np.maximum(base_c - temperature_c, 0.0)


@dataclass(frozen=True)
class History:
    """Shared intermediate results of one view: log demand, day types, deviations.

    Attributes
    ----------
    log : numpy.ndarray, shape (days, slots)
    temperature : numpy.ndarray, shape (days, slots)
        [degC]
    same : numpy.ndarray of int
        Numbers of the last four past days of the target day's type.
    base : numpy.ndarray, shape (slots,)
        Mean log demand of those days.
    deviation : numpy.ndarray, shape (7, slots)
        The last seven days, oldest first, each minus the mean of the four days of its
        own type before it.
    """

    log: np.ndarray
    temperature: np.ndarray
    same: np.ndarray
    base: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, view: View) -> "History":
        """Work the history out for a view; NaN where too few days have passed."""
        log = log_demand(view.past_days["demand_mw"])
        kinds = view.past_days["day_type"][:, 0]
        kind = view.future_days["day_type"][0]
        days = len(log)
        deviation = np.full((WEEK, log.shape[1]), np.nan)
        for row, number in enumerate(range(days - WEEK, days)):
            if number >= 0:
                usual, _ = _usual(log[:number], kinds[:number], kinds[number])
                deviation[row] = log[number] - usual
        base, same = _usual(log, kinds, kind)
        return cls(log, view.past_days["temperature_c"], same, base, deviation)


def _usual(log: np.ndarray, kinds: np.ndarray, kind: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the last four days of a type, and which days they are."""
    same = np.flatnonzero(kinds == kind)[-SAME_DAYS:]
    if len(same) < SAME_DAYS:
        return np.full(log.shape[1], np.nan), same
    return log[same].mean(axis=0), same


def calendar_inputs(view: View) -> dict[str, float]:
    """Return the calendar of the target day: weekday dummies, flags, two year waves."""
    at = {name: float(view.future_days[name][0]) for name in CALENDAR}
    return calendar_of(at, float(view.past_days["day_type"][-1, 0]))


def calendar_of(at: Mapping[str, float], before: float) -> dict[str, float]:
    """Return the calendar inputs of one day.

    Parameters
    ----------
    at : mapping
        The day's value of every column in `CALENDAR`.
    before : float
        Type of the day before it.
    """
    flags = {name: at[name] for name in CALENDAR[2:8]} | {
        "daylight_saving": at["daylight_saving"],
        "yesterday_saturday": float(before == 1),
        "yesterday_free": float(before == 2),
    }
    ordinary = at["holiday"] == 0
    weekdays = {f"weekday_{n}": float(at["weekday"] == n and ordinary) for n in range(WEEK)}
    waves = {
        f"year_{shape.__name__}_{k}": float(shape(k * at["year_angle"]))
        for k in (1, 2, 3)
        for shape in (np.sin, np.cos)
    }
    return flags | weekdays | waves


@dataclass(frozen=True)
class DayInputs:
    """Inputs for every half-hour of the target day, for linear models and trees.

    Calling it with a view gives `x`, shape (slots, inputs), `base`, shape (slots,), and the
    target day's `season` [rad]. Where the view knows the target day's temperature (the
    labelled upper bound), its level, cooling and heating degrees and accumulated heat are
    added.
    """

    def __call__(self, view: View) -> Inputs:
        """Return the inputs of one view."""
        past = History.of(view)
        columns = self.columns(view, past)
        slots = len(past.base)
        x = np.stack([np.broadcast_to(column, slots) for column in columns.values()], axis=1)
        season = np.array(view.future_days["year_angle"][0])
        return {"x": x, "base": past.base, "season": season}

    def names(self, view: View) -> list[str]:
        """Return the names of the columns of `x`."""
        return list(self.columns(view, History.of(view)))

    def columns(self, view: View, past: History) -> dict[str, np.ndarray | float]:
        """Return all inputs by name, each one value or one per slot."""
        found = demand_inputs(past) | temperature_inputs(past) | calendar_inputs(view)
        if "temperature_c" in view.future_days:
            found |= observed_inputs(view.future_days["temperature_c"], past)
        return found


def demand_inputs(past: History) -> dict[str, np.ndarray | float]:
    """Return the latest demands: lags, and deviations from what the days usually are."""
    log, away = past.log, past.deviation
    yesterday = away[-1]
    lags = {f"lag_{k}d": _day(log, k) for k in (1, 2, 3, 7, 14)}
    deviations = {f"deviation_{k}d": away[-k] for k in (1, 2, 3, 7)}
    return {
        "usual": past.base,
        "last_same": log[past.same[-1]] if len(past.same) else past.base,
        **lags,
        **deviations,
        "deviation_1d_mean": yesterday.mean(),
        "deviation_last_30min": yesterday[-1],
        "deviation_last_2h": yesterday[-4:].mean(),
        "deviation_last_6h": yesterday[-12:].mean(),
        "deviation_week": away.mean(axis=0),
        "latest": _day(log, 1)[-1],
        "latest_but_one": _day(log, 1)[-2],
    }


def temperature_inputs(past: History) -> dict[str, np.ndarray | float]:
    """Return recent temperatures and their cooling and heating responses."""
    temperature = past.temperature
    last, before = _day(temperature, 1), _day(temperature, 2)
    reference = temperature[past.same] if len(past.same) else np.full((1, len(last)), np.nan)
    found: dict[str, np.ndarray | float] = {
        "temperature_1d": last,
        "temperature_latest": last[-1],
        "temperature_change_latest": last[-1] - before[-1],
        "temperature_change_6h": last[-12:].mean() - before[-12:].mean(),
        "temperature_week": temperature[-WEEK:].mean(),
        "temperature_same": reference.mean(axis=0),
        "cooling_same": cooling(reference).mean(axis=0),
        "heating_same": heating(reference).mean(axis=0),
    }
    for k in (1, 2, 3):
        found |= _summary(_day(temperature, k), f"{k}d")
    return found


def observed_inputs(temperature: np.ndarray, past: History) -> dict[str, np.ndarray | float]:
    """Return the target day's own temperature, as if it were known: the upper bound."""
    day = np.concatenate([_day(past.temperature, 1), temperature])
    windows = np.lib.stride_tricks.sliding_window_view(day, 12)
    return {
        "temperature_0d": temperature,
        "cooling_0d": cooling(temperature),
        "heating_0d": heating(temperature),
        "hot_0d": cooling(temperature, 24.0),
        "temperature_0d_mean": temperature.mean(),
        "temperature_0d_max": temperature.max(),
        "temperature_0d_min": temperature.min(),
        "heat_so_far": np.cumsum(cooling(temperature)) / len(temperature),
        "cold_so_far": np.cumsum(heating(temperature)) / len(temperature),
        "temperature_last_6h": windows[-len(temperature) :].mean(axis=1),
    }


def _summary(day: np.ndarray, name: str) -> dict[str, np.ndarray | float]:
    """Return mean, extremes, cooling and heating degrees of one past day."""
    return {
        f"temperature_mean_{name}": day.mean(),
        f"temperature_max_{name}": day.max(),
        f"temperature_min_{name}": day.min(),
        f"cooling_{name}": cooling(day).mean(),
        f"heating_{name}": heating(day).mean(),
        f"night_cooling_{name}": cooling(day[-8:], NIGHT_COOLING_ABOVE_C).mean(),
    }


def _day(days: np.ndarray, back: int) -> np.ndarray:
    """Return the day `back` days before the target, NaN where there is none."""
    return days[-back] if back <= len(days) else np.full(days.shape[1], np.nan)
