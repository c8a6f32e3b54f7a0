"""Inputs of the daily models, a pure function of one `View` of a daily table."""

from dataclasses import dataclass

import numpy as np

from lab.forecast.daily.table import PAST, TARGET
from lab.forecast.inputs import FLAGS, log_demand
from lab.forecast.view import View

WEEK = 7
SATURDAY = 5
WAVES = (1, 2, 3)
# What a day's calendar does to demand comes first, the season last.
EFFECTS = (
    *(f"weekday_{n}" for n in range(WEEK)),
    "holiday_on_workday",
    "holiday_on_weekend",
    *FLAGS[1:-1],
)
CALENDAR = (
    *EFFECTS,
    "daylight_saving",
    *(f"year_{shape}_{k}" for k in WAVES for shape in ("sin", "cos")),
)


@dataclass(frozen=True)
class DailyInputs:
    """What a daily model sees of one issue: the last days, and the calendar.

    Calling it with a view gives

    - `past`, shape (history days, 9): the columns of `PAST`, the total as its logarithm;
      NaN before the table begins,
    - `calendar`, shape (history days, columns): `CALENDAR` of those days,
    - `ahead`, shape (columns,): `CALENDAR` of the target day.

    Attributes
    ----------
    days : int
        Days of history; views must hold as many where the table does.
    """

    days: int = 63

    def __call__(self, view: View) -> dict[str, np.ndarray]:
        """Return the inputs of one view."""
        past = np.column_stack([view.past_days[name][:, 0] for name in PAST])
        past[:, PAST.index(TARGET)] = log_demand(past[:, PAST.index(TARGET)])
        names = ("weekday", "year_angle", *FLAGS)
        seen = calendar({name: view.past_days[name][:, 0] for name in names})
        ahead = calendar({name: view.future_days[name] for name in names})
        return {"past": self._last(past), "calendar": self._last(seen), "ahead": ahead[0]}

    def _last(self, rows: np.ndarray) -> np.ndarray:
        """Return the last days, with NaN before the first."""
        missing = max(0, self.days - len(rows))
        return np.vstack([np.full((missing, rows.shape[1]), np.nan), rows[-self.days :]])


def calendar(columns: dict[str, np.ndarray]) -> np.ndarray:
    """Return the calendar of days as numbers, shape (days, columns), in order of `CALENDAR`.

    A holiday takes more from a working day than from a weekend.
    """
    work, holiday = columns["weekday"] < SATURDAY, columns["holiday"]
    weekdays = [columns["weekday"] == n for n in range(WEEK)]
    flags = [columns[name] for name in FLAGS[1:]]
    waves = [shape(k * columns["year_angle"]) for k in WAVES for shape in (np.sin, np.cos)]
    return np.column_stack([*weekdays, holiday * work, holiday * ~work, *flags, *waves])
