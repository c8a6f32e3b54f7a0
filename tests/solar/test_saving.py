import json

import numpy as np
import pytest

from lab.errors import DataError, UsageError
from lab.solar import physics, saving, tomorrow
from lab.solar.indices import IndexInputs


@pytest.fixture(scope="module")
def fitted(frame, world):
    weather = physics.weather_inputs(frame, world.PLACE, world.PLANE)
    boosted = physics.Boosted(trees=5, members=2, bins=32, row_share=0.5).fit(
        weather, frame["power_w"]
    )
    inputs = IndexInputs("power_w", ("temperature_c",), 14)
    random = np.random.default_rng(1)
    data = {"x": random.uniform(size=(40, 6, len(tomorrow.BACK) + 1)), "clear": np.ones((40, 6))}
    data |= {"slotwise": data["x"][:, :, 0], "daily": data["x"][:, :, 1]}
    names = [*tomorrow.BACK, "other"]
    target = data["x"][:, :, 0]
    blend = tomorrow.IndexBlend(names, inputs, ["index_1", "other"], 0.1, "own").fit(data, target)
    trees = tomorrow.IndexTrees(names, trees=5, inputs=inputs).fit(data, target)
    return {
        "boosted": (boosted, weather),
        "slotwise": (tomorrow.SmartPersistence("slotwise", inputs), data),
        "daily": (tomorrow.SmartPersistence("daily", inputs), data),
        "blend": (blend, data),
        "trees": (trees, data),
    }


@pytest.mark.parametrize("kind", ["boosted", "slotwise", "daily", "blend", "trees"])
def test_a_loaded_model_forecasts_the_same_bytes(fitted, kind, tmp_path):
    model, data = fitted[kind]
    path = saving.save(model, tmp_path / "model.json")
    loaded = saving.load(path)
    assert loaded.predict(data).tobytes() == model.predict(data).tobytes()
    assert loaded.inputs == model.inputs
    assert getattr(loaded, "name", None) == getattr(model, "name", None)
    again = saving.save(loaded, tmp_path / "again.json")
    assert again.read_bytes() == path.read_bytes()
    assert {file.name for file in tmp_path.iterdir()} == {"model.json", "again.json"}


def test_every_day_ahead_model_can_be_saved():
    kinds = {kind for kind in vars(tomorrow).values() if hasattr(kind, "predict")}
    assert kinds | {physics.Boosted} == set(saving.KINDS)


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        pytest.param("blend", {"version": 9}, "has version 9 .* reads version 2", id="version"),
        pytest.param("blend", {"format": "lab.solar"}, "no format 'lab.model'", id="format"),
        pytest.param("blend", {"kind": "Oracle"}, "kind 'Oracle'; .* IndexBlend", id="kind"),
        pytest.param("blend", {"inputs": None}, "a complete IndexBlend model", id="damaged"),
        pytest.param("boosted", {"boosters": []}, "2 members, 0 boosters", id="members"),
        pytest.param("trees", {"boosters": [{}]}, "a complete IndexTrees model", id="booster"),
    ],
)
def test_other_files_are_refused(fitted, tmp_path, kind, change, sentence):
    path = saving.save(fitted[kind][0], tmp_path / "model.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=sentence):
        saving.load(path)


def test_text_is_no_model(tmp_path):
    (tmp_path / "model.json").write_text("hello")
    with pytest.raises(DataError, match="it must be JSON"):
        saving.load(tmp_path / "model.json")


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match=r"model\.json cannot be read: No such file"):
        saving.load(tmp_path / "model.json")


def test_another_kind_is_not_saved(tmp_path):
    with pytest.raises(UsageError, match="type object cannot be saved; .* SmartPersistence"):
        saving.save(object(), tmp_path / "model.json")
