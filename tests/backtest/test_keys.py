"""Equal work has equal keys, any difference another one."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from lab.backtest import keys
from lab.errors import UsageError
from lab.forecast.linear import Ridge
from lab.forecast.naive import Naive


@dataclass(frozen=True)
class Options:
    depth: int
    days: tuple[date, ...] = ()


@pytest.mark.parametrize(
    "pair",
    [
        (1, 2),
        (1, "1"),
        (1.0, 1.0000000000000002),
        (None, False),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": 2}),
        ({1: "a"}, {"1": "a"}),
        (np.array([1.0]), np.array([1])),
        (np.array([1.0]), np.array([2.0])),
        (Options(1), Options(2)),
        (Options(1), Options(1, (date(2014, 1, 1),))),
        (Naive("yesterday"), Naive("last_week")),
        (Ridge(1.0), Ridge(2.0)),
        (np.mean, np.median),
        (Options, Naive),
    ],
    ids=[
        *("numbers", "text", "close", "nothing", "order", "value", "kind of key"),
        *("kind of array", "array", "options", "dates", "naive", "ridge", "function", "class"),
    ],
)
def test_different_things_are_described_differently(pair):
    one, other = (keys.digest(keys.described(value)) for value in pair)
    assert one != other


def test_order_matters_only_where_it_means_something():
    assert keys.described({"a": 1, "b": 2}) == keys.described({"b": 2, "a": 1})
    assert keys.described({3, 1, 2}) == keys.described({2, 3, 1})


@pytest.mark.parametrize("value", [lambda: 1, object()], ids=["function", "object"])
def test_what_has_no_lasting_name_is_refused(value):
    with pytest.raises(UsageError, match="must be named values to be kept"):
        keys.described(value)


def test_every_part_of_a_table_counts(tables):
    import copy

    first = keys.table_digest(tables["north"])
    assert first == keys.table_digest(copy.deepcopy(tables["north"]))
    changed = copy.deepcopy(tables["north"])
    changed.flat["temperature_c"][-1] += 1e-9
    renamed = copy.deepcopy(tables["north"])
    renamed.series_id = "east"
    told = copy.deepcopy(tables["north"])
    told.knowledge["temperature_c"] = "known_future"
    assert len({first, *(keys.table_digest(t) for t in (changed, renamed, told))}) == 4


def test_the_code_and_the_libraries_count(tmp_path):
    found = keys.code()
    assert {"python", "numpy", "lab"} <= found.keys()
    (tmp_path / "forecast").mkdir()
    empty = keys._sources(tmp_path)
    (tmp_path / "forecast" / "new.py").write_text("ALPHA = 1\n")
    one = keys._sources(tmp_path)
    (tmp_path / "forecast" / "new.py").write_text("ALPHA = 2\n")
    assert len({empty, one, keys._sources(tmp_path)}) == 3
