"""Local days, and what a view holds."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.forecast.view import DayTable

ZONE = "Australia/Melbourne"
KNOWN = {"load": "past", "plan": "known_future", "place": "static"}


def frame(first, periods):
    index = pd.date_range(first, periods=periods, freq="30min", tz="UTC", name="time")
    count = np.arange(periods, dtype=float)
    return pd.DataFrame({"load": count, "plan": -count, "place": 7.0}, index=index)


def table(first="2014-04-03 13:00", periods=48 * 4 + 2, **changes):
    options = {"zone": ZONE, "target": "load", "knowledge": KNOWN} | changes
    return DayTable(frame(first, periods), **options)


def test_days_are_local_and_whole():
    found = table("2014-04-03 10:00", 48 * 4 + 11)
    assert [str(d) for d in found.dates] == ["2014-04-04", "2014-04-05", "2014-04-06", "2014-04-07"]
    assert np.diff(found.start).tolist() == [48, 48, 50, 48]


def test_repeated_hour_is_averaged():
    found = table()
    day = found.flat["load"][96:146]
    assert found.days["load"][2, 4:6].tolist() == [(day[4] + day[6]) / 2, (day[5] + day[7]) / 2]
    assert found.days["load"][2, 6] == day[8]


def test_skipped_hour_is_interpolated():
    found = table("2014-10-03 14:00", 48 + 48 + 46)
    assert np.diff(found.start).tolist() == [48, 46, 48] or len(found) == 2
    day = found.days["load"][1]
    assert day[4] == pytest.approx(day[3] + 1 / 3)
    assert day[5] == pytest.approx(day[3] + 2 / 3)
    assert day[6] == day[3] + 1


def test_missing_values_stay_missing():
    rows = frame("2014-04-03 13:00", 96)
    rows.iloc[3, 0] = np.nan
    found = DayTable(rows, zone=ZONE, target="load", knowledge=KNOWN)
    assert np.isnan(found.days["load"][0, 3])
    assert np.isfinite(found.days["load"][0, 2:5:2]).all()


def test_view_ends_at_its_issue():
    view = table().view(2)
    assert view.issued_at == pd.Timestamp("2014-04-05 13:00", tz="UTC")
    assert len(view.valid_at) == 50
    assert view.past["load"].tolist() == list(range(96))
    assert view.past_days["load"].shape == (2, 48)
    assert set(view.future) == set(view.future_days) == {"plan"}
    assert view.future["plan"][0] == -96
    assert view.static == {"place": 7.0}


def test_view_is_a_read_only_copy():
    found = table()
    view = found.view(1)
    for values in (view.past["load"], view.past_days["load"], view.future["plan"]):
        assert values.base is None
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1.0


def test_view_holds_at_most_history_days():
    assert table(history_days=1).view(3).past_days["load"].shape == (1, 48)


@pytest.mark.parametrize(
    ("knowledge", "target", "words"),
    [
        ({"load": "past", "plan": "known_future"}, "load", "'place' must declare"),
        (KNOWN | {"plan": "soon"}, "load", "got 'soon'"),
        (KNOWN, "price", "The target 'price' must be a column"),
        (KNOWN, "plan", "whose knowledge is 'past'"),
    ],
    ids=["undeclared", "unknown kind", "no target", "target known"],
)
def test_wrong_declarations_are_refused(knowledge, target, words):
    with pytest.raises(UsageError, match=words):
        table(knowledge=knowledge, target=target)


def test_gap_in_time_is_refused():
    rows = frame("2014-04-03 13:00", 96).drop(index=pd.Timestamp("2014-04-03 20:00", tz="UTC"))
    with pytest.raises(DataError, match="evenly spaced"):
        DayTable(rows, zone=ZONE, target="load", knowledge=KNOWN)


def test_text_column_is_refused():
    rows = frame("2014-04-03 13:00", 96).astype({"plan": str})
    with pytest.raises(DataError, match="'plan' must be numeric"):
        DayTable(rows, zone=ZONE, target="load", knowledge=KNOWN)


def test_the_length_is_the_number_of_days():
    assert len(table()) == 4


def test_an_hour_view_adds_what_is_known_since_midnight():
    found = table()
    view = found.view_at(48 + 6, 4)
    assert view.issued_at == found.index[54]
    assert view.valid_at.equals(found.index[54:58])
    assert view.since["load"].tolist() == list(range(48, 54))
    assert view.today["load"][:6].tolist() == list(range(48, 54))
    assert np.isnan(view.today["load"][6:]).all()
    assert set(view.since) == set(view.today) == {"load"}
    assert view.future["plan"].tolist() == [-54.0, -55.0, -56.0, -57.0]
    assert view.start.issued_at == found.index[48]
    assert view.start.past["load"][-1] == 47


def test_an_hour_view_at_midnight_knows_nothing_of_the_day():
    view = table().view_at(48, 48)
    assert len(view.since["load"]) == 0
    assert np.isnan(view.today["load"]).all()
    assert view.ahead.tolist() == [0] * 48


def test_an_hour_view_reaches_into_the_next_day():
    view = table().view_at(40, 48)
    assert view.ahead.tolist() == [0] * 8 + [1] * 40
    assert view.slot.tolist() == [*range(40, 48), *range(40)]


def test_the_repeated_hour_is_known_as_far_as_it_has_come():
    found = table()
    first = found.start[2]
    once, part, twice = (found.view_at(first + k, 2).today["load"] for k in (6, 7, 8))
    assert once[4:6].tolist() == [first + 4, first + 5]
    assert part[4:6].tolist() == [first + 5, first + 5]
    assert twice[4:6].tolist() == found.days["load"][2, 4:6].tolist() == [first + 5, first + 6]


def test_the_skipped_hour_is_filled_once_the_next_is_known():
    found = table("2014-10-03 14:00", 48 + 46 + 48)
    first = found.start[1]
    before, after = (found.view_at(first + k, 2).today["load"] for k in (4, 5))
    assert before[:4].tolist() == list(range(first, first + 4))
    assert np.isnan(before[4:]).all()
    assert after[:7].tolist() == found.days["load"][1, :7].tolist()
    assert np.isnan(after[7:]).all()


@pytest.mark.parametrize("first", ["2014-04-03 13:00", "2014-10-03 14:00"])
def test_at_the_end_of_a_day_its_clock_is_complete(first):
    found = table(first, 48 * 4)
    for number in range(len(found) - 1):
        view = found.view_at(int(found.start[number + 1]) - 1, 1)
        last = view.slot[0]
        np.testing.assert_array_equal(view.today["load"][:last], found.days["load"][number][:last])


def test_a_missing_value_of_today_stays_missing():
    rows = frame("2014-04-03 13:00", 48 * 4 + 2)
    rows.iloc[[50, 100], 0] = np.nan
    found = DayTable(rows, zone=ZONE, target="load", knowledge=KNOWN)
    assert (
        np.isnan(found.view_at(54, 2).today["load"][:6]).tolist()
        == [False, False, True] + [False] * 3
    )
    # The first of the repeated half-hours is missing: the second stands for both.
    assert found.view_at(int(found.start[2]) + 8, 2).today["load"][4] == 102


def test_an_hour_view_is_a_read_only_copy_and_shares_its_midnight():
    found = table()
    start = found.view(1)
    view = found.view_at(60, 2, start)
    assert view.start is start
    for values in (view.since["load"], view.today["load"], view.future["plan"], view.slot):
        assert not np.shares_memory(values, found.flat["load"])
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1.0


@pytest.mark.parametrize("row", [-1, 48 * 4 + 2 - 3])
def test_an_hour_view_beyond_the_table_is_refused(row):
    with pytest.raises(UsageError, match="4 steps must lie within the 194 rows"):
        table().view_at(row, 4)


def test_infinite_values_are_refused_with_their_first_time():
    rows = frame("2014-04-03 13:00", 96)
    rows.loc[rows.index[[5, 50]], "plan"] = -np.inf
    with pytest.raises(
        DataError, match="'plan' of series 'series' is infinite at 2014-04-03 15:30"
    ):
        DayTable(rows, zone=ZONE, target="load", knowledge=KNOWN)


@pytest.mark.parametrize("day", ["soon", "2014-13-01", None, "NaT"])
def test_what_is_no_date_is_refused(day):
    with pytest.raises(UsageError, match="A day must be a date such as 2014-01-31, got"):
        table().position(day)
