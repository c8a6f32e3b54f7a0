"""Drift between files: notebook, stage, parameters, README, environment must tell one story."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from lab import data, notebooks
from lab.runner import parameters
from lab.runner.study import by_name, find, names, stages
from lab.tuning import chosen as tuned

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
BY_NAME = by_name(ROOT)
# The house rules hold for both pipelines.
STAGES = stages(ROOT) | BY_NAME
# What turns a notebook into a report: a change here changes every report.
MACHINERY = {
    "requirements.lock",
    "templates/report",
    "src/lab/compute.py",
    "src/lab/report",
    "src/lab/runner",
}


def module_file(name: str) -> Path | None:
    """Return the file of a module of lab; None for anything else."""
    base = SOURCE.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if name.split(".")[0] == "lab" and path.is_file():
            return path
    return None


def imported(tree: ast.AST) -> set[Path]:
    """Return the files of lab that a syntax tree imports, with the packages on the way."""
    found: set[Path] = set()
    for node in ast.walk(tree):
        dotted: list[str] = []
        if isinstance(node, ast.Import):
            dotted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            dotted = [node.module, *[f"{node.module}.{alias.name}" for alias in node.names]]
        for name in dotted:
            parts = name.split(".")
            prefixes = [".".join(parts[: n + 1]) for n in range(len(parts))]
            found |= {path for prefix in prefixes if (path := module_file(prefix))}
    return found


def closure(notebook: Path) -> set[str]:
    """Return every file of lab that a notebook's cells import, directly or not."""
    cells = notebooks.read(notebook)["cells"]
    code = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    seen: set[Path] = set()
    waiting = imported(ast.parse(code))
    while waiting:
        path = waiting.pop()
        seen.add(path)
        waiting |= imported(ast.parse(path.read_text(encoding="utf-8"))) - seen
    return {path.relative_to(ROOT).as_posix() for path in seen}


def expand(paths: set[str]) -> set[str]:
    """Return the files that a list of files and folders stands for."""
    files: set[str] = set()
    for path in paths:
        place = ROOT / path
        if place.is_dir():
            inside = (p for p in place.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
            files |= {p.relative_to(ROOT).as_posix() for p in inside}
        else:
            files.add(path)
    return files


def tables_read(notebook: Path) -> set[str]:
    """Return the files that cells read by literal name: tables, and what tuning chose."""
    files: set[str] = set()
    for cell in notebooks.read(notebook)["cells"]:
        if cell["cell_type"] != "code":
            continue
        if re.search(r"\bchosen\(\s*\"", cell["source"]):
            files.add(tuned.FILE)
        for call in re.findall(r"data\.(load|clean)\(\s*\"(\w+)\"", cell["source"]):
            kind, name = call
            if kind == "clean":
                files.add(f"data/clean/{name}.parquet")
            else:
                files |= {"data/sources.yaml", data.sources()[name].file}
    return files


def test_every_notebook_is_a_stage_and_every_stage_a_notebook():
    assert list(STAGES) == names(ROOT)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_carries_one_name_everywhere(name):
    stage, study = STAGES[name], find(name, ROOT)
    chosen = "".join(f" -p {key}=${{item.{key}}}" for key in study.matrix)
    assert stage["cmd"] == f"lab run {name}{chosen}"
    assert stage["desc"].strip()
    assert f"notebooks/{name}.ipynb" in stage["deps"]
    assert set(stage["params"]) == {"compute", name}
    for variant in study.variants:
        assert variant.report in variant.outputs
        if name != "index":
            assert variant.metrics in variant.outputs


@pytest.mark.parametrize("name", STAGES)
def test_the_variants_of_a_stage_share_no_output_and_hold_the_default(name):
    study = find(name, ROOT)
    written = [path for variant in study.variants for path in variant.outputs]
    assert len(set(written)) == len(written)
    assert study.of(parameters.resolve(study)).is_listed


@pytest.mark.parametrize("name", BY_NAME)
def test_a_stage_by_name_runs_in_the_root(name):
    assert BY_NAME[name]["wdir"] == ".."
    study = find(name, ROOT)
    assert set(study.measured) <= {variant.report for variant in study.variants}


def test_plain_repro_never_waits_for_a_study_by_name():
    written = {path for name in BY_NAME for path in find(name, ROOT).outputs}
    read = {path for name in stages(ROOT) for path in find(name, ROOT).dependencies}
    assert written & expand(read) == set()


@pytest.mark.parametrize("name", STAGES)
def test_outputs_survive_a_failed_run(name):
    for kind in ("outs", "metrics", "plots"):
        for entry in STAGES[name].get(kind, []):
            assert isinstance(entry, dict), f"{entry} needs persist: true"
            ((path, options),) = entry.items()
            assert options["persist"] is True, path
            in_git = options.get("cache", True) is False
            assert in_git == (kind in ("metrics", "plots")), path


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_exactly_the_code_it_reads(name):
    declared = {path for path in STAGES[name]["deps"] if path.startswith(("src/", "templates/"))}
    declared |= {path for path in STAGES[name]["deps"] if path == "requirements.lock"}
    expected = closure(ROOT / "notebooks" / f"{name}.ipynb") | MACHINERY
    assert expand(declared) == expand(expected), f"deps of {name} should be {sorted(expected)}"


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_the_data_it_reads(name):
    read = tables_read(ROOT / "notebooks" / f"{name}.ipynb")
    for variant in find(name, ROOT).variants:
        assert read <= set(variant.dependencies)


@pytest.mark.parametrize("name", STAGES)
def test_defaults_in_the_notebook_equal_params_yaml(name):
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    notebook = notebooks.read(ROOT / "notebooks" / f"{name}.ipynb")
    assert notebooks.parameters(notebook) == (params[name] or {})


@pytest.mark.parametrize("name", STAGES)
def test_a_notebook_is_committed_in_canonical_form(name):
    path = ROOT / "notebooks" / f"{name}.ipynb"
    assert path.read_text(encoding="utf-8") == notebooks.serialise(notebooks.read(path))
    ids = [cell["id"] for cell in notebooks.read(path)["cells"]]
    assert len(set(ids)) == len(ids), "JupyterLab would rename doubles when it saves"


@pytest.mark.parametrize("name", STAGES)
def test_a_notebook_reads_like_the_others(name):
    cells = notebooks.read(ROOT / "notebooks" / f"{name}.ipynb")["cells"]
    notebooks.question({"cells": cells})
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    prose = [cell for cell in cells if cell["cell_type"] == "markdown"]
    assert "parameters" in cells[1]["metadata"].get("tags", [])
    assert len(prose) >= 0.5 * len(code)
    # The parameters cell mirrors a section of params.yaml and may be as long as that.
    lines = [len(cell["source"].splitlines()) for cell in code if cell is not cells[1]]
    # A formatter adds lines; what matters is that a reader sees a cell at a glance.
    assert max(lines) <= 33


def test_params_yaml_holds_one_section_per_study():
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert set(params) == {"compute", *STAGES}


def test_readme_lists_every_study_and_stays_short():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in STAGES if f"`{name}`" not in text] == []
    assert text.count("\n") < 150


