"""Notebooks as plain data: the canonical form, the parameters cell, the question.

A committed notebook holds no outputs, no execution counts, one fixed kernelspec and
language_info, and tags as the only cell metadata, in the very bytes that JupyterLab
writes. In memory a notebook is the dictionary that `nbformat.reads` would give, with
each source as one string; nbformat itself is not imported, because the command line
checks parameters before a kernel starts and that import alone takes a second.
"""

import copy
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab import literals
from lab.errors import UsageError

Notebook = dict[str, Any]

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"name": "python"}
NBFORMAT = (4, 5)
PARAMETERS_TAG = "parameters"
CELL_TYPES = ("code", "markdown", "raw")


def read(path: Path | str) -> Notebook:
    """Read a notebook from a file, in canonical form.

    Raises
    ------
    UsageError
        If the file is missing, is not JSON, or is not a notebook of format 4.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"There is no notebook {path}.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} cannot be read as a notebook, which is JSON in UTF-8: {error}."
        ) from None
    return canonical(content, str(path))


def canonical(content: Any, name: str = "The notebook") -> Notebook:
    """Return a notebook reduced to what is committed: sources, tags and cell ids.

    Parameters
    ----------
    content : mapping
        Notebook of format 4, sources as strings or as lists of lines. Not changed.
    name : str
        What a complaint calls it.

    Returns
    -------
    dict
        A new notebook without outputs and execution counts, with the fixed kernelspec
        and language_info. Cell ids are kept; a cell without one is numbered.

    Raises
    ------
    UsageError
        If the content is not a notebook of format 4.
    """
    _check_shape(content, name)
    cells = [_canonical_cell(cell) for cell in content["cells"]]
    _number_cells_without_id(cells)
    return {
        "cells": cells,
        "metadata": {"kernelspec": dict(KERNELSPEC), "language_info": dict(LANGUAGE_INFO)},
        "nbformat": NBFORMAT[0],
        "nbformat_minor": NBFORMAT[1],
    }


def serialise(notebook: Mapping[str, Any]) -> str:
    """Return the notebook as the text that JupyterLab would write."""
    on_disk = {**notebook, "cells": [_split_lines(cell) for cell in notebook["cells"]]}
    return (
        json.dumps(on_disk, ensure_ascii=False, indent=1, separators=(",", ": "), sort_keys=True)
        + "\n"
    )


def write(notebook: Mapping[str, Any], path: Path | str) -> Path:
    """Write a notebook in canonical form; the file is the old or the new one, never half."""
    path = Path(path)
    text = serialise(canonical(notebook, str(path)))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="")
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def parameters(notebook: Mapping[str, Any], name: str = "the notebook") -> dict[str, Any]:
    """Return the names and literal values of the cell tagged `parameters`.

    Parameters
    ----------
    notebook : mapping
        As `read` returns it.
    name : str
        What a complaint calls it.

    Raises
    ------
    UsageError
        If there is not exactly one such cell, or a line of it is anything but
        `name = literal` (number, string, boolean, None, or lists and dictionaries of
        these). The complaint names the line.
    """
    return literals.values(_parameters_cell(notebook, name)["source"], name)


def with_parameters(
    notebook: Mapping[str, Any], values: Mapping[str, Any], name: str = "the notebook"
) -> Notebook:
    """Return the notebook with new values in its parameters cell.

    Only literals that differ are rewritten, and inside a list or dictionary of the same
    shape only the elements that differ: comments and layout stay as they are.

    Raises
    ------
    UsageError
        If a name is not in the cell, or a value cannot be written as a literal.
    """
    changed = copy.deepcopy(dict(notebook))
    cell = _parameters_cell(changed, name)
    cell["source"] = literals.rewrite(cell["source"], values, name)
    return changed


def question(notebook: Mapping[str, Any], name: str = "the notebook") -> tuple[str, str]:
    """Return title and question: the heading of the first cell and the paragraph below it.

    Raises
    ------
    UsageError
        If the first cell is not markdown that begins with `# Title` and a paragraph.
    """
    first = next(iter(notebook["cells"]), {"cell_type": "none", "source": ""})
    heading, _, rest = first["source"].strip().partition("\n")
    paragraph = " ".join(rest.strip().split("\n\n")[0].split())
    if first["cell_type"] != "markdown" or not heading.startswith("# ") or not paragraph:
        raise UsageError(
            f"The first cell of {name} must be markdown: a line '# Title' and below it the "
            f"question in a sentence or two; it is {first['cell_type']} and begins with "
            f"{heading[:60]!r}."
        )
    return heading[2:].strip(), paragraph


def _check_shape(content: Any, name: str) -> None:
    """Refuse what is not a notebook of format 4."""
    if not isinstance(content, Mapping) or not isinstance(content.get("cells"), list):
        raise UsageError(f"{name} is not a notebook: it has no list of cells.")
    if content.get("nbformat") != NBFORMAT[0]:
        raise UsageError(
            f"{name} must be a notebook of format {NBFORMAT[0]}, got {content.get('nbformat')!r}."
        )
    for number, cell in enumerate(content["cells"], start=1):
        if not isinstance(cell, Mapping) or cell.get("cell_type") not in CELL_TYPES:
            raise UsageError(f"Cell {number} of {name} must be one of {', '.join(CELL_TYPES)}.")
        lines = cell.get("source", "")
        if not isinstance(lines, str) and not _is_list_of_text(lines):
            raise UsageError(f"Cell {number} of {name} has a source that is not text.")


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _canonical_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Keep type, id, tags, source and the attachments of a markdown cell."""
    source = cell.get("source", "")
    clean: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": cell["id"] if isinstance(cell.get("id"), str) else "",
        "metadata": _tags_only(cell.get("metadata")),
        "source": "".join(source),
    }
    if cell["cell_type"] == "code":
        clean |= {"execution_count": None, "outputs": []}
    elif cell.get("attachments"):
        clean["attachments"] = _each_attachment(cell["attachments"], _joined)
    return clean


