from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab.quality.siblings import is_alike, near_copies, silent_days, weak_columns, yields


@pytest.fixture
def panels(hourly) -> pd.DataFrame:
    """Six PV systems under one sky, each with clouds of its own."""
    rng = np.random.default_rng(1)
    sun = np.clip(np.sin((hourly.hour - 6) / 12 * np.pi), 0, None)
    return pd.DataFrame(
        {f"home_{n}_pv_w_per_kw": 800 * sun * rng.uniform(0.7, 1, len(hourly)) for n in range(6)},
        index=hourly,
    )


def test_copies_are_grouped_and_others_left_alone(rules, panels):
    panels["home_7_pv_w_per_kw"] = 0.9 * panels["home_2_pv_w_per_kw"]
    panels["home_8_pv_w_per_kw"] = 1.2 * panels["home_2_pv_w_per_kw"] + 1e-3
    ((group, weakest),) = near_copies(panels, rules.siblings)
    assert group == [f"home_{n}_pv_w_per_kw" for n in (2, 7, 8)]
    assert weakest == pytest.approx(1)


def test_one_common_spike_makes_no_copies(rules, panels):
    panels.iloc[500] = 1e6
    assert near_copies(panels, rules.siblings) == []


def test_constant_and_empty_columns_are_nobodys_copy(rules, panels):
    panels["a"], panels["b"], panels["c"] = 1.0, 1.0, np.nan
    assert near_copies(panels, rules.siblings) == []


def test_a_weak_and_a_dead_system_stand_out(rules, panels):
    panels["home_2_pv_w_per_kw"] *= 0.3
    panels["home_4_pv_w_per_kw"] *= 0.01
    share = weak_columns(panels, rules.siblings)
    assert list(share.index) == ["home_2_pv_w_per_kw", "home_4_pv_w_per_kw"]
    assert share["home_4_pv_w_per_kw"] < rules.siblings.dead_share < share["home_2_pv_w_per_kw"]


def test_households_differ_by_nature(rules, hourly):
    levels = [100, 200, 400, 800, 1600, 3200]
    homes = pd.DataFrame({f"meter_{n}_w": float(w) for n, w in enumerate(levels)}, hourly)
    assert weak_columns(homes, rules.siblings).empty
    assert yields(homes).iloc[0] == pytest.approx(1 / 6)


def test_small_or_silent_families_are_not_judged(rules, panels):
    assert weak_columns(panels.iloc[:, :3] * [1, 1, 0.1], rules.siblings).empty
    assert weak_columns(panels * 0, rules.siblings).empty
    assert not is_alike(panels.iloc[:, :3], rules.siblings)


def test_pv_systems_are_alike_and_independent_noise_is_not(rules, panels):
    noise = np.random.default_rng(2).random(panels.shape)
    assert is_alike(panels, rules.siblings)
    assert not is_alike(pd.DataFrame(noise, panels.index), rules.siblings)


def test_silent_days_are_found_across_a_clock_change(rules, panels):
    zone = "Europe/Brussels"
    local = panels.index.tz_convert(zone)
    days = pd.Series(local.date, panels.index)
    out = days.between(date(2021, 3, 27), date(2021, 3, 29))
    panels.loc[out, "home_3_pv_w_per_kw"] = 0
    (row,) = silent_days(panels, zone, rules.siblings).itertuples()
    assert (row.column, row.days) == ("home_3_pv_w_per_kw", 3)
    assert (row.first_day, row.last_day) == (date(2021, 3, 27), date(2021, 3, 29))


def test_one_silent_day_or_dark_days_for_all_are_no_fault(rules, panels):
    panels.loc["2021-03-10", "home_3_pv_w_per_kw"] = 0
    panels.loc["2021-03-20":"2021-03-24"] = 0
    assert silent_days(panels, "UTC", rules.siblings).empty
