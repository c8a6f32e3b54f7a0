"""One global model for hundreds to thousands of meters, and what it costs."""

from lab.scale.costs import STAGES, WAYS, Measured, keep_costs, measure
from lab.scale.figures import against_meters, cost_table, growth, line
from lab.scale.parts import meter_tables
from lab.scale.plan import LEVELS, Plan

__all__ = [
    "LEVELS",
    "STAGES",
    "WAYS",
    "Measured",
    "Plan",
    "against_meters",
    "cost_table",
    "growth",
    "keep_costs",
    "line",
    "measure",
    "meter_tables",
]
