"""Rules that need no plan, as every plan has to beat them."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from lab.checks import whole
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Weights
from lab.optimise.storage.outcome import Dispatch, carried_out
from lab.optimise.storage.reach import followed
from lab.optimise.storage.site import Site


def self_consumption(site: Site, battery: Battery, weights: Weights | None = None) -> Dispatch:
    """Store what PV has left over, and give it to the load as soon as it can take it.

    What almost every home battery does out of the box; it looks at no price. A `soc_end` is not
    asked for.
    """
    wish = site.array("pv_kw") - site.array("load_kw")
    return _followed(site, battery, wish, weights)


def by_the_clock(
    site: Site,
    battery: Battery,
    charge_hours: Collection[int],
    discharge_hours: Collection[int],
    weights: Weights | None = None,
) -> Dispatch:
    """Charge in some local hours of every day and discharge in others, with full power."""
    for one in (*charge_hours, *discharge_hours):
        whole(one, "An hour of the clock", 0, 23)
    hour = np.asarray(site.table.index.tz_convert(site.clock).hour)
    into = np.isin(hour, list(charge_hours)) * battery.charge_kw
    out = np.isin(hour, list(discharge_hours)) * float(battery.discharge_kw or 0)
    return _followed(site, battery, into - out, weights)


def best_hours(site: Site, battery: Battery) -> tuple[list[int], list[int]]:
    """Return the cheapest and dearest local hours of the median day, enough to fill and empty it.

    Returns
    -------
    tuple of two lists of int
        Hours in which to charge, and to discharge.
    """
    hour = np.asarray(site.table.index.tz_convert(site.clock).hour)
    middle = site.table["import_price"].groupby(hour).median()
    inside = battery.usable_kwh / site.step_h
    fill = int(np.ceil(inside / (battery.charge_kw * battery.charge_efficiency) - 1e-9))
    empty = int(
        np.ceil(inside * battery.discharge_efficiency / float(battery.discharge_kw or 1) - 1e-9)
    )
    ordered = [int(h) for h in middle.sort_values(kind="stable").index]
    half = max(1, len(ordered) // 2)
    return sorted(ordered[: min(fill, half)]), sorted(ordered[-min(empty, half) :])


def _followed(site: Site, battery: Battery, wish: np.ndarray, weights: Weights | None) -> Dispatch:
    """Return what comes of a wished power (over 0 charges), as far as the battery can."""
    energy = followed(site, battery, wish)
    return carried_out(site, replace(battery, soc_end=None), [energy], weights)
