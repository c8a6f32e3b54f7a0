"""Files of published forecasts: same bytes, same forecasts, members and all."""

import json
import zipfile

import numpy as np
import pytest

from lab import modelfile
from lab.errors import DataError, UsageError
from lab.forecast import saving
from lab.forecast.band import Band
from lab.forecast.difficulty import Announced
from lab.forecast.linear import Ridge
from lab.forecast.naive import Naive
from lab.forecast.networks.lstm import Lstm
from lab.forecast.published import Evening, Published

TOLD = Announced(np.array([-4.0, 1.0, 0.5]), np.array([1.0, 2.0, 3.0]), np.array([0.3, 0.2, 0.1]))
STATE = {
    "plain": ({}, None),
    "weights": ({"weights": (0.7, 0.3, 0.0)}, None),
    "difficulty": ({"evening": Evening(17.0, 25.0)}, TOLD),
}


def stacked(model, table, first, last):
    views = [model.inputs(table.view(day)) for day in range(first, last)]
    return {key: np.stack([view[key] for view in views]) for key in views[0]}


@pytest.fixture(scope="module")
def members(table):
    network = Lstm(units=(3, 2), epochs=1, validation_days=5, step_hours=24)
    fitted = [Ridge(), network, Naive("last_value")]
    for model in fitted:
        model.fit(stacked(model, table, 40, 80), table.days["demand_mw"][40:80])
    return fitted


def published(members, kind):
    rng = np.random.default_rng(5)
    options, told = STATE[kind]
    quantiles = np.sort(rng.normal(0, 50, (48, 9)), axis=1)
    band = Band(quantiles, 1.1, told)
    return Published("combination", members, rng.normal(0, 0.01, 48), band, **options)


@pytest.mark.parametrize("kind", STATE)
def test_same_bytes_and_forecasts(members, table, kind, tmp_path):
    model = published(members, kind)
    path = saving.save(model, tmp_path / saving.file_name(model))
    loaded = saving.load(path)
    assert path.name == "combination.zip"
    assert saving.save(loaded, tmp_path / "again").read_bytes() == path.read_bytes()
    # The clock change of 2014-04-06 is the 82nd day of the table.
    inputs = stacked(loaded, table, 79, 84)
    found = loaded.predict(inputs)
    assert found.tobytes() == model.predict(inputs).tobytes()
    assert np.isfinite(found).all(axis=2).sum(axis=1).tolist() == [48, 48, 50, 48, 48]


def changed(path, tmp_path, name, content):
    """Return a copy of an archive with one member, or the header, replaced."""
    with zipfile.ZipFile(path) as archive:
        held = {one: archive.read(one) for one in archive.namelist()}
    held[name] = content(held[name])
    target = tmp_path / "changed.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for one, bytes_ in held.items():
            archive.writestr(one, bytes_)
    return target


def older(content):
    return json.dumps(json.loads(content) | {"version": 1}).encode()


def further(content):
    return json.dumps(json.loads(content) | {"members": 4}).encode()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("lab.json", older, "changed.zip has version 1 of the model format"),
        ("member-0", older, "member-0 has version 1 of the model format"),
        ("member-2", lambda _: b"\x80\x04pickle", "member-2 is not a model file"),
        ("lab.json", further, "not a complete Published model"),
    ],
    ids=["version", "a member's version", "pickle", "a member too few"],
)
def test_another_version_and_foreign_members_are_refused(members, tmp_path, name, content, words):
    path = saving.save(published(members, "plain"), tmp_path / "model.zip")
    with pytest.raises(DataError, match=words):
        saving.load(changed(path, tmp_path, name, content))


def test_no_forecast_holds_another_published_one(members, tmp_path):
    inner = published(members, "plain")
    outer = Published("outer", [inner], inner.move, inner.band)
    with pytest.raises(UsageError, match="type Published cannot be saved"):
        saving.save(outer, tmp_path / "outer.zip")
    assert modelfile.VERSION == 2
