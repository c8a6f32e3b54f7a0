"""The best times to start something: ranked, with cost and saving against now."""

import numpy as np
import pandas as pd

from lab.checks import floats, setting, whole
from lab.errors import DataError, UsageError
from lab.optimise.appliances.appliance import HOUR, zoned
from lab.optimise.appliances.site import equal_steps, in_slots


def cheapest_slots(
    prices: pd.Series,
    duration_h: float,
    *,
    power_kw: float = 1.0,
    earliest: pd.Timestamp | None = None,
    latest: pd.Timestamp | None = None,
    every: pd.Timedelta | str = "15min",
    top: int = 5,
    apart_h: float = 0.0,
) -> pd.DataFrame:
    """Return the best start times of an unbroken run.

    Parameters
    ----------
    prices : pandas.Series
        Price by interval start (UTC), equal steps, held through each step [currency/kWh].
    duration_h : float
        Run time, a whole number of `every` [h].
    power_kw : float
        Power of the run [kW].
    earliest, latest : pandas.Timestamp, optional
        The run lies within these; by default within the prices. "Now" is the earliest start.
    every : Timedelta or str
        Starts are considered so often from the first price on; a whole part of its step.
    top : int
        How many starts are returned at most.
    apart_h : float
        Least distance between two starts that are returned [h]; 0 ranks neighbours, too.

    Returns
    -------
    pandas.DataFrame
        Index `rank` from 1, the earlier of two equally dear starts first. Columns `start`,
        `end` (UTC), `mean_price` [currency/kWh], `cost`, `saving` against starting at once
        [currency], and `saving_percent` of the cost at once, NaN where that is not positive.

    Raises
    ------
    DataError
        When prices are missing.
    UsageError
        When a number is impossible or the run does not fit into its window.

    Examples
    --------
    >>> hours = pd.date_range("2016-05-01 18:00", periods=4, freq="h", tz="UTC")
    >>> prices = pd.Series([0.30, 0.20, 0.10, 0.10], hours)
    >>> best = cheapest_slots(prices, 2.0, every="1h", top=2)
    >>> best["cost"].round(2).tolist(), best["saving_percent"].round(0).tolist()
    ([0.2, 0.3], [60.0, 40.0])
    """
    _check(prices, duration_h, power_kw, top, apart_h)
    fine = in_slots(prices, every)
    step_h = float((fine.index[1] - fine.index[0]) / HOUR)
    steps = _whole(duration_h, step_h)
    end_of_prices = fine.index[-1] + pd.Timedelta(hours=step_h)
    begin = fine.index[0] if earliest is None else zoned(earliest, "earliest")
    end = end_of_prices if latest is None else zoned(latest, "latest")
    starts = fine.index[: max(len(fine) - steps + 1, 0)]
    fits = (starts >= begin) & (starts + pd.Timedelta(hours=duration_h) <= end)
    if not fits.any():
        raise UsageError(
            f"A run of {duration_h:g} h does not fit between {begin} and {end}, or the prices end "
            "before it does."
        )
    sums = np.convolve(fine.to_numpy(float), np.ones(steps), "valid")[fits]
    chosen = _spaced(sums, int(np.ceil(apart_h / step_h - 1e-6)), top)
    return _table(starts[fits], sums / steps, chosen, duration_h, power_kw)


def _table(
    starts: pd.DatetimeIndex,
    means: np.ndarray,
    chosen: list[int],
    duration_h: float,
    power_kw: float,
) -> pd.DataFrame:
    """Return the table of the chosen starts from the mean price after each start."""
    table = pd.DataFrame({"start": starts[chosen]}, index=pd.RangeIndex(1, len(chosen) + 1))
    table["end"] = table["start"] + pd.Timedelta(hours=duration_h)
    table["mean_price"] = means[chosen]
    table["cost"] = means[chosen] * duration_h * power_kw
    at_once = float(means[0] * duration_h * power_kw)
    table["saving"] = at_once - table["cost"]
    table["saving_percent"] = 100 * table["saving"] / at_once if at_once > 0 else np.nan
    return table.rename_axis("rank")


def _spaced(sums: np.ndarray, distance: int, top: int) -> list[int]:
    """Return the best positions that keep their distance from those that are better."""
    chosen: list[int] = []
    # Sums of equal prices may differ in the last digit: rounded, the earlier one comes first.
    for position in np.argsort(np.round(sums, 12), kind="stable"):
        if len(chosen) == top:
            break
        if all(abs(int(position) - other) >= distance for other in chosen):
            chosen.append(int(position))
    return chosen


def _whole(duration_h: float, step_h: float) -> int:
    """Return a run time in steps."""
    steps = duration_h / step_h
    if abs(steps - round(steps)) > 1e-6 or round(steps) < 1:
        raise UsageError(
            f"duration_h must be a whole number of steps of {step_h:g} h, got {duration_h:g}."
        )
    return round(steps)


def _check(prices: pd.Series, duration_h: float, power_kw: float, top: int, apart_h: float) -> None:
    """Refuse prices and numbers that lead nowhere."""
    index, values = equal_steps(prices.index, "Prices"), floats(prices, "Prices")
    if not np.isfinite(values).all():
        raise DataError(f"There is no price at {index[np.flatnonzero(~np.isfinite(values))[0]]}.")
    setting(duration_h, "duration_h", 0, open_low=True)
    setting(power_kw, "power_kw", 0, open_low=True)
    setting(apart_h, "apart_h", 0)
    whole(top, "top", 1)
