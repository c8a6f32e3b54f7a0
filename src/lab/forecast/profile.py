"""Inputs for hourly or half-hourly series that may be zero and know no weather.

EV fleets, household meters: loads that rest at zero, differ a thousandfold in size and
follow people's weeks. Values are divided by the series' own recent level and their square
root is taken (the sign kept), so that one model may serve many series and a zero is a
value like any other. Models forecast the deviation from the mean of the last four days of
the target day's type.
"""

from dataclasses import dataclass

import numpy as np

from lab.errors import UsageError
from lab.forecast.inputs import CALENDAR, Inputs
from lab.forecast.view import View

WEEK, LEVEL_DAYS, SAME_DAYS, LONG_DAYS = 7, 28, 4, 8
DAYS_BACK = (1, 2, 3)
WEEKS_BACK = (1, 2, 3, 4)
FLAGS = ("holiday", "after_holiday", "before_holiday", "bridge_day", "christmas")


@dataclass(frozen=True)
class ProfileInputs:
    """Inputs for every slot of the target day, on the scale of the series' own level.

    Calling it with a view gives `x`, shape (slots, inputs), `base`, shape (slots,), and
    `level`, shape (1,). `x` and `base` are on the scale of `to_scale`; missing history is
    NaN, and `base` is NaN where no day of the target day's type is known.

    Parameters
    ----------
    target : str
        Column of the table.
    year : bool
        Give waves of the year, which need more than a year to be learnt.
    """

    target: str = "energy_kwh"
    year: bool = True

    def __call__(self, view: View) -> Inputs:
        """Return the inputs of one view."""
        level = recent_level(view.past_days[self.target])
        columns, base = self._columns(view, level)
        x = np.stack([np.broadcast_to(column, len(base)) for column in columns.values()], axis=1)
        return {"x": x, "base": base, "level": np.array([level])}

    def names(self, view: View) -> list[str]:
        """Return the names of the columns of `x`."""
        return list(self._columns(view, 1.0)[0])

    def _columns(
        self, view: View, level: float
    ) -> tuple[dict[str, np.ndarray | float], np.ndarray]:
        """Return all inputs by name, and the base."""
        days = to_scale(view.past_days[self.target], level)
        kinds = view.past_days["day_type"][:, 0]
        kind = float(view.future_days["day_type"][0])
        base = usual(days, kinds, kind, SAME_DAYS)
        columns = (
            _same_days(days, kinds, kind, base)
            | _lags(days, kinds, kind, view.lead_days, base)
            | _trailing(days, kinds)
            | _calendar(view)
        )
        return columns | (_year(view) if self.year else {}), base


def to_scale(values: np.ndarray, level: np.ndarray | float) -> np.ndarray:
    """Return the signed square root of values in units of `level`.

    Parameters
    ----------
    values : numpy.ndarray
        In the series' own unit, zero and negative values allowed.
    level : float or numpy.ndarray
        Above 0.

    Examples
    --------
    >>> to_scale(np.array([0.0, 8.0, -2.0]), 2.0).tolist()
    [0.0, 2.0, -1.0]
    """
    return np.sign(values) * np.sqrt(np.abs(values) / level)


def from_scale(scaled: np.ndarray, level: np.ndarray | float, least: float = 0.0) -> np.ndarray:
    """Return values in the series' own unit, none below `least`: the way back."""
    return np.maximum(np.sign(scaled) * scaled**2 * level, least)


def recent_level(days: np.ndarray) -> float:
    """Return the mean absolute value of the last 28 days.

    Parameters
    ----------
    days : numpy.ndarray, shape (days, slots)
        History, oldest first, NaN where missing.

    Returns
    -------
    float
        1 where all is zero, NaN where nothing is known.
    """
    known = np.abs(days[-LEVEL_DAYS:][np.isfinite(days[-LEVEL_DAYS:])])
    if len(known) == 0:
        return float("nan")
    return float(known.mean()) or 1.0


def usual(days: np.ndarray, kinds: np.ndarray, kind: float, count: int) -> np.ndarray:
    """Return the mean of the last `count` known days of a type, slot by slot.

    Days without any value are passed over; NaN where there is no such day.
    """
    return mean_known(days[_same(days, kinds, kind)[-count:]])