def locked() -> dict[str, str]:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ \\;]+)", text, flags=re.MULTILINE))


def required() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *extras["cpu"], *extras["dev"]]


def test_the_lock_holds_every_requirement_with_hashes_and_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names_required = {re.split(r"[\[<>=]", entry)[0].lower() for entry in required()}
    assert names_required - set(locked()) == set()
    assert "://" not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_setup_installs_the_lock_as_it_stands():
    # Left to resolve, pip 23 prefers a newer release of what is asked for with an extra.
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "-r requirements.lock" in line]
    assert {"--no-deps", "--require-hashes"} <= set(line.split())


def test_the_lock_leaves_no_requirement_open():
    check = [sys.executable, "-m", "pip", "check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "No broken requirements found.")


def test_conda_users_get_the_same_environment():
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = [entry["pip"] for entry in content["dependencies"] if isinstance(entry, dict)]
    assert pip == ["-r requirements.lock"]
    assert "python=3.11" in content["dependencies"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert content["name"] == project["name"]


FLOORS = {
    0: {
        "errors",
        "paths",
        "outputs",
        "style",
        "compute",
        "notebooks",
        "literals",
        "modelfile",
        "units",
        "settings",
        "checks",
        "usage",
        "solver",
    },
    1: {
        "data",
        "simulate",
        "features",
        "calendar",
        "metrics",
        "quality",
        "evaluation",
        "exploration",
        "tuning",
    },
    2: {"forecast", "solar", "anomaly", "battery", "optimise", "market"},
    3: {"backtest", "leakage", "monitor", "registry", "scale"},
    4: {
        "cli",
        "__main__",
        "runner",
        "report",
        "serve",
        "listing",
        "verify",
        "sync",
        "readme",
        "jupyter",
        "jupyter_hooks",
    },
}


def floor(path: Path) -> int:
    part = path.relative_to(SOURCE / "lab").parts[0].removesuffix(".py")
    return next((number for number, parts in FLOORS.items() if part in parts), 0)


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=p.relative_to(SOURCE).as_posix()) for p in sorted(SOURCE.rglob("*.py"))],
)
def test_imports_go_down_never_up(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    higher = {
        target.relative_to(SOURCE).as_posix()
        for target in imported(tree)
        if target.name != "__init__.py" or target.parent != SOURCE / "lab"
        if floor(target) > floor(path)
    }
    assert higher == set()


def test_every_module_stands_on_a_floor():
    parts = {p.name.removesuffix(".py") for p in (SOURCE / "lab").iterdir()}
    assert parts - {"__init__", "__pycache__"} - set().union(*FLOORS.values()) == set()
