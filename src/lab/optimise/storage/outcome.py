"""What comes of what batteries do: its schedule and bill, checked, and how sure it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.optimise.storage import dynamic, model
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import (
    Bill,
    Weights,
    bill,
    counted,
    doing_nothing,
    left_unused,
    scale,
)
from lab.optimise.storage.check import excesses, refuse_excesses
from lab.optimise.storage.site import Site
from lab.solver import CARRIED_OUT, Solved

# Of what a rule or a forecast makes a battery do, nothing is proven.
AS_IT_CAME = Solved(np.nan, CARRIED_OUT, np.nan, False)


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


def carried_out(
    site: Site,
    batteries: Battery | Sequence[Battery],
    energies: Sequence[np.ndarray],
    weights: Weights | None = None,
) -> Dispatch:
    """Return what comes of carrying out a plan of energies on what a site really saw.

    The batteries move as planned; the grid takes up the rest, and PV is left unused where that is
    best (`lab.optimise.storage.bill.left_unused`).

    Parameters
    ----------
    site : Site
        With the values that came true.
    batteries : Battery or sequence of Battery
    energies : sequence of numpy.ndarray, each of shape (steps,)
        Energy of each battery at the end of each step [kWh].
    weights : Weights, optional

    Returns
    -------
    Dispatch
        Nothing is claimed about its optimum. Its check is reported, not enforced, for the limits of
        the connection: what comes may differ from what was planned with.
    """
    owned = several(batteries)
    nothing = doing_nothing(site)
    scales = scale(nothing, counted(site, weights))
    found = following(site, owned, energies, model.objective(site, scales))
    limits = ("import limit", "export limit")
    return settled(
        site, owned, found, nothing=nothing, scales=scales, solved=AS_IT_CAME, may_break=limits
    )


def following(
    site: Site,
    owned: tuple[Battery, ...],
    energies: Sequence[np.ndarray],
    pays: model.Objective,
) -> model.Powers:
    """Return the powers that lead along the energies held; the grid takes up the rest."""
    moved = [dynamic.powers(site, b, e) for b, e in zip(owned, energies, strict=True)]
    charge, discharge = (np.column_stack([m[i] for m in moved]) for i in (0, 1))
    net = site.array("load_kw") - site.array("pv_kw") + (charge - discharge).sum(axis=1)
    cut = left_unused(site, net, pays.imported, pays.exported)
    net = net + cut
    return model.Powers(
        charge, discharge, np.column_stack(energies), np.maximum(net, 0), np.maximum(-net, 0), cut,
        np.full(len(net), np.nan), 0,
    )  # fmt: skip


def several(batteries: Battery | Sequence[Battery]) -> tuple[Battery, ...]:
    """Return at least one battery, no two of one name."""
    owned = (batteries,) if isinstance(batteries, Battery) else tuple(batteries)
    names = [b.name for b in owned]
    if not names or len(set(names)) < len(names):
        raise UsageError(
            f"A dispatch needs at least one battery, and no two of one name, got {names}."
        )
    return owned


def settled(
    site: Site,
    owned: tuple[Battery, ...],
    found: model.Powers,
    *,
    nothing: Bill,
    scales: tuple[float, float, float],
    solved: Solved,
    daily: bool = False,
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
    measured = excesses(site, owned, schedule, held, daily=daily)
    refuse_excesses(f"The schedule of site {site.name!r}", measured.drop(index=list(may_break)))
    return Dispatch(
        site, owned, schedule, held, total, nothing, reached,
        _proof(reached, solved),
        pd.Series(found.value, index=index, name="value"), measured, found.binaries,
    )  # fmt: skip


def _proof(reached: float, solved: Solved) -> Solved:
    """Return what is proven about the objective that was reached."""
    if solved.proven:
        bound = reached if np.isnan(solved.bound) else solved.bound
        return replace(solved, objective=reached, bound=bound)
    # A possible schedule lies below the bound by rounding at most.
    gap = max(reached - solved.bound, 0.0) / abs(reached) if reached else np.nan
    return replace(solved, objective=reached, gap=gap)
