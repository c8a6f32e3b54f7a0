import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import paths
from lab.data.records import Clock, Column, shown
from lab.data.register import choose, read_register, sources
from lab.errors import DataError, UsageError

SHA = "0" * 64


def entry(**changes):
    base = {
        "file": "data/raw/x.csv",
        "sha256": SHA,
        "licence": "MIT",
        "citation": "me",
        "clock": {"kind": "utc", "time": "Time"},
        "columns": {"demand_mw": {"from": "Demand", "unit": "MW"}},
    }
    return {key: value for key, value in (base | changes).items() if value is not ...}


def write(root: Path, content) -> Path:
    (root / "data").mkdir(exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    (root / "data" / "sources.yaml").write_text(text, encoding="utf-8")
    return root


def table(**changes):
    return {"tables": {"x": entry(**changes)}}


def test_an_entry_becomes_a_record(tmp_path):
    clock = {"kind": "local", "time": "T", "zone": "Europe/Brussels", "step": "1h"}
    source = sources(write(tmp_path, table(clock=clock, defects=["none"])))["x"]
    assert source.clock == Clock("local", "T", zone="Europe/Brussels", step="1h")
    assert source.columns == (Column("demand_mw", "Demand", "MW"),)
    assert source.defects == ("none",)
    assert source.sha256 == SHA


def test_the_projects_own_register_is_complete():
    register = read_register()
    for source in register.tables.values():
        assert source.origin is not None, source.name
        assert source.about, source.name
        assert (paths.root() / source.file).is_file()
    for benchmark in register.benchmarks.values():
        assert all(file.sha256 for file in benchmark.files if file.path)
        assert all(file.path or file.url for file in benchmark.files)


BROKEN = {
    "no mapping": ([1, 2], "must be a mapping"),
    "empty": ("", "must be a mapping"),
    "no tables": ({}, "lacks the key 'tables'"),
    "unknown top key": (table() | {"extra": 1}, "unknown key 'extra'; allowed are tables"),
    "table not a mapping": ({"tables": {"x": 3}}, "'x' must be a mapping"),
    "name not text": ({"tables": {3: entry()}}, "must be text, got 3"),
    "name with markup": ({"tables": {"<b>": entry()}}, "a name must be lower-case"),
    "unknown key": (table(colour="red"), "unknown key 'colour'; allowed are file"),
    "no clock": (table(clock=...), "lacks the key 'clock'"),
    "undeclared clock": (table(clock={"time": "Time"}), "lacks the key 'kind'"),
    "unknown clock": (table(clock={"kind": "lunar", "time": "T"}), "one of utc, local, .*'lunar'"),
    "clock without time": (table(clock={"kind": "utc"}), "clock lacks the key 'time'"),
    "unknown clock key": (table(clock={"kind": "utc", "time": "T", "x": 1}), "unknown key 'x'"),
    "local without zone": (table(clock={"kind": "local", "time": "T"}), "needs a 'zone'"),
    "local with no such zone": (
        table(clock={"kind": "local_standard", "time": "T", "zone": "Moon/Base"}),
        "needs a 'zone' .* got 'Moon/Base'",
    ),
    "bad step": (table(clock={"kind": "utc", "time": "T", "step": "soon"}), "30min or 1h"),
    "no sha256": (table(sha256=...), "lacks the key 'sha256'"),
    "bad sha256": (table(sha256="abc"), "64 hexadecimal digits"),
    "no file": (table(file=...), "lacks the key 'file'"),
    "absolute file": (table(file="/etc/passwd"), "must stay inside"),
    "file outside": (table(file="../x.csv"), "must stay inside"),
    "no licence": (table(licence=...), "lacks the key 'licence'"),
    "ill-typed licence": (table(licence=3), "'licence' must be a str, got 3"),
    "flag for a text": (table(by_position=1), "'by_position' must be a bool, got 1"),
    "number for a flag": (
        table(columns={"a_mw": {"from": "A", "unit": "MW", "divide_by": True}}),
        "'divide_by' must be a int, got True",
    ),
    "divide by nothing": (
        table(columns={"a_mw": {"from": "A", "unit": "MW", "divide_by": -1}}),
        "must be positive",
    ),
    "unused not texts": (table(unused=[1]), "'unused' must be a list of texts"),
    "no columns": (table(columns={}), "at least one column"),
    "unknown unit": (table(columns={"a": {"from": "A", "unit": "furlong"}}), "'furlong'"),
    "column name with markup": (
        table(columns={"<b>": {"from": "A", "unit": "MW"}}),
        "a column name must be",
    ),
    "column called time": (table(columns={"time": {"from": "A", "unit": "MW"}}), "are kept"),
    "family on one side": (table(columns={"a_{id}": {"from": "A", "unit": "MW"}}), "a family"),
    "origin incomplete": (table(origin={"package": "p"}), "origin lacks the key 'version'"),
    "unknown shape": (table(shape="cube"), "'shape' must be one of"),
    "shape against clock": (table(shape="market24"), "clock must be of kind market24"),
    "time column in a series": (
        table(columns={"a": {"from": "A", "unit": "time"}}),
        "belongs into a table of shape events",
    ),
    "events without their time": (table(shape="events"), "the clock's time must be a column"),
    "series by position": (table(by_position=True), "only market24 reads by position"),
    "series by zone": (table(by="zone"), "'by' needs names"),
    "not yaml": ("tables: [", "not valid YAML"),
    "key twice": ("tables:\n  x: 1\n  x: 2\n", "gives the key 'x' twice"),
    "unhashable key": ("tables: {[1]: 2}", "not valid YAML"),
    "impossible date": ("tables: 2020-13-45", "not valid YAML"),
    "too deep": ("[" * 20000, "not valid YAML"),
    "control character": ("a: \x07", "not valid YAML"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_register_ends_in_one_sentence(tmp_path, case):
    content, expected = BROKEN[case]
    with pytest.raises(DataError, match=expected) as caught:
        sources(write(tmp_path, content))
    assert "\n" not in str(caught.value)


BROKEN_SETS = {
    "outside": ({"packed": {"a.csv": {"path": "../a"}}}, "must stay inside"),
    "folder in the name": ({"packed": {"a/b": {"path": "a"}}}, "a file name must be no folder"),
    "hidden name": ({"packed": {".lock": {"path": "a"}}}, "a file name must be"),
    "ftp": ({"public": {"a.csv": {"url": "ftp://x/a"}}}, "'url' must be http or https"),
    "no path": ({"packed": {"a.csv": {}}}, "lacks the key 'path'"),
    "unknown key": ({"mirror": 1}, "unknown key 'mirror'"),
}


@pytest.mark.parametrize("case", BROKEN_SETS)
def test_a_broken_benchmark_set_ends_in_one_sentence(tmp_path, case):
    content, expected = BROKEN_SETS[case]
    benchmark = {"licence": "MIT", "citation": "me"} | content
    with pytest.raises(DataError, match=expected):
        sources(write(tmp_path, table() | {"benchmarks": {"b": benchmark}}))


def test_a_missing_register_is_named(tmp_path):
    with pytest.raises(DataError, match=r"data/sources\.yaml cannot be read"):
        sources(tmp_path)


def test_a_register_in_latin_1_is_refused(tmp_path):
    write(tmp_path, "tables: {}")
    (tmp_path / "data" / "sources.yaml").write_bytes(b"tables: {caf\xe9: 1}")
    with pytest.raises(DataError, match="not valid YAML in UTF-8"):
        sources(tmp_path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("register")


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_a_register_or_a_sentence(folder, text):
    try:
        sources(write(folder, text.encode("utf-8", "replace").decode()))
    except DataError as error:
        assert "sources.yaml" in str(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
PLACES = (
    (),
    ("clock",),
    ("clock", "kind"),
    ("clock", "zone"),
    ("clock", "step"),
    ("columns",),
    ("columns", "demand_mw"),
    ("columns", "demand_mw", "unit"),
    ("unused",),
    ("origin",),
    ("shape",),
    ("sha256",),
)


@given(place=st.sampled_from(PLACES), value=JSON)
@settings(max_examples=100, deadline=None)
def test_any_value_anywhere_gives_a_register_or_a_sentence(folder, place, value):
    content = copy.deepcopy(table())
    inner = content["tables"]
    for key in ("x", *place[:-1]) if place else ():
        inner = inner[key]
    inner[place[-1] if place else "x"] = value
    try:
        sources(write(folder, content))
    except DataError as error:
        assert "sources.yaml" in str(error)


def test_choose_lists_what_there_is():
    with pytest.raises(UsageError, match="Unknown table 'c'; choose one of a, b"):
        choose("table", "c", {"b": 1, "a": 2})
    assert choose("table", "a", {"b": 1, "a": 2}) == 2


def test_shown_cuts_and_escapes():
    assert shown("a\nb") == r"'a\nb'"
    assert len(shown("x" * 500)) <= 60
