"""One stage for several variants: DVC's matrix, its values and the paths that name them."""

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from lab.errors import UsageError

ITEM = re.compile(r"\$\{\s*item\.(\w+)\s*\}")
SUFFIXES = re.compile(r"(\.\w+)+$")
SAFE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}")


def choices(stage: Mapping[str, Any] | None, name: str) -> dict[str, list[str]]:
    """Return the values that a stage's matrix lists, by key; empty without a matrix.

    Raises
    ------
    UsageError
        If the matrix is no mapping of keys to lists, or a value cannot name a file.
    """
    declared = (stage or {}).get("matrix") or {}
    if not isinstance(declared, Mapping) or not all(
        isinstance(values, list) and values for values in declared.values()
    ):
        raise UsageError(
            f"The matrix of stage {name!r} must map each key to a list of values, got {declared!r}."
        )
    return {
        str(key): [checked(value, str(key), name) for value in values]
        for key, values in declared.items()
    }


def checked(value: Any, key: str, name: str) -> str:
    """Return a matrix value as the text that outputs are named by.

    Raises
    ------
    UsageError
        If it cannot be part of a file's name.
    """
    is_plain = isinstance(value, str | int) and not isinstance(value, bool)
    if not is_plain or not SAFE.fullmatch(str(value)):
        raise UsageError(
            f"Parameter {key!r} of {name} names the outputs, so it must be 1 to 64 letters, "
            f"digits, '-', '_' or '.' and not begin with '.', got {value!r}."
        )
    return str(value)


def combinations(choices: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """Return every combination of the values, in DVC's order.

    Examples
    --------
    >>> combinations({"market": ["BE", "DE"], "year": ["2016"]})
    [{'market': 'BE', 'year': '2016'}, {'market': 'DE', 'year': '2016'}]
    """
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def fill(path: str, variant: Mapping[str, str]) -> str:
    """Return a path of dvc.yaml with the values of a variant in place of `${item.key}`.

    Examples
    --------
    >>> fill("reports/prices_${item.market}.html", {"market": "BE"})
    'reports/prices_BE.html'
    """
    return ITEM.sub(lambda found: variant.get(found[1], found[0]), path)


def found(path: str, variant: Mapping[str, str], root: Path) -> list[str]:
    """Return what a variant reads of an input that dvc.yaml declares.

    An input named by the variant may lie there in another format, as `.csv` where the
    others are `.csv.gz`: whatever has the name counts, and there may be nothing.
    """
    filled = fill(path, variant)
    if filled == path:
        return [path]
    start = root / fill(SUFFIXES.sub("", path), variant)
    there = {*start.parent.glob(f"{start.name}.*"), root / filled}
    return sorted(file.relative_to(root).as_posix() for file in there if file.exists())
