"""Rolling-origin evaluation: the only place that hands data to a model.

`Backtest` runs one model over one series in this process; `lab.backtest.many` runs models
over many series, in parallel or on a cluster, and keeps what is finished.
"""

from lab.backtest.period import Backtest, Run, refit_positions, write_timings
from lab.backtest.results import said
from lab.settings import CADENCES

__all__ = ["CADENCES", "Backtest", "Run", "refit_positions", "said", "write_timings"]
