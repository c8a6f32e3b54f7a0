import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.microgrid import times

ZONE = "America/Los_Angeles"


def test_first_full_weeks_begin_on_a_local_monday():
    index = pd.date_range("2016-09-01", "2017-04-01", freq="h", tz="UTC")
    starts = {"autumn": "2016-09-05", "spring": "2017-03-01", "winter": "2016-12-01"}
    weeks = times.first_full_weeks(index, starts, ZONE)
    first = {name: str(week[0].tz_convert(ZONE)) for name, week in weeks.items()}
    assert first == {
        "autumn": "2016-09-05 00:00:00-07:00",
        "spring": "2017-03-06 00:00:00-08:00",
        "winter": "2016-12-05 00:00:00-08:00",
    }
    assert [len(week) for week in weeks.values()] == [168, 167, 168]
    assert len(times.first_full_weeks(index, starts, ZONE, days=2)["autumn"]) == 48


@pytest.mark.parametrize("start", ["2016-08-29", "2017-03-28", "2019-01-01"])
def test_a_week_that_is_not_whole_is_refused(start):
    index = pd.date_range("2016-09-01", "2017-04-01", freq="h", tz="UTC")
    with pytest.raises(DataError, match="The week of autumn from .* must be whole"):
        times.first_full_weeks(index, {"autumn": start}, ZONE)


def test_an_island_begins_by_the_local_clock():
    index = pd.date_range("2017-03-11 08:00", periods=72, freq="h", tz="UTC")
    mask = times.island(index, 1, 16, 5, ZONE)
    local = index[mask].tz_convert(ZONE)
    assert [str(local[0]), len(local)] == ["2017-03-12 16:00:00-07:00", 5]


@pytest.mark.parametrize(("day", "hours"), [(9, 5), (2, 9), (-1, 5)])
def test_an_island_outside_of_the_plan_is_refused(day, hours):
    index = pd.date_range("2017-03-11 08:00", periods=71, freq="h", tz="UTC")
    with pytest.raises(UsageError, match="does not lie within the 71 hours"):
        times.island(index, day, 20, hours, ZONE)
