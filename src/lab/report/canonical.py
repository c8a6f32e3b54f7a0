"""Make two equal runs give equal notebooks: no random ids, prompts, addresses or clocks."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.report import parameters

if TYPE_CHECKING:
    from nbformat import NotebookNode

INJECTED = "injected-parameters"
PAPERMILL_ERROR = "papermill-error-cell"
SCIKIT_LEARN_DISPLAY = 'id="sk-container-id-'
ADDRESS = re.compile(r"( at )0x[0-9A-Fa-f]+")
KERNEL_FILE = re.compile(r"(?:/[\w.-]+)*/ipykernel_\d+/\d+\.py")
STYLER_TABLE = re.compile(r'<table id="T_([0-9a-zA-Z]+)"')
SVG_ID = re.compile(r'\bid="([A-Za-z]*[0-9a-f]{10})"')
SVG_METADATA = re.compile(r"<metadata>.*?</metadata>\s*", re.DOTALL)


@dataclass(frozen=True)
class Failure:
    """What ended a run early.

    Attributes
    ----------
    name : str
        Kind of error, such as "ValueError".
    message : str
        Its text.
    cell : int or None
        Number of the failed cell in the notebook, counted from 1; None when no cell
        failed (a declared output is missing, the kernel died).
    """

    name: str
    message: str
    cell: int | None = None


def canonicalise(notebook: "NotebookNode", root: Path | None = None) -> "NotebookNode":
    """Return a copy of an executed notebook without anything that differs between runs.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As Papermill or nbclient left it; not changed.
    root : pathlib.Path, optional
        Project root, cut out of every path in the outputs.

    Returns
    -------
    nbformat.NotebookNode
        Cells numbered `cell-01` and so on, without prompts, timings and Papermill's own
        cells; the `parameters` cell carries the effective values in
        `metadata.parameters` (see `lab.report.parameters.effective`).
    """
    result = copy.deepcopy(notebook)
    injected = [cell.source for cell in result.cells if INJECTED in _tags(cell)]
    result.cells = [cell for cell in result.cells if not _is_papermills(cell)]
    result.metadata = {"language_info": {"name": "python"}}
    texts = _Texts(root)
    for number, cell in enumerate(result.cells, start=1):
        _tidy_cell(cell, number, injected)
        for output in cell.get("outputs", []):
            _tidy_output(output, texts)
    return result


def find_failure(notebook: "NotebookNode") -> Failure | None:
    """Return the first error that a cell of an executed notebook ended in, None without one.

    Cells count as in the notebook's file: those that Papermill added do not.
    """
    own = [cell for cell in notebook.cells if not _is_papermills(cell)]
    for number, cell in enumerate(own, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return Failure(output.ename, output.evalue, number)
    return None


def split_stderr(notebook: "NotebookNode") -> tuple["NotebookNode", str]:
    """Return a copy of the notebook without its stderr outputs, and their text.

    The text belongs into the run's log: it holds time stamps, progress bars and paths.
    """
    result = copy.deepcopy(notebook)
    removed: list[str] = []
    for cell in result.cells:
        if "outputs" in cell:
            removed += [out.text for out in cell.outputs if _is_stderr(out)]
            cell.outputs = [out for out in cell.outputs if not _is_stderr(out)]
    return result, "".join(removed)


def _is_stderr(output: Any) -> bool:
    return output.output_type == "stream" and output.name == "stderr"


def _tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _is_papermills(cell: Any) -> bool:
    """Tell whether Papermill added this cell (parameters, error notice)."""
    return any(tag == INJECTED or tag.startswith(PAPERMILL_ERROR) for tag in _tags(cell))


def _tidy_cell(cell: Any, number: int, injected: list[str]) -> None:
    """Number the cell and keep of its metadata only tags, alt text and parameters."""
    kept = {key: cell.metadata[key] for key in ("tags", "alt") if key in cell.metadata}
    cell.id = f"cell-{number:02d}"
    if parameters.TAG in kept.get("tags", []):
        kept["parameters"] = parameters.effective(cell.source, injected)
    cell.metadata = type(cell)(kept)
    if cell.cell_type == "code":
        cell.execution_count = None


def _tidy_output(output: Any, texts: "_Texts") -> None:
    """Make one output's texts canonical, in place."""
    if "execution_count" in output:
        output.execution_count = None
    if output.output_type == "stream":
        output.text = texts.any_text(output.text)
    elif output.output_type == "error":
        output.traceback = [texts.any_text(line) for line in output.traceback]
        output.evalue = texts.any_text(output.evalue)
    else:
        output.data = type(output)(_tidy_bundle(dict(output.data), texts))


def _tidy_bundle(data: dict[str, Any], texts: "_Texts") -> dict[str, Any]:
    """Return a mime bundle with canonical texts, without displays that need a script."""
    if "text/plain" in data and SCIKIT_LEARN_DISPLAY in data.get("text/html", ""):
        del data["text/html"]
    ways: dict[str, Callable[[str], str]] = {
        "text/plain": texts.any_text,
        "text/markdown": texts.any_text,
        "text/html": texts.html,
        "image/svg+xml": texts.svg,
    }
    return {kind: ways[kind](value) if kind in ways else value for kind, value in data.items()}


class _Texts:
    """Rewrites texts; numbers random ids in the order in which they appear."""

    def __init__(self, root: Path | None) -> None:
        self.root = f"{root}/" if root else None
        self.stylers = 0
        self.drawings = 0

    def any_text(self, text: str) -> str:
        """Hide object addresses, the kernel's process id and the project's place."""
        text = ADDRESS.sub(r"\g<1>0x…", text)
        text = KERNEL_FILE.sub("<cell>", text)
        return text.replace(self.root, "") if self.root else text

    def html(self, text: str) -> str:
        """Number the random ids of pandas' Styler."""
        text = self.any_text(text)
        for name in STYLER_TABLE.findall(text):
            self.stylers += 1
            text = re.sub(rf"\bT_{name}(?![0-9a-zA-Z])", f"T_{self.stylers}", text)
        return text

    def svg(self, text: str) -> str:
        """Number the hashed ids of a drawing and drop its date."""
        self.drawings += 1
        text = SVG_METADATA.sub("", text)
        for number, name in enumerate(dict.fromkeys(SVG_ID.findall(text)), start=1):
            text = text.replace(name, f"d{self.drawings}-{number}")
        return text
