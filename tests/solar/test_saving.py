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
    names = [*tomorrow.BACK, "other"]
    target = data["x"][:, :, 0]
    blend = tomorrow.IndexBlend(names, inputs, ["index_1", "other"], 0.1, "own").fit(data, target)
    trees = tomorrow.IndexTrees(names, trees=5, inputs=inputs).fit(data, target)
    return {"boosted": (boosted, weather), "blend": (blend, data), "trees": (trees, data)}


@pytest.mark.parametrize("kind", ["boosted", "blend", "trees"])
def test_a_loaded_model_forecasts_the_same_bytes(fitted, kind, tmp_path):
    model, data = fitted[kind]
    path = saving.save(model, tmp_path / "model.json")
    loaded = saving.load(path)
    assert loaded.predict(data).tobytes() == model.predict(data).tobytes()
    assert loaded.inputs == model.inputs
    again = saving.save(loaded, tmp_path / "again.json")
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"version": 1}, "has version 1", id="version"),
        pytest.param({"format": "other"}, "no format", id="format"),
        pytest.param({"kind": "Oracle"}, "not a complete solar model", id="kind"),
        pytest.param({"inputs": None}, "not a complete solar model", id="damaged"),
    ],
)
def test_other_files_are_refused(fitted, tmp_path, change, sentence):
    path = saving.save(fitted["blend"][0], tmp_path / "model.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=sentence):
        saving.load(path)


def test_text_is_no_model(tmp_path):
    (tmp_path / "model.json").write_text("hello")
    with pytest.raises(DataError, match="it must be JSON"):
        saving.load(tmp_path / "model.json")


def test_another_kind_is_not_saved(tmp_path):
    with pytest.raises(UsageError, match="SmartPersistence is no solar model"):
        saving.save(tomorrow.SmartPersistence(), tmp_path / "model.json")
