import pytest

from lab.errors import UsageError
from lab.quality.labelled import compare

LABELS = {
    "pv_labelled_stale": "stale",
    "pv_labelled_interpolated": "interpolated",
    "pv_labelled_outliers": "outlier",
}


def test_every_rule_against_its_labels(rules, measured):
    scored = compare({name: measured.table(name) for name in LABELS}, LABELS, rules)
    stale = scored.loc["stale"]
    assert stale.iloc[0]["right"] == stale.iloc[0]["labelled"] == stale.iloc[0]["found"] == 245
    assert stale.iloc[-1]["precision_percent"] < 25
    assert scored.loc["interpolated"].iloc[0]["f1_percent"] > 95
    assert scored.loc["outlier", "recall_percent"].round().tolist() == [17, 83, 17]


def test_an_unknown_label_is_named(rules, measured):
    with pytest.raises(UsageError, match="Unknown label 'drift' of x; known are stale"):
        compare({}, {"x": "drift"}, rules)
