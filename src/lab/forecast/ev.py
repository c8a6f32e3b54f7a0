"""Charging sessions of electric cars as the energy of a fleet, hour by hour.

A session says when a car came, when it left and how much it took, not when. The rule
here: it charges from its arrival at one power until it has what was delivered, and never
after its departure. Where nobody came for weeks nothing was recorded: missing, not zero.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from lab.calendar import holidays_of, local_days, midnights
from lab.errors import DataError, UsageError
from lab.forecast.checks import numbers
from lab.forecast.inputs import calendar_columns
from lab.forecast.view import DayTable

NEEDED = ("arrival", "departure", "delivered_kwh")
HOUR = pd.Timedelta(hours=1)


def charging_times(sessions: pd.DataFrame, power_kw: float) -> pd.DataFrame:
    """Return begin, end and power of charging by the rule: at once, at one power.

    Parameters
    ----------
    sessions : pandas.DataFrame
        One row a session: `arrival`, `departure` (UTC), `delivered_kwh`.
    power_kw : float
        Power of a charger [kW]. A session that took more in its stay than this allows
        charges through its whole stay, at the power that it needs.

    Returns
    -------
    pandas.DataFrame
        `begin`, `end` (UTC) and `power_kw`, one row a session; `end` is not after the
        departure and power times duration is what was delivered.

    Raises
    ------
    DataError
        If a column is missing, a departure is not after its arrival, or an energy is
        negative or not a number.
    UsageError
        If the power is not above 0.
    """
    _check(sessions, power_kw)
    stay_h = ((sessions["departure"] - sessions["arrival"]) / HOUR).to_numpy(float)
    energy = sessions["delivered_kwh"].to_numpy(float)
    power = np.maximum(power_kw, energy / stay_h)
    begin = pd.DatetimeIndex(sessions["arrival"]).as_unit("ns")
    leave = pd.DatetimeIndex(sessions["departure"]).as_unit("ns")
    # Hours as decimals round by a nanosecond: hence the second bound.
    end = begin + pd.to_timedelta(energy / power, unit="h").as_unit("ns")
    end = end.where(end < leave, leave)
    return pd.DataFrame({"begin": begin, "end": end, "power_kw": power}, index=sessions.index)


def hourly_energy(sessions: pd.DataFrame, power_kw: float) -> pd.Series:
    """Return the energy that all sessions together took in each hour.

    Parameters
    ----------
    sessions : pandas.DataFrame
        As in `charging_times`, at least one row.
    power_kw : float
        [kW]

    Returns
    -------
    pandas.Series
        `energy_kwh` by the hour's start (UTC), from the first arrival to the last end of
        charging, 0 where nobody charged; its sum is what was delivered.
    """
    times = charging_times(sessions, power_kw)
    first = times["begin"].min().floor("h")
    begin = ((times["begin"] - first) / HOUR).to_numpy(float)
    end = ((times["end"] - first) / HOUR).to_numpy(float)
    # Shares of what was delivered, so that no rounding of an end loses energy.
    length = np.where(end > begin, end - begin, 1.0)
    hour = np.floor(begin).astype(int)
    energy = np.zeros(int(np.floor(end.max())) + 2)
    delivered = sessions["delivered_kwh"].to_numpy(float)
    for step in range(int((np.floor(end) - hour).max()) + 1):
        overlap = np.minimum(end, hour + step + 1) - np.maximum(begin, hour + step)
        share = np.where(end > begin, np.maximum(overlap, 0.0) / length, float(step == 0))
        rows = hour + step < len(energy)
        np.add.at(energy, hour[rows] + step, (delivered * share)[rows])
    index = pd.date_range(first, periods=len(energy), freq="h", name="time")
    return pd.Series(energy, index=index, name="energy_kwh")


def observed_windows(arrival: pd.Series, zone: str, gap_days: int) -> pd.DataFrame:
    """Return the stretches of local days in which sessions were recorded.

    Parameters
    ----------
    arrival : pandas.Series
        Arrivals, UTC.
    zone : str
        IANA zone.
    gap_days : int
        So many days in a row without an arrival were not recorded; fewer were quiet.

    Returns
    -------
    pandas.DataFrame
        `first` and `last` local day of each stretch (naive), and its `days`.
    """
    local = pd.DatetimeIndex(arrival).tz_convert(zone).tz_localize(None).normalize()
    days = local.unique().sort_values()
    cut = np.flatnonzero(np.diff(days) > pd.Timedelta(days=gap_days))
    first = days[np.append(0, cut + 1)]
    last = days[np.append(cut, len(days) - 1)]
    return pd.DataFrame({"first": first, "last": last, "days": (last - first).days + 1})


def fleet_energy(sessions: pd.DataFrame, zone: str, power_kw: float, gap_days: int) -> pd.DataFrame:
    """Return the fleet's energy and mean power by hour, missing outside the windows.

    Parameters
    ----------
    sessions : pandas.DataFrame
        As in `charging_times`.
    zone : str
        IANA zone: windows are whole local days.
    power_kw : float
        [kW]
    gap_days : int
        As in `observed_windows`.

    Returns
    -------
    pandas.DataFrame
        `energy_kwh` and `mean_power_kw` by hour (UTC), NaN outside the windows. What is
        charged after a window's last midnight is left out.
    """
    energy = hourly_energy(sessions, power_kw)
    windows = observed_windows(sessions["arrival"], zone, gap_days)
    after = windows["last"].iloc[-1] + pd.Timedelta(days=1)
    edges = midnights(windows["first"].iloc[0], after, zone)
    index = pd.date_range(edges[0], edges[-1], freq="h", inclusive="left", name="time")
    day = local_days(index, zone)["local_date"].to_numpy()
    seen = np.zeros(len(index), dtype=bool)
    for window in windows.itertuples():
        seen |= (day >= np.datetime64(window.first)) & (day <= np.datetime64(window.last))
    values = energy.reindex(index, fill_value=0.0).where(seen)
    # Energy of one hour [kWh] and its mean power [kW] are one number.
    return pd.DataFrame({"energy_kwh": values, "mean_power_kw": values})


def free_days(
    country: str, subdivision: str | None, years: Collection[int], recess: Collection[str]
) -> set[date]:
    """Return public holidays and the recess, as known in advance.

    Parameters
    ----------
    country, subdivision : str
        Whose law holds.
    years : collection of int
    recess : collection of str
        Days of every year, as month and day such as `12-24`.
    """
    own = {date.fromisoformat(f"{year}-{day}") for year in years for day in recess}
    return set(holidays_of(country, subdivision, years)) | own


def day_table(
    frame: pd.DataFrame, zone: str, holidays: Collection[date], series_id: str = "ev_fleet"
) -> DayTable:
    """Return the fleet's energy and the calendar as local days with their knowledge times.

    Parameters
    ----------
    frame : pandas.DataFrame
        Column `energy_kwh`, UTC index.
    zone : str
        IANA zone.
    holidays : collection of date
    series_id : str

    Raises
    ------
    DataError
        If the column is missing or holds no numbers, or the index is no regular UTC one.
    """
    energy = numbers(frame, ["energy_kwh"])
    calendar = calendar_columns(pd.DatetimeIndex(frame.index), zone, holidays)
    knowledge = dict.fromkeys(calendar.columns, "known_future") | {"energy_kwh": "past"}
    return DayTable(
        energy.join(calendar),
        zone=zone,
        target="energy_kwh",
        knowledge=knowledge,
        series_id=series_id,
    )


def _check(sessions: pd.DataFrame, power_kw: float) -> None:
    """Refuse sessions that no rule can spread."""
    if missing := [name for name in NEEDED if name not in sessions.columns]:
        raise DataError(
            f"Sessions need the columns {', '.join(NEEDED)}; {', '.join(missing)} missing."
        )
    if not power_kw > 0:
        raise UsageError(f"The charging power must be above 0 kW, got {power_kw}.")
    if len(sessions) == 0:
        raise DataError("At least one session is needed, got an empty table.")
    if not (sessions["departure"] > sessions["arrival"]).all():
        raise DataError("Every departure must be after its arrival; at least one is not.")
    if not (sessions["delivered_kwh"] >= 0).all():
        raise DataError("Delivered energy must be a number from 0 up; at least one is not.")
