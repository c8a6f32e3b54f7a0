"""`lab sync`: the notebooks' defaults equal params.yaml."""

import json
from pathlib import Path

import pytest

from lab import notebooks
from lab.errors import UsageError
from lab.runner.study import names
from lab.sync import sync, sync_study

ROOT = Path(__file__).parents[1]


@pytest.fixture
def study(project):
    return project / "notebooks" / "tiny.ipynb"


def _set(project, text):
    (project / "params.yaml").write_text(f"compute: {{threads: 1, seed: 7}}\n{text}\n", "utf-8")


def test_nothing_to_do_writes_nothing(project, study):
    before = study.stat()
    assert sync(project) == []
    assert study.stat() == before


def test_values_of_params_yaml_go_into_the_notebook(project, study):
    _set(project, "tiny: {rows: 4, label: b, ratio: 0.5, nested: {depth: 3}}")
    assert sync(project) == [
        "notebooks/tiny.ipynb: rows is 3, params.yaml has 4.",
        "notebooks/tiny.ipynb: label is 'a', params.yaml has 'b'.",
        "notebooks/tiny.ipynb: nested is {'depth': 2}, params.yaml has {'depth': 3}.",
    ]
    cell = notebooks.read(study)["cells"][1]
    assert cell["source"] == 'rows = 4\nlabel = "b"\nratio = 0.5\nnested = {"depth": 3}'
    assert sync(project) == []


def test_a_study_with_a_matrix_is_synced_once(parts):
    path = parts / "params.yaml"
    path.write_text(path.read_text("utf-8").replace("part: AA", "part: BB"), "utf-8")
    assert sync(parts) == ["notebooks/parts.ipynb: part is 'AA', params.yaml has 'BB'."]


def test_checking_reports_and_writes_nothing(project, study):
    before = study.read_bytes()
    _set(project, "tiny: {rows: 4, label: a, ratio: 0.5, nested: {depth: 2}}")
    assert len(sync(project, check=True)) == 1
    assert study.read_bytes() == before


def test_a_notebook_saved_with_outputs_is_cleaned(project, study):
    clean = study.read_bytes()
    content = json.loads(clean)
    content["cells"][1]["execution_count"] = 5
    study.write_text(json.dumps(content), encoding="utf-8")
    assert sync(project) == [
        "notebooks/tiny.ipynb: is not in canonical form (outputs, counts or metadata)."
    ]
    assert study.read_bytes() == clean


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        pytest.param("other: {}", "lacks the section 'tiny'", id="no-section"),
        pytest.param("tiny: {rows: 3}", "lacks 'label'", id="missing-name"),
        pytest.param(
            "tiny: {rows: 3, label: a, ratio: 0.5, nested: {depth: 2}, more: 1}",
            "Unknown parameter 'more'",
            id="unknown-name",
        ),
    ],
)
def test_sections_that_do_not_fit_are_refused(project, study, section, sentence):
    before = study.read_bytes()
    _set(project, section)
    with pytest.raises(UsageError, match=sentence):
        sync(project)
    assert study.read_bytes() == before


@pytest.mark.parametrize("name", names(ROOT))
def test_the_committed_notebook_equals_params_yaml(name):
    """Run all in JupyterLab starts from the stage's parameters; no outputs are committed."""
    assert sync_study(ROOT, name, check=True) == []


def test_a_date_without_quotes_stays_text(project, study):
    _set(project, "tiny: {rows: 3, label: 2014-01-01, ratio: 0.5, nested: {depth: 2}}")
    sync(project)
    assert notebooks.parameters(notebooks.read(study))["label"] == "2014-01-01"
