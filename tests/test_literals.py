"""The parameters cell as source: read without running it, rewritten without losing comments."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import literals
from lab.errors import UsageError

SOURCE = """\
# Größe of the sample [days]
days = 7  # one week
zones = ["FR", 'BE']  # order matters
windows = [
    24,  # a day
    168,  # a week
]
limits = {"w": [0, None], "kwh": [0, 1_000]}
ratio = -5e-1
note = None
"""
VALUES = {
    "days": 7,
    "zones": ["FR", "BE"],
    "windows": [24, 168],
    "limits": {"w": [0, None], "kwh": [0, 1000]},
    "ratio": -0.5,
    "note": None,
}

TEXT = st.text(st.characters(codec="utf-8"))
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
LITERALS = st.recursive(
    SCALARS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


def test_values_are_read_in_order_without_running_anything():
    assert literals.values(SOURCE, "it") == VALUES
    assert list(literals.values(SOURCE, "it")) == list(VALUES)


def test_an_empty_cell_has_no_values():
    assert literals.values("# nothing yet\n", "it") == {}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param("days = len('x')", "days = len('x')", id="call"),
        pytest.param("import os", "import os", id="import"),
        pytest.param("a = b = 1", "a = b = 1", id="two-targets"),
        pytest.param("days: int = 3", "days: int = 3", id="annotation"),
        pytest.param("days += 1", "days += 1", id="augmented"),
        pytest.param("first = 2", "first = 2", id="twice"),
        pytest.param("size = (1, 2)", "size = (1, 2)", id="tuple"),
        pytest.param("size = {1, 2}", "size = {1, 2}", id="set"),
        pytest.param("raw = b'1'", "raw = b'1'", id="bytes"),
        pytest.param("z = 1 + 2j", "z = 1 + 2j", id="complex"),
        pytest.param("day = 24 * 7", "day = 24 * 7", id="arithmetic"),
        pytest.param("big = 1e999", "big = 1e999", id="infinite"),
        pytest.param("odd = {[]: 1}", "odd = {[]: 1}", id="unhashable-key"),
        pytest.param("%time", "%time", id="magic"),
        pytest.param("deep = " + "[" * 300, "deep = " + "[" * 53, id="too-deep"),
    ],
)
def test_anything_but_a_literal_is_refused_by_its_line(line, shown):
    with pytest.raises(UsageError) as caught:
        literals.values(f"first = 1\n{line}\n", "tiny.ipynb")
    assert str(caught.value).startswith(
        f"Line 2 of the parameters cell of tiny.ipynb is `{shown}`; allowed is"
    )


def test_rewriting_keeps_comments_layout_and_untouched_literals():
    new = VALUES | {"days": 14, "zones": ["FR", "DE"], "windows": [24, 336], "ratio": 0.25}
    new["limits"] = {"w": [0, None], "kwh": [1, 1000]}
    assert (
        literals.rewrite(SOURCE, new, "it")
        == """\
# Größe of the sample [days]
days = 14  # one week
zones = ["FR", "DE"]  # order matters
windows = [
    24,  # a day
    336,  # a week
]
limits = {"w": [0, None], "kwh": [1, 1_000]}
ratio = 0.25
note = None
"""
    )


def test_rewriting_with_equal_values_changes_nothing():
    assert literals.rewrite(SOURCE, VALUES, "it") == SOURCE


def test_a_whole_number_and_a_float_are_not_the_same():
    assert literals.rewrite("a = 1", {"a": 1.0}, "it") == "a = 1.0"
    assert literals.rewrite("a = 1", {"a": True}, "it") == "a = True"


def test_long_values_are_broken_as_the_formatter_does():
    names = [f"a_rather_long_name_{number}" for number in range(4)]
    lines = "".join(f'        "{name}",\n' for name in names)
    assert (
        literals.rewrite("a = 1", {"a": {"names": names, "n": 2, "none": []}}, "it")
        == f'a = {{\n    "names": [\n{lines}    ],\n    "n": 2,\n    "none": [],\n}}'
    )


def test_strings_take_double_quotes_where_that_needs_no_escapes():
    assert literals.rewrite("a = 1", {"a": "it's"}, "it") == 'a = "it\'s"'
    assert literals.rewrite("a = 1", {"a": 'say "no"'}, "it") == "a = 'say \"no\"'"


def test_every_line_end_counts_as_in_python():
    assert literals.rewrite("é = 'ü'\r\nb = 1\rc = '\x0c'; d = 2", {"d": 3}, "it") == (
        "é = 'ü'\nb = 1\nc = '\x0c'; d = 3"
    )


def test_a_repeated_key_is_replaced_as_a_whole():
    assert literals.rewrite('a = {"x": 1, "x": 2}', {"a": {"x": 3}}, "it") == 'a = {"x": 3}'


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="nan"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param((1, 2), id="tuple"),
        pytest.param([{"x": {1}}], id="set-inside"),
        pytest.param({("a",): 1}, id="tuple-key"),
    ],
)
def test_a_value_that_is_no_literal_is_refused(value):
    with pytest.raises(UsageError, match="Parameter 'a' must be a finite number"):
        literals.rewrite("a = 1", {"a": value}, "it")


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="Unknown parameter 'c' for it; .* has a, b"):
        literals.rewrite("a = 1\nb = 2", {"c": 1}, "it")


@given(old=LITERALS, new=LITERALS)
def test_what_is_written_is_read_again(old, new):
    source = f"before = 1  # x\na = {old!r}  # why\nafter = 2"
    again = literals.rewrite(source, {"a": new}, "it")
    assert repr(literals.values(again, "it")["a"]) == repr(new)
    assert "# why" in again
    assert literals.values(again, "it")["after"] == 2


@given(value=LITERALS)
def test_a_new_value_is_python(value):
    written = literals.rewrite("a = 0", {"a": [value]}, "it")
    assert repr(ast.literal_eval(written.removeprefix("a = "))) == repr([value])


@given(source=st.text(max_size=80))
def test_any_text_is_read_or_refused_in_a_sentence(source):
    try:
        literals.values(source, "it")
    except UsageError as error:
        assert str(error).endswith(".")
