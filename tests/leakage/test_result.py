import numpy as np
import pandas as pd
import pytest

from lab import leakage
from lab.leakage.result import VIEWS

ISSUED = pd.Timestamp("2014-04-03 13:00", tz="UTC")
VALID = pd.Timestamp("2014-04-03 13:30", tz="UTC")
MOVED = leakage.Moved("ridge", ISSUED, VALID, 0.5, 4000.0, np.nan, "NaN")
FAILED = leakage.Moved("svm", ISSUED, VALID, 0.5, 4000.0, np.nan, "noise", "ValueError: NaN")
SEEN = leakage.Moved(VIEWS, ISSUED, VALID, 0.5, 1.0, 2.0, "noise")


def result(model, forecasts=1200, moved=None):
    return leakage.Result(model, 1, 8, forecasts, moved)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([result("ridge")], "1,200 forecasts of 1 model compared after everything unknown was "),
        (
            [result("ridge"), result("lstm", 34)],
            "1,234 forecasts of 2 models compared after everything unknown was replaced by noise "
            "and NaN; none moved.",
        ),
        (
            [result(VIEWS), result("ridge")],
            "1,200 forecasts of 1 model and the views they start from compared after ",
        ),
        ([result(VIEWS)], "The views of the table compared after everything unknown was "),
    ],
    ids=["one", "two", "with views", "views alone"],
)
def test_one_sentence_when_nothing_moved(results, words):
    assert leakage.require(results).startswith(words)


def test_one_result_has_the_same_sentence():
    assert result("ridge").sentence() == leakage.require(result("ridge"))


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (
            MOVED,
            "ridge leaks: its forecast for 2014-04-03 13:30 UTC, issued at 2014-04-03 13:00 UTC, "
            "was 4000.0 and became nan when everything not known at the issue was replaced by NaN;",
        ),
        (FAILED, r"was 4000.0 and failed \(ValueError: NaN\) when everything not known"),
        (SEEN, "The table leaks: its view for 2014-04-03 issued at 2014-04-03 13:00 UTC changed"),
    ],
    ids=["moved", "failed", "view"],
)
def test_one_sentence_names_what_moved_first(moved, words):
    results = [result("honest"), result(moved.model, moved=moved), result("late", moved=MOVED)]
    with pytest.raises(leakage.LeakError, match=words):
        leakage.require(results)
    assert results[1].sentence() == moved.sentence()
