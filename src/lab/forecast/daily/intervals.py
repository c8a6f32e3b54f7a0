"""Intervals of daily totals from past errors of the same season.

How far a total is off depends on the time of the year: heat waves and cold spells have
their months. Past errors count the more, the closer their day of the year is to that of
the day that is forecast, whatever the year, so the width in spring is learned from
springs and not from the summer before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.forecast.daily.table import DAYS_PER_YEAR
from lab.forecast.intervals import ascending
from lab.forecast.table import MEDIAN, QUANTILES, Forecasts


@dataclass(frozen=True)
class SeasonalCalibration:
    """How past errors are weighted.

    Attributes
    ----------
    season_days : float
        Width of the bell around the day of the year [days].
    floor : float
        What an error of the opposite season counts, beside 1 more for the same day of the
        year.
    half_life_days : float, optional
        Half-life of an error's weight by its age; by default old errors count as new ones.
    neighbours : int
        Leads whose errors are pooled on either side. The first lead keeps its own.
    min_days : int
        Issues that know fewer errors of their lead get no quantiles but the median (NaN).

    References
    ----------
    Barber, Candes, Ramdas, Tibshirani, Conformal prediction beyond exchangeability (2023),
    doi:10.1214/23-AOS2276.
    """

    season_days: float = 30.0
    floor: float = 0.05
    half_life_days: float | None = None
    neighbours: int = 2
    min_days: int = 60

    def __post_init__(self) -> None:
        """Refuse impossible settings."""
        if not (self.season_days > 0 and self.floor >= 0):
            raise UsageError(
                "Seasonal calibration needs season_days above 0 and a floor of at least 0, got "
                f"{self.season_days} and {self.floor}."
            )
        if self.half_life_days is not None and not self.half_life_days > 0:
            raise UsageError(f"half_life_days must be above 0, got {self.half_life_days}.")
        if self.neighbours < 0 or self.min_days < 1:
            raise UsageError(
                "Seasonal calibration needs at least 0 neighbours and min_days of at least 1, "
                f"got {self.neighbours} and {self.min_days}."
            )


def calibrate_by_season(
    by_lead: Mapping[int, Forecasts], actual: Mapping[int, np.ndarray], how: SeasonalCalibration
) -> dict[int, Forecasts]:
    """Return the forecasts of every lead with nine quantiles.

    Parameters
    ----------
    by_lead : mapping
        Lead in days to forecasts of consecutive days, one row each; the medians are kept.
    actual : mapping
        Lead to measured totals, shape (rows,), NaN where missing. A row is used only for
        what was issued after its day had ended.
    how : SeasonalCalibration

    Returns
    -------
    dict of Forecasts
        Quantiles are the median times the weighted quantiles of the past relative errors;
        NaN but for the median until `min_days` errors of the lead were known.

    Raises
    ------
    UsageError
        If there is not one measured value per row, or a day has several rows.

    Notes
    -----
    With weights w of the n errors known and the largest possible weight for the one to
    come, an error's place among the levels is the share of weight up to it: for equal
    weights i / (n + 1), that of split conformal prediction.
    """
    pools = {lead: _errors(by_lead[lead], actual[lead]) for lead in by_lead}
    found = {}
    for lead, forecasts in by_lead.items():
        near = [other for other in pools if _pooled(lead, other, how.neighbours)]
        pool = pd.concat([pools[other] for other in near]).sort_values("error", kind="stable")
        shift = _quantiles(pool, pools[lead], forecasts, how)
        shift[:, QUANTILES.index(MEDIAN)] = 0.0
        values = forecasts.median[:, None] * np.exp(ascending(shift, QUANTILES))
        found[lead] = replace(forecasts, levels=QUANTILES, values=values)
    return found


def weighted_quantiles(
    ordered: np.ndarray, weight: np.ndarray, own: float, levels: np.ndarray
) -> np.ndarray:
    """Return quantiles of weighted values in ascending order.

    Parameters
    ----------
    ordered, weight : numpy.ndarray, shape (values,)
    own : float
        Weight of the value to come, which may lie anywhere.
    levels : numpy.ndarray

    Examples
    --------
    >>> equal = weighted_quantiles(np.array([1.0, 2, 3]), np.ones(3), 1.0, np.array([0.25, 0.5]))
    >>> [float(x) for x in equal]
    [1.0, 2.0]
    """
    place = np.cumsum(weight) / (weight.sum() + own)
    return np.interp(levels, place, ordered)


def _quantiles(
    pool: pd.DataFrame, mine: pd.DataFrame, forecasts: Forecasts, how: SeasonalCalibration
) -> np.ndarray:
    """Return the quantiles of the errors known at each issue, shape (rows, levels)."""
    found = np.full((len(forecasts.day), len(QUANTILES)), np.nan)
    error, season = pool["error"].to_numpy(), pool["season"].to_numpy()
    ended, levels = pool["ended"].to_numpy(), np.array(QUANTILES)
    counts = np.searchsorted(mine["ended"].to_numpy(), _stamps(forecasts.issued_at), side="right")
    seasons = _season(forecasts.valid_at)
    for row, issue in enumerate(_stamps(forecasts.issued_at)):
        if counts[row] >= how.min_days:
            known = ended <= issue
            apart = np.abs(np.angle(np.exp(1j * (season[known] - seasons[row]))))
            days = apart * DAYS_PER_YEAR / (2 * np.pi)
            weight = how.floor + np.exp(-0.5 * (days / how.season_days) ** 2)
            if how.half_life_days is not None:
                age = (issue - ended[known]) / pd.Timedelta(days=1).value
                weight = weight * 0.5 ** (age / how.half_life_days)
            found[row] = weighted_quantiles(error[known], weight, how.floor + 1, levels)
    return found


def _errors(forecasts: Forecasts, actual: np.ndarray) -> pd.DataFrame:
    """Return the relative error, season [rad] and end of each day that has them."""
    if np.shape(actual) != (len(forecasts.day),) or len(np.unique(forecasts.day)) != len(actual):
        raise UsageError(
            f"Seasonal calibration needs one measured total for each of the "
            f"{len(forecasts.day)} rows and one row a day, got an array of shape "
            f"{np.shape(actual)} for {len(np.unique(forecasts.day))} days."
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.log(actual / forecasts.median)
    columns = {
        "error": error,
        "season": _season(forecasts.valid_at),
        "ended": _stamps(forecasts.valid_at + pd.Timedelta(days=1)),
    }
    return pd.DataFrame(columns)[np.isfinite(error)]


def _pooled(lead: int, other: int, neighbours: int) -> bool:
    """Return whether errors of another lead count; those of the first lead are its own."""
    return other == lead if 1 in (lead, other) else abs(other - lead) <= neighbours


def _season(times: pd.DatetimeIndex) -> np.ndarray:
    """Return the day of the year as an angle [rad]."""
    return 2 * np.pi * np.asarray(times.day_of_year) / DAYS_PER_YEAR


def _stamps(times: pd.DatetimeIndex) -> np.ndarray:
    """Return times as nanoseconds."""
    return times.as_unit("ns").asi8
