"""One global model for hundreds to thousands of meters, and what it costs."""

from lab.scale.costs import WAYS, Measured, measure
from lab.scale.figures import against_meters, cost_table
from lab.scale.plan import LEVELS, Plan

__all__ = ["LEVELS", "WAYS", "Measured", "Plan", "against_meters", "cost_table", "measure"]
