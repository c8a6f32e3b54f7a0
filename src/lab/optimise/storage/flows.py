"""Where the energy of a schedule came from and where it went."""

import numpy as np
import pandas as pd

from lab.optimise.storage.outcome import Dispatch


def flows(dispatch: Dispatch) -> pd.DataFrame:
    """Return the energy that went from each source to each sink [kWh].

    PV serves the load first, then the battery, then the grid; the battery serves the load before
    the grid. What is charged or discharged beyond comes from and goes to the grid.

    Returns
    -------
    pandas.DataFrame
        Rows `PV`, `grid`, `battery`; columns `load`, `battery`, `grid`, `curtailed`, `losses`.
        Losses stand in the row of the battery; what it holds more at the end than at the beginning
        stands nowhere.
    """
    site, plan = dispatch.site, dispatch.schedule
    h, load = site.step_h, site.array("load_kw")
    charge, drawn, cut = (plan[f"{k}_kw"].to_numpy() for k in ("charge", "discharge", "curtailed"))
    sun = site.array("pv_kw") - cut
    sun_load = np.minimum(sun, load)
    sun_battery = np.minimum(sun - sun_load, charge)
    given_load = np.minimum(load - sun_load, drawn)
    held = sum(
        float(dispatch.held[b.name]["energy_kwh"].iloc[-1]) - b.soc_start * b.capacity_kwh
        for b in dispatch.batteries
    )
    table = pd.DataFrame(
        0.0,
        index=["PV", "grid", "battery"],
        columns=["load", "battery", "grid", "curtailed", "losses"],
    )
    table.loc["PV"] = [sun_load.sum(), sun_battery.sum(), 0, cut.sum(), 0]
    table.loc["PV", "grid"] = (sun - sun_load - sun_battery).sum()
    table.loc["grid", "load"] = (load - sun_load - given_load).sum()
    table.loc["grid", "battery"] = (charge - sun_battery).sum()
    table.loc["battery", "load"] = given_load.sum()
    table.loc["battery", "grid"] = (drawn - given_load).sum()
    table *= h
    table.loc["battery", "losses"] = (charge - drawn).sum() * h - held
    return table
