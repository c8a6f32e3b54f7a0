"""How many findings every check gives in every table, and where a check does not apply."""

from collections.abc import Mapping

import pandas as pd

from lab.quality.clock import whole_changes
from lab.quality.findings import SEVERITY
from lab.quality.roles import measured
from lab.quality.rules import StuckRule
from lab.quality.stuck import is_rounded, is_stepwise

NOT_APPLICABLE = "–"
DAYS = "DST days checked"
GROUPS = {
    "gaps": ("missing_rows", "missing_values", "quiet_period"),
    "duplicates": ("duplicates", "repeated"),
    "stuck runs": ("stuck", "long_rest"),
    "straight lines": ("interpolated",),
    "outliers": ("outliers",),
    "bounds": ("impossible", "clipped", "dark_power", "backwards", "too_powerful"),
    "siblings": ("near_copies", "dead", "weak", "silent_days"),
    "DST days wrong": ("dst_rows",),
}
TOLD_ELSEWHERE = ("frozen_together",)


def checklist(
    findings: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    events: list[str],
    zones: Mapping[str, str],
    rule: StuckRule,
) -> pd.DataFrame:
    """Count the findings of every table by group of checks.

    Parameters
    ----------
    findings : pandas.DataFrame
        See `findings.tidy`.
    tables : mapping
        Tables with a UTC index, by name.
    events : list of str
        Names of tables of events: only gaps, duplicates, bounds and others apply.
    zones : mapping
        Zone of the local clock per table; without one, clock changes are not checked.
    rule : StuckRule
        Tells in which columns the rules for stuck values and straight lines do not look.

    Returns
    -------
    pandas.DataFrame
        Rows: tables, then events. Columns: the groups of `GROUPS`, `other`, and before the
        wrong days how many days with a clock change were checked. Numbers of findings, or a
        dash where a check does not apply. Grouped stuck runs are counted once, as runs.
    """
    group_of = {check: group for group, checks in GROUPS.items() for check in checks}
    group_of |= {check: "other" for check in SEVERITY if check not in group_of}
    once = findings[~findings["check"].isin(TOLD_ELSEWHERE)]
    crossed = pd.crosstab(once["table"], once["check"].map(group_of))
    counted = crossed.reindex(index=[*tables, *events], columns=[*GROUPS, "other"], fill_value=0)
    counted.insert(counted.columns.get_loc("DST days wrong"), DAYS, 0)
    counted = counted.astype(object)
    for name, table in tables.items():
        if name in zones:
            counted.loc[name, DAYS] = len(whole_changes(table.index, zones[name]))
        counted.loc[name, _unchecked(table, rule, name in zones)] = NOT_APPLICABLE
    counted.loc[events, [*_BY_TIME, "siblings", *_BY_CLOCK]] = NOT_APPLICABLE
    return counted


_BY_TIME = ["stuck runs", "straight lines", "outliers"]
_BY_CLOCK = [DAYS, "DST days wrong"]


def _unchecked(table: pd.DataFrame, rule: StuckRule, has_clock: bool) -> list[str]:
    """Return the groups of checks that look at no column of the table."""
    columns = measured(table)
    groups = [] if has_clock else list(_BY_CLOCK)
    if all(is_stepwise(table[column], rule) for column in columns):
        groups += ["stuck runs", "outliers"]
    if all(is_rounded(table[column], rule) for column in columns):
        groups.append("straight lines")
    if len(columns) == 1:
        groups.append("siblings")
    return groups
