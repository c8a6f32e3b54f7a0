"""Tables of days from the project's own price files, and the hours that are hard to forecast."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lab.errors import DataError
from lab.forecast.view import DayTable

SPIKE_SHARE = 0.9
REGIMES = ("negative", "usual", "spike")


def market24(raw: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Return one zone's rows on UTC, where every day has 24 hours, as the market's own have.

    Parameters
    ----------
    raw : pandas.DataFrame
        With `zone`, `delivery_date` and `hour` 0 to 23.
    zone : str
        Of the market, such as FR.

    Raises
    ------
    DataError
        If there is no such zone.
    """
    own = raw[raw["zone"] == zone]
    if own.empty:
        raise DataError(
            f"There is no zone {zone!r} in the prices; there is "
            f"{', '.join(sorted(map(str, raw['zone'].unique())))}."
        )
    hour = pd.to_timedelta(own["hour"].to_numpy(), unit="h")
    index = pd.DatetimeIndex(pd.DatetimeIndex(own["delivery_date"]) + hour)
    return own.drop(columns=["zone", "delivery_date", "hour"]).set_axis(index.tz_localize("UTC"))


def plain(
    frame: pd.DataFrame, target: str, others: Sequence[str] = (), *, zone: str, series_id: str
) -> DayTable:
    """Return prices, known up to the issue, and exogenous columns, known ahead, as days."""
    knowledge = {target: "past"} | dict.fromkeys(others, "known_future")
    return DayTable(
        frame[[target, *others]],
        zone=zone,
        target=target,
        knowledge=knowledge,
        series_id=series_id,
    )


def regimes(prices: np.ndarray, share: float = SPIKE_SHARE) -> np.ndarray:
    """Return for each price whether it is `negative`, a `spike` or `usual`.

    Parameters
    ----------
    prices : numpy.ndarray, shape (rows,)
        As measured; none missing.
    share : float
        Above this quantile of themselves prices are spikes: by hindsight, for a breakdown.

    Examples
    --------
    >>> regimes(np.array([-3.0, 20.0, 30.0, 40.0, 400.0]), 0.8).tolist()
    ['negative', 'usual', 'usual', 'usual', 'spike']
    """
    spike = prices > np.quantile(prices, share)
    return np.select([prices < 0, spike], ["negative", "spike"], "usual")
