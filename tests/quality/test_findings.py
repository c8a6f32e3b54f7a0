import pandas as pd

from lab.quality.findings import Finding, counts, tidy, worst_first

AT = pd.Timestamp("2021-03-28", tz="UTC")


def finding(check: str, hours: float, table: str = "a") -> Finding:
    return Finding(table, "x", check, AT, AT, hours, 3, "What is wrong.")


def test_tidy_adds_the_severity_and_keeps_the_types():
    found = tidy([finding("stuck", 7), finding("outliers", 1)])
    assert found["severity"].tolist() == ["error", "note"]
    assert str(found["start"].dtype) == "datetime64[us, UTC]"
    assert list(found)[:4] == ["table", "column", "check", "severity"]


def test_nothing_found_is_a_table_of_the_same_types():
    some, none = tidy([finding("stuck", 7)]), tidy([])
    assert len(none) == 0
    assert list(none) == list(some)
    assert none.dtypes["end"] == some.dtypes["end"]


def test_the_worst_come_first():
    found = worst_first(tidy([finding("outliers", 90), finding("stuck", 7), finding("stuck", 8)]))
    assert found["hours"].tolist() == [8, 7, 90]


def test_counts_per_table_and_severity():
    found = tidy([finding("stuck", 7), finding("outliers", 1), finding("weak", 1, "b")])
    assert counts(found, ["b", "a", "c"]).to_numpy().tolist() == [[0, 1, 0], [1, 0, 1], [0, 0, 0]]