def mean_known(values: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis of what is known, NaN where nothing is."""
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def usable_rows(base: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return which values have a base and a measured target, shape (days, slots).

    Raises
    ------
    UsageError
        If none has.
    """
    rows: np.ndarray = np.isfinite(base) & np.isfinite(target)
    if not rows.any():
        raise UsageError(
            "A fit needs at least one measured value with an earlier day of its type, got "
            f"{len(target)} days with none."
        )
    return rows


def _same(days: np.ndarray, kinds: np.ndarray, kind: float) -> np.ndarray:
    """Return the numbers of the days of a type that hold any value, oldest first."""
    return np.flatnonzero((kinds == kind) & np.isfinite(days).any(axis=1))


def _same_days(
    days: np.ndarray, kinds: np.ndarray, kind: float, base: np.ndarray
) -> dict[str, np.ndarray | float]:
    """Return what days of the target day's type were like, and how steady."""
    same = days[_same(days, kinds, kind)[-LONG_DAYS:]]
    spread = np.sqrt(mean_known((same - mean_known(same)) ** 2))
    return {
        "usual": base,
        "usual_of_8": mean_known(same) - base,
        "last_same": (same[-1] if len(same) else base) - base,
        "spread_of_8": spread,
        "usual_of_day": mean_known(base),
    }


def _lags(
    days: np.ndarray, kinds: np.ndarray, kind: float, lead_days: int, base: np.ndarray
) -> dict[str, np.ndarray | float]:
    """Return the last days before the issue and the latest same weekdays known.

    Each is its difference from the base. A weekday of another type (a holiday among
    workdays) counts as missing, so that it does not pass for a usual one.
    """
    shortest = -(-lead_days // WEEK)
    found: dict[str, np.ndarray | float] = {}
    for back in DAYS_BACK:
        found[f"day_{back}"] = _row(days, back) - base
    alike = np.where((kinds == kind)[:, None], days, np.nan)
    weeks = [_row(alike, WEEK * (shortest + k - 1) - lead_days + 1) for k in WEEKS_BACK]
    for number, values in zip(WEEKS_BACK, weeks, strict=True):
        found[f"week_{number}"] = values - base
    weekday = mean_known(np.array(weeks)) - base
    found["same_weekday"] = weekday
    # Nine days of work in two weeks: every other Friday is free.
    even = WEEK * (shortest + shortest % 2)
    fortnight = [_row(alike, even + 2 * WEEK * k - lead_days + 1) for k in range(2)]
    found["fortnight"] = mean_known(np.array(fortnight)) - base
    found["fortnight_of_day"] = mean_known(mean_known(np.array(fortnight)) - base)
    found["same_weekday_of_day"] = mean_known(weekday)
    return found


def _trailing(days: np.ndarray, kinds: np.ndarray) -> dict[str, np.ndarray | float]:
    """Return trailing profiles, and how far recent days lay from the usual of their type."""
    away = [
        _row(days, back) - usual(days[:-back], _before(kinds, back), kinds[-back], SAME_DAYS)
        if back <= len(days)
        else np.full(days.shape[1], np.nan)
        for back in range(1, WEEK + 1)
    ]
    month = days[-LEVEL_DAYS:]
    known = np.isfinite(month).any(axis=0)
    daily = [mean_known(one) for one in away]
    return {
        "mean_7": mean_known(days[-WEEK:]),
        "mean_28": mean_known(month),
        "median_28": np.where(known, np.nanmedian(np.where(known, month, 0.0), axis=0), np.nan),
        "trend": mean_known(days[-WEEK:].ravel()) - mean_known(month.ravel()),
        "zeros": mean_known(np.where(np.isfinite(month), month == 0, np.nan)),
        "deviation_1": away[0],
        "deviation_7": mean_known(np.array(away)),
        "deviation_1_of_day": daily[0],
        "deviation_3_of_day": mean_known(np.array(daily[:3])),
        "deviation_7_of_day": mean_known(np.array(daily)),
    }


def _before(kinds: np.ndarray, back: int) -> np.ndarray:
    """Return the types of the days before the one `back` days ago."""
    return kinds[: len(kinds) - back]


def _calendar(view: View) -> dict[str, np.ndarray | float]:
    """Return weekday and flags of the target day; the weekday of a holiday is none."""
    at = {name: float(view.future_days[name][0]) for name in CALENDAR}
    ordinary = at["holiday"] == 0
    found: dict[str, np.ndarray | float] = {name: at[name] for name in FLAGS}
    return found | {f"weekday_{n}": float(at["weekday"] == n and ordinary) for n in range(WEEK)}


def _year(view: View) -> dict[str, np.ndarray | float]:
    """Return two waves of the year."""
    angle = float(view.future_days["year_angle"][0])
    found: dict[str, np.ndarray | float] = {}
    for k in (1, 2):
        found |= {
            f"year_sin_{k}": float(np.sin(k * angle)),
            f"year_cos_{k}": float(np.cos(k * angle)),
        }
    return found


def _row(days: np.ndarray, back: int) -> np.ndarray:
    """Return the day `back` days before the issue, NaN where there is none."""
    return days[-back] if back <= len(days) else np.full(days.shape[1], np.nan)
