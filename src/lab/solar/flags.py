"""Days whose power contradicts their measured irradiance, found by one stated rule."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.calendar import in_zone
from lab.errors import DataError


@dataclass(frozen=True)
class Fence:
    """Usual range of a day's energy over what physics expects of its measured irradiance."""

    low: float
    high: float


def day_ratio(power: pd.Series, expected: np.ndarray, daylight: np.ndarray, zone: str) -> pd.Series:
    """Return each row's ratio of the local day's energy to the expected, NaN without power.

    Parameters
    ----------
    power : pandas.Series
        Measured [W], UTC index.
    expected : numpy.ndarray
        Physical power from measured irradiance [W].
    daylight : numpy.ndarray of bool
    zone : str
    """
    known = daylight & np.isfinite(power.to_numpy(dtype=float))
    day = in_zone(pd.DatetimeIndex(power.index), zone).date
    sums = pd.DataFrame({"power": power, "expected": expected})
    sums.loc[~known] = np.nan
    total = sums.groupby(day).transform("sum")
    return (total["power"] / total["expected"].where(total["expected"] > 0)).rename("ratio")


def fence(ratio: pd.Series, zone: str, width: float = 3.0) -> Fence:
    """Return quartiles of the daily ratios of a training period, `width` times their distance out.

    Raises
    ------
    DataError
        If fewer than 30 days have a ratio.

    References
    ----------
    Tukey, Exploratory data analysis (1977).
    """
    daily = ratio.groupby(in_zone(pd.DatetimeIndex(ratio.index), zone).date).first().dropna()
    if len(daily) < 30:
        raise DataError(
            f"A rule for odd days needs at least 30 days of training, got {len(daily)}."
        )
    low, high = np.quantile(daily, [0.25, 0.75])
    return Fence(float(low - width * (high - low)), float(high + width * (high - low)))


def flags(ratio: pd.Series, usual: Fence) -> pd.Series:
    """Return `shed` (snow or outage: too little power), `hidden` (more than the sky's) or ``."""
    kind = np.select([ratio < usual.low, ratio > usual.high], ["shed", "hidden"], default="")
    return pd.Series(kind, index=ratio.index, name="flag")
