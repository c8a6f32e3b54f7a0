"""Losses by issue: rows that one model lacks count for none."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.evaluation.issues import common_rows, per_issue


def test_mean_per_issue_by_hand(scored):
    found = per_issue(scored({"b": [1, -3, 5, 5], "a": [0, 0, 2, 4]}))
    assert found.columns.tolist() == ["b", "a"]
    assert found["b"].tolist() == [2, 5]
    assert found["a"].tolist() == [0, 3]
    assert found.index.is_monotonic_increasing


def test_a_row_that_one_model_lacks_counts_for_none(scored):
    table = scored({"a": [1, 3, 5, 7], "b": [2, np.nan, np.nan, np.nan]})
    assert len(common_rows(table)) == 2
    found = per_issue(table)
    assert found["a"].tolist() == [1]
    assert found["b"].tolist() == [2]


def test_a_model_without_any_value_leaves_nothing(scored):
    table = scored({"a": [1, 2], "b": [np.nan, np.nan]})
    assert common_rows(table).empty
    assert per_issue(table).empty


def test_other_losses_and_unknown_ones(scored):
    table = scored({"a": [1, -3]})
    assert per_issue(table, "squared")["a"].tolist() == [5]
    with pytest.raises(UsageError, match="Unknown loss 'colour'; choose .*crps"):
        per_issue(table, "colour")