def _split_lines(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cell as it stands in a file: texts as lists of lines, as nbformat does."""
    lines = {**cell, "source": cell["source"].splitlines(True)}
    if "attachments" in cell:
        lines["attachments"] = _each_attachment(cell["attachments"], _split)
    return lines


def _each_attachment(attachments: Any, change: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {
        file: {mime: change(mime, data) for mime, data in bundle.items()}
        for file, bundle in attachments.items()
    }


def _joined(mime: str, data: Any) -> Any:
    return "".join(data) if _is_list_of_text(data) else data


def _split(mime: str, data: Any) -> Any:
    is_text = mime.startswith("text/") or mime in ("application/javascript", "image/svg+xml")
    return data.splitlines(True) if is_text and isinstance(data, str) else data


def _tags_only(metadata: Any) -> dict[str, list[str]]:
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return {"tags": list(tags)} if _is_list_of_text(tags) and tags else {}


def _number_cells_without_id(cells: Sequence[dict[str, Any]]) -> None:
    """Give cells of older notebooks ids that do not change from one write to the next."""
    taken = {cell["id"] for cell in cells if cell["id"]}
    for number, cell in enumerate(cells, start=1):
        if not cell["id"]:
            proposal = f"cell-{number:02d}"
            while proposal in taken:
                proposal += "x"
            taken.add(proposal)
            cell["id"] = proposal


def _parameters_cell(notebook: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the one code cell tagged `parameters` (the cell itself, not a copy)."""
    found = [
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and PARAMETERS_TAG in cell["metadata"].get("tags", [])
    ]
    if len(found) != 1:
        raise UsageError(
            f"Exactly one code cell of {name} must be tagged {PARAMETERS_TAG!r}, got {len(found)}."
        )
    return found[0]
