"""Does a series keep its level? Two tests that ask opposite questions, and the largest shift."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

# Median absolute deviation to standard deviation of a normal distribution.
NORMAL = 1.4826
WILD = 3.0
LEVEL = 0.05
KPSS_RANGE = (0.01, 0.1)
VERDICTS = {
    (True, False): "stationary",
    (False, True): "wanders",
    (True, True): "shifting level",
    (False, False): "undecided",
}


@dataclass(frozen=True)
class Stationarity:
    """What two tests say about the daily means of a series.

    Attributes
    ----------
    adf_p, kpss_p : float
        p-values. ADF's hypothesis is a unit root, KPSS's a constant level. The table of
        KPSS ends at 0.01 and 0.1: a value at an end stands for all beyond it.
    verdict : str
        `stationary` (a unit root is rejected, a constant level is not), `wanders` (the other
        way round), `shifting level` (both are rejected: the series returns, but to a level
        that moves, as with a season of the year), `undecided` (neither is) or `too short`.
    """

    adf_p: float
    kpss_p: float
    verdict: str

    @property
    def kpss_text(self) -> str:
        """Return KPSS's p-value, with the sign of an end of its table where it is one."""
        if np.isnan(self.kpss_p):
            return ""
        low, high = KPSS_RANGE
        sign = "≤ " if self.kpss_p <= low else "≥ " if self.kpss_p >= high else ""
        return f"{sign}{self.kpss_p:.2f}"


def stationarity(daily: pd.Series, min_days: int = 60) -> Stationarity:
    """Test daily means for a unit root (ADF) and for a constant level (KPSS).

    Parameters
    ----------
    daily : pandas.Series
        One value a day; missing days are interpolated.
    min_days : int
        Fewer measured days, or a constant series, are `too short` for a verdict.

    References
    ----------
    D. Kwiatkowski et al., J. Econometrics 54 (1992), doi:10.1016/0304-4076(92)90104-Y.
    """
    if daily.count() < min_days or daily.max() == daily.min():
        return Stationarity(float("nan"), float("nan"), "too short")
    from statsmodels.tools.sm_exceptions import InterpolationWarning
    from statsmodels.tsa.stattools import adfuller, kpss

    values = daily.interpolate(limit_direction="both").to_numpy(dtype="float64")
    adf_p = float(adfuller(values, autolag="AIC", result_object=False)[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)
        kpss_p = float(kpss(values, regression="c", nlags="auto", result_object=False)[1])
    return Stationarity(adf_p, kpss_p, VERDICTS[adf_p < LEVEL, kpss_p < LEVEL])


def tamed(daily: pd.Series) -> tuple[pd.Series, float]:
    """Return daily values without wild days, and their usual spread.

    The spread is the median absolute deviation, scaled to a standard deviation; days more
    than three of it away from the median are moved to that distance.
    """
    middle = daily.median()
    spread = NORMAL * float((daily - middle).abs().median())
    return daily.clip(middle - WILD * spread, middle + WILD * spread), spread


def largest_shift(daily: pd.Series, window: int = 28) -> tuple[pd.Timestamp | None, float]:
    """Return where the mean of the days after differs most from that of the days before.

    Parameters
    ----------
    daily : pandas.Series
        One value a day; wild days are `tamed` first, for they are no shift.
    window : int
        Days on either side; half of them must be measured.

    Returns
    -------
    tuple
        The first day of the new level and the size of the step in usual spreads, with its
        sign; (None, NaN) if the series is too short or hardly moves.
    """
    calm, spread = tamed(daily)
    before = calm.rolling(window, min_periods=window // 2).mean().shift(1)
    after = calm[::-1].rolling(window, min_periods=window // 2).mean()[::-1]
    step = (after - before).iloc[window : max(0, len(daily) - window + 1)].dropna()
    if step.empty or not spread > 0:
        return None, float("nan")
    day = step.abs().idxmax()
    return day, float(step[day] / spread)
