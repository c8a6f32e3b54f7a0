"""Leak guard: replace everything that was not known, and see whether a forecast moves.

In a study it takes two lines: the second stops the study if a forecast moved, and states
the outcome in the report's provenance table.

    results = leakage.check_all({"ridge": lambda table: Ridge(30.0)}, table, first, last)
    outputs.provenance("leak guard", leakage.require(results))

A factory is a function from the table to a new, unfitted model. It is handed the table
that the guard has changed, so that a model which holds on to the table is found out too.
To have the making of the table checked as well (its imputation, say), hand over
`leakage.Prepared(frame, build)` in place of the table. Three fits a model: a smaller
model (fewer trees, fewer epochs) is checked just as well, and `window_days=120` shortens
what it learns from.

What is published is made of models' forecasts: `leakage.check_chain` checks the making.
"""

from lab.leakage.chain import check_chain
from lab.leakage.guard import check, check_all, sample
from lab.leakage.hidden import Prepared
from lab.leakage.result import LeakError, Moved, Result, require, sentence

__all__ = [
    "LeakError",
    "Moved",
    "Prepared",
    "Result",
    "check",
    "check_all",
    "check_chain",
    "require",
    "sample",
    "sentence",
]
