"""What a schedule is weighed by: cost, carbon or both, each as a share of immediate execution."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from numbers import Real

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.optimise.appliances.appliance import TINY, Appliance
from lab.optimise.appliances.site import Bill, Site

COST = {"cost": 1.0}


@dataclass(frozen=True)
class Terms:
    """Prices of one kW through one slot, in units of the objective.

    Attributes
    ----------
    site : Site
    money : float
        Worth of one unit of currency in the objective.
    carbon : float
        Worth of one kg in the objective.
    """

    site: Site
    money: float
    carbon: float

    @cached_property
    def import_price(self) -> np.ndarray:
        """Of power that is drawn from the grid."""
        price = self.money * self.site.values("price_per_kwh")
        return (price + self.carbon * self.site.values("carbon_kg_per_kwh")) * self.site.step_h

    @cached_property
    def export_price(self) -> np.ndarray:
        """Of power that the surplus covers, which then is not fed in."""
        return self.money * self.site.values("export_price_per_kwh") * self.site.step_h

    @cached_property
    def bent(self) -> np.ndarray:
        """Slots with a surplus at another price than that of drawing: cost is not linear there."""
        differ = np.abs(self.import_price - self.export_price) > TINY
        return np.flatnonzero((self.site.surplus_kw > TINY) & differ)

    def value(self, schedule: pd.DataFrame, items: Mapping[str, Appliance]) -> float:
        """Return the objective of a schedule, from its bill and not from a model."""
        bill = self.site.added(schedule.sum(axis=1))
        used = [item for item in items.values() if item.optional and schedule[item.name].any()]
        gained = sum(float(item.value or 0.0) for item in used)
        return self.money * (bill.cost - gained) + self.carbon * bill.carbon_kg


def weigh(weights: Mapping[str, float], site: Site, baseline: Bill, optional: bool) -> Terms:
    """Return the terms of an objective.

    Cost alone is counted in its currency, carbon alone in kg. Of both, each is divided by
    what immediate execution adds to the bill, so that the weights compare shares.

    Parameters
    ----------
    weights : mapping
        Of `cost` and `carbon`, not negative, one of them positive.
    site : Site
    baseline : Bill
        What immediate execution adds; NaN if there is none.
    optional : bool
        Whether loads may be left out, or moving them costs: then cost needs a weight.

    Raises
    ------
    UsageError
        When a weight is unknown or negative, all are 0, or there is no immediate execution, or
        one that adds nothing, to divide by.
    """
    cost, carbon = of_cost_and_carbon(weights)
    if optional and not cost > 0:
        raise UsageError("What a run or a promise is worth is money: cost needs a weight above 0.")
    if not (cost and carbon):
        return Terms(site, float(cost > 0), float(carbon > 0))
    if not isfinite(baseline.cost):
        raise UsageError(
            "The prices end before all have run at once, so cost and carbon have nothing that "
            "they could be divided by; give one weight alone."
        )
    for name, value in (("cost", baseline.cost), ("carbon_kg", baseline.carbon_kg)):
        if abs(value) < TINY:
            raise UsageError(
                f"Immediate execution adds a {name} of 0, which nothing can be divided by; "
                "give one weight alone."
            )
    return Terms(site, cost / abs(baseline.cost), carbon / abs(baseline.carbon_kg))


def of_cost_and_carbon(weights: Mapping[str, float]) -> tuple[float, float]:
    """Return the weights of cost and of carbon; one that is not given is 0.

    Raises
    ------
    UsageError
        When a weight is unknown, negative or no number, or all are 0.
    """
    if unknown := sorted(map(str, set(weights) - {"cost", "carbon"})):
        raise UsageError(f"Weights are of cost and carbon, got {unknown[0]!r}.")
    cost, carbon = (weights.get(name, 0.0) for name in ("cost", "carbon"))
    sound = all(isinstance(one, Real) and isfinite(one) and one >= 0 for one in (cost, carbon))
    if not sound or cost + carbon == 0:
        raise UsageError(
            f"Weights must be 0 or more and not all 0, got cost {cost} and carbon {carbon}."
        )
    return float(cost), float(carbon)
