"""Is a schedule possible? Recomputed from its numbers alone, without the model's code."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lab.errors import SolveError
from lab.optimise.storage.battery import Battery
from lab.optimise.storage.site import Site

TOLERANCE = 1e-6


def excesses(
    site: Site,
    batteries: Sequence[Battery],
    schedule: pd.DataFrame,
    held: Mapping[str, pd.DataFrame],
    *,
    daily: bool = False,
) -> pd.DataFrame:
    """Measure by how much a schedule breaks each rule.

    Parameters
    ----------
    site : Site
    batteries : sequence of Battery
    schedule : pandas.DataFrame
        `import_kw`, `export_kw`, `curtailed_kw` per step of the site.
    held : mapping of str to pandas.DataFrame
        For each battery's name `charge_kw`, `discharge_kw`, `energy_kwh` (at the end of the step).
    daily : bool
        Whether a `soc_end` has to be held after every local day, not only at the end.

    Returns
    -------
    pandas.DataFrame
        One row per rule: `worst` [kWh or kW] and `steps`, in how many it exceeds 1e-6.
    """
    rules = {**_at_the_connection(site, schedule, held)}
    for battery in batteries:
        for rule, values in _of_battery(site, battery, held[battery.name], daily).items():
            rules[f"{battery.name}: {rule}"] = values
    return pd.DataFrame(
        {
            "worst": {k: _worst(v) for k, v in rules.items()},
            # Not <= instead of >: what is no number breaks the rule.
            "steps": {k: int((~(np.asarray(v) <= TOLERANCE)).sum()) for k, v in rules.items()},
        }
    ).rename_axis("rule")


def _worst(excess: np.ndarray) -> float:
    """Return the largest excess, at least 0, and infinity for what is no number."""
    # Adding 0 makes 0 of -0.
    return float(np.max(np.where(np.isnan(excess), np.inf, excess), initial=0.0)) + 0.0


def _at_the_connection(
    site: Site, schedule: pd.DataFrame, held: Mapping[str, pd.DataFrame]
) -> dict[str, np.ndarray]:
    """Return the excess of every rule of the connection, step by step."""
    table = site.table
    taken, given, cut = (schedule[f"{k}_kw"].to_numpy() for k in ("import", "export", "curtailed"))
    inflow = taken + table["pv_kw"].to_numpy() - cut
    outflow = given + table["load_kw"].to_numpy()
    for one in held.values():
        inflow = inflow + one["discharge_kw"].to_numpy()
        outflow = outflow + one["charge_kw"].to_numpy()
    return {
        "energy balance": np.abs(inflow - outflow),
        "import limit": taken - site.import_limit_kw,
        "export limit": given - site.export_limit_kw,
        "import and export at once": np.minimum(taken, given),
        "curtailed beyond PV": np.maximum(cut - table["pv_kw"].to_numpy(), -cut),
        "negative exchange": np.maximum(-taken, -given),
    }


def _of_battery(
    site: Site, battery: Battery, held: pd.DataFrame, daily: bool
) -> dict[str, np.ndarray]:
    """Return the excess of every rule of a battery, step by step."""
    hours, size = site.step_h, battery.capacity_kwh
    charge, discharge, energy = (
        held[k].to_numpy() for k in ("charge_kw", "discharge_kw", "energy_kwh")
    )
    previous = np.concatenate([[battery.soc_start * size], energy[:-1]])
    left = previous * (1 - battery.self_discharge_per_hour) ** hours
    moved = charge * hours * battery.charge_efficiency - discharge * hours / (
        battery.discharge_efficiency
    )
    rules = {
        "state of charge": np.abs(energy - left - moved),
        "soc limits": np.maximum(energy - battery.soc_max * size, battery.soc_min * size - energy),
        "power": np.maximum(
            charge - battery.charge_kw, discharge - float(battery.discharge_kw or 0)
        ),
        "negative power": np.maximum(-charge, -discharge),
        "charge and discharge at once": np.minimum(charge, discharge),
    }  # fmt: skip
    if battery.soc_end is not None:
        day = site.local("day")
        ends = np.append(day[1:] != day[:-1], True) if daily else slice(-1, None)
        rules["final soc"] = np.abs(energy[ends] - battery.soc_end * size)
    if battery.cycles_per_day is not None:
        days = pd.Series(discharge * hours).groupby(site.codes("day")).sum().to_numpy()
        rules["cycles per day"] = days - battery.cycles_per_day * size
    return rules


def refuse_excesses(what: str, measured: pd.DataFrame) -> None:
    """Refuse a schedule that breaks a rule by more than 1e-6.

    Raises
    ------
    SolveError
    """
    broken = measured[~(measured["worst"] <= TOLERANCE)]
    if len(broken):
        rule = broken["worst"].idxmax()
        raise SolveError(
            f"{what} breaks the rule {str(rule)!r} by {broken['worst'].max():.3g} in "
            f"{int(broken['steps'].loc[rule])} steps; at most {TOLERANCE:g} kWh or kW is allowed."
        )
