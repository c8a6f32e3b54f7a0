"""How demand answers to temperature, and power to the sun."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.errors import DataError

MIN_DAYS = 20
MIN_BEYOND = 0.05


@dataclass(frozen=True)
class Response:
    """Two straight lines that meet at a breakpoint.

    Attributes
    ----------
    breakpoint : float
        Where they meet, in the unit of x.
    level : float
        Value there, in the unit of y.
    slope_below, slope_above : float
        Slopes of the two lines [unit of y per unit of x].
    r2, r2_line : float
        Explained share of the variance, and that of one straight line.
    """

    breakpoint: float
    level: float
    slope_below: float
    slope_above: float
    r2: float
    r2_line: float

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the value of the two lines at `x`."""
        away = np.asarray(x, dtype="float64") - self.breakpoint
        below, above = np.minimum(away, 0), np.maximum(away, 0)
        return np.asarray(self.level + self.slope_below * below + self.slope_above * above)


def fit_response(x: pd.Series, y: pd.Series, step: float = 0.5) -> Response:
    """Fit two lines that meet, by least squares, trying every breakpoint on a grid.

    Parameters
    ----------
    x, y : pandas.Series
        Such as daily temperature [°C] and demand [MW], in the same order; pairs with a gap
        are skipped.
    step : float
        Distance of the breakpoints that are tried, whole multiples of it; 5 % of the pairs
        lie beyond the first and the last.

    Raises
    ------
    DataError
        If there are fewer than 20 pairs, or x hardly varies.
    """
    known = np.isfinite(x.to_numpy(dtype="float64")) & np.isfinite(y.to_numpy(dtype="float64"))
    across, up = x.to_numpy(dtype="float64")[known], y.to_numpy(dtype="float64")[known]
    grid = _candidates(across, step)
    fits = [_two_lines(across, up, candidate) for candidate in grid]
    best = int(np.argmin([error for error, _ in fits]))
    error, (level, below, above) = fits[best]
    total = float(((up - up.mean()) ** 2).sum())
    line = np.polyval(np.polyfit(across, up, 1), across)
    r2_line = 1 - float(((up - line) ** 2).sum()) / total
    lines = float(level), float(below), float(above)
    return Response(float(grid[best]), *lines, 1 - error / total, r2_line)


def breakpoint_spread(
    x: pd.Series, y: pd.Series, step: float, *, draws: int, block: int, seed: int
) -> tuple[float, float]:
    """Return the 2.5 % and the 97.5 % quantile of the breakpoint under a block bootstrap.

    Parameters
    ----------
    x, y : pandas.Series
        In time order.
    step : float
        Grid of the breakpoints.
    draws, block : int
        Number of resamples, and rows that are drawn together: neighbouring days share
        their weather.
    seed : int
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    rows, count = len(x), -(-len(x) // block)
    found = []
    for _ in range(draws):
        starts = rng.integers(0, rows, count)
        drawn = ((starts[:, None] + np.arange(block)) % rows).ravel()[:rows]
        found.append(fit_response(x.iloc[drawn], y.iloc[drawn], step).breakpoint)
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def clear_sky_index(
    measured: pd.Series, clear: pd.Series, least: float, by: list[pd.Series], top: float = 0.95
) -> pd.Series:
    """Return measured over clear-sky, where the sun is up, on a scale of cloudless hours.

    Power in W and level irradiance in W/m2 have no common scale, and their ratio moves with
    the sun: within each group of `by` it is scaled so that its `top` quantile, nearly
    cloudless, is 1.

    Parameters
    ----------
    measured, clear : pandas.Series
        On one index.
    least : float
        Clear-sky value below which the ratio is not formed (NaN).
    by : list of pandas.Series
        Such as month and hour, on the same index.
    top : float
        Quantile that counts as cloudless.
    """
    ratio = measured / clear.where(clear >= least)
    cloudless = ratio.groupby(by).transform("quantile", top)
    return ratio / cloudless.where(cloudless > 0)


def _candidates(x: np.ndarray, step: float) -> np.ndarray:
    """Return the breakpoints to try, each with enough points on either side."""
    if len(x) < MIN_DAYS:
        raise DataError(
            f"A response needs at least {MIN_DAYS} pairs of values, got {len(x)}; "
            "give a longer series."
        )
    low, high = np.quantile(x, [MIN_BEYOND, 1 - MIN_BEYOND])
    grid = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    if len(grid) == 0 or low == high:
        raise DataError(
            f"A breakpoint needs x to vary by more than {step:g} between its 5 % and 95 % "
            f"quantiles, got {low:g} to {high:g}."
        )
    return grid


def _two_lines(x: np.ndarray, y: np.ndarray, at: float) -> tuple[float, np.ndarray]:
    """Return the squared error, and level and slopes of two lines that meet at `at`."""
    away = x - at
    design = np.stack([np.ones_like(x), np.minimum(away, 0), np.maximum(away, 0)], axis=1)
    weights = np.linalg.lstsq(design, y, rcond=None)[0]
    return float(((y - design @ weights) ** 2).sum()), weights
