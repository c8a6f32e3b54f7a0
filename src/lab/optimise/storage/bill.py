"""What a schedule costs: money, carbon and peaks of the exchange with the grid."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import setting
from lab.errors import UsageError
from lab.optimise.storage.site import Site


@dataclass(frozen=True)
class Weights:
    """How much cost, carbon and peak count, each as a share of its value under doing nothing.

    Raises
    ------
    UsageError
        For a negative weight, one that is no number, or when all are 0.
    """

    cost: float = 0.7
    carbon: float = 0.3
    peak: float = 0.0

    def __post_init__(self) -> None:
        for term in ("cost", "carbon", "peak"):
            setting(getattr(self, term), f"The weight of {term}", 0)
        if not self.cost + self.carbon + self.peak > 0:
            raise UsageError("Weights of cost, carbon and peak must not all be 0, got 0, 0 and 0.")


@dataclass(frozen=True)
class Bill:
    """What the exchange with the grid came to.

    Attributes
    ----------
    cost : float
        Energy bought less energy sold, demand charge and wear [currency].
    carbon_kg : float
        Carbon of the imported energy [kg]; exports earn no credit.
    peak_kw : float
        Sum of the highest import of each local month [kW].
    """

    cost: float
    carbon_kg: float
    peak_kw: float

    def share_of(self, other: "Bill", weights: Weights) -> float:
        """Return the weighted sum of the terms, each divided by its value in another bill [1]."""
        scales = scale(other, weights)
        terms = (self.cost, self.carbon_kg, self.peak_kw)
        return float(sum(s * t for s, t in zip(scales, terms, strict=True)))


def bill(site: Site, net_kw: np.ndarray, wear: float = 0.0) -> Bill:
    """Return the bill of a net load at a site.

    Parameters
    ----------
    site : Site
    net_kw : numpy.ndarray, shape (steps,)
        Import less export [kW].
    wear : float
        Cost of the batteries' throughput [currency].

    Returns
    -------
    Bill
    """
    taken, given = np.maximum(net_kw, 0), np.maximum(-net_kw, 0)
    energy = site.array("import_price") @ taken - site.array("export_price") @ given
    peak = float(pd.Series(taken).groupby(site.codes("month")).max().sum())
    return Bill(
        float(energy * site.step_h + site.demand_charge_per_kw * peak + wear),
        float(site.array("carbon_kg_per_kwh") @ taken * site.step_h),
        peak,
    )


def doing_nothing(site: Site) -> Bill:
    """Return the bill of a site whose batteries stay idle."""
    return bill(site, idle_net(site))


def idle_net(site: Site) -> np.ndarray:
    """Return load less the PV that is used where batteries stay idle, at least cost [kW]."""
    net = site.array("load_kw") - site.array("pv_kw")
    return net + left_unused(site, net, site.array("import_price"), site.array("export_price"))


def left_unused(
    site: Site, net_kw: np.ndarray, imported: np.ndarray, exported: np.ndarray
) -> np.ndarray:
    """Return the PV that is best left unused, step by step [kW].

    PV is curtailed beyond the export limit; altogether where exporting costs; and down to what the
    import limit allows where importing pays.

    Parameters
    ----------
    site : Site
    net_kw : numpy.ndarray, shape (steps,)
        Import less export with all PV used [kW].
    imported, exported : numpy.ndarray, shape (steps,)
        Paid per kWh imported, earned per kWh exported.

    Returns
    -------
    numpy.ndarray, shape (steps,)
    """
    pv = site.array("pv_kw")
    least = np.minimum(np.maximum(-net_kw - site.export_limit_kw, 0), pv)
    surplus = np.clip(-net_kw, least, pv)
    most = np.clip(site.import_limit_kw - net_kw, surplus, pv)
    ways = np.stack([least, surplus, most])
    left = net_kw + ways
    # The cost bends only where exports end, so one of the three is cheapest; equal ones cut least.
    costs = imported * np.maximum(left, 0) - exported * np.maximum(-left, 0)
    return np.take_along_axis(ways, costs.argmin(axis=0)[None], axis=0)[0]


def counted(site: Site, weights: Weights | None) -> Weights:
    """Return the weights that count: 0.7 and 0.3 unless given, no carbon where there is none."""
    chosen = weights or Weights()
    has_carbon = bool(site.array("carbon_kg_per_kwh").any())
    if has_carbon or chosen.cost == chosen.peak == 0:
        return chosen
    return Weights(chosen.cost, 0.0, chosen.peak)


def scale(base: Bill, weights: Weights) -> tuple[float, float, float]:
    """Return what cost, carbon and peak are multiplied by, so that doing nothing counts 1 each.

    The cost of a site that earns by doing nothing counts -1. A term without weight gets 0. Where a
    single term counts, nothing has to be compared and it stays as it is. A site without load and
    PV has nothing to divide by: one term has to be chosen.

    Raises
    ------
    UsageError
        When several terms count and one of them is 0 under doing nothing.
    """
    share = {"cost": weights.cost, "carbon": weights.carbon, "peak": weights.peak}
    values = {"cost": base.cost, "carbon": base.carbon_kg, "peak": base.peak_kw}
    if sum(w > 0 for w in share.values()) == 1:
        return tuple(float(w > 0) for w in share.values())  # type: ignore[return-value]
    for name, weight in share.items():
        if weight > 0 and abs(values[name]) < 1e-9:
            raise UsageError(
                f"The {name} of doing nothing is 0, so it cannot be weighed against others; give "
                f"weight to one term only."
            )
    return tuple(w / abs(values[n]) if w else 0.0 for n, w in share.items())  # type: ignore[return-value]
