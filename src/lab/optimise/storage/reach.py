"""Where a battery can get: to its final charge, told before any solve, and along what is wished."""

from collections.abc import Sequence

import numpy as np

from lab.errors import InfeasibleError, SolveError
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.piecewise import compiled
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


def followed(site: Site, battery: Battery, wish_kw: np.ndarray) -> np.ndarray:
    """Return the energy after each step of a battery that follows a wish as far as it can [kWh].

    A battery that self-discharge has brought below its reserve is charged back to it, whatever is
    wished for.

    Parameters
    ----------
    site : Site
    battery : Battery
    wish_kw : numpy.ndarray, shape (steps,)
        Power at the terminals, above 0 where it charges [kW].

    Raises
    ------
    SolveError
        When the reserve is lost faster than it may be charged.
    """
    size, h = battery.capacity_kwh, site.step_h
    energy = np.asarray(
        _limited(
            np.asarray(wish_kw, float), h, battery.kept(h), battery.soc_min * size,
            battery.soc_max * size, battery.soc_start * size, battery.charge_kw,
            float(battery.discharge_kw or 0), battery.charge_efficiency,
            battery.discharge_efficiency,
        )
    )  # fmt: skip
    if energy.min() < battery.soc_min * size - 1e-9 * size:
        raise SolveError(loses_too_fast(battery))
    return energy


def loses_too_fast(battery: Battery) -> str:
    """Return the sentence about a battery that cannot hold its reserve."""
    return f"Battery {battery.name!r} loses its energy faster than it may be charged."


def require_reserve_to_last(battery: Battery, step_h: float) -> None:
    """Refuse a battery that cannot make up for what its reserve loses.

    Raises
    ------
    SolveError
    """
    lost = (1 - battery.kept(step_h)) * battery.soc_min * battery.capacity_kwh
    if lost > battery.charge_kw * step_h * battery.charge_efficiency:
        raise SolveError(loses_too_fast(battery))


@compiled
def _limited(wish, h, kept, low, high, held, charge_kw, discharge_kw, into, out):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Return the energy after each step when wishes are cut to what power and energy allow."""
    energy = np.empty(len(wish))
    for t in range(len(wish)):
        left = kept * held
        if wish[t] >= 0:
            held = min(left + min(wish[t], charge_kw) * h * into, max(high, left))
        else:
            held = max(left - min(-wish[t], discharge_kw) * h / out, min(low, left))
        if held < low:
            held = min(low, left + charge_kw * h * into)
        energy[t] = held
    return energy
