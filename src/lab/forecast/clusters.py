"""Groups of households that spend their day alike."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lab.errors import DataError, UsageError
from lab.forecast.profile import mean_known
from lab.forecast.view import DayTable

WORKDAY = 0
HOURS_OF_DAY = 24
EVENING, NIGHT, MIDDAY = (17, 23), (0, 6), (10, 16)


def daily_profiles(tables: Mapping[str, DayTable], until: str) -> pd.DataFrame:
    """Return each meter's mean workday and mean free day, in units of its mean.

    Parameters
    ----------
    tables : mapping of DayTable
        By meter; the calendar column `day_type` is needed.
    until : ISO string
        Only local days before this one are looked at.

    Returns
    -------
    pandas.DataFrame
        One row a meter; columns `(workday, slot)` and `(free, slot)`, their weighted mean 1.

    Raises
    ------
    DataError
        If a meter has no value in a slot of one of the two.
    """
    rows = {}
    for name, table in tables.items():
        end = table.position(until)
        days = table.days[table.target][:end]
        work = table.days["day_type"][:end, 0] == WORKDAY
        profile = np.concatenate([mean_known(days[work]), mean_known(days[~work])])
        if not np.isfinite(profile).all():
            raise DataError(
                f"Meter {name!r} has no value at some hour before {until}; its profile cannot be "
                "compared."
            )
        rows[name] = profile / mean_known(days.ravel())
    kinds = ("workday", "free")
    slots = range(next(iter(tables.values())).slots)
    columns = pd.MultiIndex.from_product([kinds, slots], names=["kind", "slot"])
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def clusters(profiles: pd.DataFrame, count: int) -> dict[str, list[str]]:
    """Return groups of meters by Ward's method, the largest first.

    Parameters
    ----------
    profiles : pandas.DataFrame
        One row a meter.
    count : int
        Number of groups, from 1 to the number of meters.

    Returns
    -------
    dict of list
        `A`, `B`, ... to meters, in the order of the rows.

    Raises
    ------
    UsageError
        If the number is impossible.

    References
    ----------
    Ward, Hierarchical grouping to optimize an objective function (1963),
    doi:10.1080/01621459.1963.10500845.
    """
    if not 1 <= count <= len(profiles):
        raise UsageError(
            f"The number of clusters must lie between 1 and {len(profiles)}, got {count}."
        )
    if len(profiles) == 1:
        return {"A": [str(profiles.index[0])]}
    from scipy.cluster.hierarchy import fcluster, linkage

    label = fcluster(linkage(profiles.to_numpy(), "ward"), count, "maxclust")
    groups = [[str(m) for m in profiles.index[label == one]] for one in np.unique(label)]
    ordered = sorted(groups, key=lambda group: (-len(group), group))
    return {chr(ord("A") + number): group for number, group in enumerate(ordered)}


def traits(profiles: pd.DataFrame) -> pd.DataFrame:
    """Return what tells households apart, one row per row of the profiles.

    Returns
    -------
    pandas.DataFrame
        `evening_share_percent` (17 to 23 h), `night_share_percent` (0 to 6 h) and
        `midday_share_percent` (10 to 16 h) of a workday's energy, `free_day_percent` (a free
        day's energy in percent of a workday's) and `peak_h` (the workday's highest hour).
    """
    work, free = profiles["workday"], profiles["free"]
    per_hour = work.shape[1] // HOURS_OF_DAY
    parts = {"evening": EVENING, "night": NIGHT, "midday": MIDDAY}
    shares = {
        f"{name}_share_percent": 100
        * work.iloc[:, first * per_hour : last * per_hour].sum(axis=1)
        / work.sum(axis=1)
        for name, (first, last) in parts.items()
    }
    return pd.DataFrame(shares).assign(
        free_day_percent=100 * free.mean(axis=1) / work.mean(axis=1),
        peak_h=work.to_numpy().argmax(axis=1) / per_hour,
    )
