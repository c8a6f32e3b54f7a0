"""Calendar features by the local clock, on and around clock changes and holidays."""

import pandas as pd
import pytest

from lab import features

ZONE = "Europe/Brussels"


def calendar_of(stamps, country="BE", **spec) -> pd.DataFrame:
    """Return the temporal family for UTC stamps."""
    index = pd.DatetimeIndex(stamps, tz="UTC")
    table = pd.DataFrame({"price_eur_per_mwh": 0.0}, index=index)
    return features.build(table, {"families": ["temporal"], **spec}, zone=ZONE, country=country)


def test_there_are_twelve_and_all_are_known_ahead():
    catalogue = features.catalogue({"families": ["temporal"]})
    assert list(catalogue.index) == [
        "hour",
        "weekday",
        "month",
        "season",
        "day_of_year",
        "is_weekend",
        "is_holiday",
        "is_day_before_holiday",
        "is_day_after_holiday",
        "day_type",
        "is_peak",
        "is_off_peak",
    ]
    assert set(catalogue["knowledge"]) == {"known_future"}


def test_the_hour_skips_two_in_spring_and_repeats_it_in_autumn():
    spring = calendar_of(pd.date_range("2016-03-27 00:00", periods=3, freq="h"))
    autumn = calendar_of(pd.date_range("2016-10-29 23:30", periods=6, freq="30min"))
    assert spring["hour"].tolist() == [1, 3, 4]
    assert autumn["hour"].tolist() == [1.5, 2, 2.5, 2, 2.5, 3]


def test_the_local_date_counts_not_the_utc_one():
    row = calendar_of(["2016-12-31 22:00", "2016-12-31 23:00"])
    assert row["month"].tolist() == [12, 1]
    assert row["day_of_year"].tolist() == [366, 1]
    assert row["weekday"].tolist() == [5, 6]  # 1 January 2017 was a Sunday
    assert row["is_holiday"].tolist() == [0, 1]
    assert row["is_day_before_holiday"].tolist() == [1, 0]


def test_days_around_a_holiday_in_the_week():
    noon = calendar_of([f"2016-07-{day} 10:00" for day in (20, 21, 22, 23, 24)])  # from Wednesday
    assert noon["is_day_before_holiday"].tolist() == [1, 0, 0, 0, 0]
    assert noon["is_holiday"].tolist() == [0, 1, 0, 0, 0]
    assert noon["is_day_after_holiday"].tolist() == [0, 0, 1, 0, 0]
    assert noon["is_weekend"].tolist() == [0, 0, 0, 1, 1]
    assert noon["day_type"].tolist() == [0, 2, 0, 1, 2]
    assert noon["is_peak"].tolist() == [1, 0, 1, 0, 0]
    assert noon["is_off_peak"].tolist() == [0, 0, 0, 0, 0]


def test_peak_begins_and_ends_on_the_local_clock():
    hours = calendar_of([f"2016-07-20 {hour:02d}:00" for hour in (5, 6, 17, 18)])
    assert hours["is_peak"].tolist() == [0, 1, 1, 0]  # 07, 08, 19, 20 h local
    assert hours["is_off_peak"].tolist() == [1, 0, 0, 1]
    late = calendar_of(["2016-07-20 06:00", "2016-07-20 07:00"], peak_hours=[9, 24])
    assert late["is_peak"].tolist() == [0, 1]


def test_without_a_country_no_day_is_a_holiday():
    day = calendar_of(["2016-07-21 10:00", "2016-07-21 11:00"], country=None)
    assert day["is_holiday"].tolist() == [0, 0]


@pytest.mark.parametrize(("month", "season"), [(1, 0), (3, 1), (6, 2), (9, 3), (11, 3), (12, 0)])
def test_seasons_follow_the_months(month, season):
    day = calendar_of([f"2016-{month:02d}-10 10:00", f"2016-{month:02d}-10 11:00"])
    assert day["season"].tolist() == [season, season]
