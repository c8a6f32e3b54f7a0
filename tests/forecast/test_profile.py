"""Inputs and models of series that may be zero: by hand, no leak, same bytes, bad files."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.backtest import Backtest
from lab.errors import DataError, UsageError
from lab.forecast import saving
from lab.forecast.adaptive import AdaptiveCalibration
from lab.forecast.ev import day_table
from lab.forecast.profile import (
    ProfileInputs,
    from_scale,
    mean_known,
    recent_level,
    to_scale,
    usable_rows,
    usual,
)
from lab.forecast.profile_intervals import calibrate_scaled, issue_levels
from lab.forecast.profile_linear import ProfileRidge
from lab.forecast.profile_trees import ProfileTrees

ZONE = "America/Los_Angeles"
DAYS = 110
BUILD = {
    "ridge": lambda **kw: ProfileRidge(alpha=10.0, **kw),
    "lightgbm": lambda **kw: ProfileTrees(trees=8, levels=(0.1, 0.5, 0.9), min_rows=10, **kw),
}


def fleet(factor: float = 1.0, noise_from: str | None = None) -> pd.DataFrame:
    """Working days with a morning peak, zero nights and weekends, a hole of three weeks."""
    index = pd.date_range("2019-08-01 07:00", periods=24 * DAYS, freq="h", tz="UTC", name="time")
    local = index.tz_convert(ZONE)
    rng = np.random.default_rng(5)
    shape = np.clip(8 - np.abs(np.asarray(local.hour) - 9.0), 0, None)
    work = np.asarray(local.day_of_week) < 5
    energy = factor * shape * work * rng.uniform(0.7, 1.3, len(index))
    energy[(index >= "2019-08-20") & (index < "2019-08-24")] = np.nan
    frame = pd.DataFrame({"energy_kwh": energy}, index=index)
    if noise_from is not None:
        later = np.asarray(index >= pd.Timestamp(noise_from, tz=ZONE))
        frame.loc[later, "energy_kwh"] = rng.uniform(0, 99, later.sum())
    return frame


def swap(old: str, new: str):
    return lambda text: text.replace(old, new, 1)


@pytest.fixture(scope="module")
def table():
    return day_table(fleet(), ZONE, set())


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_scale_and_back(value, level):
    there = to_scale(np.array([value]), level)
    assert from_scale(there, level, -np.inf)[0] == pytest.approx(value, abs=1e-6 + 1e-9 * level)


def test_the_way_back_never_goes_below_the_least():
    assert from_scale(np.array([-2.0, 2.0]), 1.0).tolist() == [0.0, 4.0]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param([[2.0, np.nan], [4.0, 0.0]], 2.0, id="holes are passed over"),
        pytest.param([[0.0, 0.0]], 1.0, id="all zero counts as one"),
        pytest.param([[np.nan, np.nan]], np.nan, id="nothing known"),
        pytest.param([[900.0]] + [[1.0]] * 28, 1.0, id="28 days only"),
    ],
)
def test_recent_level(days, expected):
    assert recent_level(np.array(days)) == pytest.approx(expected, nan_ok=True)


def test_usual_skips_days_without_values_and_other_types():
    days = np.array([[1.0], [9.0], [3.0], [np.nan]])
    assert usual(days, np.array([0, 1, 0, 0]), 0, 2).tolist() == [2.0]
    assert np.isnan(usual(days, np.array([0, 1, 0, 0]), 2, 2)).all()


def test_mean_known():
    found = mean_known(np.array([[1.0, np.nan], [3.0, np.nan]]))
    assert found[0] == 2.0
    assert np.isnan(found[1])


def test_a_fit_needs_one_known_value():
    with pytest.raises(UsageError, match="at least one measured value"):
        usable_rows(np.full((3, 2), np.nan), np.ones((3, 2)))


@pytest.mark.parametrize("lead", [1, 2, 3, 8])
def test_weekly_lags_are_the_target_days_own_weekday(table, lead):
    number = 90
    view = table.view(number, lead)
    inputs = ProfileInputs(year=False)
    made = inputs(view)
    names = inputs.names(view)
    back = 7 * -(-lead // 7)
    level = made["level"][0]
    expected = to_scale(table.days["energy_kwh"][number - back], level) - made["base"]
    assert made["x"][:, names.index("week_1")] == pytest.approx(expected, nan_ok=True)
    issue = to_scale(table.days["energy_kwh"][number - lead], level) - made["base"]
    assert made["x"][:, names.index("day_1")] == pytest.approx(issue, nan_ok=True)


def test_inputs_do_not_depend_on_the_unit(table):
    other = day_table(fleet(factor=1000.0), ZONE, set())
    made, same = (ProfileInputs()(t.view(90)) for t in (table, other))
    assert made["x"] == pytest.approx(same["x"], nan_ok=True)
    assert same["level"][0] == pytest.approx(1000 * made["level"][0])


def test_first_days_give_missing_inputs_not_errors(table):
    made = ProfileInputs()(table.view(1))
    assert made["x"].shape == (24, len(ProfileInputs().names(table.view(1))))


def test_inputs_are_equal_by_value_so_that_a_backtest_makes_them_once():
    assert ProfileInputs("a") == ProfileInputs("a")
    assert hash(ProfileInputs("a", False)) != hash(ProfileInputs("a", True))


@pytest.mark.parametrize("name", BUILD)
@pytest.mark.parametrize("lead", [1, 3])
def test_nothing_after_the_issue_moves_a_forecast(name, lead):
    noisy = day_table(fleet(noise_from="2019-11-10"), ZONE, set())
    clean = day_table(fleet(), ZONE, set())
    seen = []
    for one in (clean, noisy):
        run = Backtest(one, "2019-11-10", "2019-11-12", lead_days=lead).run(BUILD[name]())
        issued = np.asarray(run.forecasts.issued_at <= pd.Timestamp("2019-11-10", tz=ZONE))
        seen.append(run.forecasts.values[issued])
    assert len(seen[0]) >= 24
    assert np.array_equal(seen[0], seen[1])


@pytest.mark.parametrize("name", BUILD)
def test_learns_the_week_and_stays_at_zero_when_closed(table, name):
    run = Backtest(table, "2019-10-28", "2019-11-10").run(BUILD[name]())
    median, local = run.forecasts.median, run.forecasts.valid_at.tz_convert(ZONE)
    assert (run.forecasts.values >= 0).all()
    assert median[np.asarray(local.day_of_week) >= 5].max() < 0.1
    peak = np.asarray((local.day_of_week < 5) & (local.hour == 9))
    assert median[peak].mean() == pytest.approx(8, rel=0.15)


@pytest.mark.parametrize("name", BUILD)
def test_same_bytes_after_loading(table, name, tmp_path):
    period = Backtest(table, "2019-10-28", "2019-11-10")
    model = BUILD[name]()
    before = period.run(model).forecasts.values
    path = saving.save(model, tmp_path / "model.json")
    again = saving.load(path)
    inputs = [model.inputs(table.view(d)) for d in range(period.first, period.last + 1)]
    stacked = {key: np.stack([one[key] for one in inputs]) for key in inputs[0]}
    assert again.predict(stacked).tobytes() == model.predict(stacked).tobytes()
    assert np.isfinite(before).all()
    assert saving.save(again, tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", BUILD)
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(swap('"version": 2', '"version": 9'), "version 9", id="version"),
        pytest.param(swap("lab.model", "other"), "no format", id="format"),
        pytest.param(swap('"kind": "Profile', '"kind": "X'), "of kind 'X", id="kind"),
        pytest.param(lambda t: t[: len(t) // 2], "must be JSON", id="cut"),
        pytest.param(lambda t: "no model", "must be JSON", id="text"),
    ],
)  # fmt: skip
def test_refuses_other_files(table, name, spoil, words, tmp_path):
    model = BUILD[name]()
    Backtest(table, "2019-11-09", "2019-11-10").run(model)
    path = saving.save(model, tmp_path / "model.json")
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DataError, match=words):
        saving.load(path)


def test_no_lowest_value_survives_the_file(table, tmp_path):
    model = ProfileRidge(least=-np.inf)
    Backtest(table, "2019-11-09", "2019-11-10").run(model)
    path = saving.save(model, tmp_path / "ridge.json")
    assert json.loads(path.read_text(encoding="utf-8"))["settings"]["least"] is None
    assert saving.load(path).least == -np.inf


def test_a_slot_without_any_value_is_forecast_by_its_usual(table):
    model = ProfileRidge(neighbours=0)
    inputs = {"x": np.ones((4, 2, 3)), "base": np.ones((4, 2)), "level": np.ones((4, 1))}
    target = np.column_stack([np.full(4, 4.0), np.full(4, np.nan)])
    found = model.fit(inputs, target).predict(inputs)[:, :, 0]
    assert found[0] == pytest.approx([4.0, 1.0])


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: ProfileRidge(alpha=0), id="penalty"),
        pytest.param(lambda: ProfileRidge(neighbours=-1), id="neighbours"),
        pytest.param(lambda: ProfileTrees(trees=0), id="trees"),
        pytest.param(lambda: ProfileTrees(levels=(0.1, 0.9)), id="no median"),
    ],
)
def test_refuses_impossible_settings(make):
    with pytest.raises(UsageError, match="must"):
        make()


@pytest.mark.parametrize("lead", [1, 3])
def test_intervals_hold_and_never_go_below_zero(table, lead):
    period = Backtest(table, "2019-09-20", "2019-11-10", lead_days=lead)
    forecasts = period.run(ProfileRidge(alpha=10.0)).forecasts
    level = issue_levels(table, forecasts, lead)
    assert level[0] == recent_level(table.view(period.first, lead).past_days["energy_kwh"])
    how = AdaptiveCalibration(min_days=20)
    found = calibrate_scaled(forecasts, period.actual(), how, level)
    assert found.median == pytest.approx(forecasts.median)
    late = found.day >= 30
    assert (found.values[late] >= 0).all()
    assert (np.diff(found.values[late], axis=1) >= 0).all()
    inside = (period.actual() >= found.values[:, 2]) & (period.actual() <= found.values[:, 6])
    assert inside[late].mean() > 0.7


def test_intervals_need_a_level_for_each_row(table):
    period = Backtest(table, "2019-11-01", "2019-11-03")
    forecasts = period.run(ProfileRidge()).forecasts
    with pytest.raises(UsageError, match="needs its level"):
        calibrate_scaled(forecasts, period.actual(), AdaptiveCalibration(), np.ones(3))


def test_contributions_add_up_to_the_deviation(table):
    period = Backtest(table, "2019-11-09", "2019-11-10")
    model = BUILD["lightgbm"]()
    period.run(model)
    inputs = period.inputs(model, period.first, period.last + 1)
    found = model.contributions(inputs)
    booster = model.boosters_[model.levels.index(0.5)]
    names = model.inputs.names(table.view(period.first))
    assert found.shape == (2, 24, len(names) + 2)
    x = inputs["x"]
    slot = np.broadcast_to(np.arange(24)[None, :, None], (2, 24, 1))
    rows = np.concatenate([x, slot], axis=2).reshape(48, -1)
    assert found.sum(axis=2).ravel() == pytest.approx(booster.predict(rows), abs=1e-6)
