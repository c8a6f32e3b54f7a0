import numpy as np
import pandas as pd
import pytest

from lab.quality.scores import far_from_mean, same_as_before, same_slope_as_before, score


def test_scores_by_hand():
    found = np.array([True, True, True, False])
    result = score(found, np.array([True, False, True, True]))
    assert (result["labelled"], result["found"], result["right"]) == (3, 3, 2)
    assert result["precision_percent"] == pytest.approx(200 / 3)
    assert result["recall_percent"] == pytest.approx(200 / 3)
    assert result["f1_percent"] == pytest.approx(200 / 3)


def test_nothing_found_and_nothing_labelled_has_no_score():
    nothing = np.zeros(3, dtype=bool)
    assert np.isnan(score(nothing, nothing)["f1_percent"])
    assert np.isnan(score(nothing, ~nothing)["precision_percent"])
    assert score(nothing, ~nothing)["recall_percent"] == 0


def test_naive_rules_by_hand():
    values = pd.Series([1.0, 1, 2, 3, np.nan, np.nan])
    assert same_as_before(values).tolist() == [False, True, False, False, False, False]
    assert same_slope_as_before(values).tolist() == [False, False, False, True, False, False]
    assert far_from_mean(pd.Series([0.0] * 30 + [9.0])).nonzero()[0].tolist() == [30]
