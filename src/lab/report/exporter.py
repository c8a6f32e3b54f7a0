"""The nbconvert exporter behind `lab.report.render`, with the template templates/report."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.exporters.templateexporter import TemplateExporter
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers.python import PythonLexer
from traitlets import default
from traitlets.config import Config

from lab.report import markdown
from lab.report.canonical import Failure, canonicalise, find_failure, split_stderr
from lab.report.figures import pair_captions, png_size
from lab.report.headline import comparison
from lab.report.maths import to_mathml
from lab.report.provenance import Row
from lab.report.sanitise import sanitise
from lab.report.spacing import unbroken

if TYPE_CHECKING:
    from nbformat import NotebookNode

TEMPLATES = "templates"
HIDDEN_CELL = "remove-cell"
HIDDEN_INPUT = "remove-input"
QUIET_INPUT = "hide-input"
PRIORITY = [
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/latex",
    "text/plain",
]
HEADINGS_IN_CONTENTS = (2, 3)


class ReportExporter(TemplateExporter):
    """Writes one HTML page; every text of the notebook passes an escaping filter."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "report"

    @property
    def default_config(self) -> Config:
        """Show the richest kind of output that needs no script."""
        return Config({"NbConvertBase": {"display_data_priority": PRIORITY}})

    @default("filters")
    def _filters_default(self) -> dict[str, Any]:
        return {
            "highlight_code": code_html,
            "output_html": output_html,
            "output_markdown": markdown.output_html,
            "sentence": sentence,
            "formula": lambda latex: to_mathml(latex.strip().strip("$"), "block"),
            "image": image,
        }


def export(
    notebook: "NotebookNode",
    *,
    study: str,
    root: Path,
    provenance: Sequence[Row],
    metrics: Mapping[str, Any] | None = None,
    failed: Failure | None = None,
) -> str:
    """Return a report as HTML; the arguments are those of `lab.report.render`."""
    page = canonicalise(split_stderr(notebook)[0], root)
    if failed and (found := find_failure(notebook)):
        failed = replace(failed, cell=found.cell)
    page.cells = [cell for i, cell in enumerate(page.cells, 1) if _is_shown(cell, i, failed)]
    pair_captions(page)
    title, question = _take_title(page, study)
    outline = markdown.Outline()
    _prepare_cells(page, outline)
    answer = (metrics or {}).get("headline") or {}
    resources = {
        "study": study,
        "title": title,
        "question": question,
        "contents": [h for h in outline.headings if h["level"] in HEADINGS_IN_CONTENTS],
        "sentence": unbroken(str(answer.get("sentence") or "")),
        "comparison": comparison(answer),
        "use": unbroken(str(((metrics or {}).get("notes") or {}).get("use") or "")),
        "provenance": provenance,
        "failed": failed,
        "failed_cell": f"cell-{failed.cell:02d}" if failed and failed.cell else None,
        "script": _script(root),
    }
    exporter = ReportExporter(extra_template_basedirs=[str(root / TEMPLATES)])
    html, _ = exporter.from_notebook_node(page, resources={"report": resources})
    return str(html).strip() + "\n"


def _is_shown(cell: Any, number: int, failed: Failure | None) -> bool:
    """Tell whether a cell is part of the page: a failed one always is."""
    hidden = HIDDEN_CELL in cell.metadata.get("tags", []) and not (failed and failed.cell == number)
    empty = not cell.source.strip() and not cell.get("outputs")
    return cell.cell_type != "raw" and not hidden and not empty


def _take_title(page: "NotebookNode", study: str) -> tuple[str, str]:
    """Remove the first cell; return its title as text and its question as HTML."""
    fallback = study.replace("_", " ").capitalize()
    if not page.cells or page.cells[0].cell_type != "markdown":
        return fallback, ""
    first, _, rest = page.cells[0].source.strip().partition("\n")
    if not first.startswith("# "):
        return fallback, ""
    attachments = page.cells.pop(0).get("attachments")
    return first[2:].strip(), markdown.cell_html(rest, markdown.Outline(), attachments)


def _prepare_cells(page: "NotebookNode", outline: markdown.Outline) -> None:
    """Note in each cell's metadata how the template shows it, in the order of the page."""
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.metadata["html"] = markdown.cell_html(
                cell.source, outline, cell.get("attachments")
            )
        else:
            cell.metadata["input"] = _input_style(cell.metadata.get("tags", []))
            cell.outputs = [output for output in cell.outputs if _is_showable(output)]


def _is_showable(output: Any) -> bool:
    """Tell whether an output has a form that needs no script."""
    return "data" not in output or any(kind in output.data for kind in PRIORITY)


def _input_style(tags: Sequence[str]) -> str:
    """Return how a cell's code is shown: not at all, quietly, or folded with a preview."""
    if HIDDEN_INPUT in tags:
        return "none"
    return "quiet" if QUIET_INPUT in tags else "plain"


def _script(root: Path) -> dict[str, str]:
    """Return the page's own script and the hash that alone may run under its policy."""
    text = "\n" + (root / TEMPLATES / "report" / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {"text": text, "hash": f"sha256-{digest}"}


def code_html(source: str) -> str:
    """Return Python code with its syntax marked up."""
    return str(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)))


def output_html(markup: str) -> str:
    """Return an HTML output without anything harmful, tables in a scrolling frame."""
    clean = sanitise(markup)
    return markdown.scrolling(clean) if "<table" in clean else clean


def sentence(source: str) -> str:
    """Return one computed sentence as HTML without a paragraph around it."""
    html = markdown.output_html(source).strip()
    return html.removeprefix("<p>").removesuffix("</p>")


def image(output: Any) -> str:
    """Return a figure's `<img>`, embedded, with its size and an alternative text."""
    data, facts = output.data, output.metadata.get("figure", {})
    kind = next(name for name in PRIORITY if name.startswith("image/") and name in data)
    content = "".join(data[kind].split())
    if kind == "image/svg+xml":
        content = base64.b64encode(data[kind].encode()).decode()
    shown = output.metadata.get(kind) or {}
    size = (shown.get("width"), shown.get("height"))
    if not all(isinstance(side, int) for side in size):
        size = (png_size(content) if kind == "image/png" else None) or (None, None)
    sides = f' width="{size[0]}" height="{size[1]}"' if size[0] else ""
    alt = output.metadata.get("alt") or f"Figure {facts.get('number')}: {facts.get('section')}"
    return f'<img src="data:{kind};base64,{escape(content)}" alt="{escape(alt)}"{sides}>'
