import pandas as pd
import pytest

from lab.quality.checklist import DAYS, GROUPS, NOT_APPLICABLE, checklist
from lab.quality.findings import SEVERITY, Finding, tidy

AT = pd.Timestamp("2021-03-28", tz="UTC")


def finding(table: str, check: str) -> Finding:
    return Finding(table, "x", check, AT, AT, 1.0, 3, "What is wrong.")


@pytest.fixture
def counted(noise, rules) -> pd.DataFrame:
    tables = {
        "meter": noise.to_frame(),
        "steps": pd.DataFrame({"a_kw": noise.round(-2), "b_kw": noise.round(-2)}) * 0,
    }
    checks = ["stuck", "stuck", "frozen_together", "missing_rows", "zero_load"]
    found = [finding("meter", check) for check in checks]
    found += [finding("cars", check) for check in ("repeated", "backwards", "unclaimed")]
    zones = {"meter": "Europe/Brussels"}
    return checklist(tidy(found), tables, ["cars"], zones, rules.stuck)


def test_findings_are_counted_once_by_group(counted):
    row = counted.loc["meter"]
    assert row[["gaps", "duplicates", "stuck runs", "other"]].tolist() == [1, 0, 2, 1]


def test_days_with_a_clock_change_are_counted(counted):
    assert counted.loc["meter", [DAYS, "DST days wrong"]].tolist() == [1, 0]
    assert counted.loc["steps", [DAYS, "DST days wrong"]].tolist() == [NOT_APPLICABLE] * 2


def test_events_are_not_checked_for_what_needs_a_series(counted):
    row = counted.loc["cars"]
    assert row[["gaps", "duplicates", "bounds", "other"]].tolist() == [0, 1, 1, 1]
    assert (row.drop(["gaps", "duplicates", "bounds", "other"]) == NOT_APPLICABLE).all()


def test_a_dash_stands_where_a_rule_looks_at_no_column(counted):
    assert counted.loc["meter", "siblings"] == NOT_APPLICABLE
    unseen = counted.loc["steps", ["stuck runs", "straight lines", "outliers"]]
    assert (unseen == NOT_APPLICABLE).all()
    assert counted.loc["steps", "siblings"] == 0


def test_every_grouped_check_exists():
    assert {check for checks in GROUPS.values() for check in checks} <= set(SEVERITY)
