"""Smart charging of a fleet: each car within its stay, all of them under the site's limit."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from lab.checks import finite, setting
from lab.errors import DataError, SolveError, UsageError
from lab.optimise.appliances.check import TOLERANCE
from lab.optimise.appliances.stays import Stays
from lab.optimise.appliances.terms import of_cost_and_carbon
from lab.solver import solve


@dataclass(frozen=True)
class Charging:
    """Charging of a fleet.

    Attributes
    ----------
    stays : Stays
    energy_kwh : numpy.ndarray
        Of each entry of the stays [kWh].
    solved : int
        Groups of cars for which the limit was scarce and a linear problem was solved.
    """

    stays: Stays
    energy_kwh: np.ndarray
    solved: int = 0

    @property
    def load_kw(self) -> pd.Series:
        """Power of the site by slot [kW]."""
        return pd.Series(self.stays.load_kw(self.energy_kwh), self.stays.index, name="load_kw")

    def sums(self, price: np.ndarray, carbon: np.ndarray) -> dict[str, float]:
        """Return `energy_kwh`, `missing_kwh`, `peak_kw`, `cost` and `carbon_kg`."""
        at = self.stays.slot
        got = float(self.energy_kwh.sum())
        return {
            "energy_kwh": got,
            "missing_kwh": round(max(float(self.stays.need_kwh.sum()) - got, 0.0), 6),
            "peak_kw": float(self.load_kw.max()),
            "cost": float(self.energy_kwh @ np.asarray(price)[at]),
            "carbon_kg": float(self.energy_kwh @ np.asarray(carbon)[at]),
        }


def at_once(stays: Stays) -> Charging:
    """Return charging from each arrival on, at full power, whatever the site draws."""
    return Charging(stays, _filled(stays, np.arange(len(stays.car))))


def first_to_leave(stays: Stays, limit_kw: float) -> Charging:
    """Return charging at once under a limit, where the car that leaves first comes first.

    A rule that needs no forecast but the departures; what does not fit is not delivered.
    """
    setting(limit_kw, "The site's limit", 0, open_low=True)
    leaves = stays.table["departure"].to_numpy()
    order = np.lexsort((leaves[stays.car], stays.slot))
    edges = np.flatnonzero(np.diff(stays.slot[order], prepend=-1))
    energy, left = np.zeros(len(stays.car)), stays.need_kwh.copy()
    for entries in np.split(order, edges[1:]):
        cars = stays.car[entries]
        wanted = np.minimum(stays.most_kwh[entries], left[cars])
        before = np.cumsum(wanted) - wanted
        energy[entries] = np.clip(limit_kw * stays.step_h - before, 0.0, wanted)
        left[cars] -= energy[entries]
    return Charging(stays, energy)


def smart(stays: Stays, price: np.ndarray, limit_kw: float | None = None) -> Charging:
    """Return charging of least price under the limit; exact, with departures known.

    Cars whose stays meet only where the limit cannot bind do not matter to each other: each
    takes its cheapest slots. So do groups of cars that keep the limit by doing so. A linear
    problem is solved for every other group; energy that cannot be delivered there is missing
    rather than refused, as little of it as possible.

    Parameters
    ----------
    stays : Stays
    price : numpy.ndarray
        Of a kWh in each slot, of cost, carbon or a weighted sum, (slots,).
    limit_kw : float, optional

    Raises
    ------
    DataError
        When a price is missing or no number, or their number is another than that of slots.
    UsageError
        When the limit is not positive.
    """
    price = finite(price, "The prices of a fleet", "slot")
    if price.shape != stays.index.shape:
        raise DataError(
            f"A fleet needs one price in each of its {len(stays.index)} slots, got the shape "
            f"{price.shape}."
        )
    order = np.lexsort((stays.slot, price[stays.slot], stays.car))
    energy = _filled(stays, order)
    if limit_kw is None:
        return Charging(stays, energy)
    setting(limit_kw, "The site's limit", 0, open_low=True)
    group = _groups(stays, limit_kw)
    over = stays.load_kw(energy) > limit_kw + 1e-9
    scarce = np.unique(group[stays.car[over[stays.slot]]])
    for one in scarce:
        entries = np.flatnonzero(group[stays.car] == one)
        energy[entries] = _solved(stays, entries, price, limit_kw)
    return Charging(stays, energy, len(scarce))


def verify(charging: Charging, limit_kw: float | None) -> None:
    """Refuse charging that breaks a rule, from its energies alone.

    A car may leave with less than it needs only if nothing could be added anywhere in its stay:
    in every slot it takes all it can, or the site draws all that the limit allows. Without a
    limit every car gets what its stay holds.

    Parameters
    ----------
    charging : Charging
    limit_kw : float or None
        Most that the site may draw [kW].

    Raises
    ------
    SolveError
        When a car takes more than it needs or than its stay allows, or less although there is
        room; when the limit is exceeded; when an energy is no number.
    """
    stays, energy = charging.stays, np.asarray(charging.energy_kwh, dtype=float)
    load, most = stays.load_kw(energy), np.inf if limit_kw is None else limit_kw
    rules = {
        "power outside of its bounds": (np.maximum(energy - stays.most_kwh, -energy), "kWh"),
        "more than is needed": (stays.of_cars(energy) - stays.need_kwh, "kWh"),
        "more than the limit": (load - most, "kW"),
        "less than is needed although there is room": (_left_out(stays, energy, most), "kWh"),
    }
    for rule, (amounts, unit) in rules.items():
        if not (amounts <= TOLERANCE).all():
            raise SolveError(
                f"The fleet's charging breaks a rule: {rule}, by {amounts.max():g} {unit}."
            )


def _left_out(stays: Stays, energy: np.ndarray, limit_kw: float) -> np.ndarray:
    """Return for each entry the energy that its car lacks and could have had there [kWh]."""
    lacks = (stays.need_kwh - stays.of_cars(energy))[stays.car]
    room = (limit_kw - stays.load_kw(energy))[stays.slot] * stays.step_h
    return np.minimum.reduce([lacks, room, stays.most_kwh - energy])


def combined(
    price: np.ndarray, carbon: np.ndarray, weights: Mapping[str, float], sums: Mapping[str, float]
) -> np.ndarray:
    """Return one price from cost and carbon, each divided by its sum under immediate charging.

    Parameters
    ----------
    price, carbon : numpy.ndarray
        Of a kWh in each slot [currency/kWh, kg/kWh].
    weights : mapping
        Of `cost` and `carbon`, not negative, one of them positive.
    sums : mapping
        `cost` and `carbon_kg` of immediate charging, as `Charging.sums` returns them.

    Raises
    ------
    UsageError
        When a weight is unknown, negative or no number, all are 0, or a sum is not positive.
    """
    of_cost, of_carbon = of_cost_and_carbon(weights)
    if not (sums["cost"] > 0 and sums["carbon_kg"] > 0):
        raise UsageError("Immediate charging costs or emits nothing that could be divided by.")
    dear, dirty = finite(price, "Prices", "slot"), finite(carbon, "Carbon intensities", "slot")
    return of_cost * dear / sums["cost"] + of_carbon * dirty / sums["carbon_kg"]


def _filled(stays: Stays, order: np.ndarray) -> np.ndarray:
    """Return the energy of entries when each car fills them in an order, cars one by one."""
    most, car = stays.most_kwh[order], stays.car[order]
    total = np.cumsum(most)
    begins = np.flatnonzero(np.diff(car, prepend=-1))
    counts = np.diff(np.append(begins, len(car)))
    before = total - most - np.repeat((total - most)[begins], counts)
    energy = np.zeros(len(order))
    energy[order] = np.clip(stays.need_kwh[car] - before, 0.0, most)
    return energy


def _groups(stays: Stays, limit_kw: float) -> np.ndarray:
    """Return the number of each car's group: cars that share slots where the limit may bind."""
    most = np.bincount(stays.slot, stays.most_kwh, len(stays.index)) / stays.step_h
    binds = (most > limit_kw)[stays.slot]
    cars, size = len(stays.table), len(stays.table) + len(stays.index)
    place = (stays.car[binds], cars + stays.slot[binds])
    graph = sp.coo_matrix((np.ones(int(binds.sum())), place), shape=(size, size))
    return connected_components(graph, directed=False)[1][:cars]


def _solved(stays: Stays, entries: np.ndarray, price: np.ndarray, limit_kw: float) -> np.ndarray:
    """Return the energy of the entries of one group of cars by a linear problem."""
    import cvxpy as cp

    cars, car = np.unique(stays.car[entries], return_inverse=True)
    slot = np.unique(stays.slot[entries], return_inverse=True)[1]
    one, count = np.ones(len(entries)), np.arange(len(entries))
    of_car = sp.csr_matrix((one, (car, count)))
    of_slot = sp.csr_matrix((one, (slot, count)))
    energy = cp.Variable(len(entries), bounds=[np.zeros(len(entries)), stays.most_kwh[entries]])
    missing = cp.Variable(len(cars), nonneg=True)
    scale = max(float(np.abs(price).max()), 1e-12)
    paid = price[stays.slot[entries]] / scale
    problem = cp.Problem(
        cp.Minimize(paid @ energy + 10 * cp.sum(missing)),
        [
            of_car @ energy + missing == stays.need_kwh[cars],
            of_slot @ energy <= limit_kw * stays.step_h,
        ],
    )
    solve(problem, f"The charging of {len(cars)} cars")
    return np.clip(np.asarray(energy.value), 0.0, stays.most_kwh[entries])
