"""Inputs of the models of the next hours, a pure function of one `HourView`.

Demand is a logarithm, as in `lab.forecast.inputs`. The base of every target is what is
usual for it: the mean of the last four days of its local day's type (workday, Saturday,
Sunday or holiday) at its place by the wall clock. For tomorrow, today is one of the four if
it is of that type, for the same half-hour of today has always been measured.
"""

from functools import lru_cache

import numpy as np

from lab.errors import UsageError
from lab.forecast.inputs import (
    CALENDAR,
    SAME_DAYS,
    WEEK,
    History,
    calendar_of,
    cooling,
    heating,
    log_demand,
)
from lab.forecast.view import HourView, View

Inputs = dict[str, np.ndarray]
COMMON = (
    "deviation_last",
    "deviation_last_1h",
    "deviation_last_2h",
    "deviation_last_6h",
    "deviation_last_24h",
    "deviation_week",
    "deviation_change_30min",
    "deviation_change_1h",
    "deviation_change_90min",
    "deviation_change_3h",
    "deviation_now_1d",
    "deviation_now_7d",
    "temperature_now",
    "temperature_change_1h",
    "temperature_change_3h",
    "temperature_from_same",
    "temperature_change_24h",
    "temperature_change_last_6h",
    "temperature_mean_24h",
    "temperature_max_24h",
    "temperature_min_24h",
    "temperature_mean_week",
    "cooling_24h",
    "heating_24h",
    "cooling_now",
)
STEPS = (
    "deviation_1d",
    "deviation_7d",
    "lag_1d",
    "lag_7d",
    "temperature_1d",
    "cooling_1d",
    "heating_1d",
    "cooling_moved",
    "heating_moved",
    "temperature_same",
    "cooling_same",
    "heating_same",
)
KINDS = 3


