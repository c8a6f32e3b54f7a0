"""A timer: every appliance starts at an hour of its own, set once on the prices of earlier days."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from lab.calendar import in_zone
from lab.checks import finite
from lab.errors import DataError, SolveError, UsageError
from lab.optimise.appliances.appliance import TINY, Appliance, check_together
from lab.optimise.appliances.baseline import immediate
from lab.optimise.appliances.check import violations
from lab.optimise.appliances.clock import DAY, at_clock, requests
from lab.optimise.appliances.parts import linked
from lab.optimise.appliances.site import Site, equal_steps

# The mean day has no date and changes no clock: any day in UTC stands for it.
ANY_DAY = pd.Timestamp("2000-01-03", tz="UTC")


def timed(
    appliances: Iterable[Appliance],
    site: Site,
    clock: Mapping[str, str],
    day: pd.Timestamp | str,
    zone: str,
) -> pd.DataFrame:
    """Return the power of each appliance when a timer starts it.

    Each runs as under immediate execution, but not before its clock time. Where that leaves
    too little of its window, as in the night whose clock skips an hour, it starts as late as
    it may.

    Parameters
    ----------
    appliances : iterable of Appliance
    site : Site
    clock : mapping
        Clock time by name, such as `"+1 03:00"`; one that has none starts at once.
    day : Timestamp or str
        Local day that clock times count from.
    zone : str

    Returns
    -------
    pandas.DataFrame
        One column per appliance [kW], by slot.

    Raises
    ------
    UsageError
        When a clock time cannot be read or belongs to no appliance.
    SolveError
        When a run does not even end with the last slot.
    """
    items = list(appliances)
    if unknown := sorted(set(clock) - {item.name for item in items}):
        raise UsageError(f"A timer is set for {unknown[0]!r}, which is not among the appliances.")
    asked = {name: at_clock(text, day, zone) for name, text in clock.items()}
    return immediate([_not_before(item, asked.get(item.name), site) for item in items], site)


def set_timer(wishes: Iterable[Mapping[str, Any]], price: pd.Series, zone: str) -> dict[str, str]:
    """Return for each wish the whole hour at which its run costs least on the mean day.

    The mean day is the mean of a price at each time of the local clock. Appliances that wait
    for each other or share a group are set together, and one may begin where another ends; all
    rules of the wishes are kept.

    Parameters
    ----------
    wishes : iterable of mapping
        As :func:`lab.optimise.appliances.requests` takes them.
    price : pandas.Series
        Earlier prices by slot (UTC) [currency/kWh], a day of them at least.
    zone : str

    Returns
    -------
    dict
        Clock time by name, as :func:`timed` takes it.

    Raises
    ------
    DataError
        When the prices leave a time of the day without a mean.
    UsageError
        When no hours keep the rules.

    Examples
    --------
    >>> hours = pd.date_range("2016-05-01 22:00", periods=24, freq="h", tz="UTC")
    >>> price = pd.Series([0.2] * 3 + [0.1] * 2 + [0.3] * 19, hours)
    >>> wish = {"name": "dryer", "power_kw": 3.0, "duration_h": 2.0}
    >>> wish |= {"start": "18:00", "end": "+1 08:00"}
    >>> set_timer([wish], price, "Europe/Brussels")
    {'dryer': '+1 03:00'}
    """
    items = check_together(requests(wishes, ANY_DAY.tz_localize(None), "UTC"))
    site = _mean_day(items.values(), price, zone)
    starts: dict[str, pd.Timestamp] = {}
    for names in linked(items):
        starts |= _cheapest([items[name] for name in names], site)
    return {name: _as_clock(starts[name]) for name in items}


def _not_before(item: Appliance, asked: pd.Timestamp | None, site: Site) -> Appliance:
    """Return an appliance that may not start before a time, or before the last that suffices."""
    if asked is None:
        return item
    first, last = site.window(item)
    slot = int(np.ceil(site.position(asked) - 1e-6))
    slot = max(min(slot, last - site.steps(item)), first)
    return replace(item, earliest=site.index[slot])


def _mean_day(items: Iterable[Appliance], price: pd.Series, zone: str) -> Site:
    """Return the mean of prices by time of the local clock, laid over the windows of all."""
    index = equal_steps(price.index, "The earlier prices")
    price = pd.Series(finite(price, "Earlier prices"), index)
    windows = [(item.earliest, item.latest) for item in items]
    step = index[1] - index[0]
    begin, end = min(first for first, _ in windows), max(last for _, last in windows)
    slots = pd.date_range(begin.floor(step), end.ceil(step), freq=step, inclusive="left")
    mean = price.groupby(_since_midnight(in_zone(index, zone))).mean()
    laid = mean.reindex(_since_midnight(slots))
    if laid.isna().any():
        when = slots[int(np.argmax(laid.isna()))]
        raise DataError(f"The earlier prices have none at {when:%H:%M}, so there is no mean day.")
    return Site(pd.DataFrame({"price_per_kwh": laid.to_numpy()}, slots))


def _since_midnight(local: pd.DatetimeIndex) -> np.ndarray:
    """Return the minutes of the clock since midnight."""
    return np.asarray(60 * local.hour + local.minute)


def _cheapest(items: Sequence[Appliance], site: Site) -> dict[str, pd.Timestamp]:
    """Return the starts of linked appliances that cost least together and keep all rules."""
    tried = []
    for starts in product(*(_hours(item) for item in items)):
        begun = [replace(one, earliest=at) for one, at in zip(items, starts, strict=True)]
        with suppress(SolveError):  # one that waits too long for another
            schedule = immediate(begun, site)
            tried.append((site.bill(schedule.sum(axis=1)).cost, schedule))
    for _, schedule in sorted(tried, key=lambda one: round(one[0] / TINY)):
        if not len(violations(schedule, items, site)):
            return {name: site.index[np.argmax(schedule[name] > 0)] for name in schedule}
    names = ", ".join(repr(item.name) for item in items)
    raise UsageError(f"No hours of a timer keep the rules of {names}.")


def _hours(item: Appliance) -> list[pd.Timestamp]:
    """Return the earliest time and the whole hours from which a run ends in its window."""
    last = item.latest - pd.Timedelta(hours=item.needs_kwh / item.power_kw)
    whole = pd.date_range(item.earliest.ceil("h"), last, freq="h")
    return [item.earliest, *(stamp for stamp in whole if stamp != item.earliest)]


def _as_clock(stamp: pd.Timestamp) -> str:
    """Return a time of the mean day as text: of its own day, or of one after it."""
    days = (stamp.normalize() - ANY_DAY) // DAY
    return f"+{days} {stamp:%H:%M}" if days else f"{stamp:%H:%M}"
