"""The thresholds of every rule, grouped as in params.yaml; why each value, stands there."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from lab.errors import UsageError


@dataclass(frozen=True)
class StuckRule:
    """When a value stands still for too long."""

    min_hours: float
    rounded_hours: float
    rounded_share: float
    rounded_levels: float
    rest_runs: int
    rest_hours: float
    rest_factor: float
    stepwise_repeats: float
    stepwise_levels: int


@dataclass(frozen=True)
class InterpolatedRule:
    """When a stretch is too straight to be measured."""

    min_samples: int
    max_bend: float


@dataclass(frozen=True)
class OutlierRule:
    """When a value is far from the same time of day in the days around it."""

    window_days: int
    threshold: float
    tail_quantile: float
    tail_factor: float
    scale_floor: float


@dataclass(frozen=True)
class BoundsRule:
    """What a unit allows, how dark is dark, how many zeros are odd."""

    limits: Mapping[str, list[float | None]]
    dark_power_share: float
    zero_share: float
    clipped_share: float
    clipped_stretches: int


@dataclass(frozen=True)
class SiblingRule:
    """When a column is a copy of another, dead, weak, or silent while the others work."""

    copy_correlation: float
    alike_correlation: float
    sun_correlation: float
    min_members: int
    dead_share: float
    weak_share: float
    weak_deviations: float
    silent_share: float
    silent_days: int
    bright_share: float


@dataclass(frozen=True)
class ClockRule:
    """How daily rhythm is compared before and after a clock change."""

    window_days: int
    sun_shift_minutes: float


@dataclass(frozen=True)
class SessionRule:
    """What a charging session can be."""

    gap_days: float
    max_power_kw: float
    tolerance_kwh: float


@dataclass(frozen=True)
class RepairRule:
    """What is blanked, and how far a fill may reach."""

    blank: list[str]
    hold_hours: float
    cycle_hours: float
    cycles: int
    cycle_days: int
    solar_cycle_days: int


@dataclass(frozen=True)
class Rules:
    """Every group of thresholds."""

    stuck: StuckRule
    interpolated: InterpolatedRule
    outliers: OutlierRule
    bounds: BoundsRule
    siblings: SiblingRule
    clock: ClockRule
    sessions: SessionRule
    repair: RepairRule

    @classmethod
    def of(cls, **groups: Mapping[str, Any]) -> "Rules":
        """Build the rules from the mappings of params.yaml.

        Raises
        ------
        UsageError
            If a group or a threshold is missing or unknown.
        """
        kinds: dict[str, Any] = {field.name: field.type for field in fields(cls)}
        _same_names("data_quality", set(groups), set(kinds))
        built = {}
        for name, values in groups.items():
            wanted = {field.name for field in fields(kinds[name])}
            _same_names(f"data_quality.{name}", set(values), wanted)
            built[name] = kinds[name](**values)
        return cls(**built)


def _same_names(place: str, got: set[str], wanted: set[str]) -> None:
    if got != wanted:
        raise UsageError(
            f"{place} must hold exactly {', '.join(sorted(wanted))}; "
            f"missing: {', '.join(sorted(wanted - got)) or 'none'}, "
            f"unknown: {', '.join(sorted(got - wanted)) or 'none'}."
        )
