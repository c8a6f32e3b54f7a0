from types import SimpleNamespace

import numpy as np
import pytest

from lab.errors import UsageError
from lab.solar import tomorrow
from lab.solar.indices import IndexInputs

CLEAR = np.array([0.0, 100.0, 200.0, 100.0, 0.0, 0.0])
SLOTS = len(CLEAR)


def view(index_of_days, missing=()):
    """A view of days whose power is an index times a clear day of six slots."""
    days = len(index_of_days)
    power = np.outer(index_of_days, CLEAR)
    for day in missing:
        power[day] = np.nan
    future = {n: np.zeros(SLOTS) for n in ("elevation", "azimuth", "year_sin", "year_cos")}
    return SimpleNamespace(
        past_days={
            "power_w": power,
            "clear_w": np.tile(CLEAR, (days, 1)),
            "temperature_c": np.full((days, SLOTS), np.arange(days)[:, None] * 1.0),
        },
        future_days=future | {"clear_w": CLEAR},
    )


def stacked(views, inputs):
    one = [inputs(v) for v in views]
    return {name: np.stack([o[name] for o in one]) for name in one[0]}


@pytest.mark.parametrize("by", ["slotwise", "daily"])
def test_smart_persistence_is_yesterdays_index_times_tomorrows_clear_power(by):
    model = tomorrow.SmartPersistence(by)
    data = stacked([view([0.9, 0.5])], model.inputs)
    found = model.fit(data, np.empty(0)).predict(data)
    assert found[0, :, 0] == pytest.approx(0.5 * CLEAR)


def test_slots_and_days_differ_when_the_day_does():
    day = view([1.0])
    day.past_days["power_w"][0] = [0, 0, 200, 100, 0, 0]
    by_slot = tomorrow.SmartPersistence("slotwise")
    by_day = tomorrow.SmartPersistence("daily")
    data = stacked([day], by_slot.inputs)
    assert by_slot.predict(data)[0, :, 0].tolist() == [0, 0, 200, 100, 0, 0]
    assert by_day.predict(data)[0, :, 0] == pytest.approx(0.75 * CLEAR)


def test_a_day_without_power_is_passed_over():
    model = tomorrow.SmartPersistence("daily")
    data = stacked([view([0.8, 0.3], missing=[1])], model.inputs)
    assert model.predict(data)[0, :, 0] == pytest.approx(0.8 * CLEAR)


def test_without_any_power_there_is_no_forecast_but_night_stays_zero():
    model = tomorrow.SmartPersistence("daily")
    data = stacked([view([0.8], missing=[0])], model.inputs)
    found = model.predict(data)[0, :, 0]
    assert np.isnan(found[1:4]).all()
    assert found[[0, 4, 5]].tolist() == [0, 0, 0]


def test_inputs_by_hand():
    inputs = IndexInputs("power_w", ("temperature_c",))
    one = view([0.2, 0.4, 0.6])
    found = dict(zip(inputs.names(one), inputs(one)["x"].T, strict=True))
    assert found["day_1"][0] == pytest.approx(0.6)
    assert found["day_2"][0] == pytest.approx(0.4)
    assert found["mean_2"][0] == pytest.approx(0.5)
    assert found["mean_28"][0] == pytest.approx(0.4)
    assert found["morning_1"][0] == pytest.approx(0.6)
    assert found["rough_1"][0] == pytest.approx(0)
    assert found["slot_28"] == pytest.approx(0.4)
    assert found["temperature_c_1"][0] == 2.0
    assert found["temperature_c_change"][0] == 1.0


def past(count=60, seed=5):
    random = np.random.default_rng(seed)
    index = np.clip(
        0.6 + 0.3 * np.sin(np.arange(count + 8)) + random.normal(0, 0.02, count + 8), 0, 1
    )
    views = [view(index[n : n + 8]) for n in range(count)]
    return views, np.outer(index[8:], CLEAR)


@pytest.mark.parametrize("kind", [tomorrow.IndexBlend, tomorrow.IndexTrees], ids=["blend", "trees"])
def test_models_learn_bounded_ascending_forecasts(kind):
    views, target = past()
    names = IndexInputs().names(views[0])
    model = kind(names)
    data = stacked(views, model.inputs)
    found = model.fit(data, target).predict(data)
    assert found.shape == (60, SLOTS, len(model.levels))
    assert (found >= 0).all() and (np.diff(found, axis=2) >= 0).all()
    assert (found[:, CLEAR == 0] == 0).all()
    error = np.abs(found[:, :, model.levels.index(0.5)] - target).mean()
    usual = np.abs(np.median(target, axis=0) - target).mean()
    assert error < 0.8 * usual


def test_blend_stays_usable_when_yesterday_is_missing():
    views, target = past()
    model = tomorrow.IndexBlend(IndexInputs().names(views[0]))
    model.fit(stacked(views, model.inputs), target)
    gap = stacked([view([0.5] * 8, missing=[7])], model.inputs)
    assert np.isfinite(model.predict(gap)).all()


def test_nothing_to_learn_from_is_one_sentence():
    views, target = past(3)
    model = tomorrow.IndexTrees(IndexInputs().names(views[0]))
    with pytest.raises(UsageError, match="got 3 days without any"):
        model.fit(stacked(views, model.inputs), target * np.nan)


def test_unknown_settings_are_refused():
    with pytest.raises(UsageError, match="slotwise or daily, got 'hourly'"):
        tomorrow.SmartPersistence("hourly")
    with pytest.raises(UsageError, match="at least 1, got 0 and 3"):
        tomorrow.IndexTrees([], trees=0)


def test_a_blend_refuses_what_it_does_not_know():
    with pytest.raises(UsageError, match="Unknown input 'moon'"):
        tomorrow.IndexBlend(list(tomorrow.BACK), columns=["moon"])
    with pytest.raises(UsageError, match="0 or more, got -1"):
        tomorrow.IndexBlend(list(tomorrow.BACK), penalty=-1)


def test_a_penalty_pulls_weights_to_zero_and_leaves_the_constant():
    views, target = past()
    names = IndexInputs().names(views[0])
    data = stacked(views, IndexInputs())
    free, held = (tomorrow.IndexBlend(names, penalty=p).fit(data, target) for p in (0.0, 1e6))
    assert np.abs(held.coef_[1:]).max() < 1e-3 < np.abs(free.coef_[1:]).max()
    assert held.coef_[0] == pytest.approx(np.median(target[:, 2] / CLEAR[2]), abs=0.1)


def test_power_is_clipped():
    index = np.array([[[-1.0], [9.0], [0.5]]])
    clear = np.array([[10.0, 10.0, 0.0]])
    assert tomorrow.power_of(index, clear)[0, :, 0].tolist() == [0.0, 15.0, 0.0]
