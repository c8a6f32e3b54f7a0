"""Inputs of the next hours: what is usual, what is known, and nothing else."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.demand import day_table
from lab.forecast.inputs import calendar_of
from lab.forecast.nowcast.inputs import COMMON, STEPS, NowcastInputs

ZONE = "Australia/Melbourne"


def made(table, day, hour, steps=48):
    row = int(table.start[table.position(day)]) + 2 * hour
    view = table.view_at(row, steps)
    return NowcastInputs()(view), view


def common(found, name):
    return float(found["common"][COMMON.index(name)])


def per_step(found, name):
    return found["steps"][:, STEPS.index(name)]


def test_shapes_and_names_agree(table):
    found, view = made(table, "2014-03-12", 10)
    names = NowcastInputs().names(view)
    assert found["common"].shape == (len(COMMON),)
    assert found["steps"].shape == (48, len(STEPS))
    assert found["days"].shape == (2, len(names) - len(COMMON) - len(STEPS))
    assert found["hour"] == 10
    assert len(set(names)) == len(names)
    assert all(np.isfinite(values).all() for values in found.values())


def test_the_base_is_the_mean_of_four_days_of_the_type(table):
    found, _ = made(table, "2014-03-12", 10)
    log = np.log(table.days["demand_mw"])
    today = [table.position(d) for d in ("2014-03-11", "2014-03-10", "2014-03-07", "2014-03-06")]
    np.testing.assert_allclose(found["base"][:28], log[today][:, 20:].mean(axis=0))
    with_today = [table.position("2014-03-12"), *today[:3]]
    np.testing.assert_allclose(found["base"][28:], log[with_today][:, :20].mean(axis=0))


def test_a_saturday_tomorrow_is_told_from_saturdays(table):
    found, _ = made(table, "2014-03-14", 20)
    four = [table.position(f"2014-{d}") for d in ("03-08", "03-01", "02-22", "02-15")]
    log = np.log(table.days["demand_mw"])[four].mean(axis=0)
    np.testing.assert_allclose(found["base"][8:], log[:40])


def test_deviations_are_from_the_usual_value(table):
    found, _ = made(table, "2014-03-12", 10)
    log = np.log(table.days["demand_mw"])
    number = table.position("2014-03-12")
    four = [table.position(d) for d in ("2014-03-11", "2014-03-10", "2014-03-07", "2014-03-06")]
    away = log[number, :20] - log[four].mean(axis=0)[:20]
    assert common(found, "deviation_last") == pytest.approx(away[-1], rel=1e-5)
    assert common(found, "deviation_last_1h") == pytest.approx(away[-2:].mean(), rel=1e-5)
    assert common(found, "deviation_last_6h") == pytest.approx(away[-12:].mean(), rel=1e-5)
    assert common(found, "deviation_change_30min") == pytest.approx(away[-1] - away[-2], rel=1e-4)
    lag = log[number - 1, 20:] - found["base"][:28]
    np.testing.assert_allclose(per_step(found, "lag_1d")[:28], lag, rtol=1e-4, atol=1e-6)
    lag = log[number - 7, 20:] - found["base"][:28]
    np.testing.assert_allclose(per_step(found, "lag_7d")[:28], lag, rtol=1e-4, atol=1e-6)
    # Tomorrow's first half-hours are a day after this morning's.
    np.testing.assert_allclose(per_step(found, "deviation_1d")[28:], away, rtol=1e-4, atol=1e-6)


def test_temperature_is_that_before_the_issue(table):
    found, _ = made(table, "2014-03-12", 10)
    warm = table.days["temperature_c"]
    number = table.position("2014-03-12")
    assert common(found, "temperature_now") == pytest.approx(warm[number, 19])
    change = warm[number, 19] - warm[number - 1, 19]
    assert common(found, "temperature_change_24h") == pytest.approx(change, abs=1e-5)
    moved = np.maximum(np.concatenate([warm[number - 1, 20:], warm[number, :20]]) + change - 20, 0)
    np.testing.assert_allclose(per_step(found, "cooling_moved"), moved, atol=1e-4)


def test_the_calendar_is_of_the_steps_own_day(table):
    found, view = made(table, "2014-03-14", 20)
    names = list(calendar_of(dict.fromkeys(view.start.future_days, 0.0), 0.0))
    friday, saturday = (dict(zip(names, row, strict=True)) for row in found["days"])
    assert (friday["weekday_4"], friday["yesterday_free"]) == (1.0, 0.0)
    assert (saturday["weekday_5"], saturday["weekday_4"]) == (1.0, 0.0)
    assert found["ahead"].tolist() == [0] * 8 + [1] * 40


@pytest.mark.parametrize("hour", [0, 1, 2, 3, 4, 23])
def test_hours_around_both_clock_changes_have_their_inputs(table, spring, hour):
    for one, day in ((table, "2014-04-06"), (spring, "2014-10-05")):
        rows = one.start[one.position(day) : one.position(day) + 2]
        row = min(int(rows[0]) + 2 * hour, int(rows[1]) - 2)
        found = NowcastInputs()(one.view_at(row, 48))
        assert np.isfinite(found["base"]).all()
        # A week before midnight lies beyond what is kept: filled as average by a model.
        known = np.isfinite(found["common"])
        assert known.sum() >= len(COMMON) - 1


def test_one_input_set_gives_the_same_whatever_it_saw_before(table):
    used, rows = NowcastInputs(), [int(table.start[80]) + 2 * k for k in (3, 9, 60, 9)]
    for row in rows:
        view = table.view_at(row, 48)
        fresh, again = NowcastInputs()(view), used(view)
        for name, values in fresh.items():
            np.testing.assert_array_equal(values, again[name])
    assert NowcastInputs() == used
    assert hash(NowcastInputs()) == hash(used)


def test_too_short_a_history_leaves_the_base_missing(table):
    found, _ = made(table, "2014-01-18", 5)
    assert np.isnan(found["base"]).all()
    assert np.isnan(common(found, "deviation_last"))
    assert np.isfinite(common(found, "temperature_now"))


def test_a_gap_before_the_issue_falls_back_on_what_is_known(frame):
    gappy = frame.copy()
    whole = day_table(frame, ZONE, set())
    row = int(whole.start[whole.position("2014-03-12")]) + 20
    gappy.loc[whole.index[row - 3 : row], "temperature_c"] = np.nan
    found = NowcastInputs()(day_table(gappy, ZONE, set()).view_at(row, 48))
    assert common(found, "temperature_now") == pytest.approx(whole.flat["temperature_c"][row - 4])


def test_a_horizon_beyond_tomorrow_is_refused(table):
    with pytest.raises(UsageError, match="ends on the day after its issue, got 96 steps"):
        made(table, "2014-03-12", 10, 96)
