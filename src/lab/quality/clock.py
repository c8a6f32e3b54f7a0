"""The days on which clocks change: are the rows there, and does daily life move with them."""

from datetime import date

import numpy as np
import pandas as pd

from lab.quality.rules import ClockRule
from lab.quality.timing import step_of

DAY = pd.Timedelta("1D")
MINUTES_A_DAY = 1440
GRID_MINUTES = 5


def clock_changes(start: pd.Timestamp, end: pd.Timestamp, zone: str) -> pd.DataFrame:
    """List the local days between two stamps that have 23 or 25 hours.

    Returns
    -------
    pandas.DataFrame
        day (date), starts (UTC), hours.
    """
    first, last = start.tz_convert(zone).date(), end.tz_convert(zone).date()
    midnights = pd.date_range(first, last + DAY, freq="D", tz=zone).tz_convert("UTC")
    hours = (midnights[1:] - midnights[:-1]) / pd.Timedelta("1h")
    days = pd.DataFrame({"starts": midnights[:-1], "hours": hours.astype(int)})
    days["day"] = days["starts"].dt.tz_convert(zone).dt.date
    return days[days["hours"] != 24][["day", "starts", "hours"]].reset_index(drop=True)


def whole_changes(index: pd.DatetimeIndex, zone: str) -> pd.DataFrame:
    """Return the lines of `clock_changes` whose local day lies wholly in the span of `index`."""
    changes = clock_changes(index[0], index[-1], zone)
    ends = changes["starts"] + pd.to_timedelta(changes["hours"], unit="h")
    return changes[(changes["starts"] >= index[0]) & (ends <= index[-1])].reset_index(drop=True)


def rows_on(table: pd.DataFrame, starts: pd.Timestamp, hours: int) -> tuple[int, int]:
    """Return how many rows a local day has, and how many its length asks for."""
    end = starts + pd.Timedelta(hours=hours)
    inside = (table.index >= starts) & (table.index < end)
    return int(inside.sum()), round((end - starts) / step_of(table.index))


def change_table(
    table: pd.DataFrame, zone: str, columns: list[str], rule: ClockRule
) -> pd.DataFrame:
    """Return one line per clock change: rows of that day, and the shift of each column.

    Returns
    -------
    pandas.DataFrame
        day, hours, rows, expected, and per column the shift in minutes (see `rhythm_shift`).
    """
    changes = clock_changes(table.index[0], table.index[-1], zone)
    lines = []
    for change in changes.itertuples():
        rows, expected = rows_on(table, change.starts, change.hours)
        shifts = {name: rhythm_shift(table[name], change.starts, rule) for name in columns}
        line = {"day": change.day, "hours": change.hours, "rows": rows, "expected": expected}
        lines.append(line | shifts)
    return pd.DataFrame(lines, columns=["day", "hours", "rows", "expected", *columns])


def rhythm_shift(series: pd.Series, change: pd.Timestamp, rule: ClockRule) -> float:
    """Return by how many minutes the mean day (in UTC) comes later after a clock change.

    Parameters
    ----------
    series : pandas.Series
        One measured column with a UTC index.
    change : pandas.Timestamp
        Start of the day on which the clock changes.
    rule : ClockRule
        `window_days` before are compared with as many after.

    Returns
    -------
    float
        Minutes from -120 to 120; -60 in spring and +60 in autumn for what follows the clock
        on the wall, about 0 for what follows the sun. NaN without both windows.
    """
    span = pd.Timedelta(days=rule.window_days)
    before = _profile(series[(series.index >= change - span) & (series.index < change)])
    after = _profile(series[(series.index > change + DAY) & (series.index <= change + DAY + span)])
    if before is None or after is None:
        return float("nan")
    lags = range(-120, 121, GRID_MINUTES)
    match = [np.corrcoef(np.roll(before, lag // GRID_MINUTES), after)[0, 1] for lag in lags]
    return float(lags[int(np.argmax(match))])


def _profile(series: pd.Series) -> np.ndarray | None:
    """Return the mean day in steps of five minutes, None if any part of the day is missing."""
    if series.empty:
        return None
    minute = series.index.hour * 60 + series.index.minute
    mean = series.groupby(minute).mean()
    if mean.isna().any() or mean.nunique() < 3 or np.diff(mean.index).max() > 60:
        return None
    return np.interp(
        np.arange(0, MINUTES_A_DAY, GRID_MINUTES), mean.index, mean, period=MINUTES_A_DAY
    )


def sun_delay(power: pd.Series, light: pd.Series) -> pd.Series:
    """Return, per UTC day, by how many minutes PV power comes after the light.

    Both are reduced to their centre of gravity in the day. Days are cut half a day from
    the middle of the light, so that no daylight is split in two.

    Returns
    -------
    pandas.Series
        Indexed by day; days with missing power or without either are left out.
    """
    middle = _mean_minute(light)
    shift = pd.Timedelta(minutes=middle - MINUTES_A_DAY / 2)
    moved = pd.DataFrame({"power": power, "light": light})
    moved.index = moved.index - shift
    minute = moved.index.hour * 60.0 + moved.index.minute
    day = moved.index.floor("D")
    whole = moved["power"].notna().groupby(day).mean() == 1
    weighted = moved.mul(minute, axis=0).groupby(day).sum()
    total = moved.groupby(day).sum()
    centre = (weighted / total)[whole & (total > 0).all(axis=1)]
    return centre["power"] - centre["light"]


def _mean_minute(light: pd.Series) -> float:
    """Return the minute of the UTC day around which the light is centred, on the circle."""
    minute = (light.index.hour * 60 + light.index.minute).to_numpy()
    angle = 2 * np.pi * minute / MINUTES_A_DAY
    weight = light.fillna(0).to_numpy()
    mean = np.arctan2((weight * np.sin(angle)).sum(), (weight * np.cos(angle)).sum())
    return float(mean / (2 * np.pi) * MINUTES_A_DAY % MINUTES_A_DAY)


def seasonal_shift(delay: pd.Series, zone: str) -> float:
    """Return by how many minutes the median delay is longer in summer time than in winter time.

    NaN where one of the two is not covered; about 0 where power and light keep one clock,
    about 60 where only the power's stamps follow the clock on the wall.
    """
    summer = np.array([is_summer_time(day.date(), zone) for day in delay.index], dtype=bool)
    return float(delay[summer].median() - delay[~summer].median())


def is_summer_time(day: date, zone: str) -> bool:
    """Tell whether noon of a day is on daylight saving time in `zone`."""
    return bool(pd.Timestamp(day).replace(hour=12).tz_localize(zone).dst())