class Morning:
    """What the midnight's view says, worked out once for the hours of a day.

    Attributes
    ----------
    deviation : numpy.ndarray, shape (7, slots)
        Of the last seven days from what was usual for them.
    log, temperature : numpy.ndarray, shape (7, slots)
        Log demand and temperature [degC] of these days.
    usual : dict
        By day type the means of the last four days and of the last three: log demand,
        temperature, cooling and heating degrees, shape (4, slots) each.
    """

    def __init__(self, view: View) -> None:
        past = History.of(view)
        self.deviation = past.deviation
        self.log, self.temperature = _last_week(past.log), _last_week(past.temperature)
        kinds = view.past_days["day_type"][:, 0]
        self.usual = {kind: self._means(past, kinds, kind) for kind in range(KINDS)}

    @staticmethod
    def _means(past: History, kinds: np.ndarray, kind: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the means over the last four and the last three days of a type."""
        same = np.flatnonzero(kinds == kind)[-SAME_DAYS:]
        if len(same) < SAME_DAYS:
            nothing = np.full((4, past.log.shape[1]), np.nan)
            return nothing, nothing
        values = _responses(past.log[same], past.temperature[same])
        return values.mean(axis=1), values[:, 1:].mean(axis=1)


class NowcastInputs:
    """Inputs of one issue for all its steps.

    Calling it with a view gives `common`, shape (inputs,), what is the same for every
    step; `steps`, shape (steps, inputs); `days`, shape (2, inputs), the calendar of the
    issue's day and the next; `ahead`, shape (steps,), which of the two a step lies in;
    `base`, shape (steps,), the usual log demand; `hour`, the issue's hour by the wall clock.
    """

    def __init__(self) -> None:
        self.morning_: tuple[View, Morning] | None = None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __call__(self, view: HourView) -> Inputs:
        """Return the inputs of one view.

        Raises
        ------
        UsageError
            If the horizon reaches beyond the next day.
        """
        if view.ahead.max() > 1:
            raise UsageError(
                f"A nowcast ends on the day after its issue, got {len(view.valid_at)} steps."
            )
        morning = self._of_midnight(view.start)
        usual = _usual(view, morning)
        now = int(view.slot[0])
        recent = _recent(view, morning, usual[0])
        place = view.slot + len(usual[0, 0]) * view.ahead
        base = usual[view.ahead, 0, view.slot]
        return {
            "common": _common(recent, usual[0], now).astype(np.float32),
            "steps": _steps(recent, usual, view, place).astype(np.float32),
            "days": _days(view).astype(np.float32),
            "ahead": view.ahead,
            "base": base,
            "hour": np.array(now * 24 // len(usual[0, 0])),
        }

    def names(self, view: HourView) -> list[str]:
        """Return the names of all inputs: of `common`, `steps` and `days`, in this order."""
        return [*COMMON, *STEPS, *calendar_of(*_at(view, 0))]

    def _of_midnight(self, start: View) -> Morning:
        """Return the midnight's part; a view is read-only, so its result may be kept."""
        if self.morning_ is None or self.morning_[0] is not start:
            self.morning_ = (start, Morning(start))
        return self.morning_[1]


def _usual(view: HourView, morning: Morning) -> np.ndarray:
    """Return the usual values of today and tomorrow: (2, 4 quantities, slots)."""
    kinds = [int(_at(view, day)[0]["day_type"]) for day in (0, 1)]
    today, tomorrow = (morning.usual[kind] for kind in kinds)
    usual = np.stack([today[0], tomorrow[0]])
    if kinds[0] == kinds[1]:
        log, temperature = log_demand(view.today["demand_mw"]), view.today["temperature_c"]
        newest = _responses(log, temperature)
        moved = ((SAME_DAYS - 1) * tomorrow[1] + newest) / SAME_DAYS
        usual[1] = np.where(np.isfinite(newest), moved, usual[1])
    return usual


def _responses(log: np.ndarray, temperature: np.ndarray) -> np.ndarray:
    """Return log demand, temperature, cooling and heating degrees on a new first axis."""
    return np.stack([log, temperature, cooling(temperature), heating(temperature)])


def _recent(view: HourView, morning: Morning, usual: np.ndarray) -> dict[str, np.ndarray]:
    """Return the last seven days and today, NaN beyond the issue: each (8 * slots,)."""
    log = log_demand(view.today["demand_mw"])
    rows = {
        "deviation": (morning.deviation, log - usual[0]),
        "log": (morning.log, log),
        "temperature": (morning.temperature, view.today["temperature_c"]),
    }
    return {name: np.concatenate([*week, today]) for name, (week, today) in rows.items()}


def _common(recent: dict[str, np.ndarray], same: np.ndarray, now: int) -> np.ndarray:
    """Return what is the same for every step, in the order of `COMMON`."""
    end = len(recent["log"]) // (WEEK + 1) * WEEK + now
    hour = len(recent["log"]) // (WEEK + 1) // 24
    away, warm = _to_latest(recent["deviation"][:end]), _to_latest(recent["temperature"][:end])
    day = warm[-24 * hour :]
    change = day[-6 * hour :] - warm[-30 * hour : -24 * hour]
    return np.array(
        [
            away[-1],
            away[-hour:].mean(),
            away[-2 * hour :].mean(),
            away[-6 * hour :].mean(),
            away[-24 * hour :].mean(),
            away[-WEEK * 24 * hour :].mean(),
            away[-1] - away[-2],
            away[-1] - away[-1 - hour],
            away[-1] - away[-2 - hour],
            away[-1] - away[-1 - 3 * hour],
            away[-1 - 24 * hour],
            away[-1 - WEEK * 24 * hour] if len(away) > WEEK * 24 * hour else np.nan,
            day[-1],
            day[-1] - day[-1 - hour],
            day[-1] - day[-1 - 3 * hour],
            day[-1] - same[1, max(now - 1, 0)],
            change[-1],
            change.mean(),
            day.mean(),
            day.max(),
            day.min(),
            warm[-WEEK * 24 * hour :].mean(),
            cooling(day).mean(),
            heating(day).mean(),
            cooling(day[-1]),
        ]
    )


def _to_latest(values: np.ndarray) -> np.ndarray:
    """Return values up to the latest that is known within the last day, or as they are.

    At the issue right after the clock has skipped an hour, that is the hour before it.
    """
    slots = len(values) // WEEK
    known = np.flatnonzero(np.isfinite(values[-slots:]))
    return values[: len(values) - slots + known[-1] + 1] if len(known) else values


def _steps(
    recent: dict[str, np.ndarray], usual: np.ndarray, view: HourView, place: np.ndarray
) -> np.ndarray:
    """Return what differs from step to step, shape (steps, inputs), in the order of `STEPS`."""
    slots = usual.shape[2]
    week_ago, day_ago = place, place + (WEEK - 1) * slots
    base, warm_same, cool_same, heat_same = usual[view.ahead, :, view.slot].T
    warm = recent["temperature"]
    now = _to_latest(warm[: WEEK * slots + view.slot[0]])
    day = warm[day_ago]
    moved = day + (now[-1] - now[-1 - slots])
    columns = (
        recent["deviation"][day_ago],
        recent["deviation"][week_ago],
        recent["log"][day_ago] - base,
        recent["log"][week_ago] - base,
        day,
        cooling(day),
        heating(day),
        cooling(moved),
        heating(moved),
        warm_same,
        cool_same,
        heat_same,
    )
    return np.stack(columns, axis=1)


def _days(view: HourView) -> np.ndarray:
    """Return the calendar of the issue's day and of the next: (2, inputs)."""
    return np.stack([_calendar(*_key(view, day)) for day in (0, 1)])


def _at(view: HourView, day: int) -> tuple[dict[str, float], float]:
    """Return the calendar columns of a day and the type of the day before it.

    Where no step lies in the next day, that of the issue's own stands in; no step uses it.
    """
    today = {name: float(view.start.future_days[name][0]) for name in CALENDAR}
    step = int(np.argmax(view.ahead))
    if day == 0 or view.ahead[step] == 0:
        return today, float(view.start.past_days["day_type"][-1, 0])
    return {name: float(view.future[name][step]) for name in CALENDAR}, today["day_type"]


def _key(view: HourView, day: int) -> tuple[tuple[float, ...], float]:
    at, before = _at(view, day)
    return tuple(at.values()), before


@lru_cache(maxsize=8)
def _calendar(at: tuple[float, ...], before: float) -> np.ndarray:
    return np.array(list(calendar_of(dict(zip(CALENDAR, at, strict=True)), before).values()))


def _last_week(days: np.ndarray) -> np.ndarray:
    """Return the last seven rows, NaN where there are fewer."""
    short = max(0, WEEK - len(days))
    return np.concatenate([np.full((short, days.shape[1]), np.nan), days[-WEEK:]])
