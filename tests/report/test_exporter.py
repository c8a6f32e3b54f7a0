import base64
import hashlib
import re
import time

import pandas as pd
import pytest
from nbformat import v4

from lab.report import Failure
from lab.report.provenance import Row

METRICS = {
    "headline": {
        "model": "ridge",
        "metric": "mae",
        "value": 1.0,
        "unit": "MW",
        "baseline": "naive",
        "baseline_value": 2.0,
        "sentence": "Ridge <wins> by 50 %.",
    }
}


def main(html):
    """Return the page's content, without head, style and script."""
    return html[html.index("<main") : html.index("</main>")]


def test_title_question_and_answer_stand_on_top(page):
    html = page("# Demand & <more>\n\nHow *well*?", "## Data", metrics=METRICS)
    assert "<title>Demand &amp; &lt;more&gt; · lab</title>" in html
    assert "<h1>Demand &amp; &lt;more&gt;</h1>" in html
    assert "<p>How <em>well</em>?</p>" in html
    assert '<p class="answer">Ridge &lt;wins&gt; by 50\u00a0%.</p>' in html
    assert html.index("<h1>") < html.index('="lab-compare"') < html.index('id="data"')


@pytest.mark.parametrize("first", ["No title", ""], ids=["text", "nothing"])
def test_without_a_title_the_study_gives_its_name(page, first):
    html = page(*([first] if first else []), study="demand_forecast")
    assert "<h1>Demand forecast</h1>" in html


def test_contents_list_the_headings_and_the_provenance(page):
    rows = [Row("data", "data/x.csv", "0123")]
    html = page("# T", "## One\n\n### Two\n\n#### Three", provenance=rows)
    contents = html[html.index("<nav") : html.index("</nav>")]
    assert re.findall(r'href="#([\w-]+)"', contents) == ["one", "two", "provenance"]
    assert "<td>data/x.csv</td><td><code>0123</code></td>" in html


def test_no_contents_without_headings(page):
    assert "<nav" not in page("# T", "text")


def test_the_kind_of_a_provenance_row_is_said_once(page):
    html = page("# T", provenance=[Row("data", "a", "1"), Row("data", "b", "2")])
    assert html.count("<td>data</td>") == 1


@pytest.mark.parametrize(
    ("tags", "code_shown", "kind"),
    [
        ([], True, 'class="code plain"'),
        (["hide-input"], True, 'class="code quiet"'),
        (["remove-input"], False, None),
    ],
    ids=["untagged", "hide-input", "remove-input"],
)
def test_code_is_folded_by_its_tag(page, code, shown, tags, code_shown, kind):
    html = page("# T", code("forty = 42", shown(plain="seen"), tags=tags))
    assert ("forty" in html) is code_shown
    assert kind is None or kind in html
    assert "seen" in html
    assert "<details open" not in html


def test_removed_and_empty_cells_leave_no_trace(page, code, shown):
    raw = v4.new_raw_cell("raw text")
    html = page("# T", code("secret", shown(plain="unseen"), tags=["remove-cell"]), code(""), raw)
    assert "secret" not in html
    assert "unseen" not in html
    assert "raw text" not in html
    assert 'class="cell"' not in html


def test_parameters_are_a_table(page, code):
    html = page("# T", code("days = 7  # <length>", tags=["parameters"]))
    assert "<td><code>days</code></td><td><code>7</code></td><td>&lt;length&gt;</td>" in html
    assert 'class="source"' not in html


def test_a_figure_has_number_caption_size_and_alternative_text(page, code, shown, png):
    html = page(
        "# T", "## Error", code("plot()", shown(png=True), shown(markdown="It $x$ **rises**."))
    )
    assert (
        f'<img src="data:image/png;base64,{png}" alt="Figure 1: Error" width="30" height="20">'
        in html
    )
    assert '<span class="number">Figure 1</span> It <math' in html
    assert "<strong>rises</strong>.</figcaption>" in html


def test_a_figure_may_name_its_own_size_and_text(page, code, shown):
    output = shown(png=True)
    output.metadata = {"image/png": {"width": 15, "height": 10}, "alt": 'a "chart"'}
    html = page("# T", code("plot()", output))
    assert 'alt="a &quot;chart&quot;" width="15" height="10">' in html


