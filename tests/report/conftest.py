"""Small executed notebooks, written by hand: no kernel is needed to test a page."""

import base64
import struct
import zlib
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode, v4

from lab import paths


def _png(width: int, height: int) -> str:
    """Return a black PNG, base64-encoded."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height)))
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


PNG = _png(30, 20)


@pytest.fixture
def png() -> str:
    """A PNG of 30 by 20 px, base64-encoded."""
    return PNG


@pytest.fixture
def shown() -> Callable[..., NotebookNode]:
    """Make a displayed output: `shown(html="<table>…")`, `shown(markdown="…", png=True)`."""
    kinds = {
        "html": "text/html",
        "markdown": "text/markdown",
        "plain": "text/plain",
        "latex": "text/latex",
        "svg": "image/svg+xml",
    }

    def make(png: bool = False, **texts: str) -> NotebookNode:
        data = {kinds[name]: text for name, text in texts.items()}
        return v4.new_output("display_data", data | ({"image/png": PNG} if png else {}))

    return make


@pytest.fixture
def code() -> Callable[..., NotebookNode]:
    """Make an executed code cell: `code("x = 1", output, tags=[…])`."""

    def make(source: str, *outputs: NotebookNode, tags: list[str] | None = None) -> NotebookNode:
        cell = v4.new_code_cell(source, outputs=list(outputs), execution_count=7)
        if tags:
            cell.metadata["tags"] = tags
        return cell

    return make


@pytest.fixture
def notebook() -> Callable[..., NotebookNode]:
    """Make a notebook of cells; a text becomes a markdown cell."""

    def make(*cells: NotebookNode | str) -> NotebookNode:
        made = [v4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        result = v4.new_notebook(cells=made)
        nbformat.validate(result)
        return result

    return make


@pytest.fixture
def page(notebook) -> Callable[..., str]:
    """Render cells with the project's own template; keywords go to `lab.report.render`."""
    from lab.report import render

    def make(*cells: NotebookNode | str, **options) -> str:
        options = {"study": "trial", "root": paths.root(), "provenance": []} | options
        return render(notebook(*cells), **options)

    return make
