import json

import nbformat
import pytest
from nbformat import v4

from lab.errors import DataError
from lab.report import index
from lab.report.sanitise import sanitise

HEADLINE = {
    "model": "m",
    "metric": "mae",
    "value": 1.0,
    "unit": "MW",
    "baseline": "b",
    "baseline_value": 2.0,
    "sentence": "One is <half> of two.",
}


@pytest.fixture
def project(tmp_path):
    """A project with three studies and the index; `b` has a result."""
    (tmp_path / "reports/metrics").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    cells = {
        "a": ["# Alpha\n\nWhat is *this* [thing](x.html)?\n\nMore.", "data.load('t')\nload(name)"],
        "b": ["# Beta & <co>\nWhy\nso?", "clean('u'); clean('u'); data.load('t')"],
        "c": ["No title here.", "for n in sources(): load(n)"],
        "index": ["# Studies", ""],
    }
    for name, (text, source) in cells.items():
        made = v4.new_notebook(cells=[v4.new_markdown_cell(text), v4.new_code_cell(source)])
        nbformat.write(made, tmp_path / f"notebooks/{name}.ipynb")
    (tmp_path / "reports/metrics/b.json").write_text(json.dumps({"headline": HEADLINE}))
    return tmp_path


def test_a_study_is_read_from_its_first_cell_and_its_metrics(project):
    alpha, beta, third = index.studies(project)
    assert (alpha.title, alpha.question, alpha.data) == ("Alpha", "What is this thing?", ("t",))
    assert (alpha.headline, alpha.sentence) == (None, "")
    assert (beta.question, beta.data) == ("Why so?", ("u", "t"))
    assert beta.sentence == "One is <half> of two."
    assert (third.title, third.question) == ("c", "No title here.")
    assert third.data == ("every table of the register",)


def test_studies_that_run_by_name_are_left_out(project):
    (project / "benchmarks").mkdir()
    (project / "benchmarks" / "dvc.yaml").write_text("stages: {a: {}, other: {}}")
    assert [study.name for study in index.studies(project)] == ["b", "c"]
    (project / "benchmarks" / "dvc.yaml").write_text("")
    assert [study.name for study in index.studies(project)] == ["a", "b", "c"]


def test_each_variant_of_a_matrix_has_a_card(project):
    (project / "dvc.yaml").write_text("stages: {b: {matrix: {town: [x, y], year: [1]}}, c: {}}")
    (project / "reports/metrics/b_y_1.json").write_text(json.dumps({"headline": HEADLINE}))
    found = index.studies(project, order=["c", "b"])
    assert [study.name for study in found] == ["c", "b_x_1", "b_y_1", "a"]
    assert [study.title for study in found[1:3]] == ["Beta & <co> (x, 1)", "Beta & <co> (y, 1)"]
    assert [bool(study.headline) for study in found[1:3]] == [False, True]
    html = index.cards(found)
    assert "<code>lab run b -p town=x -p year=1</code>" in html
    assert '<a href="b_y_1.html">' in html


def test_named_studies_come_first_the_rest_alphabetically(project):
    found = index.studies(project, order=["c", "b", "unknown"])
    assert [study.name for study in found] == ["c", "b", "a"]


def test_summary_counts_the_results(project):
    found = index.studies(project)
    assert index.summary(found) == "3 studies, 1 with a result."
    assert index.summary(found[:1]) == "1 study, 0 with a result."


def test_cards_pass_the_sanitiser_unchanged(project):
    html = index.cards(index.studies(project))
    assert sanitise(html) == html.replace("'", "&#x27;")


def test_a_card_shows_answer_comparison_data_and_link(project):
    html = index.cards(index.studies(project))
    assert '<a href="b.html">Beta &amp; &lt;co&gt;</a>' in html
    assert '<p class="lab-answer">One is &lt;half&gt; of two.</p>' in html
    assert html.count("lab-fill") == 2
    assert "<li>u</li><li>t</li>" in html


def test_a_study_without_result_says_how_to_get_one(project):
    html = index.cards(index.studies(project))
    assert "<code>lab run a</code>" in html
    assert "a.html" not in html


def test_nothing_is_said_of_no_study():
    assert index.summary([]) == "No study yet."


def test_show_gives_what_a_notebook_displays(project):
    found = index.studies(project)
    assert index.show(found)._repr_html_() == index.cards(found)


def test_the_root_is_found(project, monkeypatch):
    (project / "params.yaml").write_text("")
    monkeypatch.chdir(project / "notebooks")
    assert [study.name for study in index.studies()] == ["a", "b", "c"]


def test_a_cell_that_is_not_plain_python_hides_no_other(project):
    cells = [v4.new_code_cell("%time load('t')"), v4.new_code_cell("load('u')")]
    made = v4.new_notebook(cells=cells)
    nbformat.write(made, project / "notebooks/a.ipynb")
    assert index.studies(project)[0].data == ("u",)


@pytest.mark.parametrize("content", ["{", "[1]", "\ud800"], ids=["cut-off", "list", "bytes"])
def test_a_damaged_metrics_file_is_a_clear_error(project, content):
    (project / "reports/metrics/b.json").write_bytes(content.encode("utf-16", "surrogatepass"))
    if content != "\ud800":
        (project / "reports/metrics/b.json").write_text(content)
    with pytest.raises(DataError, match=r"b\.json"):
        index.studies(project)