def test_a_drawing_is_embedded_as_an_image(page, code, shown):
    svg = "<svg><script>alert(1)</script></svg>"
    html = page("# T", code("plot()", shown(svg=svg)))
    assert f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}" in html
    assert "alert" not in main(html)


def test_each_kind_of_output_is_shown_and_escaped(page, code, shown):
    stream = v4.new_output("stream", text="<printed>\x1b[31mred\x1b[0m")
    outputs = [
        stream,
        shown(plain="<plain>"),
        shown(latex="$\\frac{1}{2}$"),
        shown(markdown="a <i>b</i>"),
        shown(html=pd.DataFrame({"<x>": [1]})._repr_html_()),
    ]
    html = main(page("# T", code("x", *outputs)))
    assert "&lt;printed&gt;" in html
    assert '<span class="ansi-red-fg">red</span>' in html
    assert "&lt;plain&gt;" in html
    assert '<math display="block"' in html
    assert "a &lt;i&gt;b&lt;/i&gt;" in html
    assert re.search(r'<div class="scroll"[^>]*><div>\s*<table class="dataframe">', html)


def test_outputs_that_need_a_script_are_left_out(page, code):
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    javascript = {"application/javascript": "alert(1)"}
    outputs = [v4.new_output("display_data", data) for data in (widget, javascript)]
    html = page("# T", code("x", *outputs))
    assert "model_id" not in html
    assert "alert" not in main(html)


def test_stderr_never_enters_a_page(page, code):
    noise = v4.new_output("stream", name="stderr", text="12:01 warning")
    assert "12:01" not in page("# T", code("x", noise))


def test_a_failed_run_says_so_and_unfolds_the_cell(page, code):
    error = v4.new_output("error", ename="E", evalue="<no>", traceback=["\x1b[31mE\x1b[0m: <no>"])
    failing = code("1 / 0", error, tags=["remove-cell"])
    html = page("# T", code("fine"), failing, failed=Failure("E", "<no>", cell=99))
    assert 'role="alert"' in html
    assert '<a href="#cell-03">cell 3</a>' in html
    assert "E: &lt;no&gt;" in html
    section = html[html.index('id="cell-03"') :]
    assert re.match(r'id="cell-03">\s*<details class="code plain" open>', section)


def test_a_run_may_fail_outside_any_cell(page):
    html = page("# T", failed=Failure("DeadKernelError", "the kernel died"))
    assert "This run failed." in html
    assert "DeadKernelError: the kernel died" in html


def test_the_policy_lets_only_the_pages_own_script_run(page):
    html = page("# T")
    script = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)[0].split("; ")
    assert policy[0] == "default-src 'none'"
    assert f"script-src 'sha256-{digest}'" in policy
    assert "img-src data:" in policy


def test_nothing_is_loaded_from_anywhere(page, code, shown):
    html = page("# T", code("plot()", shown(png=True)), metrics=METRICS)
    addresses = re.findall(r'(?:src|href)="([^"#]*)', html)
    assert {a.partition(":")[0] for a in addresses if a} <= {"data", "index.html"}
    assert "@import" not in html
    assert "url(" not in html
    known = ("http-equiv", "http://www.w3.org/2000/svg", 'href^="http"')
    for text in known:
        html = html.replace(text, "")
    assert "http" not in html


def test_equal_notebooks_give_equal_bytes(page, code, shown):
    def cells():
        frame = pd.DataFrame({"a": [1]}).style.bar().to_html()
        return "# T", code("x", shown(html=frame), v4.new_output("stream", text=f"{object()}"))

    assert page(*cells()) == page(*cells())


def test_a_page_is_small_and_quick(page, code, shown):
    cells = ["# T", *(code(f"x = {n}", shown(png=True), shown(plain="y")) for n in range(20))]
    page(*cells)
    begin = time.process_time()
    html = page(*cells)
    assert time.process_time() - begin < 1.0
    assert len(html.encode()) < 100_000


def test_the_advice_of_the_notes_stands_under_the_answer(page):
    told = {**METRICS, "notes": {"use": "Take <ridge> within 5 %."}}
    html = page("# T", metrics=told)
    advice = '<p class="use"><strong>Use.</strong> Take &lt;ridge&gt; within 5\u00a0%.</p>'
    assert advice in html
    assert 'class="use"' not in main(page("# T", metrics=METRICS))
