"""Models of household meters: same bytes back, other versions refused."""

import json

import numpy as np
import pytest

from lab.errors import DataError
from lab.forecast import saving
from lab.forecast.meter_trees import MeterTrees


@pytest.fixture(scope="module")
def inputs():
    rng = np.random.default_rng(2)
    return {"x": rng.uniform(0, 2, (30, 24, 5)).astype(np.float32), "level": np.full((30, 1), 3.0)}


@pytest.mark.parametrize("least", [0.0, -np.inf])
def test_a_loaded_model_forecasts_the_same_bytes(tmp_path, inputs, least):
    model = MeterTrees(
        name="global", trees=5, min_rows=5, weather=("temperature_c",), least=least
    ).fit(inputs, inputs["x"][:, :, 0] - 1.0)
    path = saving.save(model, tmp_path / saving.file_name(model))
    assert path.name == "global.json"
    loaded = saving.load(path)
    assert loaded.predict(inputs).tobytes() == model.predict(inputs).tobytes()
    assert (loaded.name, loaded.weather, loaded.least) == ("global", ("temperature_c",), least)
    again = saving.save(loaded, tmp_path / "again.json")
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"version": 99}, "has version 99 of the model format", id="version"),
        pytest.param({"booster": "tree"}, "is not a complete MeterTrees model", id="booster"),
        pytest.param({"settings": {}}, "is not a complete MeterTrees model", id="settings"),
    ],
)
def test_other_files_are_refused_with_a_sentence(tmp_path, inputs, change, sentence):
    model = MeterTrees(trees=2, min_rows=5).fit(inputs, inputs["x"][:, :, 0])
    path = saving.save(model, tmp_path / "model.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=sentence):
        saving.load(path)
