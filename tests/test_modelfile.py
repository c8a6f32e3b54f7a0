"""The writer of model files: one format, nothing half-written, nothing foreign read."""

import json

import pytest

from lab import modelfile
from lab.errors import DataError, UsageError
from lab.forecast import saving
from lab.forecast.nowcast import saving as nowcast
from lab.solar import saving as solar

INDICES = {"target": "power_w", "weather": [], "envelope_days": 0}
NETWORK = {"inputs": {"kind": "DayVector"}, "outcome": {"kind": "LogDeviation"}}
# Of one kind each: its package, and settings that its constructor refuses.
DAMAGED = {
    "Naive": (saving, {"rule": "oracle", "target": "load"}),
    "Ridge": (saving, {"settings": {"alpha": -1.0}}),
    "Lasso": (saving, {"settings": {"penalty": -1.0}}),
    "XGBoost": (saving, {"settings": {"trees": 0}}),
    "LightGBM": (saving, {"settings": {"trees": 0}}),
    "Prophet": (saving, {"settings": {"mode": "oracle"}}),
    "Sarimax": (saving, {"settings": {"order": [-1, 0, 0]}}),
    "Ets": (saving, {"settings": {"history_days": 1}}),
    "Mstl": (saving, {"settings": {"windows": [2]}}),
    "Dnn": (saving, {"settings": {"seeds": 0, **NETWORK}}),
    "DailyRidge": (saving, {"settings": {"alpha": 0.0}}),
    "MeterTrees": (saving, {"settings": {"trees": 0, "least": None, "weather": []}}),
    "ProfileTrees": (saving, {"settings": {"trees": 0, "least": None, "levels": [0.5]}}),
    "NowcastRule": (nowcast, {"rule": "oracle", "target": "load"}),
    "NowcastTrees": (nowcast, {"settings": {"trees": 0}}),
    "Boosted": (solar, {"settings": {"trees": 0, "inputs": ["ghi"]}}),
    "SmartPersistence": (solar, {"settings": {"by": "oracle"}, "inputs": INDICES}),
    "IndexTrees": (solar, {"settings": {"names": ["slot"], "trees": 0}, "inputs": INDICES}),
}


class Constant:
    def __init__(self, value):
        self.value = value


def broken(model):
    raise ValueError("cannot be told")


JSON = {
    Constant: (
        lambda m: modelfile.header("Constant", value=m.value),
        lambda h, c: Constant(h["value"]),
    )
}
ZIP = {
    Constant: (
        lambda m: modelfile.archive(modelfile.header("Constant"), {"value": m.value}),
        lambda h, c: Constant(modelfile.members(c)["value"]),
    )
}


@pytest.mark.parametrize(
    ("kinds", "value"), [(JSON, 3.5), (ZIP, b"\x00abc")], ids=["json", "archive"]
)
def test_a_model_comes_back_and_the_same_bytes_again(kinds, value, tmp_path):
    path = modelfile.save(Constant(value), tmp_path / "model", kinds)
    loaded = modelfile.load(path, kinds)
    assert loaded.value == value
    assert modelfile.save(loaded, tmp_path / "again", kinds).read_bytes() == path.read_bytes()


def test_a_writer_that_fails_leaves_the_old_file(tmp_path):
    path = modelfile.save(Constant(1), tmp_path / "model", JSON)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="cannot be told"):
        modelfile.save(Constant(2), path, {Constant: (broken, JSON[Constant][1])})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_another_version_is_refused_with_a_sentence(tmp_path):
    path = modelfile.save(Constant(1), tmp_path / "model", JSON)
    told = json.loads(path.read_text()) | {"version": 7}
    path.write_text(json.dumps(told))
    with pytest.raises(DataError, match="has version 7 .* reads version 2. Run the stage again"):
        modelfile.load(path, JSON)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataError, match="absent.json cannot be read: No such file"):
        modelfile.load(tmp_path / "absent.json", JSON)


def test_a_type_that_no_one_writes_is_refused(tmp_path):
    with pytest.raises(UsageError, match="type int cannot be saved; it must be one of Constant"):
        modelfile.save(3, tmp_path / "model", JSON)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            '{"format": "lab.model", "version": 2, "kind": ["Constant"]}',
            r"text, got \['Constant'\]",
        ),
        ('{"format": "lab.model", "version": 2}', "must name its kind of model as text, got None"),
        ("[" * 100_000, "must be JSON, or an archive"),
        ("PK and no archive", "must be JSON, or an archive"),
        ('{"format": "lab.model", "version": 2, "kind": "Constant"}', "not a complete Constant"),
    ],
    ids=["list for a kind", "no kind", "nested", "no archive", "no value"],
)
def test_damaged_files_are_refused_with_a_sentence(content, words, tmp_path):
    path = tmp_path / "model"
    path.write_text(content)
    with pytest.raises(DataError, match=words):
        modelfile.load(path, JSON)


@pytest.mark.parametrize("kind", DAMAGED)
def test_settings_that_a_model_refuses_are_told_as_damage_of_the_file(kind, tmp_path):
    package, content = DAMAGED[kind]
    path = tmp_path / "model.json"
    path.write_bytes(modelfile.header(kind, **content))
    with pytest.raises(
        DataError, match=rf"^model\.json is not a complete {kind} model: .*[^.]\.$"
    ) as found:
        package.load(path)
    assert isinstance(found.value.__cause__, UsageError)
