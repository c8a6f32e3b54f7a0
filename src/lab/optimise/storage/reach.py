"""Can a battery get from where it starts to where it has to end? Told before any solve."""

from collections.abc import Sequence

import numpy as np

from lab.errors import InfeasibleError
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.site import Site


def reach(battery: Battery, soc: float, steps: int, step_h: float) -> tuple[float, float]:
    """Return the least and the most state of charge that can be held after some steps.

    Examples
    --------
    >>> reach(Battery(8, 1), soc=0.5, steps=2, step_h=1)
    (0.25, 0.75)
    """
    size, kept = battery.capacity_kwh, battery.kept(step_h)
    stored = battery.charge_kw * step_h * battery.charge_efficiency / size
    drawn = float(battery.discharge_kw or 0) * step_h / battery.discharge_efficiency / size
    low = high = soc
    for _ in range(steps):
        before = low, high
        low = max(kept * low - drawn, battery.soc_min)
        high = min(kept * high + stored, battery.soc_max)
        if (low, high) == before:
            break
    return low, high


def require_reachable(site: Site, batteries: Sequence[Battery], *, daily: bool = False) -> None:
    """Refuse a final state of charge that power and time do not allow.

    Parameters
    ----------
    site : Site
    batteries : sequence of Battery
    daily : bool
        Whether it has to be held after every local day.

    Raises
    ------
    InfeasibleError
        Naming the battery, what was asked for and what is within reach.
    """
    lengths = np.bincount(site.codes("day")) if daily else np.array([len(site.table)])
    for battery in batteries:
        if battery.soc_end is None:
            continue
        later = int(lengths[1:].min()) if len(lengths) > 1 else None
        for begin, steps in ((battery.soc_start, int(lengths[0])), (battery.soc_end, later)):
            if steps is None:
                continue
            low, high = reach(battery, begin, steps, site.step_h)
            if not low - 1e-9 <= battery.soc_end <= high + 1e-9:
                raise InfeasibleError(
                    f"Battery {battery.name!r} cannot get from a state of charge of {begin:g} to "
                    f"soc_end = {battery.soc_end:g} in {steps} steps of {site.step_h:g} h: from "
                    f"{low:.4g} to {high:.4g} is within reach."
                )
