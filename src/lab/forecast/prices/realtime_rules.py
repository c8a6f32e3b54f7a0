"""Simple rules for prices minutes ahead, with intervals of the same kind, and scores of all."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lab import metrics
from lab.errors import UsageError
from lab.forecast.prices.realtime_forecast import RealtimeForecast
from lab.forecast.prices.realtime_inputs import Minutes
from lab.forecast.prices.realtime_intervals import Shifts, losses_by_strength, recent_movement

GRID = tuple(np.arange(0, 1.01, 0.05).round(2))


def persistence(market: Minutes, horizons_min: Sequence[int]) -> np.ndarray:
    """Return the price of the issue for every horizon, shape (minutes, horizons, regions)."""
    return np.stack([market.prices] * len(horizons_min), axis=1)


def level(market: Minutes, horizons_min: Sequence[int]) -> np.ndarray:
    """Return the day-ahead level of the minute that is forecast."""
    return np.stack([market.level(h) for h in horizons_min], axis=1)


def reversion(market: Minutes, horizons_min: Sequence[int], shares: np.ndarray) -> np.ndarray:
    """Return the price of the issue, a share of the way to the day-ahead level gone.

    Parameters
    ----------
    shares : numpy.ndarray, shape (horizons,)
        0 is persistence, 1 the level.
    """
    start = persistence(market, horizons_min)
    return start + np.asarray(shares)[:, None] * (level(market, horizons_min) - start)


def shares_of_way(
    market: Minutes, horizons_min: Sequence[int], end: int, grid: Sequence[float] = GRID
) -> np.ndarray:
    """Return by horizon the share of the way with the least absolute error.

    Parameters
    ----------
    end : int
        Number of the first minute that may not be learnt from.
    """
    truth = outcomes(market, horizons_min, end)
    every = np.ones(len(horizons_min))
    errors = [np.abs(reversion(market, horizons_min, w * every) - truth) for w in grid]
    tried = [np.nanmean(one, axis=(0, 2)) for one in errors]
    return np.asarray(grid)[np.argmin(tried, axis=0)]


def outcomes(market: Minutes, horizons_min: Sequence[int], end: int | None = None) -> np.ndarray:
    """Return what came true, shape (minutes, horizons, regions), NaN from minute `end` on."""
    moved = np.stack([market.moved(-h) for h in horizons_min], axis=1)
    if end is not None:
        for place, horizon in enumerate(horizons_min):
            moved[max(end - horizon, 0) :, place] = np.nan
    return moved


def banded(
    point: np.ndarray, market: Minutes, horizons_min: Sequence[int], validate: tuple[int, int],
    *, strengths: Sequence[float], tolerance: float,
) -> RealtimeForecast:  # fmt: skip
    """Return a rule's forecasts after the validation part, with intervals from its errors there.

    Parameters
    ----------
    point : numpy.ndarray, shape (minutes, horizons, regions)
    market : Minutes
    horizons_min : sequence of int
    validate : tuple of int
        Numbers of the validation part's first minute and of the first after it.
    strengths, tolerance
        As in `RealtimeForecaster`.

    Raises
    ------
    UsageError
        If the validation part does not lie within the minutes.
    """
    start, end = validate
    if not 0 <= start < end < len(market.index):
        raise UsageError(
            f"A validation part must lie within {len(market.index)} minutes, got {start} to {end}."
        )
    recent = recent_movement(market.prices)
    errors = (outcomes(market, horizons_min, end) - point)[start:end]
    strength = float(losses_by_strength(errors, recent[start:end], strengths).idxmin())
    shifts = Shifts.learn(errors, recent[start:end], strength, tolerance)
    sure = pd.DataFrame(
        shifts.confidence,
        pd.Index(horizons_min, name="horizon_min"),
        pd.Index(market.regions, name="region"),
    )
    values = shifts.around(point[end:], recent[end:])
    return RealtimeForecast(
        market.index[end:], tuple(horizons_min), market.regions, values, sure, tolerance
    )


def scored(forecasts: Mapping[str, RealtimeForecast], prices: pd.DataFrame) -> pd.DataFrame:
    """Return the losses of several models, rows of issues whose every horizon came true.

    Parameters
    ----------
    forecasts : mapping
        Model to its forecasts.
    prices : pandas.DataFrame
        One column for each region, by UTC minute.

    Returns
    -------
    pandas.DataFrame
        What `lab.metrics.score` returns, and `horizon_min`; without `direction`, for steps of
        unlike length have none.
    """
    parts = []
    for model, forecast in forecasts.items():
        table = forecast.to_table(model)
        last = prices.index[-1] - pd.Timedelta(minutes=max(forecast.horizons_min))
        table = table[table["issued_at"] <= last]
        for region, rows in table.groupby("series_id", observed=True):
            parts.append(metrics.score(rows.reset_index(drop=True), prices[str(region)]))
    found = pd.concat(parts, ignore_index=True).drop(columns="direction")
    ahead = (60 * found["lead_time_h"]).round().astype(int)
    names = {name: pd.Categorical(found[name].astype(str)) for name in ("series_id", "model")}
    return found.assign(horizon_min=ahead, **names)
