from pathlib import Path

import pandas as pd
import pytest
from nbformat import v4

from lab.report.canonical import Failure, canonicalise, find_failure, split_stderr


def html_of(notebook, cell=0):
    return canonicalise(notebook).cells[cell].outputs[0].data["text/html"]


@pytest.fixture
def executed(code, notebook, shown):
    """A notebook as Papermill leaves it: injected cell, timings, prompts, random ids."""
    default = code("days = 1  # [d]\nname = 'a'", tags=["parameters"])
    injected = code("days = 5", tags=["injected-parameters"])
    work = code("x", v4.new_output("execute_result", {"text/plain": "1"}, execution_count=9))
    made = notebook("# T", default, injected, work)
    made.metadata["papermill"] = {"start_time": "2026-01-01"}
    for cell in made.cells:
        cell.metadata["papermill"] = {"duration": 0.1}
        cell.metadata["execution"] = {"iopub.status.busy": "2026"}
    return made


def test_cells_are_numbered_without_papermills_own(executed):
    result = canonicalise(executed)
    assert [cell.id for cell in result.cells] == ["cell-01", "cell-02", "cell-03"]


def test_clocks_and_prompts_are_gone(executed):
    result = canonicalise(executed)
    assert "papermill" not in str(result)
    assert "2026" not in str(result)
    assert result.cells[2].execution_count is None
    assert result.cells[2].outputs[0].execution_count is None


def test_parameters_cell_carries_the_effective_values(executed):
    assert canonicalise(executed).cells[1].metadata.parameters == [
        {"name": "days", "value": "5", "note": "[d]"},
        {"name": "name", "value": "'a'", "note": ""},
    ]


def test_the_notebook_itself_is_not_changed(executed):
    before = str(executed)
    canonicalise(executed)
    split_stderr(executed)
    assert str(executed) == before


def test_stderr_is_split_off(code, notebook):
    noise = v4.new_output("stream", name="stderr", text="12:01 warning\n")
    words = v4.new_output("stream", name="stdout", text="result\n")
    rest, log = split_stderr(notebook("# T", code("x", noise, words, noise)))
    assert log == "12:01 warning\n12:01 warning\n"
    assert [out.text for out in rest.cells[1].outputs] == ["result\n"]


def test_styler_tables_are_numbered_through_the_notebook(code, notebook, shown):
    def tables():
        frames = [pd.DataFrame({"a": [number]}).style.bar() for number in (1, 2)]
        return notebook(*[code("x", shown(html=frame.to_html())) for frame in frames])

    assert html_of(tables()) == html_of(tables())
    assert '<table id="T_1"' in html_of(tables())
    assert "#T_2_row0_col0" in html_of(tables(), cell=1)


def test_a_value_that_looks_like_an_id_stays(code, notebook, shown):
    cell = code("x", shown(html='<table id="T_abcde"><tr><td>T_12345 T_abcdef</td></tr></table>'))
    assert html_of(notebook(cell)).endswith("<td>T_12345 T_abcdef</td></tr></table>")


def test_addresses_process_ids_and_places_are_hidden(code, notebook):
    root = Path("/home/someone/project")
    text = (
        "<Axes at 0x7f3a>, hash 0x7f3a, /tmp/ipykernel_123/456.py:3, "
        "/home/someone/project/src/lab/x.py"
    )
    cell = code("x", v4.new_output("stream", text=text))
    assert canonicalise(notebook(cell), root).cells[0].outputs[0].text == (
        "<Axes at 0x…>, hash 0x7f3a, <cell>:3, src/lab/x.py"
    )


def test_drawings_are_numbered_and_lose_their_date(code, notebook, shown):
    def drawing(salt):
        return shown(
            svg=f'<svg><metadata><d>2026</d></metadata><clipPath id="p{salt}"/>'
            f'<g clip-path="url(#p{salt})"/></svg>'
        )

    results = [
        canonicalise(notebook(code("x", drawing(salt)))).cells[0].outputs[0].data["image/svg+xml"]
        for salt in ("0123456789", "abcdef0123")
    ]
    assert results[0] == results[1]
    assert results[0] == '<svg><clipPath id="d1-1"/><g clip-path="url(#d1-1)"/></svg>'


def test_estimators_are_shown_as_text(code, notebook, shown):
    from sklearn.linear_model import Ridge

    html = Ridge()._repr_html_()
    output = canonicalise(notebook(code("x", shown(html=html, plain="Ridge()")))).cells[0].outputs
    assert dict(output[0].data) == {"text/plain": "Ridge()"}


def test_a_failure_is_found_by_the_cell_of_the_file(code, notebook):
    error = v4.new_output("error", ename="ValueError", evalue="no", traceback=["a at 0x12", "b"])
    notice = v4.new_markdown_cell("An Exception", metadata={"tags": ["papermill-error-cell-tag"]})
    injected = code("d = 1", tags=["injected-parameters"])
    made = notebook(notice, "# T", injected, code("1 / 0", error))
    assert find_failure(made) == Failure("ValueError", "no", 2)
    assert canonicalise(made).cells[1].outputs[0].traceback == ["a at 0x…", "b"]


def test_a_run_that_went_well_has_no_failure(executed):
    assert find_failure(executed) is None
