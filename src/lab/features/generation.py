"""The generation mix: shares by group, total, residual and the pace of renewables."""

from collections.abc import Callable

import numpy as np

from lab.errors import UsageError
from lab.features.feature import PAST, Feature
from lab.features.grid import Grid
from lab.features.spec import GENERATION_ROLES, Spec

WINDOW_H = 24


def features(spec: Spec) -> list[Feature]:
    """Return the six features of the mix.

    Raises
    ------
    UsageError
        If the spec does not name columns for renewable, fossil and nuclear generation.
    """
    missing = [role for role in GENERATION_ROLES if not spec.generation_columns.get(role)]
    if missing:
        raise UsageError(
            f"Family 'generation' needs columns for {', '.join(GENERATION_ROLES)} in "
            f"generation_columns, got none for {', '.join(missing)}."
        )
    groups = {role: tuple(spec.generation_columns[role]) for role in GENERATION_ROLES}
    every = tuple(column for columns in groups.values() for column in columns)

    def total(grid: Grid) -> np.ndarray:
        return _sum(grid, every)

    def share(role: str) -> Callable[[Grid], np.ndarray]:
        return lambda grid: _share(_sum(grid, groups[role]), total(grid))

    def change(grid: Grid) -> np.ndarray:
        now = share("renewable")(grid)
        return now - grid.lag(now, WINDOW_H)

    shares = [
        _feature(f"{role}_share", "1", f"{role} part of all generation", share(role))
        for role in GENERATION_ROLES
    ]
    return [
        *shares,
        _feature("generation_mw", "MW", "sum of all groups", total),
        _feature(
            "residual_generation_mw",
            "MW",
            "all but renewable",
            lambda grid: total(grid) - _sum(grid, groups["renewable"]),
        ),
        _feature("renewable_share_diff_24h", "1", "change over 24h", change, WINDOW_H),
    ]


def _feature(
    name: str,
    unit: str,
    meaning: str,
    compute: Callable[[Grid], np.ndarray],
    window_h: float = 0,
) -> Feature:
    """Return one feature of this family."""
    return Feature(name, "generation", unit, PAST, meaning, compute, window_h)


def _sum(grid: Grid, columns: tuple[str, ...]) -> np.ndarray:
    """Add columns step by step; one that is missing leaves NaN."""
    return np.sum([grid.values(column) for column in columns], axis=0)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide, NaN where nothing is generated."""
    return part / np.where(whole == 0, np.nan, whole)
