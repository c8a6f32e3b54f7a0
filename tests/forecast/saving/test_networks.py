"""Files of networks: no clock, nothing foreign, no code."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab import modelfile
from lab.errors import DataError, UsageError
from lab.forecast import saving
from lab.forecast.networks.dnn import Dnn
from lab.forecast.networks.engine import deterministic_keras
from lab.forecast.networks.outcomes import Deviation
from lab.forecast.saving.networks import keras_members


@dataclass(frozen=True)
class Foreign(Deviation):
    """An outcome that no file can name."""


def network(function=None):
    """Return a network from one number to one day of one slot, by way of a function."""
    keras = deterministic_keras()
    x = keras.Input((1,), name="x")
    flow = keras.layers.Lambda(function)(x) if function else keras.layers.Dense(1)(x)
    return keras.Model({"x": x}, {"day": keras.layers.Reshape((1, 1))(flow)})


def model(of=None, **given):
    made = Dnn(**given)
    made.histories_ = [{"loss": [0.1], "val_loss": [0.2]}]
    made.shapes_ = {"base": (1,), "x": (1,)}
    return made.hold(of or network())


def changed(path, **header):
    """Write a file again with another header."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(members.pop(modelfile.HEADER_MEMBER)) | header
    path.write_bytes(modelfile.archive(json.dumps(head).encode(), members))
    return path


def test_a_file_holds_no_clock_and_no_address(tmp_path):
    with zipfile.ZipFile(saving.save(model(), tmp_path / "m.keras")) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"shared_object_id" not in archive.read("config.json")
        assert json.loads(archive.read("metadata.json"))["date_saved"].startswith("1980")


def test_settings_come_back(tmp_path):
    given = {"units": (5,), "levels": (0.25, 0.5), "dropout": 0.3, "outcome": Deviation()}
    loaded = saving.load(saving.save(model(**given), tmp_path / "m.keras"))
    assert {name: getattr(loaded, name) for name in given} == given
    assert loaded.inputs == Dnn().inputs
    assert loaded.best_epoch_ == 1


def test_an_outcome_without_a_name_is_not_saved(tmp_path):
    with pytest.raises(UsageError, match="with Foreign cannot be saved; a file can name DayInputs"):
        saving.save(model(outcome=Foreign()), tmp_path / "m.keras")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"version": 1}, "has version 1 .* reads version 2"),
        ({"kind": "Oracle"}, "kind 'Oracle'; this version reads"),
        ({"settings": {}}, "not a complete Dnn model"),
        ({"settings": {"inputs": {"kind": "os"}, "outcome": {"kind": "os"}}}, "names 'os' as"),
        ({"kind": "Gru"}, "not a complete Gru model"),
    ],
    ids=["version", "kind", "settings", "value", "other kind"],
)
def test_another_header_is_refused(tmp_path, header, words):
    path = changed(saving.save(model(), tmp_path / "m.keras"), **header)
    if header == {"kind": "Gru"}:
        with zipfile.ZipFile(path) as archive:
            held = json.loads(archive.read(modelfile.HEADER_MEMBER))["settings"]
        path = changed(path, settings=held | {"cells": 3})
    with pytest.raises(DataError, match=words):
        saving.load(path)


def test_a_file_with_code_is_refused_and_the_code_not_run(tmp_path):
    path = saving.save(model(), tmp_path / "m.keras")
    with zipfile.ZipFile(path) as archive:
        head = archive.read(modelfile.HEADER_MEMBER)
    marker = tmp_path / "ran"
    evil = network(lambda x, marker=str(marker): (Path(marker).touch(), x)[1])
    marker.unlink()
    path.write_bytes(modelfile.archive(head, keras_members(evil)))
    with pytest.raises(DataError, match="not a complete Dnn model"):
        saving.load(path)
    assert not marker.exists()


def test_weights_that_are_cut_off_are_refused(tmp_path):
    path = saving.save(model(), tmp_path / "m.keras")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = members.pop(modelfile.HEADER_MEMBER)
    members["model.weights.h5"] = members["model.weights.h5"][:200]
    path.write_bytes(modelfile.archive(head, members))
    with pytest.raises(DataError, match="not a complete Dnn model"):
        saving.load(path)
