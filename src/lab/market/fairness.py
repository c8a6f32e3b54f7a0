"""Who pays more and who pays less under a tariff than at one flat price."""

import numpy as np
import pandas as pd

from lab.checks import finite, within
from lab.errors import DataError

SAME_USD = 0.005


def flat_price(load_kwh: pd.DataFrame, price_usd_per_kwh: pd.Series) -> float:
    """Return the flat price that brings the same revenue from the same load [USD/kWh].

    Raises
    ------
    DataError
        If a value is missing or there is no load.
    """
    load, price = _checked(load_kwh, price_usd_per_kwh)
    if not load.sum() > 0:
        raise DataError("A flat price needs some load, got none.")
    return float((load * price[:, None]).sum() / load.sum())


def against_flat(
    load_kwh: pd.DataFrame, price_usd_per_kwh: pd.Series, flat_usd_per_kwh: float
) -> pd.DataFrame:
    """Compare bills at unchanged load.

    Parameters
    ----------
    load_kwh : pandas.DataFrame
        Intervals by homes.
    price_usd_per_kwh : pandas.Series
        On the same index.
    flat_usd_per_kwh : float

    Returns
    -------
    pandas.DataFrame
        One row for each home: `flat_usd`, `bill_usd`, `change_usd`, `change_percent`, and `pays`,
        which is more, less or the same (to the cent).

    Examples
    --------
    >>> hours = pd.date_range("2020", periods=2, freq="h", tz="UTC")
    >>> load = pd.DataFrame({"early": [1.0, 0.0], "late": [0.0, 1.0]}, hours)
    >>> found = against_flat(load, pd.Series([0.1, 0.3], hours), 0.2)
    >>> found["pays"].tolist(), found["change_percent"].round(1).tolist()
    (['less', 'more'], [-50.0, 50.0])
    """
    load, price = _checked(load_kwh, price_usd_per_kwh)
    flat = load.sum(axis=0) * flat_usd_per_kwh
    bill = price @ load
    change = bill - flat
    words = np.select([change > SAME_USD, change < -SAME_USD], ["more", "less"], "the same")
    columns = {
        "flat_usd": flat,
        "bill_usd": bill,
        "change_usd": change,
        "change_percent": 100 * change / np.where(flat > 0, flat, np.nan),
        "pays": words,
    }
    return pd.DataFrame(columns, index=load_kwh.columns)


def gini(values: np.ndarray | pd.Series) -> float:
    """Return the Gini coefficient of amounts of at least 0: 0 for equal ones, towards 1 for one.

    Raises
    ------
    DataError
        If there is none, one is below 0, or all are 0.

    Examples
    --------
    >>> round(gini(np.array([1.0, 1.0, 1.0])), 3), gini(np.array([0.0, 0.0, 3.0])).__round__(3)
    (0.0, 0.667)
    """
    amounts = np.sort(within(values, "Amounts", 0))
    if not len(amounts) or not amounts.sum() > 0:
        raise DataError(f"A Gini coefficient needs an amount above 0, got {len(amounts)} of 0.")
    rank = np.arange(1, len(amounts) + 1)
    return float((2 * rank - len(amounts) - 1) @ amounts / (len(amounts) * amounts.sum()))


def _checked(load: pd.DataFrame, price: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return load and price as arrays of the same intervals."""
    if not load.index.equals(price.index):
        raise DataError("Load and price must have the same time stamps, got two indices.")
    return within(load, "Load [kWh]", 0), finite(price, "Prices [USD/kWh]")
