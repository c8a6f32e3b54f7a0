"""Ridge and trees of the next hours: what they learn, refuse, and keep in files."""

import json

import numpy as np
import pytest

from lab.errors import DataError, UsageError
from lab.forecast.nowcast import saving
from lab.forecast.nowcast.linear import HOURS, NowcastRidge, assembled
from lab.forecast.nowcast.rules import NowcastRule
from lab.forecast.nowcast.trees import NowcastTrees

BUILD = {
    "ridge": lambda: NowcastRidge(10.0),
    "lightgbm": lambda: NowcastTrees(5, 4),
    "three levels": lambda: NowcastTrees(5, 4, levels=(0.1, 0.5, 0.9)),
    "yesterday": lambda: NowcastRule("yesterday"),
}


def simulated(issues=480, steps=4, seed=0):
    """Inputs whose true deviation is 0.5 and 0.25 of the first common input, by day."""
    rng = np.random.default_rng(seed)
    last = rng.normal(0, 0.1, issues).astype(np.float32)
    inputs = {
        "common": np.stack([last, np.full(issues, 3.0, np.float32)], axis=1),
        "steps": rng.normal(size=(issues, steps, 1)).astype(np.float32),
        "days": np.zeros((issues, 2, 1), np.float32),
        "ahead": np.zeros((issues, steps), int),
        "base": np.full((issues, steps), np.log(1000.0)),
        "hour": np.arange(issues) % HOURS,
    }
    kept = np.where(inputs["hour"][:, None] < 12, 0.5, 0.25)
    return inputs, 1000 * np.exp(kept * last[:, None] * np.ones(steps))


def test_ridge_finds_the_relation_of_each_hour():
    inputs, target = simulated()
    model = NowcastRidge(0.01).fit(inputs, target)
    np.testing.assert_allclose(model.predict(inputs)[:, :, 0], target, rtol=1e-3)
    slope = model.coef_[:, :, 0] / model.scale_[:, 0]
    np.testing.assert_allclose(slope[:12], 0.5, atol=0.01)
    np.testing.assert_allclose(slope[12:], 0.25, atol=0.01)
    # A constant input has no spread to be measured in, and no weight.
    assert (model.scale_[:, 1] == 1).all()
    assert (np.abs(model.coef_[:, :, 1]) < 1e-6).all()


def test_neighbouring_hours_are_learnt_from_around_midnight():
    inputs, target = simulated()
    late = {**inputs, "hour": np.where(inputs["hour"] == 0, 1, inputs["hour"])}
    alone = NowcastRidge(0.01).fit(late, target)
    assert (alone.coef_[0] == 0).all()
    assert (NowcastRidge(0.01, neighbours=1).fit(late, target).coef_[0] != 0).any()


def test_an_hour_never_seen_forecasts_the_usual_value():
    inputs, target = simulated()
    rows = inputs["hour"] != 5
    model = NowcastRidge().fit({n: v[rows] for n, v in inputs.items()}, target[rows])
    found = model.predict({n: v[~rows] for n, v in inputs.items()})
    np.testing.assert_allclose(found, 1000.0)


@pytest.mark.parametrize("name", ["ridge", "lightgbm"])
def test_missing_inputs_and_targets_cost_no_forecast(name):
    inputs, target = simulated()
    inputs["common"][::7, 0] = np.nan
    inputs["steps"][::5, 2] = np.nan
    target[::11, 1] = np.nan
    inputs["base"][3] = np.nan
    found = BUILD[name]().fit(inputs, target).predict(inputs)[:, :, 0]
    assert np.isnan(found[3]).all()
    assert np.isfinite(np.delete(found, 3, axis=0)).all()


def test_levels_of_trees_ascend_around_the_same_median():
    inputs, target = simulated()
    found = BUILD["three levels"]().fit(inputs, target).predict(inputs)
    alone = BUILD["lightgbm"]().fit(inputs, target).predict(inputs)
    assert found.shape == (*target.shape, 3)
    assert (np.diff(found, axis=2) >= 0).all()
    assert (found[:, :, 0] < found[:, :, 2]).any()
    assert found[:, :, 1].tobytes() == alone[:, :, 0].tobytes()


@pytest.mark.parametrize("name", ["ridge", "lightgbm"])
def test_nothing_to_learn_from_is_refused(name):
    inputs, target = simulated()
    with pytest.raises(UsageError, match="at least one .* got 480 issues"):
        BUILD[name]().fit(inputs, np.full_like(target, np.nan))


