"""Reports in a real browser: readable, foldable, silent, and deaf to markup from data."""

import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat import v4

from lab import paths
from lab.report import index, render
from lab.report.provenance import Row

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NASTY = "<script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(2)> $a$"
HEADLINE = {
    "model": NASTY,
    "metric": "mape_percent",
    "value": 3.0,
    "unit": "%",
    "baseline": "naive",
    "baseline_value": 6.0,
    "sentence": f"Half the error of {NASTY}.",
}


def display(**data):
    """Return a displayed output; `_` in a kind stands for `/`."""
    return v4.new_output("display_data", {k.replace("_", "/"): v for k, v in data.items()})


def code(source, *outputs, tags=()):
    return v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def demand_notebook():
    """A report with all that a page can hold, and with markup wherever data comes in."""
    frame = pd.DataFrame({NASTY: [1.0, 2.0], "b": [NASTY, "x"]}, index=[NASTY, "y"])
    wide = pd.DataFrame([range(40)], columns=[f"column {number}" for number in range(40)])
    cells = [
        v4.new_markdown_cell(f"# Demand\n\nHow much of {NASTY}?"),
        code("days = 7  # [d]", tags=["parameters"]),
        v4.new_markdown_cell(f"## First\n\n{NASTY}\n\n$$\\frac{{1}}{{n}}$$"),
        code("frame", display(text_html=frame._repr_html_())),
        code("frame.style", display(text_html=frame.style.set_caption(NASTY).to_html())),
        code("wide", display(text_html=wide._repr_html_())),
        v4.new_markdown_cell("## Second\n\n" + "text\n\n" * 60),
        code("plot()", display(image_png=PNG), display(text_markdown=f"Seen: {NASTY}.")),
        code("say()", display(text_markdown=f"**{NASTY}**", text_plain="x")),
        code("print()", v4.new_output("stream", text=NASTY)),
        v4.new_markdown_cell("## Third\n\n" + "text\n\n" * 60),
    ]
    return v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a small project's rendered pages: index and one report."""
    project = tmp_path_factory.mktemp("project")
    for folder in ("notebooks", "reports/metrics"):
        (project / folder).mkdir(parents=True)
    (project / "templates").symlink_to(paths.root(Path(__file__).parent) / "templates")
    nbformat.write(demand_notebook(), project / "notebooks/demand.ipynb")
    metrics = {"headline": HEADLINE}
    (project / "reports/metrics/demand.json").write_text(json.dumps(metrics))
    html = index.cards(index.studies(project))
    overview = v4.new_notebook(
        cells=[v4.new_markdown_cell("# Studies\n\nWhich?"), code("show()", display(text_html=html))]
    )
    rows = [Row("data", NASTY, "0123")]
    pages = {"demand": (demand_notebook(), metrics), "index": (overview, None)}
    for study, (notebook, headline) in pages.items():
        text = render(notebook, study=study, root=project, provenance=rows, metrics=headline)
        (project / f"reports/{study}.html").write_text(text, encoding="utf-8")
    return project / "reports"


