"""Plans of storage: with perfect foresight, and carried out on what really came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.optimise.storage import dynamic, model
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Bill, Weights, bill, counted, doing_nothing, scale
from lab.optimise.storage.check import excesses, refuse_excesses
from lab.optimise.storage.reach import require_reachable
from lab.optimise.storage.site import Site
from lab.solver import Solved

METHODS = ("auto", "highs", "dynamic")


@dataclass(frozen=True)
class Dispatch:
    """What batteries did at a site, what it cost, and how sure that is.

    Attributes
    ----------
    site : Site
    batteries : tuple of Battery
    schedule : pandas.DataFrame
        `import_kw`, `export_kw`, `curtailed_kw`, `charge_kw`, `discharge_kw`, `soc` (all batteries
        together; soc at the end of the step) per step.
    held : mapping of str to pandas.DataFrame
        `charge_kw`, `discharge_kw`, `energy_kwh` of each battery by name.
    bill, nothing : Bill
        Of this schedule, and of doing nothing.
    objective : float
        Weighted sum of cost, carbon and peak, each divided by its value under doing nothing [1];
        the term itself where only one counts.
    solved : Solved
    value : pandas.Series
        What one more kWh of load would cost, in units of the objective; NaN where unknown.
    excesses : pandas.DataFrame
        What the independent check measured, rule by rule.
    binaries : int
        Whole numbers that the proof needed; 0 where the linear relaxation was tight.
    """

    site: Site
    batteries: tuple[Battery, ...]
    schedule: pd.DataFrame
    held: Mapping[str, pd.DataFrame]
    bill: Bill
    nothing: Bill
    objective: float
    solved: Solved
    value: pd.Series
    excesses: pd.DataFrame
    binaries: int

    @property
    def saving(self) -> float:
        """Cost saved against doing nothing [currency]."""
        return self.nothing.cost - self.bill.cost

    @property
    def violations(self) -> int:
        """In how many steps a rule is broken, over all rules."""
        return int(self.excesses["steps"].sum())


def perfect_foresight(
    site: Site,
    batteries: Battery | Sequence[Battery],
    weights: Weights | None = None,
    *,
    daily: bool = False,
    method: str = "auto",
    limit_s: float | None = None,
    gap: float = 0.0,
) -> Dispatch:
    """Return the best schedule when all of a site's table is known beforehand.

    Parameters
    ----------
    site : Site
    batteries : Battery or sequence of Battery
        Names differ.
    weights : Weights, optional
        0.7 for cost and 0.3 for carbon unless given; cost alone where the site has no carbon
        intensity.
    daily : bool
        Whether batteries with a `soc_end` hold it after every local day, not only at the end.
    method : str
        `highs` (linear and mixed-integer), `dynamic` (one battery, exact and faster), or `auto`:
        the second where it applies.
    limit_s : float, optional
        Seconds for HiGHS; then the best schedule so far is returned, not proven.
    gap : float
        Proven gap at which a mixed-integer search may stop [1].

    Returns
    -------
    Dispatch

    Raises
    ------
    InfeasibleError
        When no schedule keeps all limits; a `soc_end` out of reach is named.
    SolveError
        When the time ends without a schedule, or the check finds a broken rule.
    UsageError
        For an unknown method, or `dynamic` where it does not apply.
    """
    owned = _several(batteries)
    nothing = doing_nothing(site)
    scales = scale(nothing, counted(site, weights))
    pays = model.objective(site, scales)
    fits = dynamic.applies(site, owned, pays)
    if method not in METHODS:
        raise UsageError(f"Unknown method {method!r}; choose one of {', '.join(METHODS)}.")
    if method == "dynamic" and not fits:
        raise UsageError(
            "The dynamic programme needs one battery without a cap of cycles, no limits of the "
            "connection, no weight on peaks and import prices of at least the export prices; "
            "choose method 'highs'."
        )
    require_reachable(site, owned, daily=daily)
    if fits and method != "highs":
        energy = dynamic.energies(site, owned[0], pays, daily=daily)
        return carried_out(site, owned, [energy], weights)
    found, solved = model.dispatch(site, owned, pays, daily=daily, limit_s=limit_s, gap=gap)
    if not solved.proven:  # what was not settled in time is netted
        return carried_out(site, owned, list(found.energy_kwh.T), weights, solved=solved)
    return _dispatch(site, owned, found, nothing, scales, solved)


def carried_out(
    site: Site,
    batteries: Battery | Sequence[Battery],
    energies: Sequence[np.ndarray],
    weights: Weights | None = None,
    *,
    solved: Solved | None = None,
) -> Dispatch:
    """Return what comes of carrying out a plan of energies on what a site really saw.

    The batteries move as planned; the grid takes up the rest. PV is curtailed beyond the export
    limit, where exporting costs, and altogether where importing pays.

    Parameters
    ----------
    site : Site
        With the values that came true.
    batteries : Battery or sequence of Battery
    energies : sequence of numpy.ndarray, each of shape (steps,)
        Energy of each battery at the end of each step [kWh].
    weights : Weights, optional
    solved : Solved, optional

    Returns
    -------
    Dispatch
        Its check is reported, not enforced, for the limits of the connection: what comes may differ
        from what was planned with.
    """
    owned = _several(batteries)
    moved = [dynamic.powers(site, b, e) for b, e in zip(owned, energies, strict=True)]
    charge, discharge = (np.column_stack([m[i] for m in moved]) for i in (0, 1))
    nothing = doing_nothing(site)
    scales = scale(nothing, counted(site, weights))
    net = site.array("load_kw") - site.array("pv_kw") + (charge - discharge).sum(axis=1)
    cut = _curtailed(site, net, model.objective(site, scales))
    net = net + cut
    found = model.Powers(
        charge, discharge, np.column_stack(energies), np.maximum(net, 0), np.maximum(-net, 0), cut,
        np.full(len(net), np.nan), 0,
    )  # fmt: skip
    done = solved or Solved(np.nan, "optimal", 0.0, True)
    limits = ("import limit", "export limit")
    return _dispatch(site, owned, found, nothing, scales, done, may_break=limits)


def _curtailed(site: Site, net: np.ndarray, pays: model.Objective) -> np.ndarray:
    """Return the PV that is best left unused at a net load [kW]."""
    beyond = np.maximum(-net - site.export_limit_kw, 0)
    exported = np.where(pays.exported < 0, np.maximum(-net, 0), beyond)
    wanted = np.where(pays.imported < 0, site.array("pv_kw"), exported)
    return np.minimum(wanted, site.array("pv_kw"))


def _several(batteries: Battery | Sequence[Battery]) -> tuple[Battery, ...]:
    """Return at least one battery, no two of one name."""
    owned = (batteries,) if isinstance(batteries, Battery) else tuple(batteries)
    names = [b.name for b in owned]
    if not names or len(set(names)) < len(names):
        raise UsageError(
            f"A dispatch needs at least one battery, and no two of one name, got {names}."
        )
    return owned


def _dispatch(  # noqa: PLR0917
    site: Site,
    owned: tuple[Battery, ...],
    found: model.Powers,
    nothing: Bill,
    scales: tuple[float, float, float],
    solved: Solved,
    may_break: tuple[str, ...] = (),
) -> Dispatch:
    """Return powers as tables, with their bill and the check."""
    index = site.table.index
    held = {
        b.name: pd.DataFrame(
            {
                "charge_kw": found.charge_kw[:, i],
                "discharge_kw": found.discharge_kw[:, i],
                "energy_kwh": found.energy_kwh[:, i],
            },
            index=index,
        )
        for i, b in enumerate(owned)
    }
    schedule = pd.DataFrame(
        {
            "import_kw": found.import_kw,
            "export_kw": found.export_kw,
            "curtailed_kw": found.curtailed_kw,
            "charge_kw": found.charge_kw.sum(axis=1),
            "discharge_kw": found.discharge_kw.sum(axis=1),
            "soc": found.energy_kwh.sum(axis=1) / sum(b.capacity_kwh for b in owned),
        },
        index=index,
    )
    worn = np.array([b.wear_per_kwh for b in owned])
    wear = float(((found.charge_kw + found.discharge_kw) @ worn).sum() * site.step_h)
    total = bill(site, found.import_kw - found.export_kw, wear)
    terms = (total.cost, total.carbon_kg, total.peak_kw)
    reached = float(sum(s * t for s, t in zip(scales, terms, strict=True)))
    measured = excesses(site, owned, schedule, held)
    refuse_excesses(f"The schedule of site {site.name!r}", measured.drop(index=list(may_break)))
    return Dispatch(
        site, owned, schedule, held, total, nothing, reached,
        _proof(reached, solved),
        pd.Series(found.value, index=index, name="value"), measured, found.binaries,
    )  # fmt: skip


def _proof(reached: float, solved: Solved) -> Solved:
    """Return what is proven about the objective that was reached."""
    if solved.proven:
        return replace(solved, objective=reached)
    gap = abs(reached - solved.bound) / abs(reached) if reached else np.nan
    return replace(solved, objective=reached, gap=gap)
