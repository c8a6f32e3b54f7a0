import pandas as pd
import pytest

from lab.quality.sessions import daily_coverage, faults, quiet_periods


def session(day, hours=5.0, asked=10.0, given=9.0, station="a", name=None, claimed=True) -> dict:
    arrival = pd.Timestamp("2021-01-01 08:00", tz="UTC") + pd.Timedelta(days=day)
    return {
        "arrival": arrival,
        "departure": arrival + pd.Timedelta(hours=hours),
        "estimated_departure": arrival,
        "requested_kwh": asked,
        "delivered_kwh": given,
        "station_id": station,
        "session_id": name or f"{day}-{station}",
        "claimed": claimed,
    }


@pytest.mark.parametrize(
    ("fault", "odd"),
    [
        pytest.param("over_delivered", {"given": 10.5}, id="more than requested"),
        pytest.param("unclaimed", {"claimed": False}, id="no user"),
        pytest.param("nothing_requested", {"asked": 0.0, "given": 0.0}, id="no request"),
        pytest.param("backwards", {"hours": -1.0}, id="leaves before it comes"),
        pytest.param("too_powerful", {"hours": 0.1}, id="90 kW"),
        pytest.param("repeated", {"name": "0-a"}, id="id seen before"),
    ],
)
def test_only_the_odd_session_has_the_fault(rules, fault, odd):
    table = pd.DataFrame([session(0), session(1), session(2, **odd)])
    found = faults(table, rules.sessions)
    assert found[fault].tolist() == [False, False, True]
    assert [name for name, flags in found.items() if flags.any()] == [fault]


def test_two_cars_cannot_stand_on_one_station(rules):
    table = pd.DataFrame([session(0, hours=30), session(1), session(1, station="b")])
    assert faults(table, rules.sessions)["overlapping"].tolist() == [False, True, False]


def test_quiet_periods_of_two_weeks(rules):
    table = pd.DataFrame([session(day) for day in (0, 13, 27, 60)])
    assert quiet_periods(table, rules.sessions)["days"].tolist() == [14, 33]


def test_daily_coverage_counts_days_with_an_arrival():
    table = pd.DataFrame([session(day) for day in (0, 0, 1, 3)])
    assert daily_coverage(table).tolist() == [0.75]
