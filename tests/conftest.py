"""A small project in a temporary folder, for tests of the runner and what stands on it."""

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab import notebooks

CHECKOUT = Path(__file__).resolve().parents[1]
QUESTION = "# Tiny\nHow many rows does a table of a few rows have?"
PARAMETERS = 'rows = 3\nlabel = "a"\nratio = 0.5\nnested = {"depth": 2}'
BODY = """\
import pandas as pd
from lab import outputs
table = pd.DataFrame({"value": range(rows)})
outputs.table(table, "data/clean/tiny.parquet")
outputs.metrics(
    "tiny",
    {"model": "count", "metric": "rows", "value": len(table), "unit": "rows",
     "baseline": "none", "baseline_value": 0, "sentence": f"The table has {len(table)} rows."},
    {"all": {"count": {"rows": len(table), "ratio": ratio}}},
)
table"""
PARAMS = """\
compute: {threads: 1, seed: 7}
tiny: {rows: 3, label: a, ratio: 0.5, nested: {depth: 2}}
"""
STAGE = """\
stages:
  tiny:
    cmd: lab run tiny
    deps: [notebooks/tiny.ipynb]
    params: [compute, tiny]
    outs:
      - data/clean/tiny.parquet: {persist: true}
      - reports/tiny.html: {persist: true}
    metrics:
      - reports/metrics/tiny.json: {cache: false, persist: true}
"""

PARTS_BODY = """\
from pathlib import Path
import pandas as pd
from lab import outputs
from lab.errors import DataError
files = sorted(Path("data/parts").glob(f"{part}.csv*"))
if not files:
    raise DataError(f"Unknown part {part!r}.")
table = pd.read_csv(files[0]).head(most)
outputs.table(table, f"reports/tables/parts_{part}.parquet")
outputs.metrics(
    f"parts_{part}",
    {"model": "sum", "metric": "sum", "value": table["value"].sum(), "unit": "1",
     "baseline": "none", "baseline_value": 0, "sentence": f"{part} sums to {table.value.sum()}."},
    {"all": {"sum": {"sum": table["value"].sum()}}},
)"""
PARTS_PARAMS = "parts: {part: AA, most: 9}\n"
PARTS_STAGE = """\
stages:
  parts:
    matrix:
      part: [AA, BB]
    desc: One part
    cmd: lab run parts -p part=${item.part}
    wdir: ..
    deps: ["data/parts/${item.part}.csv.gz", notebooks/parts.ipynb]
    params: [compute, parts]
    outs:
      - reports/parts_${item.part}.html: {persist: true}
      - reports/tables/parts_${item.part}.parquet: {persist: true}
    metrics:
      - reports/metrics/parts_${item.part}.json: {cache: false, persist: true}
    meta: {measured: ["reports/parts_${item.part}.html"]}
"""
# A part of the user's own, CC, lies there uncompressed.
PARTS = {"AA.csv.gz": [1, 2], "BB.csv.gz": [3, 4], "CC.csv": [5, 6]}


def notebook(*cells: str, parameters: str = PARAMETERS, question: str = QUESTION) -> dict[str, Any]:
    """Return a notebook of a question, a parameters cell and code cells."""

    def code(source: str, tags: list[str]) -> dict[str, Any]:
        metadata: Mapping[str, Any] = {"tags": tags} if tags else {}
        return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}

    first = {"cell_type": "markdown", "source": question, "metadata": {}}
    rest = [code(source, []) for source in cells]
    return {"cells": [first, code(parameters, ["parameters"]), *rest], "metadata": {},
            "nbformat": 4, "nbformat_minor": 5}  # fmt: skip


def make_project(root: Path) -> Path:
    """Make a project with the study `tiny` in a folder that does not exist yet."""
    (root / "notebooks").mkdir(parents=True)
    (root / "templates").symlink_to(CHECKOUT / "templates")
    (root / "requirements.lock").symlink_to(CHECKOUT / "requirements.lock")
    (root / "data").mkdir()
    (root / "data" / "sources.yaml").symlink_to(CHECKOUT / "data" / "sources.yaml")
    (root / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (root / "dvc.yaml").write_text(STAGE, encoding="utf-8")
    notebooks.write(notebook(BODY), root / "notebooks" / "tiny.ipynb")
    return root


# Files that take minutes begin first, so that no worker waits for one at the end.
LONG = ("test_byte_identity.py", "test_dvc.py", "test_jupyterlab.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; each stays whole and in order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a project with the study `tiny`; the current folder is the root."""
    root = make_project(tmp_path / "project")
    monkeypatch.chdir(root)
    monkeypatch.delenv("LAB_STAGE", raising=False)
    return root


@pytest.fixture(scope="module")
def module_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project like `project` that the tests of one module share."""
    return make_project(tmp_path_factory.mktemp("module") / "project")


@pytest.fixture
def rewrite(project: Path) -> Callable[..., None]:
    """Return a function that replaces the code cells of the study `tiny`."""

    def replace(*cells: str, **options: str) -> None:
        notebooks.write(notebook(*cells, **options), project / "notebooks" / "tiny.ipynb")

    return replace


@pytest.fixture
def parts(project: Path) -> Path:
    """Return the project, to which the study `parts` by name is added: one stage, two variants."""
    for name, values in PARTS.items():
        path = project / "data" / "parts" / name
        path.parent.mkdir(exist_ok=True)
        content = "\n".join(["value", *map(str, values)]).encode()
        path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    with (project / "params.yaml").open("a", encoding="utf-8") as params:
        params.write(PARTS_PARAMS)
    (project / "benchmarks").mkdir()
    (project / "benchmarks" / "dvc.yaml").write_text(PARTS_STAGE, encoding="utf-8")
    made = notebook(
        PARTS_BODY, parameters='part = "AA"\nmost = 9', question="# Parts\nWhat is their sum?"
    )
    notebooks.write(made, project / "notebooks" / "parts.ipynb")
    return project


@pytest.fixture
def metrics(project: Path) -> Callable[[], dict[str, Any]]:
    """Return a function that reads the metrics file of the study `tiny`."""
    path = project / "reports" / "metrics" / "tiny.json"
    return lambda: json.loads(path.read_text(encoding="utf-8"))
