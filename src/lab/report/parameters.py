"""The effective parameters of a run, read from the notebook that was executed."""

import ast
import re
from collections.abc import Sequence
from itertools import takewhile

TAG = "parameters"
NOTE = re.compile(r"#\s*(.*\S)\s*$")


def effective(defaults: str, injected: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return name, value and note of every parameter, in the order of the defaults.

    Parameters
    ----------
    defaults : str
        Source of the cell tagged `parameters`: assignments of literals. A comment at the
        end of a value's line, or alone on the lines before it, is its note.
    injected : sequence of str
        Sources of the cells that Papermill injected; they override the defaults.

    Returns
    -------
    list of dict
        Keys `name`, `value` (as Python writes it) and `note`, "" where there is none.
        A dictionary gives one entry per leaf, named like `stuck.min_hours`.
    """
    notes = {name: note for name, _, note in _leaves(defaults)}
    values: dict[str, ast.expr] = {}
    for source in (defaults, *injected):
        values |= dict(_assignments(source))
    return [
        {"name": name, "value": _shown(node), "note": notes.get(name, "")}
        for top, value in values.items()
        for name, node in _flat(top, value)
    ]


def _assignments(source: str) -> list[tuple[str, ast.expr]]:
    """Return name and value of each assignment to a plain name."""
    return [
        (target.id, node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]


def _flat(name: str, value: ast.expr) -> list[tuple[str, ast.expr]]:
    """Return the leaves of a value: of a dictionary each entry, of others the value."""
    if not isinstance(value, ast.Dict) or not value.keys:
        return [(name, value)]
    return [
        leaf
        for key, entry in zip(value.keys, value.values, strict=True)
        for leaf in _flat(f"{name}.{_key(key)}", entry)
    ]


def _key(key: ast.expr | None) -> str:
    """Return a dictionary's key as it is named in params.yaml."""
    return str(key.value) if isinstance(key, ast.Constant) else ast.unparse(key) if key else "**"


def _leaves(source: str) -> list[tuple[str, ast.expr, str]]:
    """Return name, value and note of every leaf."""
    lines = source.splitlines()
    return [
        (name, node, _note(lines, node))
        for top, value in _assignments(source)
        for name, node in _flat(top, value)
    ]


def _note(lines: Sequence[str], value: ast.expr) -> str:
    """Return the comment behind a value, else the comment lines directly above it."""
    last = lines[(value.end_lineno or value.lineno) - 1]
    behind = last.encode()[value.end_col_offset :].decode().lstrip(" ,]})")
    if match := NOTE.match(behind):
        return match[1]
    above = list(takewhile(NOTE.match, (line.strip() for line in lines[value.lineno - 2 :: -1])))
    return " ".join(line.lstrip("# ") for line in reversed(above)) if value.lineno > 1 else ""


def _shown(value: ast.expr) -> str:
    """Return a literal as Python writes it."""
    try:
        return repr(ast.literal_eval(value))
    except ValueError:
        return ast.unparse(value)
