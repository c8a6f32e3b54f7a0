"""Rolling-origin evaluation: the only place that hands data to a model.

`Backtest` runs one model over one series in this process; `lab.backtest.many` runs models
over many series, in parallel or on a cluster, and keeps what is finished.
"""

from lab.backtest.cadence import refit_positions
from lab.backtest.period import Backtest
from lab.backtest.results import said
from lab.backtest.runs import Run
from lab.backtest.timing import write_timings
from lab.settings import CADENCES

__all__ = ["CADENCES", "Backtest", "Run", "refit_positions", "said", "write_timings"]
