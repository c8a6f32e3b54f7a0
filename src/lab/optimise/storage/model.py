"""The dispatch of batteries as a linear problem, with whole numbers where they are told.

`search` tells where they are needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.optimise.storage.battery import Battery
from lab.optimise.storage.site import Site

if TYPE_CHECKING:
    import cvxpy as cp


@dataclass(frozen=True)
class Objective:
    """What a dispatch pays per unit, cost and carbon already weighed against each other.

    Attributes
    ----------
    imported, exported : numpy.ndarray, shape (steps,)
        Paid per kWh imported, earned per kWh exported.
    peak : float
        Paid per kW of each month's highest import.
    wear : float
        Multiplier of the batteries' wear cost.
    """

    imported: np.ndarray
    exported: np.ndarray
    peak: float
    wear: float


def objective(site: Site, scales: tuple[float, float, float]) -> Objective:
    """Return what a site's exchange costs when cost, carbon and peak are scaled so."""
    cost, carbon, peak = scales
    return Objective(
        cost * site.array("import_price") + carbon * site.array("carbon_kg_per_kwh"),
        cost * site.array("export_price"),
        cost * site.demand_charge_per_kw + peak,
        cost,
    )


@dataclass(frozen=True)
class Powers:
    """What the batteries and the connection do in each step.

    Attributes
    ----------
    charge_kw, discharge_kw : numpy.ndarray, shape (steps, batteries)
    energy_kwh : numpy.ndarray, shape (steps, batteries)
        Energy held at the end of the step.
    import_kw, export_kw, curtailed_kw : numpy.ndarray, shape (steps,)
    value : numpy.ndarray, shape (steps,)
        What one more kWh of load would cost, in units of the objective; NaN where whole numbers
        were needed.
    binaries : int
        Whole numbers that the proof needed.
    """

    charge_kw: np.ndarray
    discharge_kw: np.ndarray
    energy_kwh: np.ndarray
    import_kw: np.ndarray
    export_kw: np.ndarray
    curtailed_kw: np.ndarray
    value: np.ndarray
    binaries: int


class _Unknowns:
    """The variables of one problem, each of shape (steps, batteries) or (steps,)."""

    def __init__(self, site: Site, batteries: Sequence[Battery]) -> None:
        import cvxpy as cp

        steps, shape = len(site.table), (len(site.table), len(batteries))
        row = lambda values: np.broadcast_to(np.array(values, float), shape).copy()  # noqa: E731
        self.charge = cp.Variable(shape, bounds=[0, row([b.charge_kw for b in batteries])])
        self.discharge = cp.Variable(shape, bounds=[0, row([b.discharge_kw for b in batteries])])
        held = [row([x * b.capacity_kwh for b, x in limits]) for limits in (
            [(b, b.soc_min) for b in batteries], [(b, b.soc_max) for b in batteries])]  # fmt: skip
        self.energy = cp.Variable(shape, bounds=held)
        start = np.array([[b.soc_start * b.capacity_kwh for b in batteries]])
        self.before = cp.vstack([start, self.energy[:-1]]) if steps > 1 else cp.Constant(start)
        self.most_in, self.most_out = _most(site, batteries)
        self.imported = cp.Variable(steps, bounds=[0, self.most_in])
        self.exported = cp.Variable(steps, bounds=[0, self.most_out])
        self.curtailed = cp.Variable(steps, bounds=[0, site.array("pv_kw")])
        self.peaks = cp.Variable(int(site.codes("month").max()) + 1, nonneg=True)


def power_balances(u: _Unknowns, site: Site) -> "cp.Constraint":
    """What comes in goes out, in every step."""
    import cvxpy as cp

    given = u.imported - u.exported - u.curtailed + cp.sum(u.discharge - u.charge, axis=1)
    return given == site.array("load_kw") - site.array("pv_kw")


def state_of_charge_follows_power(
    u: _Unknowns, site: Site, batteries: Sequence[Battery]
) -> "cp.Constraint":
    """Energy held is what was kept of the energy before, plus charge, less discharge."""
    h = site.step_h
    kept, stored, drawn = _losses(batteries, h)
    after = u.before @ np.diag(kept) + u.charge @ np.diag(stored) - u.discharge @ np.diag(drawn)
    return u.energy == after


def state_of_charge_ends_as_told(
    u: _Unknowns, site: Site, batteries: Sequence[Battery], daily: bool
) -> list["cp.Constraint"]:
    """Each battery with a `soc_end` holds it after the last step, or after every local day."""
    steps = np.flatnonzero(site.day_ends()) if daily else np.array([len(site.table) - 1])
    return [
        u.energy[steps, i] == b.soc_end * b.capacity_kwh
        for i, b in enumerate(batteries)
        if b.soc_end is not None
    ]


def cycles_stay_within_their_cap(
    u: _Unknowns, site: Site, batteries: Sequence[Battery]
) -> list["cp.Constraint"]:
    """Energy discharged in a local day stays within the cap of cycles."""
    days = _members(site.codes("day"))
    return [
        site.step_h * (days @ u.discharge[:, i]) <= b.cycles_per_day * b.capacity_kwh
        for i, b in enumerate(batteries)
        if b.cycles_per_day is not None
    ]


def monthly_peak_covers_imports(
    u: _Unknowns, site: Site, peak_so_far_kw: float
) -> list["cp.Constraint"]:
    """The peak of a local month is no lower than any of its imports, now or before."""
    covered = u.imported <= u.peaks[site.codes("month")]
    return [covered, u.peaks[0] >= peak_so_far_kw] if peak_so_far_kw > 0 else [covered]


