"""Literal assignments in Python source: the parameters cell, read and rewritten.

Read with `ast`, so nothing is executed; rewritten in place, so comments and layout stay.
"""

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from lab.errors import UsageError

LINE_LENGTH = 100
INDENT = 4


def values(source: str, name: str) -> dict[str, Any]:
    """Return the names and values that a parameters cell assigns, in its order.

    Parameters
    ----------
    source : str
        Lines `name = literal`: a finite number, string, boolean, None, or lists and
        dictionaries of these; comments and empty lines.
    name : str
        Whose cell it is, for complaints.

    Raises
    ------
    UsageError
        If a line is anything else or a name comes twice; the complaint names the line.
    """
    found: dict[str, Any] = {}
    for key, node in _assignments(source, name):
        if key in found:
            raise _bad_line(source, node.lineno, name)
        found[key] = _value(node, source, name)
    return found


def rewrite(source: str, new: Mapping[str, Any], name: str) -> str:
    """Return the source with new values for some of its names.

    Only literals that differ are rewritten, and inside a list or dictionary of the same
    shape only the elements that differ.

    Raises
    ------
    UsageError
        If a name is not assigned in the source, or a value cannot be written as a literal.
    """
    known = values(source, name)
    nodes = dict(_assignments(source, name))
    edits: list[tuple[ast.expr, str]] = []
    for key, value in new.items():
        if key not in known:
            raise UsageError(
                f"Unknown parameter {key!r} for {name}; its parameters cell has "
                f"{', '.join(known) or 'no names'}."
            )
        _check_literal(value, key)
        edits += _edits(nodes[key], value)
    return _replace(source, edits)


def _assignments(source: str, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield the name and the value's syntax node of each line of a parameters cell."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _bad_line(source, getattr(error, "lineno", None) or 1, name) from None
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=key)], value=node):
                yield key, node
            case _:
                raise _bad_line(source, statement.lineno, name)


def _value(node: ast.expr, source: str, name: str) -> Any:
    """Return the value of a literal of the kinds that params.yaml can hold."""
    try:
        value = ast.literal_eval(node)
        _check_literal(value, "value")
    except (ValueError, TypeError, RecursionError, UsageError):
        raise _bad_line(source, node.lineno, name) from None
    return value


def _bad_line(source: str, line: int, name: str) -> UsageError:
    text = (_lines(source)[line - 1 : line] or [""])[0].strip()
    return UsageError(
        f"Line {line} of the parameters cell of {name} is `{text[:60]}`; allowed is one "
        "`name = literal` for each name: a finite number, string, boolean, None, or lists "
        "and dictionaries of these."
    )


def _lines(source: str) -> list[str]:
    """Split where Python's parser ends a line (splitlines knows more line ends)."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _check_literal(value: Any, key: str) -> None:
    """Refuse a value that is not exactly the same in Python, YAML and JSON."""
    if isinstance(value, list):
        for item in value:
            _check_literal(item, key)
    elif isinstance(value, dict):
        for inner, item in value.items():
            _check_literal(inner, key)
            _check_literal(item, key)
    elif not (value is None or type(value) in (bool, int, float, str)) or (
        isinstance(value, float) and not math.isfinite(value)
    ):
        raise UsageError(
            f"Parameter {key!r} must be a finite number, string, boolean, None, or a list or "
            f"dictionary of these, got {value!r} ({type(value).__name__})."
        )


def _edits(node: ast.expr, new: Any) -> list[tuple[ast.expr, str]]:
    """Return which parts of a literal to replace by which text so that its value is `new`."""
    old = ast.literal_eval(node)
    if repr(old) == repr(new):
        return []
    parts: list[ast.expr] = []
    items: list[Any] = []
    if isinstance(node, ast.List) and isinstance(new, list):
        parts, items = node.elts, new
    elif isinstance(node, ast.Dict) and isinstance(new, dict) and _same_keys(old, new):
        parts, items = node.values, list(new.values())
    if parts and len(parts) == len(items):
        return [
            edit for part, item in zip(parts, items, strict=True) for edit in _edits(part, item)
        ]
    return [(node, _literal(new, node.col_offset))]


def _same_keys(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> bool:
    return repr(list(old)) == repr(list(new))


def _literal(value: Any, column: int, indent: int = 0) -> str:
    """Write a value as ruff would format it when it begins at `column`."""
    short = _one_line(value)
    if not isinstance(value, list | dict) or not value or column + len(short) <= LINE_LENGTH:
        return short
    inner = indent + INDENT
    if isinstance(value, list):
        items = [_literal(item, inner, inner) for item in value]
    else:
        keys = [f"{_one_line(key)}: " for key in value]
        items = [
            key + _literal(item, inner + len(key), inner)
            for key, item in zip(keys, value.values(), strict=True)
        ]
    body = "".join(f"{' ' * inner}{item},\n" for item in items)
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return f"{opening}\n{body}{' ' * indent}{closing}"


def _one_line(value: Any) -> str:
    """Write a value on one line, strings in double quotes where that needs no escapes."""
    if isinstance(value, list):
        return f"[{', '.join(map(_one_line, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_one_line(k)}: {_one_line(v)}' for k, v in value.items())}}}"
    if isinstance(value, str) and '"' not in value:
        return '"' + repr(value + '"')[1:-2].replace("\\'", "'") + '"'
    return repr(value)


def _replace(source: str, edits: Sequence[tuple[ast.expr, str]]) -> str:
    """Replace syntax nodes by text; ast counts columns in bytes of UTF-8."""
    lines = [line.encode() for line in _lines(source)]
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    text = b"\n".join(lines)
    for node, new in sorted(edits, key=lambda edit: (-edit[0].lineno, -edit[0].col_offset)):
        assert node.end_lineno is not None and node.end_col_offset is not None
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        text = text[:begin] + new.encode() + text[end:]
    return text.decode()
