"""Key figures of a site's exchange with the grid, as shares of doing nothing.

References
----------
Vázquez-Canteli, Kämpf, Henze and Nagy (2019), "CityLearn v1.0: an OpenAI Gym environment for demand
response with deep reinforcement learning", BuildSys, doi:10.1145/3360322.3360998.
"""

import numpy as np
import pandas as pd

from lab.optimise.storage.bill import idle_net
from lab.optimise.storage.outcome import Dispatch
from lab.optimise.storage.site import Site

RELATIVE = (
    "cost", "carbon", "daily_peak", "annual_peak", "monthly_peak", "ramping",
    "one_minus_load_factor",
)  # fmt: skip
# CityLearn's month, in hours.
WINDOW_H = 730


def figures(site: Site, net_kw: np.ndarray, curtailed_kw: np.ndarray | float = 0.0) -> pd.Series:
    """Return the key figures of a net load.

    Parameters
    ----------
    site : Site
    net_kw : numpy.ndarray, shape (steps,)
        Import less export [kW].
    curtailed_kw : numpy.ndarray or float
        PV left unused [kW].

    Returns
    -------
    pandas.Series
        By CityLearn's definitions: `cost` [currency] and `carbon` [kg] of the imports (exports earn
        nothing here), `daily_peak` (mean of the daily highest net load, kW), `annual_peak` (the
        highest, kW), `ramping` (sum of the absolute changes of the net load, kW) and
        `one_minus_load_factor` (mean over 730 h of 1 - mean / highest net load, 1). Besides
        `monthly_peak` (mean of the highest import of each local month, kW), `self_consumption`
        (share of the PV energy not exported or curtailed), `self_sufficiency` (share of the load
        not imported) and `renewable_utilisation` (share of the PV energy used or exported, not
        curtailed). A share of nothing is NaN.
    """
    taken, given = np.maximum(net_kw, 0), np.maximum(-net_kw, 0)
    net, pv, load = pd.Series(net_kw), site.array("pv_kw").sum(), site.array("load_kw").sum()
    window = np.arange(len(net)) // max(1, round(WINDOW_H / site.step_h))
    mean, top = net.groupby(window).mean(), net.groupby(window).max()
    cut = float(np.broadcast_to(curtailed_kw, len(net_kw)).sum())
    return pd.Series(
        {
            "cost": float(site.array("import_price") @ taken * site.step_h),
            "carbon": float(site.array("carbon_kg_per_kwh") @ taken * site.step_h),
            "daily_peak": float(net.groupby(site.codes("day")).max().mean()),
            "annual_peak": float(net.max()),
            "monthly_peak": float(pd.Series(taken).groupby(site.codes("month")).max().mean()),
            "ramping": float(np.abs(np.diff(net_kw)).sum()),
            "one_minus_load_factor": float((1 - mean / top.where(top > 0)).mean()),
            "self_consumption": 1 - (given.sum() + cut) / pv if pv > 0 else np.nan,
            "self_sufficiency": 1 - taken.sum() / load if load > 0 else np.nan,
            "renewable_utilisation": 1 - cut / pv if pv > 0 else np.nan,
        }
    )


def of_dispatch(dispatch: Dispatch) -> pd.Series:
    """Return the key figures of a dispatch, those of `RELATIVE` divided by doing nothing.

    `saving_percent` is the bill saved, exports and wear included; `violations` counts broken rules.
    """
    site, schedule = dispatch.site, dispatch.schedule
    net = (schedule["import_kw"] - schedule["export_kw"]).to_numpy()
    mine = figures(site, net, schedule["curtailed_kw"].to_numpy())
    idle = figures(site, idle_net(site))
    names = list(RELATIVE)
    mine[names] = mine[names] / idle[names].where(idle[names].abs() > 0)
    base = dispatch.nothing.cost
    mine["saving_percent"] = 100 * dispatch.saving / abs(base) if abs(base) > 0 else np.nan
    mine["violations"] = dispatch.violations
    return mine
