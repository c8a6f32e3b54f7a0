"""What is kept is whole, is what its name says, and does not grow for ever."""

import os
import time

import numpy as np
import pytest

from lab.backtest.store import Store
from lab.errors import UsageError

KEY, OTHER, THIRD = "a1", "b2", "c3"
VALUES = np.array([[1.5, np.nan], [-0.0, 1e300]])


def age(path, days):
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_what_is_put_is_got_bit_by_bit(tmp_path):
    store = Store(tmp_path)
    store.put(KEY, VALUES, {"rule": "", "fit_s": 0.1})
    values, notes = store.get(KEY, (2, 2))
    assert values.tobytes() == VALUES.tobytes()
    assert notes == {"rule": "", "fit_s": 0.1}
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["a1.npz"]


def test_what_is_not_there_or_of_another_shape_is_absent(tmp_path):
    store = Store(tmp_path)
    store.put(KEY, VALUES, {})
    assert store.get(OTHER, (2, 2)) is None
    assert store.get(KEY, (2, 3)) is None


def test_a_file_cut_short_anywhere_is_absent(tmp_path):
    store = Store(tmp_path)
    store.put(KEY, VALUES, {})
    whole = store.path(KEY).read_bytes()
    for length in range(0, len(whole), 7):
        store.path(KEY).write_bytes(whole[:length])
        assert store.get(KEY, (2, 2)) is None


def test_a_flipped_byte_of_a_value_is_noticed(tmp_path):
    store = Store(tmp_path)
    store.put(KEY, VALUES, {})
    content = bytearray(store.path(KEY).read_bytes())
    content[content.index(VALUES.tobytes())] ^= 1
    store.path(KEY).write_bytes(content)
    assert store.get(KEY, (2, 2)) is None


def test_nothing_is_unpickled(tmp_path):
    store = Store(tmp_path)
    path = store.path(KEY)
    path.parent.mkdir()
    np.savez(path, values=np.array([{"code": 1}]), notes=np.array('{"key": "a1"}'))
    assert store.get(KEY, (1,)) is None


def test_a_file_under_another_name_is_absent(tmp_path):
    store = Store(tmp_path)
    store.put(KEY, VALUES, {})
    store.path(OTHER).parent.mkdir()
    store.path(KEY).rename(store.path(OTHER))
    assert store.get(OTHER, (2, 2)) is None


def test_old_files_and_abandoned_ones_go(tmp_path):
    store = Store(tmp_path, max_days=10)
    for key, days in ((KEY, 11), (OTHER, 9)):
        store.put(key, VALUES, {})
        age(store.path(key), days)
    for name, days in ((".x.1.partial", 2), (".y.2.partial", 0.5)):
        (tmp_path / "a1" / name).write_bytes(b"half")
        age(tmp_path / "a1" / name, days)
    assert store.prune() == 2
    left = sorted(p.name for p in tmp_path.rglob("*") if p.is_file())
    assert left == [".y.2.partial", "b2.npz"]


def test_beyond_its_size_the_longest_unused_go(tmp_path):
    store = Store(tmp_path)
    for key, days in ((KEY, 3), (OTHER, 2), (THIRD, 1)):
        store.put(key, VALUES, {})
        age(store.path(key), days)
    store.get(KEY, (2, 2))  # used just now
    size = store.path(KEY).stat().st_size
    assert Store(tmp_path, max_mb=2.5 * size / 1e6).prune() == 1
    assert not store.path(OTHER).exists()


def test_it_lies_in_the_project(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert Store().folder == tmp_path / ".lab" / "backtest"


@pytest.mark.parametrize("limits", [{"max_mb": 0}, {"max_days": -1}], ids=["size", "age"])
def test_limits_must_be_positive(limits, tmp_path):
    with pytest.raises(UsageError, match="limits of a store must be above 0"):
        Store(tmp_path, **limits)
