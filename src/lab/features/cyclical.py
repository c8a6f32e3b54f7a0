"""Sine and cosine of the day, the week and the year, so that 23 h lies beside 0 h."""

from collections.abc import Callable

import numpy as np

from lab.features.feature import KNOWN_FUTURE, Feature
from lab.features.grid import Grid
from lab.features.spec import Spec
from lab.features.temporal import clock_hour, daily

DAYS_PER_YEAR = 365.2425


def day_phase(grid: Grid) -> np.ndarray:
    """Return the share of the day that the wall clock has passed."""
    return clock_hour(grid) / 24


def week_phase(grid: Grid) -> np.ndarray:
    """Return the share of the week that has passed since Monday midnight."""
    return (daily(grid, lambda dates: dates.day_of_week) + day_phase(grid)) / 7


def year_phase(grid: Grid) -> np.ndarray:
    """Return the share of the year that has passed since 1 January."""
    return (daily(grid, lambda dates: dates.day_of_year - 1) + day_phase(grid)) / DAYS_PER_YEAR


def features(spec: Spec) -> list[Feature]:
    """Return the six cyclical features."""
    phases = {"day": day_phase, "week": week_phase, "year": year_phase}
    return [
        _wave(f"{name}_{period}", wave, phase, period)
        for period, phase in phases.items()
        for name, wave in (("sin", np.sin), ("cos", np.cos))
    ]


def _wave(
    name: str,
    wave: Callable[[np.ndarray], np.ndarray],
    phase: Callable[[Grid], np.ndarray],
    period: str,
) -> Feature:
    """Return one wave over the local clock."""
    return Feature(
        name,
        "cyclical",
        "1",
        KNOWN_FUTURE,
        f"place in the {period} by the local clock",
        lambda grid: wave(2 * np.pi * phase(grid)),
    )
