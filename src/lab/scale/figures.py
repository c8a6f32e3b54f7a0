"""Figures and tables of what a fleet of meters costs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lab import style
from lab.scale.costs import STAGES, Measured


def cost_table(runs: Sequence[Measured]) -> pd.DataFrame:
    """Return one row a run: seconds by stage and in all, peak memory, rows."""
    rows = [
        {
            "meters": run.meters,
            "way": run.way,
            **{f"{stage} [s]": run.seconds[stage] for stage in STAGES},
            "in all [s]": run.total_s,
            "processor time [s]": run.cpu_s,
            "per meter [ms]": 1e3 * run.total_s / run.meters,
            "peak memory [GB]": run.peak_gb,
            "rows learnt": run.learnt,
            "hours forecast": run.forecasts,
        }
        for run in runs
    ]
    return pd.DataFrame(rows).set_index(["meters", "way"])


def line(meters: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """Return the straight line through points, and the share of variance it explains.

    Returns
    -------
    start, slope, r2 : float
        In the values' unit, per meter, and up to 1; with fewer than three points 1.
    """
    slope, start = np.polyfit(meters, values, 1)
    away = np.asarray(values) - (start + slope * np.asarray(meters))
    spread = np.asarray(values) - np.mean(values)
    total = float(spread @ spread)
    return float(start), float(slope), 1 - float(away @ away) / total if total else 1.0


def growth(meters: Sequence[float], values: Sequence[float]) -> float:
    """Return what a further meter costs in the last step, relative to all steps before it.

    1 is linear; above 1 large fleets cost more than their share. NaN with fewer than three
    points, which say nothing about it.

    Examples
    --------
    >>> growth([1, 2, 4], [1.0, 2.0, 4.0]), round(growth([1, 2, 4], [1.0, 4.0, 16.0]), 2)
    (1.0, 2.0)
    """
    if len(meters) < 3:
        return float("nan")
    last = (values[-1] - values[-2]) / (meters[-1] - meters[-2])
    return float(last / ((values[-2] - values[0]) / (meters[-2] - meters[0])))


def against_meters(
    meters: Sequence[float], values: Sequence[float], *, unit: str, most: float, what: str
) -> Any:
    """Return a figure of measured costs, their straight line and the limit for `what`."""
    import matplotlib.pyplot as plt

    start, slope, _ = line(meters, values)
    figure, axis = plt.subplots()
    reach = np.array([0, max(meters)])
    axis.plot(reach, start + slope * reach, color=style.MUTED, lw=1, ls="--")
    axis.plot(meters, values, "o-", color=style.ACCENT)
    axis.axhline(most, color=style.WARNING, lw=1)
    axis.annotate(
        f"limit for {what}", (reach[0], most), (4, 3), textcoords="offset points",
        color=style.WARNING,
    )  # fmt: skip
    for x, y in zip(meters, values, strict=True):
        axis.annotate(f"{y:.3g}", (x, y), (0, 7), textcoords="offset points", ha="center")
    axis.set(xlabel="simulated meters", ylabel=unit, ylim=(0, 1.15 * max(*values, most)))
    return figure
