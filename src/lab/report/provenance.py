"""What a run was made of, as content hashes: it identifies the run without a clock."""

import ast
import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from lab.errors import DataError

SHOWN = 16
LOCK = "requirements.lock"
# Import name to the distributions that may bring it, where the two differ.
DISTRIBUTIONS = {
    "PIL": ("pillow",),
    "dateutil": ("python-dateutil",),
    "keras": ("keras",),
    "sklearn": ("scikit-learn",),
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
    "xgboost": ("xgboost-cpu", "xgboost"),
    "yaml": ("pyyaml",),
}
# What every run uses, whether its cells name it or not.
ALWAYS = ("matplotlib", "nbclient", "nbconvert", "numpy", "pandas", "papermill", "pyarrow")
KINDS = (("data/", "data"), ("notebooks/", "notebook"), ("src/", "module"), ("templates/", "page"))
CHECK = "check"
ORDER = (CHECK, "data", "notebook", "module", "page", "file", "parameters", "package", "compute")


class Row(NamedTuple):
    """One line of the table: what kind of thing, its name, its hash or version.

    The value of a check is the sentence it ended in.
    """

    kind: str
    name: str
    value: str


def collect(
    study: str,
    root: Path,
    deps: Iterable[str],
    parameters: Mapping[str, Any],
    checks: Mapping[str, str] | None = None,
) -> list[Row]:
    """Return what a study was made of.

    Parameters
    ----------
    study : str
        Name of the study; its notebook is always listed.
    root : pathlib.Path
        Project root.
    deps : iterable of str
        Files and folders the stage reads, relative to the root, as dvc.yaml lists them.
    parameters : mapping
        The effective parameters.
    checks : mapping of str, optional
        What the study stated of itself through `lab.outputs.provenance`, by name.

    Returns
    -------
    list of Row
        Checks, data, notebook, modules, parameters, lock file, packages, Python, threads and
        seed, in an order that does not depend on that of `deps`. No clock, host or path
        outside the project.

    Raises
    ------
    DataError
        If a listed file does not exist.
    """
    notebook = f"notebooks/{study}.ipynb"
    files = sorted({notebook, LOCK, *deps} - ({LOCK} if not (root / LOCK).is_file() else set()))
    rows = [Row(CHECK, name, sentence) for name, sentence in (checks or {}).items()]
    rows += [Row(_kind(name), name, fingerprint(root / name)[:SHOWN]) for name in files]
    rows.append(Row("parameters", study, _digest(_canonical(parameters))[:SHOWN]))
    rows += [Row("package", name, found) for name, found in _packages(root, files)]
    rows.append(Row("package", "python", platform.python_version()))
    rows += [Row("compute", name, str(value)) for name, value in _compute(root).items()]
    return sorted(rows, key=lambda row: (ORDER.index(row.kind), row.name))


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of a folder's files.

    Raises
    ------
    DataError
        If there is neither.
    """
    if path.is_file():
        return _digest(path.read_bytes())
    if not path.is_dir():
        raise DataError(f"An input of a stage must be a file or a folder; {path} does not exist.")
    parts = [
        f"{file.relative_to(path).as_posix()} {_digest(file.read_bytes())}"
        for file in sorted(path.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    ]
    return _digest("\n".join(parts).encode())


def _kind(name: str) -> str:
    return next((kind for start, kind in KINDS if name.startswith(start)), "file")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _canonical(parameters: Mapping[str, Any]) -> bytes:
    return json.dumps(parameters, sort_keys=True, default=str).encode()


def _compute(root: Path) -> dict[str, Any]:
    """Return the shared values that decide about the last bit: threads and seed."""
    content = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8")) or {}
    return dict(content.get("compute") or {})


def _packages(root: Path, files: Sequence[str]) -> list[tuple[str, str]]:
    """Return name and version of each package that the listed sources import."""
    names = set(ALWAYS)
    for source in _sources(root, files):
        names |= _imported(source)
    found = {name: _version(name) for name in names - set(sys.stdlib_module_names) - {"lab"}}
    return sorted((name, number) for name, number in found.items() if number)


def _version(name: str) -> str | None:
    """Return the version of the installed distribution that brings an import name."""
    for distribution in DISTRIBUTIONS.get(name, (name,)):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return None


def _sources(root: Path, files: Sequence[str]) -> list[str]:
    """Return the Python sources among the listed files, code cells included."""
    sources = []
    for path in (root / name for name in files):
        if path.suffix == ".ipynb":
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
            sources += [text if isinstance(text, str) else "".join(text) for text in code]
        else:
            modules = sorted(path.rglob("*.py")) if path.is_dir() else [path]
            sources += [p.read_text(encoding="utf-8") for p in modules if p.suffix == ".py"]
    return sources


def _imported(source: str) -> set[str]:
    """Return the top-level names that a source imports, inside functions too.

    A cell that is not plain Python (a magic) imports nothing.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
