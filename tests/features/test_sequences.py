"""Sequences of 168 hours with the 24 hours after them."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import DataError, UsageError


def table(rows: int, step: str = "1h") -> pd.DataFrame:
    """Return two columns that count the rows."""
    index = pd.date_range("2016-03-20", periods=rows, freq=step, tz="UTC")
    count = np.arange(rows, dtype=float)
    return pd.DataFrame({"a": count, "b": -count}, index=index)


def test_shape_and_type_of_a_week_for_a_day():
    frame = table(200)
    found = features.to_sequences(frame, frame["a"])
    assert found.x.shape == (200 - 168 - 24 + 1, 168, 2)
    assert found.y.shape == (9, 24)
    assert found.x.dtype == found.y.dtype == np.float32


def test_history_ends_at_t_and_the_target_begins_after_it():
    frame = table(8)
    found = features.to_sequences(frame, frame["a"], history_h=3, horizon_h=2)
    assert found.x[0].tolist() == [[0, 0], [1, -1], [2, -2]]
    assert found.y.tolist() == [[3, 4], [4, 5], [5, 6], [6, 7]]
    assert found.issued_at.equals(frame.index[2:6].as_unit("ns"))


def test_one_sample_a_day():
    frame = table(24 * 12)
    found = features.to_sequences(frame, frame["a"], every_h=24)
    assert set(found.issued_at.hour) == {23}
    assert len(found.issued_at) == 5
    assert found.y[0].tolist() == list(range(168, 192))


@pytest.mark.parametrize("gone", ["row", "feature", "target"])
def test_a_gap_costs_exactly_the_samples_that_touch_it(gone):
    frame = table(12)
    target = frame["a"].copy()
    if gone == "row":
        frame, target = frame.drop(index=frame.index[5]), target.drop(index=frame.index[5])
    elif gone == "feature":
        frame.iloc[5, 1] = np.nan
    else:
        target.iloc[5] = np.nan
    found = features.to_sequences(frame, target, history_h=3, horizon_h=2)
    last = found.x[:, -1, 0].astype(int)  # samples end at rows 2 to 9
    touched = {"row": {3, 4, 5, 6, 7}, "feature": {5, 6, 7}, "target": {3, 4}}[gone]
    assert set(last) == set(range(2, 10)) - touched


def test_lengths_are_durations():
    frame = table(20, "30min")
    found = features.to_sequences(frame, frame["a"], history_h=3, horizon_h=1)
    assert found.x.shape[1:] == (6, 2)
    assert found.y.shape[1] == 2


def test_a_short_table_gives_no_sample_in_the_right_shape():
    frame = table(190)
    found = features.to_sequences(frame, frame["a"])
    assert found.x.shape == (0, 168, 2)
    assert found.y.shape == (0, 24)
    assert len(found.issued_at) == 0


def test_wrong_input_is_one_sentence():
    frame = table(10)
    with pytest.raises(UsageError, match="multiple of the table's step of 1 h, got 1.5 h"):
        features.to_sequences(frame, frame["a"], history_h=1.5)
    with pytest.raises(DataError, match="'b' must be numeric"):
        features.to_sequences(frame.assign(b="x"), frame["a"])
