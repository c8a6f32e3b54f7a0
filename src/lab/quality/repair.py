"""Blank what was not measured, fill short holes from the past, mark every filled cell."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.quality.roles import measured, role
from lab.quality.rules import RepairRule
from lab.quality.timing import HOUR, edges, step_of

COUNT_COLUMNS = ["column", "missing", "blanked", "held", "from_earlier_days", "left_missing"]


@dataclass(frozen=True)
class Repaired:
    """A repaired table and what was done to it.

    Attributes
    ----------
    table : pandas.DataFrame
        Same rows, columns and types as before; behind them one boolean `<column>_imputed`
        for every column with at least one filled cell.
    counts : pandas.DataFrame
        Cells per touched column: missing from the start, blanked, held, taken from earlier
        days, left missing.
    """

    table: pd.DataFrame
    counts: pd.DataFrame


def repair_table(
    table: pd.DataFrame,
    faulty: Mapping[str, np.ndarray],
    rule: RepairRule,
    name: str = "",
    zone: str | None = None,
) -> Repaired:
    """Repair every measured column of a table with a UTC index.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table; columns that are not numbers pass through untouched.
    faulty : mapping
        Per column, true where the value was not measured and is blanked.
    rule : RepairRule
        How far a fill may reach.
    name : str
        Name of the table, which may say that its power is PV power.
    zone : str, optional
        Zone on whose wall clock the earlier days are looked up.

    Notes
    -----
    Every filled value comes from stamps before it: a fill from both sides would tell a
    forecast what comes next. Only the length of a hole is known in hindsight, and that a
    stretch was stuck. Filled and blanked values are never the source of another fill.
    """
    result, counts, markers = table.copy(), [], {}
    for column in measured(table):
        before = table[column]
        blank = np.asarray(faulty.get(column, np.zeros(len(table), dtype=bool)))
        if not (blank.any() or before.isna().any()):
            continue
        solar = role(column, name) in ("solar", "irradiance")
        kept = before.mask(blank)
        held = kept.iloc[:0] if solar else hold(kept, rule.hold_hours)
        earlier = from_earlier_days(kept, rule, solar, zone)
        filled = kept.fillna(held).fillna(earlier)
        result[column] = filled
        imputed = (kept.isna() & filled.notna()).to_numpy()
        by_hold = int((kept.isna() & held.reindex(kept.index).notna()).sum())
        counts.append(
            (
                column,
                int(before.isna().sum()),
                int((blank & before.notna()).sum()),
                by_hold,
                int(imputed.sum()) - by_hold,
                int(filled.isna().sum()),
            )
        )
        if imputed.any():
            markers[f"{column}_imputed"] = imputed
    result = result.assign(**markers)
    return Repaired(result, pd.DataFrame(counts, columns=COUNT_COLUMNS))


def hold(series: pd.Series, hours: float) -> pd.Series:
    """Return the last value before each hole of at most `hours`, at the hole's stamps."""
    short = _holes(series, hours)
    return series.ffill().where(short)[lambda value: value.notna()]


def from_earlier_days(
    series: pd.Series, rule: RepairRule, solar: bool = False, zone: str | None = None
) -> pd.Series:
    """Return the mean of the same time on earlier days, at holes of at most `cycle_hours`.

    PV and irradiance look at the last days by UTC, everything else at the same weekday of
    the last weeks by the wall clock. Missing ones among them are passed over.
    """
    stamps = series.index[_holes(series, rule.cycle_hours)]
    days = rule.solar_cycle_days if solar else rule.cycle_days
    clock = None if solar else zone
    past = [
        series.reindex(_days_before(stamps, days * back, clock)).to_numpy()
        for back in range(1, rule.cycles + 1)
    ]
    return pd.DataFrame(np.transpose(past), index=stamps).mean(axis=1).dropna()


def _holes(series: pd.Series, hours: float) -> np.ndarray:
    """Return true for missing values in stretches that last at most `hours`."""
    empty = series.isna().to_numpy()
    flags = np.zeros(len(series), dtype=bool)
    length = hours * HOUR / step_of(series.index)
    for first, last in zip(*edges(empty), strict=True):
        flags[first:last] = last - first <= length
    return flags


def _days_before(stamps: pd.DatetimeIndex, days: int, zone: str | None) -> pd.DatetimeIndex:
    """Return the same time some days earlier: in UTC, or on the wall clock of `zone`."""
    if zone is None:
        return stamps - pd.Timedelta(days=days)
    wall = stamps.tz_convert(zone).tz_localize(None) - pd.Timedelta(days=days)
    first = np.ones(len(wall), dtype=bool)
    local = wall.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return local.tz_convert("UTC")
