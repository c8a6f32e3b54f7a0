"""A microgrid planned as a whole: nodes, lines, stores, flexible demand and the way to the grid.

- `parts`: what stands in it, each thing a frozen dataclass that refuses nonsense.
- `network`: the whole, what hangs together in it, its incidence matrices.
- `model`: variables and constraints, all hours at once, one function per constraint.
- `reach`: whether stores can end as they should, and a measure where not all can be served.
- `stability`: how well the grid can bear a net load, between 0 and 1.
- `objectives`: the terms that may be weighed against each other.
- `solving`: the linear model, and whole numbers where it would go both ways at once.
- `dispatch`: the best plan, doing nothing, nodal prices.
- `check`: balance and bounds again, in code that shares nothing with the model.
- `outcomes`: what a plan costs, uses and loses, from its table alone.
- `rule`: storage by a rule that knows nothing of tomorrow.
- `feeder`: the Californian homes on one street.
- `times`: whole weeks of the local calendar, hours without the grid.
- `compare`: the same homes run in several ways.
- `figures`: what a report shows.
"""

from lab.optimise.microgrid.dispatch import Plan, dispatch, idle
from lab.optimise.microgrid.network import Microgrid
from lab.optimise.microgrid.objectives import Weights
from lab.optimise.microgrid.parts import (
    FlexibleDemand,
    Generator,
    GridConnection,
    Line,
    Node,
    Store,
)

__all__ = [
    "FlexibleDemand",
    "Generator",
    "GridConnection",
    "Line",
    "Microgrid",
    "Node",
    "Plan",
    "Store",
    "Weights",
    "dispatch",
    "idle",
]
