"""Batteries behind one connection: planned with foresight, on forecasts, or hour by hour.

`battery`, `site` and `bill` say what there is and what it costs. `model` states the linear and
mixed-integer problem and `search` solves it, `dynamic` is the exact programme for one battery;
`plan` takes the better of the two. `day_ahead`, `rolling` and `scenarios` plan without foresight,
`rules` without a plan; the latter three are for one battery, the others for several. `outcome`
settles what was planned on what came; `check` trusts none of them.
"""

from lab.optimise.storage.battery import Battery
from lab.optimise.storage.bill import Bill, Weights
from lab.optimise.storage.day_ahead import planned_on
from lab.optimise.storage.outcome import Dispatch, carried_out
from lab.optimise.storage.plan import perfect_foresight
from lab.optimise.storage.rolling import rolling
from lab.optimise.storage.scenarios import over_past_days
from lab.optimise.storage.site import Site

__all__ = [
    "Battery",
    "Bill",
    "Dispatch",
    "Site",
    "Weights",
    "carried_out",
    "over_past_days",
    "perfect_foresight",
    "planned_on",
    "rolling",
]
