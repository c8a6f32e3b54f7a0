import hashlib
import json
import platform
import socket

import numpy
import pytest

from lab.errors import DataError
from lab.report.provenance import Row, collect, fingerprint


@pytest.fixture
def project(tmp_path):
    """A project with one study, one module and one table."""
    cells = [
        {"cell_type": "markdown", "source": "# T"},
        {"cell_type": "code", "source": ["import numpy as np\n", "from sklearn import svm"]},
        {"cell_type": "code", "source": "%magic"},
    ]
    files = {
        "params.yaml": "compute: {threads: 2, seed: 7}\n",
        "requirements.lock": "numpy==1\n",
        "notebooks/s.ipynb": json.dumps({"cells": cells}),
        "src/lab/x.py": "import os\ndef f():\n  import yaml, not_installed\n  from . import y\n",
        "data/raw/t.csv": "a\n1\n",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


DEPS = ["src/lab", "data/raw/t.csv", "notebooks/s.ipynb"]


def by_name(rows):
    return {(row.kind, row.name): row.value for row in rows}


def test_files_are_identified_by_their_content(project):
    rows = by_name(collect("s", project, DEPS, {}))
    assert rows["data", "data/raw/t.csv"] == hashlib.sha256(b"a\n1\n").hexdigest()[:16]
    assert rows["file", "requirements.lock"] == hashlib.sha256(b"numpy==1\n").hexdigest()[:16]
    assert ("notebook", "notebooks/s.ipynb") in rows


def test_packages_are_those_that_notebook_and_modules_import(project):
    rows = by_name(collect("s", project, DEPS, {}))
    packages = {name for kind, name in rows if kind == "package"}
    assert {"numpy", "pandas", "sklearn", "yaml", "python"} <= packages
    assert not {"os", "lab", "statsmodels"} & packages
    assert rows["package", "numpy"] == numpy.__version__
    assert rows["package", "python"] == platform.python_version()


def test_threads_and_seed_are_listed(project):
    rows = by_name(collect("s", project, DEPS, {}))
    assert (rows["compute", "threads"], rows["compute", "seed"]) == ("2", "7")


def test_order_of_the_inputs_does_not_matter(project):
    forwards = collect("s", project, DEPS, {"a": 1, "b": 2})
    assert forwards == collect("s", project, DEPS[::-1], {"b": 2, "a": 1})


def test_each_change_changes_its_row_only(project):
    before = by_name(collect("s", project, DEPS, {"a": 1}))
    (project / "src/lab/x.py").write_text("import os\n")
    after = by_name(collect("s", project, DEPS, {"a": 2}))
    changed = {key for key in before if before[key] != after.get(key)}
    assert changed == {("module", "src/lab"), ("parameters", "s"), ("package", "yaml")}


def test_nothing_tells_the_machine(project):
    text = str(collect("s", project, DEPS, {}))
    assert str(project) not in text
    assert socket.gethostname() not in text


def test_a_project_without_lock_file(project):
    (project / "requirements.lock").unlink()
    assert ("file", "requirements.lock") not in by_name(collect("s", project, DEPS, {}))


def test_folders_ignore_compiled_files_and_notice_renames(project):
    before = fingerprint(project / "src")
    cache = project / "src/lab/__pycache__"
    cache.mkdir()
    (cache / "x.pyc").write_text("")
    assert fingerprint(project / "src") == before
    (project / "src/lab/x.py").rename(project / "src/lab/z.py")
    assert fingerprint(project / "src") != before


def test_a_missing_input_is_a_clear_error(project):
    with pytest.raises(DataError, match=r"must be a file or a folder; .*none\.csv does not exist"):
        collect("s", project, ["data/raw/none.csv"], {})


def test_checks_stand_first_and_in_the_order_of_their_names(project):
    checks = {"leak guard": "None moved.", "bounds": "None out."}
    rows = collect("s", project, DEPS, {}, checks)
    assert rows[:2] == [("check", "bounds", "None out."), ("check", "leak guard", "None moved.")]
    assert rows[2:] == collect("s", project, DEPS, {})


def test_a_check_is_shown_as_a_sentence_and_escaped(page):
    html = page("# T", provenance=[Row("check", "leak guard", "0 < 1 forecasts moved.")])
    assert '<td class="sentence">0 &lt; 1 forecasts moved.</td>' in html
