import pandas as pd
import pytest

from lab.errors import UsageError
from lab.optimise.appliances import requests
from lab.optimise.appliances.clock import at_clock

ZONE = "Europe/Brussels"
WISH = {"name": "a", "power_kw": 1.0, "duration_h": 1.0, "start": "18:00", "end": "+1 08:00"}


@pytest.mark.parametrize(
    ("day", "hours"), [("2016-03-26", 13), ("2016-10-29", 15), ("2016-05-02", 14)]
)
def test_windows_follow_the_local_clock(day, hours):
    assert requests([WISH], day, ZONE)[0].window_h == hours


def test_skipped_and_repeated_clock_times():
    assert at_clock("+1 02:30", "2016-03-26", ZONE) == pd.Timestamp("2016-03-27 01:00", tz="UTC")
    assert at_clock("02:30", "2016-10-30", ZONE) == pd.Timestamp("2016-10-30 00:30", tz="UTC")


@pytest.mark.parametrize(
    "text", ["evening", "+x 08:00", "", "25:00", "18:60", "-1 08:00", "18:00\n", 18, None]
)
def test_a_clock_time_that_cannot_be_read(text):
    with pytest.raises(UsageError, match="A clock time is written '18:00'"):
        at_clock(text, "2016-05-02", ZONE)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (WISH | {"watts": 5}, "'a' has the unknown key 'watts'"),
        (WISH | {"power_kw": "much"}, "power_kw of 'a' must be a number, got 'much'"),
        (WISH | {"end": "25:00"}, "A clock time is written .* got '25:00'"),
        (WISH | {"after": "wash"}, "after of 'a' must be a list of names, got 'wash'"),
        *(
            ({k: v for k, v in WISH.items() if k != key}, f"lacks the key '{key}'; needed are name")
            for key in ("name", "power_kw", "start", "end")
        ),
    ],
)
def test_a_wish_that_says_too_little_or_too_much(wish, said):
    with pytest.raises(UsageError, match=said):
        requests([wish], "2016-05-02", ZONE)


@pytest.mark.parametrize(
    ("day", "zone", "said"),
    [
        ("someday", ZONE, "The day of a request must be a local date, got 'someday'"),
        (None, ZONE, "must be a local date, got None"),
        (pd.Timestamp("2016-05-02", tz="UTC"), ZONE, "must be a local date"),
        ("2016-05-02", "Mars/X", "Unknown time zone 'Mars/X'"),
    ],
)
def test_a_day_or_a_zone_that_cannot_be_read(day, zone, said):
    with pytest.raises(UsageError, match=said):
        requests([WISH], day, zone)
