"""The homes of a table as sellers and buyers: what each lacks or has left in every hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.calendar import check_utc, in_zone
from lab.checks import setting
from lab.errors import DataError, UsageError
from lab.settings import check_zone

LOAD, PV = "_load_kwh", "_pv_w_per_kw"
# Findings of study data_quality that make a home's own load or PV no measure of a home.
FAULTS = {
    "dead": "dead PV",
    "weak": "weak PV",
    "sun_like_load": "load that follows the sun",
    "zero_load": "load of exactly 0",
}


@dataclass(frozen=True, eq=False)
class Homes:
    """Load and production of homes, hour by hour.

    Attributes
    ----------
    load_kwh, pv_kwh : pandas.DataFrame
        UTC index, one column for each home: `home_1` and so on. 0 in both where a value was
        missing, so that a home without measurement neither buys nor sells.
    missing_hours : pandas.Series
        How many hours of each home that is.
    """

    load_kwh: pd.DataFrame
    pv_kwh: pd.DataFrame
    missing_hours: pd.Series

    @property
    def net_kwh(self) -> pd.DataFrame:
        """What each home lacks, below 0 what it has left [kWh]."""
        return self.load_kwh - self.pv_kwh

    def only(self, names: Iterable[str]) -> "Homes":
        """Return some of the homes."""
        keep = list(names)
        return Homes(self.load_kwh[keep], self.pv_kwh[keep], self.missing_hours[keep])


def homes_of(table: pd.DataFrame, installed_kw: float | Sequence[float]) -> Homes:
    """Return the homes of a table with `home_<id>_load_kwh` and `home_<id>_pv_w_per_kw`.

    Parameters
    ----------
    table : pandas.DataFrame
        UTC index, hourly; load and PV of a row are of the same hour.
    installed_kw : float or sequence of float
        PV of every home, or of each in the order of the table [kW]; the table holds production per
        kW.

    Raises
    ------
    DataError
        If there is no home, a home lacks its PV column, or a load or production is below 0 or
        infinite.
    UsageError
        If `installed_kw` is negative or no number, or of another number of homes.
    """
    check_utc(table.index)
    names = [name.removesuffix(LOAD) for name in table if str(name).endswith(LOAD)]
    lacking = [name for name in names if name + PV not in table]
    if not names or lacking:
        raise DataError(f"Homes need a column of load and one of PV each, got {lacking or 'none'}.")
    size = np.array(installed_kw, dtype=object)
    if size.shape not in {(), (len(names),)}:
        raise UsageError(
            f"installed_kw must be one number or one for each of {len(names)} homes, got "
            f"{installed_kw}."
        )
    for one in size.flat:
        setting(one, "installed_kw", 0)
    load = table[[name + LOAD for name in names]].set_axis(names, axis=1)
    per_kw = table[[name + PV for name in names]].set_axis(names, axis=1)
    below = (load.min() < 0) | (per_kw.min() < 0)
    if below.any():
        raise DataError(f"Load and PV must be at least 0, got less in {below.idxmax()}.")
    endless = np.isinf(load).any() | np.isinf(per_kw).any()
    if endless.any():
        raise DataError(f"Load and PV must be finite, got an infinite one in {endless.idxmax()}.")
    missing = load.isna() | per_kw.isna()
    produced = per_kw.mask(missing, 0.0) * (size.astype(float) / 1000)
    return Homes(load.mask(missing, 0.0), produced, missing.sum())


def wall_clock(power: pd.DataFrame, standard: str, zone: str) -> pd.DataFrame:
    """Return power whose stamps were taken for standard time but followed the wall clock.

    Parameters
    ----------
    power : pandas.DataFrame
        UTC index, read as if the clock kept standard time all year.
    standard, zone : str
        IANA zones of that standard time, and of the wall clock.

    Returns
    -------
    pandas.DataFrame
        Same index. The row of the hour that the clock skips is dropped, and of the hour that it
        repeats one pass is missing: by night both are 0. NaN where nobody knows: at the ends, for
        which the table holds no hour, and where the missing pass has a gap beside it.

    Raises
    ------
    DataError
        If the hour that was dropped, or is missing, lies in daylight.
    """
    index = pd.DatetimeIndex(power.index)
    naive = in_zone(index, standard).tz_localize(None)
    # The repeated hour is read as its second pass, which is standard time.
    second = np.zeros(len(naive), dtype=bool)
    stamp = naive.tz_localize(check_zone(zone), ambiguous=second, nonexistent="NaT")
    known = ~stamp.isna()
    moved = power[known].set_axis(pd.DatetimeIndex(stamp[known]).tz_convert("UTC"))
    result = moved.reindex(index)
    inside = np.asarray((index > moved.index[0]) & (index < moved.index[-1]))
    holes = inside & ~np.asarray(index.isin(moved.index))
    there = result[~holes]
    before, after = (there.reindex(index[holes], method=how) for how in ("ffill", "bfill"))
    if any((rows > 0).any(axis=None) for rows in (power[~known], before, after)):
        raise DataError(
            "A clock change was expected at night, but there is power in the hour that the clock "
            f"of {zone} skips or beside the one that it repeats."
        )
    result.loc[holes] = before * 0.0 + after * 0.0  # 0 beside two dark hours, else not known
    return result


def faulty(findings: pd.DataFrame, table: str) -> dict[str, str]:
    """Return the homes whose meters are faulty, and why, from the findings of study data_quality.

    Parameters
    ----------
    findings : pandas.DataFrame
        Columns table, column, check.
    table : str

    Returns
    -------
    dict
        Name such as `home_15` to its faults in words; homes of `FAULTS` alone.
    """
    found = findings[(findings["table"] == table) & findings["check"].isin(FAULTS)]
    reasons: dict[str, list[str]] = {}
    for column, check in zip(found["column"], found["check"], strict=True):
        home = str(column).removesuffix(LOAD).removesuffix(PV)
        reasons.setdefault(home, []).append(FAULTS[check])
    order = sorted(reasons, key=lambda name: int("".join(filter(str.isdigit, name)) or 0))
    return {home: ", ".join(dict.fromkeys(reasons[home])) for home in order}


def mean_day(hourly: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Return the mean by hour of the local day, 0 to 23."""
    local = check_utc(hourly.index).tz_convert(zone)
    return hourly.groupby(np.asarray(local.hour)).mean().rename_axis("hour")