def test_trees_learn_what_the_straight_part_leaves():
    inputs, target = simulated(2400)
    model = NowcastTrees(60, 8, row_share=1.0, input_share=1.0).fit(inputs, target)
    np.testing.assert_allclose(model.kept_, 0.375, atol=0.02)
    straight = 1000 * np.exp(model.kept_ * inputs["common"][:, :1])
    errors = [np.abs(f - target).mean() for f in (model.predict(inputs)[:, :, 0], straight)]
    assert errors[0] < 0.3 * errors[1]


def test_trees_draw_their_share_and_repeat_themselves():
    inputs, target = simulated()
    first, second = (NowcastTrees(3, 4).fit(inputs, target) for _ in range(2))
    assert first.predict(inputs).tobytes() == second.predict(inputs).tobytes()
    one = NowcastTrees(3, 4, row_share=1e-6).fit(inputs, target)
    assert np.isfinite(one.predict(inputs)).all()


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: NowcastRidge(0.0), "alpha must be above 0 .* got 0.0"),
        (lambda: NowcastRidge(1.0, 12), "neighbours from 0 to 11, got 1.0 and 12"),
        (lambda: NowcastTrees(0), "at least 1 round, 2 leaves"),
        (lambda: NowcastTrees(row_share=0.0), "shares above 0 up to 1"),
        (lambda: NowcastTrees(input_share=1.5), "shares above 0 up to 1"),
    ],
    ids=["alpha", "neighbours", "rounds", "rows", "inputs"],
)
def test_impossible_settings_are_refused(build, words):
    with pytest.raises(UsageError, match=words):
        build()


def test_inputs_are_laid_out_by_step_and_day():
    inputs, _ = simulated(3, 2)
    inputs["days"][:, 1] = 7.0
    inputs["ahead"][:, 1] = 1
    found = assembled(inputs, np.array([2, 0]))
    assert found.shape == (2, 2, 4)
    assert found[:, :, 3].tolist() == [[0.0, 7.0], [0.0, 7.0]]
    assert found[0, :, 0].tolist() == [inputs["common"][2, 0]] * 2
    assert found[1, :, 2].tolist() == inputs["steps"][0, :, 0].tolist()


@pytest.mark.parametrize("name", BUILD)
def test_same_model_same_bytes_same_forecasts(period, name, tmp_path):
    model, again = BUILD[name](), BUILD[name]()
    run = period.run(model, window_days=25)
    period.run(again, window_days=25)
    first = saving.save(model, tmp_path / "a.json")
    assert saving.save(again, tmp_path / "b.json").read_bytes() == first.read_bytes()
    loaded = saving.load(first)
    assert saving.save(loaded, tmp_path / "c.json").read_bytes() == first.read_bytes()
    views = [model.inputs(period.view(issue)) for issue in (0, 30)]
    inputs = {key: np.stack([view[key] for view in views]) for key in views[0]}
    values = model.predict(inputs)
    assert loaded.predict(inputs).tobytes() == values.tobytes()
    stored = run.forecasts.median.reshape(-1, 48)[[0, 30]]
    median = values[:, :, model.levels.index(0.5)]
    np.testing.assert_allclose(median, stored, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 9}, "has version 9"),
        ({"kind": "Oracle"}, "kind 'Oracle'; this version reads NowcastRule"),
        ({"arrays": {}}, "not a complete NowcastRidge"),
        ({"arrays": {"coef_": {"shape": [9], "float32": "AAAA"}}}, "not a complete NowcastRidge"),
    ],
    ids=["version", "kind", "incomplete", "cut"],
)
def test_foreign_files_are_refused(tmp_path, change, words):
    inputs, target = simulated()
    path = saving.save(NowcastRidge().fit(inputs, target), tmp_path / "ridge.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=words):
        saving.load(path)


def test_another_kind_is_not_saved(tmp_path):
    with pytest.raises(UsageError, match="type dict cannot be saved"):
        saving.save({}, tmp_path / "x.json")


def test_contributions_of_the_trees_add_up_to_what_they_add():
    inputs, target = simulated()
    inputs["common"][:, 1] += inputs["steps"][:, 0, 0]
    model = NowcastTrees(20, 8, row_share=1.0).fit(inputs, target * np.exp(inputs["steps"][..., 0]))
    for step in (0, 3):
        found = model.contributions(inputs, step)
        assert found.shape == (480, 2 + 1 + 1 + 2 + 1)
        linear = inputs["base"][:, step] + inputs["common"][:, 0] * model.kept_[step]
        forecast = np.log(model.predict(inputs)[:, step, 0])
        np.testing.assert_allclose(found.sum(axis=1), forecast - linear, atol=1e-6)
        # The step's own input makes the difference here.
        assert np.abs(found[:, :-1]).mean(axis=0).argmax() == 2
