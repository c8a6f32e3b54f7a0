"""Sessions to hourly energy: conservation, the rule, clock changes and gaps."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError, UsageError
from lab.forecast import ev

ZONE = "America/Los_Angeles"


def sessions_of(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["arrival", "departure", "delivered_kwh"])
    for name in ("arrival", "departure"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame


def test_charges_at_once_until_delivered():
    one = sessions_of(("2019-05-01 08:30", "2019-05-01 18:00", 9.0))
    energy = ev.hourly_energy(one, power_kw=6.0)
    assert energy.loc["2019-05-01 08:00+00:00"] == pytest.approx(3.0)
    assert energy.loc["2019-05-01 09:00+00:00"] == pytest.approx(6.0)
    assert energy.iloc[2:].sum() == 0


def test_a_short_stay_raises_the_power():
    times = ev.charging_times(sessions_of(("2019-05-01 08:00", "2019-05-01 08:30", 9.0)), 6.0)
    assert times["power_kw"].item() == pytest.approx(18.0)
    assert times["end"].item() == pd.Timestamp("2019-05-01 08:30", tz="UTC")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 6000), st.integers(1, 3000), st.floats(0, 100)),
        min_size=1,
        max_size=8,
    )
)
def test_energy_is_conserved_and_never_charged_outside_the_stay(rows):
    start = pd.Timestamp("2019-11-02", tz="UTC")
    arrival = [start + pd.Timedelta(minutes=r[0]) for r in rows]
    departure = [a + pd.Timedelta(minutes=r[1]) for a, r in zip(arrival, rows, strict=True)]
    frame = pd.DataFrame(
        {"arrival": arrival, "departure": departure, "delivered_kwh": [r[2] for r in rows]}
    )
    times = ev.charging_times(frame, 6.6)
    assert (times["end"] <= frame["departure"]).all()
    energy = ev.hourly_energy(frame, 6.6)
    assert (energy >= 0).all()
    assert energy.sum() == pytest.approx(frame["delivered_kwh"].sum(), abs=1e-9)


def test_a_long_gap_is_missing_and_a_quiet_day_is_zero():
    frame = sessions_of(
        ("2019-05-01 20:00", "2019-05-01 23:00", 6.0),
        ("2019-05-03 20:00", "2019-05-03 23:00", 6.0),
        ("2019-06-01 20:00", "2019-06-01 23:00", 6.0),
    )
    windows = ev.observed_windows(frame["arrival"], ZONE, gap_days=14)
    assert windows["days"].tolist() == [3, 1]
    fleet = ev.fleet_energy(frame, ZONE, 6.0, 14)
    daily = fleet["energy_kwh"].tz_convert(ZONE).resample("D").sum(min_count=24)
    assert daily["2019-05-02"] == 0
    assert np.isnan(daily["2019-05-04":"2019-05-31"]).all()
    assert fleet["energy_kwh"].sum() == pytest.approx(18.0)
    assert (fleet["mean_power_kw"].dropna() == fleet["energy_kwh"].dropna()).all()


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param("2019-03-10", 23, id="spring"),
        pytest.param("2019-11-03", 25, id="autumn"),
        pytest.param("2019-07-01", 24, id="summer"),
    ],
)
def test_windows_are_whole_local_days(day, hours):
    noon = f"{day} 20:00"
    fleet = ev.fleet_energy(sessions_of((noon, f"{day} 22:00", 6.0)), ZONE, 6.0, 14)
    assert len(fleet) == hours
    assert fleet.index[0].tz_convert(ZONE) == pd.Timestamp(day, tz=ZONE)
    assert fleet["energy_kwh"].sum() == pytest.approx(6.0)


def test_what_is_charged_after_the_last_midnight_is_left_out():
    late = sessions_of(("2019-07-02 06:30", "2019-07-02 09:00", 6.0))
    assert ev.fleet_energy(late, ZONE, 6.0, 14)["energy_kwh"].sum() == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("frame", "power", "error", "words"),
    [
        pytest.param(
            sessions_of(("2019-05-01 08:00", "2019-05-01 09:00", 1.0)), 0.0, UsageError,
            "above 0 kW", id="no power",
        ),
        pytest.param(
            sessions_of(("2019-05-01 08:00", "2019-05-01 08:00", 1.0)), 6.0, DataError,
            "after its arrival", id="no stay",
        ),
        pytest.param(
            sessions_of(("2019-05-01 08:00", "2019-05-01 09:00", float("nan"))), 6.0, DataError,
            "number from 0 up", id="no energy",
        ),
        pytest.param(sessions_of(), 6.0, DataError, "empty table", id="no session"),
        pytest.param(
            sessions_of(("2019-05-01 08:00", "2019-05-01 09:00", 1.0)).drop(columns="departure"),
            6.0, DataError, "departure missing", id="no departure",
        ),
    ],
)  # fmt: skip
def test_refuses_what_no_rule_can_spread(frame, power, error, words):
    with pytest.raises(error, match=words):
        ev.hourly_energy(frame, power)


def test_the_recess_joins_the_public_holidays():
    free = ev.free_days("US", "CA", [2019], ["12-27"])
    assert {date(2019, 12, 27), date(2019, 11, 28), date(2019, 11, 29)} <= free


def test_the_day_table_knows_the_calendar_ahead_and_the_energy_not():
    index = pd.date_range("2019-07-01 07:00", periods=72, freq="h", tz="UTC", name="time")
    frame = pd.DataFrame({"energy_kwh": np.arange(72.0)}, index=index)
    table = ev.day_table(frame, ZONE, {date(2019, 7, 2)})
    view = table.view(1)
    assert view.future_days["holiday"][0] == 1
    assert "energy_kwh" not in view.future_days
