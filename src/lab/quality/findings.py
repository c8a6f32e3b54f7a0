"""What was found, as one tidy table with a line per defect."""

from dataclasses import asdict, dataclass

import pandas as pd

LEVELS = ("error", "warning", "note")
# frozen_together groups stuck runs, which are counted as errors one by one.
SEVERITY = {
    "duplicates": "error",
    "missing_rows": "warning",
    "missing_values": "warning",
    "dst_rows": "error",
    "clock_shift": "error",
    "stuck": "error",
    "frozen_together": "note",
    "long_rest": "warning",
    "interpolated": "warning",
    "outliers": "note",
    "impossible": "error",
    "dark_power": "warning",
    "zero_load": "warning",
    "sun_like_load": "error",
    "clipped": "warning",
    "near_copies": "warning",
    "dead": "error",
    "weak": "warning",
    "silent_days": "error",
    "quiet_period": "note",
    "over_delivered": "warning",
    "unclaimed": "note",
    "nothing_requested": "note",
    "backwards": "error",
    "too_powerful": "error",
    "overlapping": "warning",
    "repeated": "error",
}


@dataclass(frozen=True)
class Finding:
    """One defect: where, when, how long, how many samples, and a sentence."""

    table: str
    column: str
    check: str
    start: pd.Timestamp
    end: pd.Timestamp
    hours: float
    samples: int
    detail: str


def tidy(findings: list[Finding]) -> pd.DataFrame:
    """Return findings as a table, with `severity` (error, warning, note) behind `check`.

    start and end are UTC; hours is the affected time; samples the affected values.
    """
    columns = list(Finding.__annotations__)
    frame = pd.DataFrame([asdict(finding) for finding in findings], columns=columns)
    for column in ("start", "end"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    frame["hours"] = frame["hours"].astype("float64")
    frame["samples"] = frame["samples"].astype("int64")
    frame.insert(3, "severity", frame["check"].map(SEVERITY).astype("str"))
    return frame


def worst_first(findings: pd.DataFrame) -> pd.DataFrame:
    """Sort by severity, then by the affected time, then by the number of samples."""
    rank = findings["severity"].map({level: place for place, level in enumerate(LEVELS)})
    order = findings.assign(rank=rank).sort_values(
        ["rank", "hours", "samples"], ascending=[True, False, False], kind="stable"
    )
    return order.drop(columns="rank").reset_index(drop=True)


def counts(findings: pd.DataFrame, tables: list[str]) -> pd.DataFrame:
    """Count the findings per table (rows, in the order given) and severity (columns)."""
    crossed = pd.crosstab(findings["table"], findings["severity"])
    return crossed.reindex(index=tables, columns=list(LEVELS), fill_value=0)
