"""One line for each series: size, spread, memory, calendar, stationarity."""

import pandas as pd

from lab.exploration.profiles import Holidays, calendar_keys
from lab.exploration.seasonality import autocorrelation, explained_shares, seasonal_strength
from lab.exploration.stationarity import largest_shift, stationarity

DAY, WEEK = 24, 168


def describe(
    series: pd.Series,
    zone: str,
    holidays: Holidays,
    *,
    folds: int,
    strength_hours: int,
    min_days: int,
    shift_days: int,
) -> dict[str, object]:
    """Describe one hourly series.

    Parameters
    ----------
    series : pandas.Series
        Hourly on a gapless UTC index.
    zone : str
        Zone of the local clock.
    holidays : collection of date
        Count as Sundays.
    folds, strength_hours, min_days, shift_days : int
        See `explained_shares`, `seasonal_strength`, `stationarity` and `largest_shift`.

    Returns
    -------
    dict
        Values in the unit of the series, shares in percent, correlations from -1 to 1.
    """
    keys = calendar_keys(pd.DatetimeIndex(series.index), zone, holidays)
    shares = 100 * explained_shares(series, keys, folds)
    ranks = explained_shares(series.rank(), keys, folds)
    strength = seasonal_strength(series, (DAY, WEEK), strength_hours)
    daily = series.groupby(keys["date"]).mean().asfreq("D")
    verdict = stationarity(daily, min_days)
    day, step = largest_shift(daily, shift_days)
    return {
        "first": str(keys["date"].iloc[0].date()),
        "last": str(keys["date"].iloc[-1].date()),
        "missing_percent": 100 * float(series.isna().mean()),
        "mean": float(series.mean()),
        "standard_deviation": float(series.std()),
        "lowest": float(series.min()),
        "highest": float(series.max()),
        "autocorrelation_day": autocorrelation(series, DAY),
        "autocorrelation_week": autocorrelation(series, WEEK),
        **{f"{layer}_percent": float(share) for layer, share in shares.items()},
        "calendar_of_ranks_percent": 100 * float(ranks["calendar"]),
        "strength_day": strength[DAY],
        "strength_week": strength[WEEK],
        "adf_p": verdict.adf_p,
        "kpss_p": verdict.kpss_p,
        "kpss": verdict.kpss_text,
        "verdict": verdict.verdict,
        "shift_day": None if day is None else str(day.date()),
        "shift_spreads": step,
    }
