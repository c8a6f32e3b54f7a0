"""Issues of several days at once, picked from forecasts that were made every day.

Forecasts of one lead are made for every day, for their errors calibrate the intervals. A
weekly issue is then the first lead's forecast of its first day, the second lead's of its
second, all issued at the same midnight.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.forecast.table import Forecasts


def issues_every(
    by_lead: Mapping[int, Forecasts], first: pd.Timestamp, last: pd.Timestamp, days: int
) -> Forecasts:
    """Return issues at `first` and every `days` days after, row by row in order of time.

    Parameters
    ----------
    by_lead : mapping
        Lead in days, from 1 on without a gap, to forecasts of consecutive days.
    first, last : pandas.Timestamp
        UTC; issues lie between them, both included, as do the days they are for.
    days : int
        Days between issues, at least as many as there are leads: no day comes twice.

    Raises
    ------
    UsageError
        If the leads have gaps, an issue's days would overlap the next, or none is left.
    """
    leads = sorted(by_lead)
    if leads != list(range(1, len(leads) + 1)) or days < len(leads):
        raise UsageError(
            f"Issues every {days} days need leads from 1 on without a gap and not more than "
            f"the days between issues, got {', '.join(map(str, leads))}."
        )
    parts = []
    for lead in leads:
        one = by_lead[lead]
        since = (one.issued_at - first) / pd.Timedelta(days=1)
        keep = (one.issued_at >= first) & (one.valid_at <= last) & (since % days == 0)
        parts.append(one.rows(np.asarray(keep)))
    issued = pd.DatetimeIndex(np.concatenate([p.issued_at for p in parts]))
    if not len(issued):
        raise UsageError(f"No issue lies between {first} and {last}.")
    valid = pd.DatetimeIndex(np.concatenate([p.valid_at for p in parts]))
    order = np.argsort(valid.asi8, kind="stable")
    _, number = np.unique(issued[order].asi8, return_inverse=True)
    return replace(
        parts[0],
        issued_at=issued[order],
        valid_at=valid[order],
        day=number,
        slot=np.concatenate([p.slot for p in parts])[order],
        values=np.concatenate([p.values for p in parts])[order],
    )
