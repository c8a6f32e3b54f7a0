"""Figures get a number, a size, an alternative text and the sentence that follows as caption."""

import base64
import re
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

IMAGES = ("image/svg+xml", "image/png", "image/jpeg")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*$", re.MULTILINE)
NOT_A_SENTENCE = re.compile(r"\s*(?:#|\||>|[-*+] |\d+\. |```)")
PNG_START = b"\x89PNG\r\n\x1a\n"


def pair_captions(notebook: "NotebookNode") -> "NotebookNode":
    """Move each computed sentence that follows a figure into the figure, in place.

    The sentence is a Markdown output of one paragraph, directly after the figure in the
    same cell or as the only output of the next one; directly before it where the figure
    is the cell's last output (that is where Jupyter puts a figure without `plt.show()`).

    Returns
    -------
    nbformat.NotebookNode
        The same notebook; figures carry `metadata.figure` with `number`, `section` and
        `caption` (Markdown or None).
    """
    section, number = "", 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            section = (HEADING.findall(cell.source) or [section])[-1]
        for output in [out for out in cell.get("outputs", []) if is_figure(out)]:
            number += 1
            caption = _take_caption(cell, output, notebook.cells[index + 1 : index + 2])
            output.metadata["figure"] = {"number": number, "section": section, "caption": caption}
    return notebook


def is_figure(output: Any) -> bool:
    """Tell whether an output is shown as an image."""
    data = output.get("data", {})
    return any(kind in data for kind in IMAGES) and "text/html" not in data


def png_size(encoded: str) -> tuple[int, int] | None:
    """Return width and height [px] of a base64-encoded PNG, None if it is not one.

    Examples
    --------
    >>> png_size("bm90IGEgcG5n") is None
    True
    """
    head = base64.b64decode(encoded[:44].ljust(44, "A"))
    if not head.startswith(PNG_START) or head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _take_caption(cell: Any, figure: Any, following: list[Any]) -> str | None:
    """Remove and return the sentence that belongs to a figure, None without one."""
    place = next(i for i, output in enumerate(cell.outputs) if output is figure)
    if place + 1 < len(cell.outputs):
        return _pop_sentence(cell.outputs, place + 1)
    if place > 0 and (sentence := _pop_sentence(cell.outputs, place - 1)):
        return sentence
    next_outputs = following[0].get("outputs", []) if following else []
    return _pop_sentence(next_outputs, 0) if len(next_outputs) == 1 else None


def _pop_sentence(outputs: list[Any], place: int) -> str | None:
    """Remove and return the output at `place` if it is one paragraph of Markdown."""
    text = outputs[place].get("data", {}).get("text/markdown", "").strip()
    if not text or "\n\n" in text or NOT_A_SENTENCE.match(text):
        return None
    del outputs[place]
    return str(text)
