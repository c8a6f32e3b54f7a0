"""Model files: same bytes, same forecasts, nothing foreign is read."""

import json
import zipfile

import numpy as np
import pytest

from lab.backtest import Backtest
from lab.errors import DataError, UsageError
from lab.forecast import saving
from lab.forecast.kernel import KernelRidge
from lab.forecast.lightgbm import LightGBM
from lab.forecast.linear import Ridge
from lab.forecast.naive import Naive
from lab.forecast.networks.lstm import Lstm
from lab.forecast.prophet import Prophet
from lab.forecast.trees import XGBoost

BUILD = {
    "last_week": lambda: Naive("last_week"),
    "ridge": Ridge,
    "seasonal_ridge": lambda: Ridge(season_days=50),
    "kernel_ridge": KernelRidge,
    "lightgbm": lambda: LightGBM(trees=3, leaves=4),
    "lightgbm, three levels": lambda: LightGBM(trees=3, leaves=4, levels=(0.1, 0.5, 0.9)),
    "xgboost": lambda: XGBoost(trees=3, depth=2),
    "xgboost, three levels": lambda: XGBoost(trees=3, depth=2, levels=(0.1, 0.5, 0.9)),
    "prophet": lambda: Prophet(yearly_order=1, daily_order=2),
    "lstm": lambda: Lstm(units=(3, 2), epochs=1, validation_days=10, step_hours=24),
}


@pytest.fixture(scope="module")
def period(table):
    return Backtest(table, "2014-05-05", "2014-05-08")


@pytest.mark.parametrize("name", BUILD)
def test_same_model_same_bytes_same_forecasts(period, name, tmp_path):
    model = BUILD[name]()
    period.run(model)
    first = saving.save(model, tmp_path / f"a-{saving.file_name(model)}")
    period.run(again := BUILD[name]())
    assert saving.save(again, tmp_path / "again").read_bytes() == first.read_bytes()
    loaded = saving.load(first)
    assert saving.save(loaded, tmp_path / "loaded").read_bytes() == first.read_bytes()
    views = [model.inputs(period.table.view(day)) for day in (100, 101)]
    inputs = {key: np.stack([view[key] for view in views]) for key in views[0]}
    assert loaded.predict(inputs).tobytes() == model.predict(inputs).tobytes()


def test_the_median_alone_and_the_usual_levels_are_not_named_in_files(period, tmp_path):
    for model in (BUILD["lightgbm"](), BUILD["xgboost"]()):
        period.run(model)
        held = json.loads(saving.save(model, tmp_path / "m.json").read_text(encoding="utf-8"))
        assert "booster" in held
        assert "levels" not in held | held["settings"]


def test_a_file_without_trees_for_each_level_is_refused(period, tmp_path):
    period.run(model := BUILD["lightgbm, three levels"]())
    path = saving.save(model, tmp_path / "m.json")
    held = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(held | {"boosters": held["boosters"][:2]}), encoding="utf-8")
    with pytest.raises(DataError, match="3 levels, 2 boosters"):
        saving.load(path)


def test_keras_file_holds_no_clock_and_no_address(period, tmp_path):
    period.run(model := BUILD["lstm"]())
    with zipfile.ZipFile(saving.save(model, tmp_path / "m.keras")) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"shared_object_id" not in archive.read("config.json")
        assert json.loads(archive.read("metadata.json"))["date_saved"].startswith("1980")


def write(tmp_path, content):
    path = tmp_path / "ridge.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"format": "lab.model", "version": 1, "kind": "Ridge"}, "has version 1 .* version 2"),
        ({"format": "lab.model", "version": 2, "kind": "Oracle"}, "kind 'Oracle'; .* Ridge"),
        ({"format": "lab.model", "version": 2, "kind": "Ridge"}, "a complete Ridge model"),
        ({"learner": {}}, "not a model file of this project"),
        ([1], "not a model file of this project"),
        (b"\x80\x04pickle", "must be JSON"),
        (b"PK\x03\x04broken", "must be JSON"),
        (b"", "must be JSON"),
    ],
    ids=["version", "kind", "incomplete", "foreign", "list", "pickle", "broken zip", "empty"],
)
def test_foreign_files_are_refused(tmp_path, content, words):
    with pytest.raises(DataError, match=words):
        saving.load(write(tmp_path, content))


def test_unknown_kind_is_not_saved(tmp_path):
    with pytest.raises(UsageError, match="type object cannot be saved"):
        saving.save(object(), tmp_path / "x")
    assert not (tmp_path / "x").exists()
