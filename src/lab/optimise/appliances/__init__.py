"""Appliances of a household in the cheapest slots: planned, proven, and checked by other code."""

from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.baseline import immediate
from lab.optimise.appliances.cheapest import cheapest_slots
from lab.optimise.appliances.check import deviation, verify, violations
from lab.optimise.appliances.clock import requests
from lab.optimise.appliances.conflict import Conflict, ConflictError
from lab.optimise.appliances.planning import Plan, plan
from lab.optimise.appliances.promise import Promise, moved
from lab.optimise.appliances.site import Bill, Site, in_slots
from lab.optimise.appliances.stability import replan
from lab.optimise.appliances.timer import set_timer, timed

__all__ = [
    "Appliance",
    "Bill",
    "Conflict",
    "ConflictError",
    "Plan",
    "Promise",
    "Site",
    "cheapest_slots",
    "deviation",
    "immediate",
    "in_slots",
    "moved",
    "plan",
    "replan",
    "requests",
    "set_timer",
    "timed",
    "verify",
    "violations",
]
