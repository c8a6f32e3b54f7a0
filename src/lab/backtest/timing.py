"""What fits and forecasts cost: wall time, no part of any reproducible output."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab import paths

if TYPE_CHECKING:
    from lab.backtest.runs import Run


@dataclass
class Spent:
    """Seconds of wall time, counted also where what is timed fails.

    Attributes
    ----------
    fit_s, predict_s : float
        [s].
    """

    fit_s: float = 0.0
    predict_s: float = 0.0

    @contextmanager
    def fitting(self) -> Iterator[None]:
        """Count what is done inside as a fit."""
        clock = time.perf_counter()
        try:
            yield
        finally:
            self.fit_s += time.perf_counter() - clock

    @contextmanager
    def predicting(self) -> Iterator[None]:
        """Count what is done inside as forecasts."""
        clock = time.perf_counter()
        try:
            yield
        finally:
            self.predict_s += time.perf_counter() - clock


def write_timings(study: str, runs: "Mapping[str, Run]") -> Path:
    """Write what each model cost to `lab.paths.timings()`, .lab/timings of a stage.

    Parameters
    ----------
    study : str
        Name of the study.
    runs : mapping
        Name to backtest.

    Returns
    -------
    pathlib.Path
        The file: `{name: {fits, fit_s, predict_s, predict_day_ms}}`.
    """
    target = paths.timings() / f"{study}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    cost = {
        name: {
            "fits": len(run.refits),
            "fit_s": round(run.fit_s, 3),
            "predict_s": round(run.predict_s, 3),
            "predict_day_ms": round(1e3 * run.predict_s / (int(run.forecasts.day.max()) + 1), 3),
        }
        for name, run in runs.items()
    }
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(cost, indent=2) + "\n", encoding="utf-8")
    partial.replace(target)
    return target
