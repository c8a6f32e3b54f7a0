"""The effective parameters of a run, read from the notebook that was executed."""

import ast
import re
from collections.abc import Sequence

TAG = "parameters"
NOTE = re.compile(r"#\s*(.*\S)\s*$")


def effective(defaults: str, injected: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return name, value and note of every parameter, in the order of the defaults.

    Parameters
    ----------
    defaults : str
        Source of the cell tagged `parameters`: assignments of literals. The comment at
        the end of a line is its note.
    injected : sequence of str
        Sources of the cells that Papermill injected; they override the defaults.

    Returns
    -------
    list of dict
        Keys `name`, `value` (as Python writes it) and `note`, "" where there is none.
    """
    found: dict[str, dict[str, str]] = {}
    for source in (defaults, *injected):
        lines = source.splitlines()
        for name, value, last_line in _assignments(source):
            note = "" if name in found else _note(lines[last_line - 1], value)
            entry = found.setdefault(name, {"name": name, "note": note})
            entry["value"] = _shown(value)
    return list(found.values())


def _assignments(source: str) -> list[tuple[str, ast.expr, int]]:
    """Return name, value and last line of each assignment to a plain name."""
    return [
        (target.id, node.value, node.end_lineno or node.lineno)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]


def _note(line: str, value: ast.expr) -> str:
    """Return the comment that follows a value on its last line."""
    end = len(line.encode()[: value.end_col_offset].decode())
    match = NOTE.match(line[end:].strip())
    return match[1] if match else ""


def _shown(value: ast.expr) -> str:
    """Return a literal as Python writes it."""
    try:
        return repr(ast.literal_eval(value))
    except ValueError:
        return ast.unparse(value)
