"""Values that stand still: one meter alone, or several from the same minute on."""

import numpy as np
import pandas as pd

from lab.quality.rules import StuckRule
from lab.quality.timing import HOUR, step_of

RUN_COLUMNS = ["start", "end", "hours", "samples", "value"]


def runs(series: pd.Series) -> pd.DataFrame:
    """List every stretch of at least two equal values in a row.

    Missing values and missing rows end a stretch.

    Returns
    -------
    pandas.DataFrame
        start, end (first and last equal stamp), hours (between the two: the time over which
        the value is known not to have moved), samples, value.
    """
    kept = series.dropna()
    if len(kept) < 2:
        return pd.DataFrame(columns=RUN_COLUMNS)
    values, stamps = kept.to_numpy(), kept.index
    jump = (stamps[1:] - stamps[:-1]) > 1.5 * step_of(series.index)
    breaks = np.flatnonzero((values[1:] != values[:-1]) | jump) + 1
    first = np.concatenate([[0], breaks])
    last = np.concatenate([breaks, [len(values)]]) - 1
    long = last > first
    first, last = first[long], last[long]
    found = pd.DataFrame({"start": stamps[first], "end": stamps[last]})
    found["hours"] = (found["end"] - found["start"]) / HOUR
    found["samples"] = last - first + 1
    found["value"] = values[first]
    return found


def is_stepwise(series: pd.Series, rule: StuckRule) -> bool:
    """Tell whether standing still is the column's nature, as with a tariff of few levels."""
    values = series.dropna().to_numpy()
    if len(values) < 2:
        return True
    repeats = float((values[1:] == values[:-1]).mean())
    return repeats > rule.stepwise_repeats and len(np.unique(values)) <= rule.stepwise_levels


def is_rounded(series: pd.Series, rule: StuckRule) -> bool:
    """Tell whether the column's resolution is so coarse that it repeats by rounding alone."""
    values = series.dropna().to_numpy()
    levels = np.unique(values)
    changes = series.diff().abs()
    changes = changes[changes > 0]
    if len(levels) < 3 or changes.empty:
        return True
    few = len(levels) <= rule.rounded_levels * len(values)
    return bool(few and np.quantile(np.diff(levels), 0.1) >= rule.rounded_share * changes.median())


def resting_values(found: pd.DataFrame, rule: StuckRule, rests_at_zero: bool) -> set[float]:
    """Return the values a column comes back to: a PV system's night, standby, an empty house."""
    counts = found["value"].value_counts()
    rest = set(counts.index[counts >= rule.rest_runs])
    return rest | {0.0} if rests_at_zero else rest


def stuck_runs(series: pd.Series, rule: StuckRule, rests_at_zero: bool = False) -> pd.DataFrame:
    """List the stretches in which the meter, not the world, stood still.

    Parameters
    ----------
    series : pandas.Series
        One measured column with a UTC index.
    rule : StuckRule
        Thresholds; hours are durations, so the rule holds for any step.
    rests_at_zero : bool
        True for PV and irradiance, which are zero at night.

    Returns
    -------
    pandas.DataFrame
        Like `runs`, with a column `kind`: `stuck` for a value that the column does not
        otherwise rest at, `long_rest` for a habitual value held unusually long.
    """
    found = runs(series)
    if found.empty or is_stepwise(series, rule):
        return found.assign(kind="stuck").iloc[:0]
    resting = found["value"].isin(list(resting_values(found, rule, rests_at_zero)))
    limit = rule.rounded_hours if is_rounded(series, rule) else rule.min_hours
    stuck = found[~resting & (found["hours"] >= limit)].assign(kind="stuck")
    rests = found[resting]
    usual = rests.groupby("value")["hours"].transform(lambda hours: hours.quantile(0.9))
    over = (rests["hours"] >= rule.rest_hours) & (rests["hours"] > rule.rest_factor * usual)
    long = rests[over].assign(kind="long_rest")
    return pd.concat([stuck, long]).sort_values("start").reset_index(drop=True)


def mask(index: pd.DatetimeIndex, found: pd.DataFrame) -> np.ndarray:
    """Return true where a stamp lies in one of the stretches, both ends included."""
    flags = np.zeros(len(index), dtype=bool)
    for start, end in zip(found["start"], found["end"], strict=True):
        flags |= (index >= start) & (index <= end)
    return flags


def frozen_together(found: pd.DataFrame) -> pd.DataFrame:
    """Group stuck stretches that begin at the same stamp in two or more columns.

    Parameters
    ----------
    found : pandas.DataFrame
        Stretches of all columns, with the column name in `column`.

    Returns
    -------
    pandas.DataFrame
        start, end, hours, columns (names joined by a comma): a common cause, such as a
        gateway, is likelier than several meters failing in the same minute.
    """
    stuck = found[found["kind"] == "stuck"]
    grouped = stuck.groupby(["start", "end", "hours"], sort=True)["column"].agg([", ".join, "size"])
    shared = grouped[grouped["size"] > 1].reset_index()
    return shared.rename(columns={"join": "columns"})[["start", "end", "hours", "columns"]]
