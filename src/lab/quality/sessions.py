"""Tables of events: charging sessions that cannot be as they are written."""

import pandas as pd

from lab.quality.rules import SessionRule

DAY = pd.Timedelta("1D")
HOUR = pd.Timedelta("1h")


def quiet_periods(sessions: pd.DataFrame, rule: SessionRule) -> pd.DataFrame:
    """List the periods without any arrival that last at least `gap_days`.

    Returns
    -------
    pandas.DataFrame
        start (last arrival before), end (first arrival after), days.
    """
    arrivals = sessions["arrival"].sort_values().reset_index(drop=True)
    days = arrivals.diff() / DAY
    long = days >= rule.gap_days
    return pd.DataFrame(
        {"start": arrivals.shift()[long], "end": arrivals[long], "days": days[long]}
    ).reset_index(drop=True)


def daily_coverage(sessions: pd.DataFrame, freq: str = "MS") -> pd.Series:
    """Return the share (0 to 1) of days with at least one arrival, per calendar period."""
    arrivals = pd.Series(1, pd.DatetimeIndex(sessions["arrival"]).sort_values())
    return (arrivals.resample("D").sum() > 0).resample(freq).mean()


def faults(sessions: pd.DataFrame, rule: SessionRule) -> dict[str, pd.Series]:
    """Return, for every kind of fault, a flag per session.

    Parameters
    ----------
    sessions : pandas.DataFrame
        arrival, departure, estimated_departure (UTC), requested_kwh, delivered_kwh,
        station_id, session_id, claimed.

    Returns
    -------
    dict
        over_delivered (more than requested), unclaimed (no user, so no request of their own),
        nothing_requested, backwards (leaves before it comes), too_powerful (mean power above
        `max_power_kw`), overlapping (comes before the last one left the same station),
        repeated (a session id seen before).
    """
    stay = (sessions["departure"] - sessions["arrival"]) / HOUR
    by_station = sessions.sort_values(["station_id", "arrival"], kind="stable")
    previous = by_station.groupby("station_id")["departure"].shift()
    surplus = sessions["delivered_kwh"] - sessions["requested_kwh"]
    return {
        "over_delivered": surplus > rule.tolerance_kwh,
        "unclaimed": ~sessions["claimed"].astype(bool),
        "nothing_requested": sessions["requested_kwh"] <= 0,
        "backwards": stay <= 0,
        "too_powerful": (stay > 0) & (sessions["delivered_kwh"] > rule.max_power_kw * stay),
        "overlapping": (by_station["arrival"] < previous).reindex(sessions.index),
        "repeated": sessions["session_id"].duplicated(),
    }
