"""Canonical notebooks: what is kept, what is dropped, and the very bytes."""

import copy
import json
import stat
import subprocess
import sys

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import notebooks
from lab.errors import UsageError


def code(source="1 + 1", **extra):
    """Return a code cell as a browser would send it, with everything that is to go."""
    output = {"output_type": "stream", "name": "stdout", "text": "2\n"}
    metadata = {"scrolled": True, "jupyter": {"source_hidden": True}, "trusted": True}
    return {
        "cell_type": "code",
        "id": "two",
        "source": source,
        "metadata": metadata,
        "outputs": [output],
        "execution_count": 3,
    } | extra


def markdown(source="# Title\nWhat is it?", **extra):
    return {"cell_type": "markdown", "id": "one", "source": source, "metadata": {}} | extra


def notebook(*cells, **extra):
    metadata = {"kernelspec": {"name": "other"}, "widgets": {}, "language_info": {"version": "9"}}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 4} | extra


def parameters_cell(source):
    return code(source, metadata={"tags": ["parameters"]})


def test_canonical_keeps_sources_tags_and_ids_only():
    tagged = code(["a = 1\n", "b = 2"], metadata={"tags": ["hide-input"], "collapsed": True})
    assert notebooks.canonical(notebook(markdown(), tagged)) == {
        "cells": [
            {
                "cell_type": "markdown",
                "id": "one",
                "metadata": {},
                "source": "# Title\nWhat is it?",
            },
            {
                "cell_type": "code",
                "execution_count": None,
                "id": "two",
                "metadata": {"tags": ["hide-input"]},
                "outputs": [],
                "source": "a = 1\nb = 2",
            },
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_canonical_leaves_its_input_alone():
    given_ = notebook(markdown(), code())
    before = copy.deepcopy(given_)
    notebooks.canonical(given_)
    assert given_ == before


def test_cells_without_an_id_are_numbered_past_the_taken_ones():
    cells = [markdown(id="cell-02"), code(id=None), code(id=7)]
    ids = [cell["id"] for cell in notebooks.canonical(notebook(*cells))["cells"]]
    assert ids == ["cell-02", "cell-02x", "cell-03"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param([], "it has no list of cells", id="list"),
        pytest.param({"cells": {}}, "it has no list of cells", id="cells-mapping"),
        pytest.param(notebook(nbformat=3), "format 4, got 3", id="old-format"),
        pytest.param(notebook(code(), {"cell_type": "heading"}), "Cell 2 of x", id="cell-type"),
        pytest.param(notebook(markdown(source=[1])), "source that is not text", id="source"),
    ],
)
def test_what_is_not_a_notebook_is_refused(content, sentence):
    with pytest.raises(UsageError, match=sentence):
        notebooks.canonical(content, "x")


LINES = st.text(st.characters(codec="utf-8"), max_size=40)


@given(
    sources=st.lists(LINES, max_size=4),
    tags=st.lists(LINES, max_size=3),
    attachment=LINES,
)
def test_bytes_equal_those_of_nbformat(sources, tags, attachment):
    attached = {"a.svg": {"image/svg+xml": attachment, "image/png": attachment}}
    cells = [code(source, id=f"c{i}", metadata={"tags": tags}) for i, source in enumerate(sources)]
    raw = {"cell_type": "raw", "id": "raw", "metadata": {}, "source": attachment}
    clean = notebooks.canonical(notebook(*cells, raw, markdown(attachments=attached)))
    theirs = nbformat.writes(nbformat.from_dict(clean))
    assert notebooks.serialise(clean) == theirs.removesuffix("\n") + "\n"
    assert notebooks.canonical(json.loads(theirs)) == clean


def test_what_is_written_is_valid_and_read_again(tmp_path):
    path = notebooks.write(notebook(markdown(), code()), tmp_path / "x.ipynb")
    nbformat.validate(nbformat.read(path, as_version=4))
    assert notebooks.read(path) == notebooks.canonical(notebook(markdown(), code()))
    assert [file.name for file in tmp_path.iterdir()] == ["x.ipynb"]


def test_writing_keeps_the_mode_of_the_file(tmp_path):
    path = notebooks.write(notebook(), tmp_path / "x.ipynb")
    path.chmod(0o640)
    notebooks.write(notebook(code()), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = notebooks.write(notebook(code()), tmp_path / "x.ipynb")
    before = path.read_bytes()
    with pytest.raises(UnicodeEncodeError):
        notebooks.write(notebook(code(source="\ud800")), path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"\xff\xfe", id="not-utf8"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"3", id="number"),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.ipynb"):
        notebooks.read(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(UsageError, match="There is no notebook"):
        notebooks.read(tmp_path / "x.ipynb")
    with pytest.raises(UsageError, match="cannot be read as a notebook"):
        notebooks.read(tmp_path)


def test_parameters_come_from_the_one_tagged_code_cell():
    content = notebooks.canonical(notebook(markdown(), code("x = 2"), parameters_cell("days = 3")))
    assert notebooks.parameters(content) == {"days": 3}


@pytest.mark.parametrize("count", [0, 2])
def test_no_or_two_parameters_cells_are_refused(count):
    content = notebooks.canonical(notebook(*[parameters_cell("a = 1")] * count))
    with pytest.raises(
        UsageError, match=f"code cell of x must be tagged 'parameters', got {count}"
    ):
        notebooks.parameters(content, "x")


def test_new_parameters_go_into_a_copy():
    content = notebooks.canonical(notebook(markdown(), parameters_cell("a = 1  # why\nb = 2")))
    changed = notebooks.with_parameters(content, {"b": [3]})
    assert changed["cells"][1]["source"] == "a = 1  # why\nb = [3]"
    assert content["cells"][1]["source"] == "a = 1  # why\nb = 2"
    assert changed["cells"][0] == content["cells"][0]


def test_the_question_is_the_paragraph_below_the_title():
    first = markdown("# Demand of Victoria\n\nHow high is it\ntomorrow?\n\nMore to read.")
    assert notebooks.question(notebooks.canonical(notebook(first))) == (
        "Demand of Victoria",
        "How high is it tomorrow?",
    )


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([], id="no-cells"),
        pytest.param([code("# Title\nQuestion?")], id="code"),
        pytest.param([markdown("Title\nQuestion?")], id="no-heading"),
        pytest.param([markdown("# Title\n\n")], id="no-question"),
        pytest.param([markdown("")], id="empty"),
    ],
)
def test_a_notebook_without_a_question_is_refused(cells):
    with pytest.raises(UsageError, match="first cell of x must be markdown"):
        notebooks.question(notebooks.canonical(notebook(*cells)), "x")


def test_importing_it_does_not_import_nbformat():
    program = "import sys, lab.notebooks; sys.exit('nbformat' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