@pytest.fixture
def visit(browser, site):
    """Open a page: `visit("demand")`; fails at the end if it spoke, asked or alerted."""
    contexts, complaints = [], []

    def watch(page):
        page.on("console", lambda m: complaints.append(f"console {m.type}: {m.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda box: (complaints.append(f"dialog: {box.message}"), box.dismiss()))
        page.on("request", lambda r: None if local(r.url) else complaints.append(r.url))

    def local(url):
        return url.startswith(("file:", "data:"))

    def open_page(name, folder=site, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def test_index_leads_to_the_report_and_back(visit):
    page = visit("index")
    assert page.locator(".lab-card").count() == 1
    assert page.locator(".lab-fill").count() == 2
    page.click(".lab-card a")
    assert page.url.endswith("/demand.html")
    assert page.inner_text("h1") == "Demand"
    page.click("a.home")
    assert page.url.endswith("/index.html")


def test_markup_from_data_is_seen_as_text_everywhere(visit):
    page = visit("demand")
    page.wait_for_timeout(200)
    assert page.locator("main script").count() == 0
    assert page.locator("main img").count() == 1
    places = ["h2 ~ p", ".question", ".answer", "th", "td", "caption", "figcaption", ".stream"]
    for place in [*places, ".provenance td", ".lab-label", ".output.prose strong"]:
        texts = page.locator(place).all_inner_texts()
        assert any("<script>alert(1)</script>" in text for text in texts), place


def test_code_unfolds_by_mouse_keyboard_and_all_at_once(visit):
    page = visit("demand")
    folded = page.locator("details.code").first
    source = folded.locator(".source")
    assert not source.is_visible()
    folded.locator("summary").click()
    assert source.is_visible()
    folded.locator("summary").press("Enter")
    assert not source.is_visible()
    page.click("#code-switch")
    assert page.locator("details.code[open]").count() == page.locator("details.code").count() > 1
    page.click("#code-switch")
    assert page.locator("details.code[open]").count() == 0


def test_colours_follow_the_system_and_the_switch(visit):
    def ground(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light, dark = visit("demand", color_scheme="light"), visit("demand", color_scheme="dark")
    bright, night = ground(light), ground(dark)
    assert bright == "rgb(255, 255, 255)"
    assert night != bright
    assert "invert" in dark.evaluate("getComputedStyle(document.querySelector('img')).filter")
    for page, other in ((light, night), (dark, bright)):
        page.click("#theme-switch")
        assert ground(page) == other


def test_contents_follow_the_reader(visit):
    from playwright.sync_api import expect

    page = visit("demand")
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    current = page.locator(".contents [aria-current]")
    assert current.inner_text() == "First"
    page.locator("#second").evaluate("heading => heading.scrollIntoView()")
    expect(current).to_have_text("Second")
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(current).to_have_text("Provenance")
    assert current.count() == 1


@pytest.mark.parametrize("name", ["index", "demand"])
def test_a_phone_scrolls_down_only(visit, name):
    page = visit(name, viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    if name == "demand":
        frames = "frame => frame.scrollWidth > frame.clientWidth"
        assert any(frame.evaluate(frames) for frame in page.locator(".scroll").all())


def test_the_keyboard_reaches_content_switches_and_tables(visit):
    page = visit("demand")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.tagName"))
    assert {"SUMMARY", "DIV"} <= seen


def test_paper_shows_parameters_and_leaves_out_what_cannot_be_used(visit):
    page = visit("demand")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".parameters table").is_visible()
    for part in (".bar", ".contents", "details.code"):
        assert not page.locator(part).first.is_visible()


def test_a_page_can_be_read_without_its_script(visit):
    page = visit("demand", java_script_enabled=False)
    assert not page.locator("#theme-switch").is_visible()
    assert page.locator(".contents a").count() == 4
    folded = page.locator("details.code").first
    folded.locator("summary").click()
    assert folded.locator(".source").is_visible()
    assert page.locator("math").count() > 0


def test_the_policy_stops_a_script_that_got_into_a_page(browser, site, tmp_path):
    text = (site / "demand.html").read_text(encoding="utf-8")
    evil = "<script>document.title = 'stolen'</script><img src=x onerror=\"document.title='too'\">"
    path = tmp_path / "evil.html"
    path.write_text(text.replace("</main>", f"{evil}</main>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(200)
    assert page.title() == "Demand · lab"
    page.close()


def test_every_page_that_there_is(visit, site):
    """Look at the project's own reports as well, where they have been computed."""
    own = paths.root(Path(__file__).parent) / "reports"
    for path in [*sorted(site.glob("*.html")), *sorted(own.glob("*.html"))]:
        assert path.stat().st_size < 1_500_000
        page = visit(path.stem, folder=path.parent)
        assert page.inner_text("h1")
        for figure in page.locator("figure img").all():
            assert figure.get_attribute("alt")
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path
        for link in page.locator(".lab-card a").all():
            assert (path.parent / (link.get_attribute("href") or "")).is_file()
