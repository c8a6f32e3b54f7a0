"""Immediate execution: every appliance starts as soon as it may, whatever energy costs."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lab.errors import SolveError
from lab.optimise.appliances.appliance import Appliance, check_together
from lab.optimise.appliances.site import Site


def immediate(appliances: Iterable[Appliance], site: Site) -> pd.DataFrame:
    """Return the power of each appliance when nobody plans.

    An appliance starts at its earliest time, or when its predecessors have finished, or when
    the others of its group have: in the order in which they are given. It takes full power
    without a break. Nobody looks at the limit of the connection, nor at whether an optional
    load is worth it; a run that does not fit into its window ends late.

    Parameters
    ----------
    appliances : iterable of Appliance
    site : Site

    Returns
    -------
    pandas.DataFrame
        One column per appliance [kW], by slot.

    Raises
    ------
    SolveError
        When a run does not even end with the last slot.
    """
    items = check_together(appliances)
    taken: dict[str, np.ndarray] = {}
    powers: dict[str, np.ndarray] = {}
    for name, item in items.items():
        free = np.arange(site.slots) >= max(site.window(item)[0], _end(item, powers))
        if item.group is not None:
            free &= ~taken.setdefault(item.group, np.zeros(site.slots, bool))
        powers[name] = _at_once(item, site, free)
        if item.group is not None:
            taken[item.group] |= powers[name] > 0
    return pd.DataFrame(powers, index=site.index)


def _end(item: Appliance, powers: dict[str, np.ndarray]) -> int:
    """Return the first slot after all predecessors have finished."""
    ends = [np.flatnonzero(powers[name] > 0)[-1] + 1 for name in item.after]
    return int(max(ends, default=0))


def _at_once(item: Appliance, site: Site, free: np.ndarray) -> np.ndarray:
    """Return the power of one appliance in the first free slots that hold its run."""
    steps = site.steps(item)
    if item.kind == "continuous":
        windows = np.lib.stride_tricks.sliding_window_view(free, steps).all(axis=1)
        starts = np.flatnonzero(windows)[:1]
        slots = (starts[:, None] + np.arange(steps)).ravel()
    else:
        slots = np.flatnonzero(free)[:steps]
    if len(slots) < steps:
        raise SolveError(f"{item.name!r} cannot be run at once: the prices end before it would.")
    power = np.zeros(site.slots)
    power[slots] = item.power_kw
    if item.adjustable:
        _last_part(item, site, power, slots)
    return power


def _last_part(item: Appliance, site: Site, power: np.ndarray, slots: np.ndarray) -> None:
    """Take from the last slot what is more than needed, or from all where it has a least power."""
    spare = item.power_kw * len(slots) - item.needs_kwh / site.step_h
    if item.power_kw - spare >= item.min_power_kw:
        power[slots[-1]] -= spare
    else:
        power[slots] -= spare / len(slots)
