"""Does a series keep its level? Two tests that ask opposite questions, and the largest shift."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

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
    adf_p = float(adfuller(values, autolag="AIC")[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)
        kpss_p = float(kpss(values, regression="c", nlags="auto")[1])
    return Stationarity(adf_p, kpss_p, VERDICTS[adf_p < LEVEL, kpss_p < LEVEL])


def largest_shift(daily: pd.Series, window: int = 28) -> tuple[pd.Timestamp | None, float]:
    """Return where the mean of the days after differs most from that of the days before.

    Parameters
    ----------
    daily : pandas.Series
        One value a day.
    window : int
        Days on either side; half of them must be measured.

    Returns
    -------
    tuple
        The first day of the new level and the size of the step in standard deviations of
        all days, with its sign; (None, NaN) if the series is too short or constant.
    """
    before = daily.rolling(window, min_periods=window // 2).mean().shift(1).iloc[window:]
    after = daily[::-1].rolling(window, min_periods=window // 2).mean()[::-1]
    step = ((after - before) / daily.std()).iloc[: max(0, len(daily) - window + 1)].dropna()
    step = step[np.isfinite(step)]
    if step.empty:
        return None, float("nan")
    day = step.abs().idxmax()
    return day, float(step[day])
