import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.quality.examine import faulty_cells
from lab.quality.repair import from_earlier_days, hold, repair_table


def blanks(noise: pd.Series, first: int, samples: int) -> dict[str, np.ndarray]:
    flags = np.zeros(len(noise), dtype=bool)
    flags[first : first + samples] = True
    return {"load_kw": flags}


def test_two_hours_hold_the_last_value(rules, noise):
    result = repair_table(noise.to_frame(), blanks(noise, 100, 2), rules.repair)
    assert result.table["load_kw"].iloc[100:102].tolist() == [noise.iloc[99]] * 2
    (count,) = result.counts.itertuples(index=False)
    assert tuple(count) == ("load_kw", 0, 2, 2, 0, 0)


def test_longer_holes_take_the_same_hour_of_the_last_weeks(rules, noise):
    result = repair_table(noise.to_frame(), blanks(noise, 900, 10), rules.repair)
    week = 7 * 24
    expected = np.mean([noise.iloc[903 - back * week] for back in (1, 2, 3, 4)])
    assert result.table["load_kw"].iloc[903] == pytest.approx(expected)


def test_pv_takes_the_last_days_and_is_never_held(rules, noise):
    panel = noise.rename("home_1_pv_w_per_kw").to_frame()
    panel.iloc[900] = np.nan
    result = repair_table(panel, {}, rules.repair)
    expected = np.mean([noise.iloc[900 - back * 24] for back in (1, 2, 3, 4)])
    assert result.table.iloc[900, 0] == pytest.approx(expected)
    assert result.counts["held"].tolist() == [0]


def test_holes_of_more_than_three_days_stay_empty(rules, noise):
    result = repair_table(noise.to_frame(), blanks(noise, 900, 73), rules.repair)
    assert result.table["load_kw"].isna().sum() == 73
    assert list(result.table) == ["load_kw"]


def test_holes_without_a_past_stay_empty(rules, noise):
    result = repair_table(noise.to_frame(), blanks(noise, 0, 10), rules.repair)
    assert result.table["load_kw"].isna().sum() == 10


def test_the_week_before_is_looked_up_on_the_wall_clock(rules, hourly):
    wall = pd.Series(hourly.tz_convert("Europe/Brussels").hour.astype(float), hourly)
    hole = wall.copy()
    after = (hourly >= "2021-03-29") & (hourly < "2021-03-30")
    hole[after] = np.nan
    filled = from_earlier_days(hole, rules.repair, zone="Europe/Brussels")
    assert filled.tolist() == wall[after].tolist()


def test_whole_tables_pass_unchanged(rules, noise):
    table = noise.to_frame().assign(holiday=False, site="a")
    result = repair_table(table, {}, rules.repair)
    pd.testing.assert_frame_equal(result.table, table)
    assert result.counts.empty


def test_victorias_clean_table_is_the_raw_one(rules, measured):
    table = measured.table("vic_demand")
    faulty = faulty_cells("vic_demand", table, rules)
    pd.testing.assert_frame_equal(
        repair_table(table, faulty, rules.repair, "vic_demand").table, table, check_exact=True
    )


def test_frozen_meters_are_blanked_and_counted(rules, measured):
    table = measured.table("be_meters")
    result = repair_table(table, faulty_cells("be_meters", table, rules), rules.repair)
    counts = result.counts.set_index("column")
    assert counts.loc["meter_81fb_w", ["blanked", "left_missing"]].tolist() == [344, 344]
    assert (
        result.table["meter_8520_w_imputed"].sum()
        == counts.loc["meter_8520_w", "from_earlier_days"]
    )
    assert "meter_81fb_w_imputed" not in result.table


holes = st.lists(st.tuples(st.integers(0, 1400), st.integers(1, 100)), max_size=6)


@settings(max_examples=40, deadline=None)
@given(holes=holes, seed=st.integers(0, 100))
def test_only_marked_cells_change(rules, holes, seed):
    stamps = pd.date_range("2021-03-01", periods=1440, freq="h", tz="UTC", name="time")
    before = pd.DataFrame({"load_kw": np.random.default_rng(seed).random(1440)}, stamps)
    for start, length in holes:
        before.iloc[start : start + length] = np.nan
    result = repair_table(before, {}, rules.repair).table
    marked = result.get("load_kw_imputed", pd.Series(False, stamps))
    pd.testing.assert_series_equal(result["load_kw"][~marked], before["load_kw"][~marked])
    assert before["load_kw"][marked].isna().all()
    assert result["load_kw"][marked].notna().all()


@settings(max_examples=40, deadline=None)
@given(holes=holes, cut=st.integers(1, 1439))
def test_no_fill_comes_from_the_future(rules, holes, cut):
    stamps = pd.date_range("2021-03-01", periods=1440, freq="h", tz="UTC")
    values = pd.Series(np.random.default_rng(1).random(1440), stamps)
    for start, length in holes:
        values.iloc[start : start + length] = np.nan
    other = values.copy()
    other.iloc[cut:] = other.iloc[cut:] + 1000
    for fill in (lambda x: hold(x, 2), lambda x: from_earlier_days(x, rules.repair)):
        old, new = fill(values), fill(other)
        pd.testing.assert_series_equal(old[: stamps[cut - 1]], new[: stamps[cut - 1]])