def charges_or_discharges_only(
    u: _Unknowns, site: Site, batteries: Sequence[Battery], where: np.ndarray
) -> list["cp.Constraint"]:
    """In the steps told, a battery charges or discharges, never both.

    Whoever does not do both cannot charge more than was free before the step, nor discharge more
    than was held: these two cuts tighten the relaxation.
    """
    import cvxpy as cp

    kept, stored, drawn = _losses(batteries, site.step_h)
    rules: list[cp.Constraint] = []
    for i, b in enumerate(batteries):
        steps = np.flatnonzero(where[:, i])
        if not len(steps):
            continue
        charging = cp.Variable(len(steps), boolean=True)
        c, d, held = u.charge[steps, i], u.discharge[steps, i], kept[i] * u.before[steps, i]
        rules += [
            c <= b.charge_kw * charging,
            d <= b.discharge_kw * (1 - charging),
            stored[i] * c <= b.soc_max * b.capacity_kwh - held,
            # Whoever charges may have lost a little below the reserve.
            drawn[i] * d <= held - b.soc_min * b.capacity_kwh * (1 - (1 - kept[i]) * charging),
        ]
    return rules


def imports_or_exports_only(
    u: _Unknowns, site: Site, batteries: Sequence[Battery], where: np.ndarray
) -> list["cp.Constraint"]:
    """In the steps told, the site buys or sells, never both."""
    import cvxpy as cp

    steps = np.flatnonzero(where)
    if not len(steps):
        return []
    buying = cp.Variable(len(steps), boolean=True)
    return [
        u.imported[steps] <= cp.multiply(u.most_in[steps], buying),
        u.exported[steps] <= cp.multiply(u.most_out[steps], 1 - buying),
    ]


def directions_stay(
    u: _Unknowns, site: Site, batteries: Sequence[Battery], pays: Objective, found: Powers
) -> list["cp.Constraint"]:
    """Batteries and the site move energy in the direction that prevails in the powers told."""
    import cvxpy as cp

    _, stored, drawn = _losses(batteries, site.step_h)
    fills = found.charge_kw * stored >= found.discharge_kw * drawn
    pays_to_cross = pays.imported < pays.exported
    buys = found.import_kw >= found.export_kw
    return [
        cp.multiply(1.0 * ~fills, u.charge) <= 0,
        cp.multiply(1.0 * fills, u.discharge) <= 0,
        cp.multiply(1.0 * (pays_to_cross & ~buys), u.imported) <= 0,
        cp.multiply(1.0 * (pays_to_cross & buys), u.exported) <= 0,
    ]


def _most(site: Site, batteries: Sequence[Battery]) -> tuple[np.ndarray, np.ndarray]:
    """Return the most import and export of each step, by whoever does not do both."""
    charge, discharge = (
        sum(getattr(b, k) for b in batteries) for k in ("charge_kw", "discharge_kw")
    )
    return (
        np.minimum(site.array("load_kw") + charge, site.import_limit_kw),
        np.minimum(site.array("pv_kw") + discharge, site.export_limit_kw),
    )


def _losses(batteries: Sequence[Battery], h: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the share kept in a step, and the energy moved inside per kW of charge, discharge."""
    return (
        np.array([b.kept(h) for b in batteries]),
        np.array([h * b.charge_efficiency for b in batteries]),
        np.array([h / b.discharge_efficiency for b in batteries]),
    )


def _members(codes: np.ndarray):  # type: ignore[no-untyped-def]
    """Return a sparse matrix of shape (groups, steps) with a 1 where a step is of a group."""
    from scipy import sparse

    steps = np.arange(len(codes))
    return sparse.csr_matrix((np.ones(len(codes)), (codes, steps)))


def stated(site, batteries, pays, daily, peak_so_far_kw, both, swap, as_in=None):  # type: ignore[no-untyped-def]  # noqa: PLR0917
    """Return unknowns, problem and power balance; binaries stand in the steps of both and swap.

    Directions are those of the powers `as_in`, where given.
    """
    import cvxpy as cp

    u = _Unknowns(site, batteries)
    h, norm = site.step_h, norm_of(pays)
    worn = cp.sum((u.charge + u.discharge) @ np.array([b.wear_per_kwh for b in batteries]))
    paid = h * (pays.imported @ u.imported - pays.exported @ u.exported + pays.wear * worn)
    balance = power_balances(u, site)
    rules = [
        balance,
        state_of_charge_follows_power(u, site, batteries),
        *state_of_charge_ends_as_told(u, site, batteries, daily),
        *cycles_stay_within_their_cap(u, site, batteries),
        *charges_or_discharges_only(u, site, batteries, both),
        *imports_or_exports_only(u, site, batteries, swap),
    ]
    if pays.peak > 0:
        rules += monthly_peak_covers_imports(u, site, peak_so_far_kw)
        paid = paid + pays.peak * cp.sum(u.peaks)
    if as_in is not None:
        rules += directions_stay(u, site, batteries, pays, as_in)
    return u, cp.Problem(cp.Minimize(paid * norm), rules), balance


def norm_of(pays: Objective) -> float:
    """Return the factor that gives a kWh a price of about 1, as the solver's tolerances like it."""
    mean = np.abs(np.concatenate([pays.imported, pays.exported])).mean()
    return 1 / mean if mean > 0 else 1.0


def powers_of(u: _Unknowns, value: Any, site: Site, binaries: int) -> Powers:
    """Return the numbers of the solved unknowns, without the solver's crumbs below 0."""
    charge, discharge, imported, exported, curtailed = (
        np.maximum(np.asarray(x.value), 0)
        for x in (u.charge, u.discharge, u.imported, u.exported, u.curtailed)
    )
    value = np.broadcast_to(value, len(site.table))
    energy = np.asarray(u.energy.value)
    return Powers(charge, discharge, energy, imported, exported, curtailed, value, binaries)
