"""Planning again on a newer forecast without moving what was announced for next to nothing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.optimise.appliances.appliance import zoned
from lab.optimise.appliances.planning import Plan, plan
from lab.optimise.appliances.promise import Promise
from lab.optimise.appliances.site import Site
from lab.optimise.appliances.terms import COST


def replan(
    before: Plan,
    site: Site,
    *,
    now: pd.Timestamp,
    penalty: float,
    weights: Mapping[str, float] = COST,
    **how: Any,
) -> Plan:
    """Return a new plan on newer prices that moves a promised run only if it gains enough.

    Parameters
    ----------
    before : Plan
        The plan that was announced.
    site : Site
        Newer prices on the same slots.
    now : pandas.Timestamp
        What was planned before it has happened and stays; an unbroken run that has begun ends
        as it began.
    penalty : float
        A whole run is moved only for a gain above this [currency].
    weights, how
        As in `plan`.

    Raises
    ------
    UsageError
        When the slots differ, the time has no zone or the penalty is negative.
    """
    if not site.index.equals(before.site.index):
        raise UsageError("A new plan needs the slots of the one before it; the prices have others.")
    passed = site.position(zoned(now, "now"))
    held = int(np.ceil(np.clip(passed, 0, site.slots) - 1e-6))
    promise = Promise(before.schedule, penalty, held)
    return plan(before.appliances, site, weights=weights, promise=promise, **how)
