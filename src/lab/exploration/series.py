"""Every table as hourly series up to the day on which a later study begins to test."""

import pandas as pd

from lab import calendar
from lab.errors import DataError

HOUR = pd.Timedelta(hours=1)


def local_midnight(day: str, zone: str) -> pd.Timestamp:
    """Return the UTC instant at which the local day `day` begins."""
    return calendar.midnights(day, day, zone)[0]


def seen_part(table: pd.DataFrame, zone: str, until: str | None) -> pd.DataFrame:
    """Return the rows before the local day `until`; all rows if it is None.

    Raises
    ------
    DataError
        If no row lies before that day.
    """
    if until is None:
        return table
    kept = table[table.index < local_midnight(until, zone)]
    if kept.empty:
        raise DataError(
            f"No row lies before {until} ({zone}): the table begins {table.index.min():%Y-%m-%d}."
        )
    return kept


def hourly(table: pd.DataFrame) -> pd.DataFrame:
    """Return hourly means of the measured columns on a gapless UTC index.

    Marks (`*_imputed` and other truth values) are no series and are left out. An hour of
    which nothing was measured is NaN.
    """
    measured = table.select_dtypes("number")
    return measured.resample("h").mean()


def market_hours(table: pd.DataFrame, zones: dict[str, str]) -> pd.DataFrame:
    """Return the prices of a market table by UTC hour, one column a zone [EUR/MWh].

    Parameters
    ----------
    table : pandas.DataFrame
        Columns zone, delivery_date, hour, price_eur_per_mwh.
    zones : dict
        Time zone of each market zone, such as {"FR": "Europe/Paris"}.

    Returns
    -------
    pandas.DataFrame
        Columns price_fr_eur_per_mwh and so on. The hour that spring skips is left out, the
        second pass of autumn's repeated hour is NaN.
    """
    prices = {}
    for name, zone in zones.items():
        rows = table[table["zone"] == name]
        stamps = calendar.market24_to_utc(rows["delivery_date"], rows["hour"], zone)
        found = pd.Series(rows["price_eur_per_mwh"].to_numpy(), index=stamps)
        prices[f"price_{name.lower()}_eur_per_mwh"] = found[found.index.notna()]
    return pd.DataFrame(prices).resample("h").mean()


def fleet_power(sessions: pd.DataFrame) -> pd.Series:
    """Return the mean power of a charging fleet by UTC hour [kW].

    The energy of a session is spread evenly from arrival to departure, because its course
    is not in the data: real fleets draw more of it in the first hours.

    Parameters
    ----------
    sessions : pandas.DataFrame
        Columns arrival, departure (UTC) and delivered_kwh, one row a session.

    Returns
    -------
    pandas.Series
        From the hour of the first arrival to that of the last departure; its sum is the
        energy of all sessions [kWh].

    Raises
    ------
    DataError
        If a session does not end after it begins.
    """
    length = (sessions["departure"] - sessions["arrival"]) / HOUR
    if not (length > 0).all():
        raise DataError(
            f"A charging session must end after it begins, got {int((~(length > 0)).sum())} "
            "that do not."
        )
    kilowatts = sessions["delivered_kwh"] / length
    steps = pd.concat(
        [
            pd.Series(kilowatts.to_numpy(), index=sessions["arrival"]),
            pd.Series(-kilowatts.to_numpy(), index=sessions["departure"]),
        ]
    )
    level = steps.groupby(level=0).sum().cumsum()
    return _hourly_means(level.clip(lower=0.0))


def _hourly_means(level: pd.Series) -> pd.Series:
    """Return hourly means of a level that holds from each stamp to the next."""
    hours = pd.date_range(level.index[0].floor("h"), level.index[-1].ceil("h"), freq="h")
    level = level.reindex(level.index.union(hours)).ffill().fillna(0.0)
    spans = level.index.to_series().diff().shift(-1) / HOUR
    return (level * spans).iloc[:-1].resample("h").sum().rename("fleet_power_kw")
