"""Battery state: charge, depth of use, throughput and time at the limits."""

from collections.abc import Callable

import numpy as np

from lab.errors import DataError, UsageError
from lab.features.feature import PAST, STATIC, Feature
from lab.features.grid import Grid
from lab.features.spec import Spec

WINDOW_H = 24
EMPTY, FULL = 0.05, 0.95


def state_of_charge(grid: Grid, column: str) -> np.ndarray:
    """Return the state of charge.

    Raises
    ------
    DataError
        If a value lies outside 0 to 1.
    """
    soc = grid.values(column)
    if (soc < 0).any() or (soc > 1).any():
        raise DataError(
            f"Column {column!r} must be a state of charge from 0 to 1, "
            f"got {np.nanmin(soc):g} to {np.nanmax(soc):g}."
        )
    return soc


def depth_of_use(grid: Grid, column: str) -> np.ndarray:
    """Return highest minus lowest state of charge of the last day."""
    soc = state_of_charge(grid, column)
    return grid.roll(soc, WINDOW_H, "max") - grid.roll(soc, WINDOW_H, "min")


def equivalent_cycles(grid: Grid, column: str) -> np.ndarray:
    """Return the full cycles of the last day: charge moved up and down, divided by two."""
    moved = np.abs(np.diff(state_of_charge(grid, column), prepend=np.nan))
    return grid.roll(moved, WINDOW_H, "mean") * grid.steps(WINDOW_H) / 2


def share_at_limit(grid: Grid, column: str) -> np.ndarray:
    """Return the share of the last day spent (nearly) empty or full."""
    soc = state_of_charge(grid, column)
    limit = np.where(np.isnan(soc), np.nan, (soc <= EMPTY) | (soc >= FULL))
    return grid.roll(limit, WINDOW_H, "mean")


def features(spec: Spec) -> list[Feature]:
    """Return the seven battery features.

    Raises
    ------
    UsageError
        If the spec describes no battery.
    """
    if not spec.battery:
        raise UsageError("Family 'battery' needs soc and capacity_kwh in battery, got none.")
    column, capacity_kwh = spec.battery["soc"], float(spec.battery["capacity_kwh"])
    rows: list[tuple[str, str, str, Callable[[Grid], np.ndarray], float]] = [
        (
            "battery_soc",
            "1",
            "state of charge",
            lambda grid: state_of_charge(grid, column),
            0,
        ),
        (
            "battery_stored_kwh",
            "kWh",
            "energy in store",
            lambda grid: state_of_charge(grid, column) * capacity_kwh,
            0,
        ),
        (
            "battery_soc_mean_24h",
            "1",
            "mean of the last 24h",
            lambda grid: grid.roll(state_of_charge(grid, column), WINDOW_H, "mean"),
            WINDOW_H,
        ),
        (
            "battery_depth_24h",
            "1",
            "highest minus lowest of the last 24h",
            lambda grid: depth_of_use(grid, column),
            WINDOW_H,
        ),
        (
            "battery_cycles_24h",
            "1",
            "equivalent full cycles of the last 24h",
            lambda grid: equivalent_cycles(grid, column),
            WINDOW_H,
        ),
        (
            "battery_at_limit_share_24h",
            "1",
            "share of the last 24h empty or full",
            lambda grid: share_at_limit(grid, column),
            WINDOW_H,
        ),
    ]
    capacity = Feature(
        "battery_capacity_kwh",
        "battery",
        "kWh",
        STATIC,
        "usable capacity",
        lambda grid: np.full(len(grid), capacity_kwh),
    )
    return [
        Feature(name, "battery", unit, PAST, meaning, compute, window_h)
        for name, unit, meaning, compute, window_h in rows
    ] + [capacity]
