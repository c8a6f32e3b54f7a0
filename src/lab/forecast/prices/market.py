"""A market of the electricity-price benchmark: days of 24 prices, two forecasts known ahead.

Files keep a delivery day's 24 hours without a zone; here they stand on UTC, where every day has
24 hours, so that a day of the file is a day of the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lab import data, paths
from lab.errors import DataError, UsageError
from lab.forecast.view import DayTable

FOLDER = Path("data") / "benchmarks" / "epf"
PRICE, OTHERS, ZONE = "price", ("exogenous_1", "exogenous_2"), "UTC"
ENDINGS = (".csv.gz", ".csv")
HOURS, LONGEST_LAG = 24, 7
FETCH = "lab fetch epf [--from DIR]"


def names(root: Path | None = None) -> list[str]:
    """Return the markets that are in place, in order."""
    folder = (root or paths.root()) / FOLDER
    found = {one.name.removesuffix(end) for end in ENDINGS for one in folder.glob(f"*{end}")}
    return sorted(name for name in found if not name.startswith("published_forecasts_"))


def market(name: str, root: Path | None = None) -> DayTable:
    """Return a market's prices, and its two exogenous series as known ahead.

    Parameters
    ----------
    name : str
        Of its file in data/benchmarks/epf, such as BE.
    root : path, optional
        The project.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If it does not have the layout, a day does not have 24 hours or is missing, a value is no
        number, or the prices are constant.
    """
    path = _file(name, root)
    frame = data.read(path, data.layout("epf", root))
    days = pd.DatetimeIndex(frame["delivery_date"]).unique()
    missing = pd.date_range(days[0], days[-1]).difference(days)
    if len(missing):
        raise DataError(
            f"{path.name} lacks the day {missing[0].date()}, the first of {len(missing)}."
        )
    columns = [PRICE, *OTHERS]
    gaps = frame[columns].isna()
    if gaps.any(axis=None):
        column = str(gaps.any().idxmax())
        row = frame[gaps[column]].iloc[0]
        raise DataError(
            f"{path.name} has no {column} on {row['delivery_date'].date()} at {row['hour']}:00, "
            f"the first of {int(gaps[column].sum())}; a market needs every hour."
        )
    if (frame[PRICE] == frame[PRICE].iloc[0]).all():
        raise DataError(f"{path.name} has the same price, {frame[PRICE].iloc[0]:g}, in every hour.")
    index = pd.DatetimeIndex(frame["delivery_date"]) + pd.to_timedelta(frame["hour"], unit="h")
    table = frame[columns].set_axis(pd.DatetimeIndex(index).tz_localize(ZONE))
    return DayTable(
        table,
        zone=ZONE,
        target=PRICE,
        knowledge={PRICE: "past"} | dict.fromkeys(OTHERS, "known_future"),
        series_id=name,
    )


def published(name: str, root: Path | None = None) -> pd.DataFrame | None:
    """Return the published forecasts of a market; None where their file does not lie beside it.

    Returns
    -------
    pandas.DataFrame
        A row an hour, index in UTC as that of `market`, one column a model, `real_price` first.
    """
    folder = (root or paths.root()) / FOLDER
    found = [
        path for end in ENDINGS if (path := folder / f"published_forecasts_{name}{end}").exists()
    ]
    if not found:
        return None
    frame = data.read(found[0], data.layout("epf_forecasts", root))
    index = pd.DatetimeIndex(frame["delivery_date"]) + pd.to_timedelta(frame["hour"], unit="h")
    table = frame.drop(columns=["delivery_date", "hour"])
    return table.set_axis(pd.DatetimeIndex(index).tz_localize(ZONE))


def windows_that_fit(
    table: DayTable, windows: Sequence[int], test_days: int
) -> tuple[list[int], list[int]]:
    """Return the calibration windows that lie before the test, and those that do not.

    Parameters
    ----------
    table : DayTable
    windows : sequence of int
        Days to learn from. The first seven of a table have no lags, which costs the longest
        window as many of its days, as in the published runs.
    test_days : int
        Last days, which are forecast.

    Raises
    ------
    UsageError
        If no window fits, or the table has no days before the test.
    """
    before = len(table) - test_days
    fitting = [days for days in windows if days <= before]
    if before <= LONGEST_LAG or not fitting:
        raise UsageError(
            f"The market {table.series_id} has {len(table)} days, {max(before, 0)} of them before "
            f"the {test_days} of the test; the shortest calibration window needs {min(windows)}."
        )
    return fitting, [days for days in windows if days > before]


@dataclass(frozen=True)
class Span:
    """The days of a test, and those before it whose errors are learnt from.

    Attributes
    ----------
    forecast_from, test_from, test_to : str
        ISO days.
    """

    forecast_from: str
    test_from: str
    test_to: str


def span(
    table: DayTable,
    test_days: int,
    error_days: int,
    shortest_window: int,
    ends_days_before: int = 0,
) -> Span:
    """Return the last days of a market as its test, and when forecasts begin.

    Parameters
    ----------
    table : DayTable
    test_days : int
    error_days : int
        Forecast before the test, for their errors alone; fewer where the shortest window leaves
        no more.
    shortest_window : int
        Days that a forecast must be able to learn from.
    ends_days_before : int
        The test ends so many days before the table does: a choice made on days before the
        published test leaves that out.

    Raises
    ------
    UsageError
        If the table is too short, or a number of days is below 1 (0 for the last).
    """
    if min(test_days, error_days, shortest_window) < 1 or ends_days_before < 0:
        raise UsageError(
            "A test needs at least one day, one day of errors and one to learn from, and ends no "
            f"later than the table, got {test_days}, {error_days}, {shortest_window} and "
            f"{ends_days_before} days before its end."
        )
    first = len(table) - ends_days_before - test_days
    if first < shortest_window + LONGEST_LAG + 1:
        raise UsageError(
            f"The market {table.series_id} has {len(table)} days; a test of {test_days} days that "
            f"ends {ends_days_before} days before the last needs {shortest_window} days to learn "
            f"from, {LONGEST_LAG} of lags and one of errors before it, got {max(first, 0)}."
        )
    begin = max(first - error_days, shortest_window + LONGEST_LAG)
    days = (str(table.dates[n]) for n in (begin, first, first + test_days - 1))
    return Span(*days)


def naive(table: DayTable) -> np.ndarray:
    """Return the benchmark's naive forecast of every day, shape (days, 24).

    Mondays, Saturdays and Sundays repeat the day of the week before, the others the day before;
    the first seven days are NaN.

    References
    ----------
    Nogales, Contreras, Conejo, Espinola (2002), doi:10.1109/MPER.2002.4312063.
    """
    prices = table.days[PRICE]
    weekday = (table.dates.astype("datetime64[D]").astype(int) + 3) % LONGEST_LAG
    found = np.full(prices.shape, np.nan)
    weekly = np.isin(weekday, (0, 5, 6))
    for day in range(LONGEST_LAG, len(prices)):
        found[day] = prices[day - (LONGEST_LAG if weekly[day] else 1)]
    return found


def _file(name: str, root: Path | None) -> Path:
    """Return the file of a market."""
    folder = (root or paths.root()) / FOLDER
    for end in ENDINGS:
        if name in names(root) and (folder / f"{name}{end}").is_file():
            return folder / f"{name}{end}"
    there = ", ".join(names(root)) or "none"
    raise UsageError(
        f"There is no market {name!r} in {FOLDER}; there is {there}. `{FETCH}` brings more."
    )
