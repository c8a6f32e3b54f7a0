"""What was known stays to the bit; what was not is gone; the source is left alone."""

import numpy as np
import pandas as pd
import pytest

from lab.forecast.view import DayTable
from lab.leakage.hidden import FILLINGS, Prepared, as_table, hidden

ISSUE = pd.Timestamp("2014-01-02", tz="UTC")
END = pd.Timestamp("2014-01-03", tz="UTC")


def build(frame):
    return DayTable(
        frame[["load", "plan", "site"]],
        zone="UTC",
        target="load",
        knowledge={"load": "past", "plan": "known_future", "site": "static"},
    )


@pytest.fixture
def frame():
    index = pd.date_range("2014-01-01", periods=96, freq="h", tz="UTC")
    load = np.where(np.arange(96) % 7 == 0, np.nan, np.arange(96.0))
    columns = {"load": load, "plan": 2.0, "site": 7.0, "note": 1.0, "flag": False}
    return pd.DataFrame(columns, index=index)


def same(first, second):
    return first.astype(float).tobytes() == second.astype(float).tobytes()


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("prepared", [False, True], ids=["table", "prepared"])
def test_each_column_changes_from_its_knowledge_time_on(frame, filling, prepared):
    source = Prepared(frame, build) if prepared else build(frame)
    table, twin = as_table(source), hidden(source, ISSUE, END, filling, seed=1)
    for name, row in {"load": 24, "plan": 48, "site": 96}.items():
        old, new = table.flat[name], twin.flat[name]
        assert same(old[:row], new[:row])
        assert not np.isclose(old[row:], new[row:]).any()
        assert np.isnan(new[row:]).all() or filling == "noise"
        assert same(twin.days[name], new.reshape(4, 24))


def test_noise_goes_beyond_what_was_measured_and_depends_on_the_seed(frame):
    first, again, other = (
        hidden(build(frame), ISSUE, END, "noise", seed).flat["load"] for seed in (1, 1, 2)
    )
    assert same(first, again)
    assert not same(first, other)
    assert np.nanmax(first[24:]) > 95 > np.nanmin(first[24:])


def test_the_source_is_left_as_it_is(frame):
    before, table = frame.copy(), build(frame)
    kept = table.flat["load"].copy()
    hidden(Prepared(frame, build), ISSUE, END, "NaN", seed=1)
    hidden(table, ISSUE, END, "NaN", seed=1)
    pd.testing.assert_frame_equal(frame, before)
    assert same(table.flat["load"], kept)


def test_columns_that_the_table_lacks_count_as_measured_unless_named(frame):
    seen = []
    prepared = Prepared(frame, lambda raw: seen.append(raw) or build(raw), {"flag": "known_future"})
    hidden(prepared, ISSUE, END, "NaN", seed=1)
    assert seen[-1]["note"].isna().tolist() == [False] * 24 + [True] * 72
    assert seen[-1]["flag"].tolist() == [False] * 48 + [True] * 48


def test_a_column_without_any_value_is_filled_too(frame):
    twin = hidden(build(frame.assign(load=np.nan)), ISSUE, END, "noise", seed=1)
    assert np.isfinite(twin.flat["load"][24:]).all()
