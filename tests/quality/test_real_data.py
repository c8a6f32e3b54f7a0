"""The defects that are known of the project's tables, found without knowing their names."""

import pandas as pd
import pytest


def stamp(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def test_two_meters_freeze_together_in_march(measured):
    group = measured.of("be_meters", "frozen_together").sort_values("start").iloc[0]
    assert set(group["column"].split(", ")) == {"meter_81fb_w", "meter_156e_w"}
    assert (group["start"], group["end"]) == (stamp("2016-03-17 09:00"), stamp("2016-03-31 16:00"))
    assert group["hours"] == 343


def test_three_meters_freeze_together_from_august_to_october(measured):
    group = measured.of("be_meters", "frozen_together").sort_values("start").iloc[1]
    assert set(group["column"].split(", ")) == {"meter_c1a7_w", "meter_0668_w", "meter_8520_w"}
    assert (group["start"], group["hours"]) == (stamp("2016-08-15 07:00"), 1322)


def test_a_stuck_run_of_245_hours_in_october(measured):
    runs = measured.of("be_meters", "stuck")
    (run,) = runs[runs["column"] == "meter_214e_w"].itertuples()
    assert (run.start, run.hours) == (stamp("2016-10-08 13:00"), 245)


def test_one_meter_is_frozen_27_per_cent_of_the_year(measured):
    runs = measured.of("be_meters", "stuck")
    hours = runs.loc[runs["column"] == "meter_8520_w", "hours"].sum()
    assert hours / len(measured.table("be_meters")) == pytest.approx(0.27, abs=0.005)


def test_only_the_meters_that_stop_are_called_stuck(measured):
    stopped = set(measured.of("be_meters", "stuck")["column"])
    ids = ["1a1d", "4d23", "81fb", "156e", "c1a7", "0668", "8520", "214e"]
    assert stopped == {f"meter_{name}_w" for name in ids}


def test_dead_and_weak_pv(measured):
    assert list(measured.of("california_homes", "dead")["column"]) == ["home_15_pv_w_per_kw"]
    assert list(measured.of("california_homes", "weak")["column"]) == ["home_14_pv_w_per_kw"]


def test_pv_silent_for_the_first_eight_days_of_august(measured):
    (silent,) = measured.of("california_homes", "silent_days").itertuples()
    assert silent.column == "home_7_pv_w_per_kw"
    assert silent.hours == 8 * 24
    assert "2016-08-01 to 2016-08-08" in silent.detail


def test_near_copies_of_pv(measured):
    groups = {
        tuple(c.split(", ")) for c in measured.of("california_homes", "near_copies")["column"]
    }
    homes = [(2, 3, 4, 9), (5, 6)]
    assert groups == {tuple(f"home_{n}_pv_w_per_kw" for n in group) for group in homes}


@pytest.mark.parametrize(
    ("home", "share", "night", "day"),
    [
        pytest.param(12, 51.9, 98, 4, id="half of all hours, by night"),
        pytest.param(15, 49.8, 92, 6, id="half of all hours, mostly by night"),
        pytest.param(7, 12.9, 22, 4, id="22 per cent of nights"),
        pytest.param(14, 10.7, 0, 22, id="only by day"),
    ],
)
def test_loads_of_exactly_zero(measured, home, share, night, day):
    empty = measured.of("california_homes", "zero_load").set_index("column")["detail"]
    assert len(empty) == 4
    assert (
        f"{share} % of all samples: {night} % by night, {day} % by day"
        in (empty[f"home_{home}_load_kwh"])
    )


def test_loads_that_are_somebodys_production(measured):
    columns = set(measured.of("california_homes", "sun_like_load")["column"])
    assert columns == {"home_12_load_kwh", "home_15_load_kwh"}


def test_homes_and_weather_keep_different_clocks(measured):
    (shift,) = measured.of("california_homes", "clock_shift").itertuples()
    assert "comes 46 min later" in shift.detail


def test_a_diffuse_irradiance_that_cannot_be_diffuse(measured):
    (wrong,) = measured.of("california_homes", "impossible").itertuples()
    assert (wrong.column, wrong.samples) == ("diffuse_w_per_m2", 610)


def test_half_hours_without_power(measured):
    (missing,) = measured.of("pv_nrel", "missing_values").itertuples()
    assert (missing.column, missing.samples) == ("power_w", 1437)


def test_power_before_sunrise(measured):
    (dark,) = measured.of("pv_nrel", "dark_power").itertuples()
    assert dark.samples == 213
    assert "213 before sunrise, 0 after sunset" in dark.detail


def test_a_temperature_cut_off_at_zero(measured):
    (clipped,) = measured.of("pv_nrel", "clipped").itertuples()
    assert clipped.column == "temperature_c"
    assert measured.of("pv_nrel", "long_rest").empty


def test_charging_sessions(measured):
    found = measured.findings("ev_sessions").set_index("check")["samples"]
    assert found["over_delivered"] == 1994
    assert found["unclaimed"] == 2060


def test_gaps_between_the_windows_of_the_charging_sessions(measured):
    quiet = measured.of("ev_sessions", "quiet_period")
    assert [f"{row.start:%Y-%m} {row.end:%Y-%m}" for row in quiet.itertuples()] == [
        "2020-01 2020-02",
        "2020-05 2021-05",
    ]


def test_the_texan_winter_is_flagged_as_a_note(measured):
    found = measured.of("ercot_prices", "outliers")
    hub = found[found["column"] == "price_hub_usd_per_mwh"].iloc[0]
    assert hub["severity"] == "note"
    assert hub["samples"] > 150


@pytest.mark.parametrize("name", ["vic_demand", "be_weather", "caiso_carbon", "be_house_minute"])
def test_clean_tables_raise_no_errors_and_hardly_a_flag(measured, name):
    found = measured.findings(name)
    assert found[found["severity"] == "error"].empty
    assert (found["severity"] == "warning").sum() <= 1
    values = measured.table(name).select_dtypes("number").size
    assert found["samples"].sum() < 0.001 * values


def test_weather_lacks_one_day_of_light(measured):
    (rest,) = measured.of("be_weather", "long_rest").itertuples()
    assert (rest.column, rest.hours) == ("ghi_w_per_m2", 32)


def test_both_markets_share_their_forecasts(measured):
    groups = sorted(measured.of("prices_fr_be", "near_copies")["column"])
    assert groups == [
        "be_generation_forecast_mw, fr_generation_forecast_mw",
        "be_load_forecast_mw, fr_load_forecast_mw",
    ]
