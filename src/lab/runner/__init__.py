"""Run a study: check its parameters, execute its notebook, render it, publish the outputs."""

from lab.runner.run import Result, run

__all__ = ["Result", "run"]
