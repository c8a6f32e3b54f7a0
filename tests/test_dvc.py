"""The pipeline re-runs exactly what depends on a change; asked of the real graph by --dry."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lab.runner.study import by_name, find, stages

ROOT = Path(__file__).resolve().parents[1]
DVC = str(Path(sys.executable).parent / "dvc")
INPUTS = [
    ".dvcignore",
    "benchmarks",
    "dvc.yaml",
    "params.yaml",
    "requirements.lock",
    "data",
    "notebooks",
    "src",
    "templates",
]


def dvc(root: Path, *words: str) -> str:
    """Return what a dvc command prints; it must succeed."""
    run = subprocess.run([DVC, *words], cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def ran(root: Path, *targets: str) -> set[str]:
    """Return the stages that `dvc repro` would run."""
    lines = dvc(root, "repro", "--dry", *targets).splitlines()
    return {line.split("'")[1] for line in lines if line.startswith("Running stage")}


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """Return a copy of the pipeline whose outputs are stand-ins that DVC takes for done.

    What depends on what is a matter of dvc.yaml alone, so nothing needs to be computed.
    """
    root = tmp_path_factory.mktemp("pipeline")
    for name in INPUTS:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "clean", "features", "benchmarks")
            shutil.copytree(ROOT / name, root / name, ignore=ignore if name == "data" else None)
        else:
            shutil.copy(ROOT / name, root / name)
    for name in (*stages(root), *by_name(root)):
        study = find(name, root)
        fetched = [path for path in study.dependencies if path.startswith("data/benchmarks/")]
        for path in (*study.outputs, *fetched):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(json.dumps({"from": name, "path": path}), encoding="utf-8")
    dvc(root, "init", "-q", "--no-scm")
    dvc(root, "commit", "-q", "-f")
    return root


def stage_names(names) -> set[str]:
    """Return the stages of studies as DVC names them: one for each variant of a matrix."""
    return {variant.stage_name for name in names for variant in find(name, ROOT).variants}


@pytest.fixture
def pipeline(settled):
    """Return the settled pipeline; its parameters and notebooks are put back afterwards."""
    changeable = [settled / "params.yaml", *settled.glob("notebooks/*.ipynb")]
    before = {path: path.read_bytes() for path in changeable}
    yield settled
    for path, content in before.items():
        path.write_bytes(content)


def leaf(section: dict, path: tuple = ()) -> tuple:
    """Return the path of the first number, text or boolean in a section."""
    for key, value in section.items():
        if isinstance(value, dict) and value:
            return leaf(value, (*path, key))
        if isinstance(value, int | float | str):
            return (*path, key)
    return path


def change(root: Path, section: str) -> None:
    """Give the first parameter of a section another value."""
    params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    *way, last = leaf(params[section] or {"none": 0})
    place = params[section]
    for key in way:
        place = place[key]
    value = place.get(last)
    place[last] = f"{value}x" if isinstance(value, str) else (value or 0) + 1
    (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def test_nothing_changed_runs_nothing(pipeline):
    assert ran(pipeline) == set()


@pytest.mark.parametrize("name", [name for name in stages(ROOT) if name != "index"])
def test_a_parameter_runs_its_own_stage_only(pipeline, name):
    change(pipeline, name)
    assert ran(pipeline) == stage_names([name])


def test_the_shared_parameters_run_everything(pipeline):
    change(pipeline, "compute")
    assert ran(pipeline) == stage_names(stages(ROOT))


def test_a_notebook_runs_its_stage_and_the_index(pipeline):
    path = pipeline / "notebooks" / "features.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("#", "# ", 1), encoding="utf-8")
    assert ran(pipeline) == {"features", "index"}


@pytest.mark.parametrize("name", by_name(ROOT))
def test_a_study_by_name_runs_only_when_it_is_named(pipeline, name):
    change(pipeline, name)
    assert ran(pipeline) == set()
    assert ran(pipeline, "benchmarks/dvc.yaml") == {
        f"benchmarks/dvc.yaml:{stage}" for stage in stage_names([name])
    }


def test_changed_data_run_what_reads_them(pipeline):
    path = pipeline / "data" / "clean" / "vic_demand.parquet"
    before = path.read_bytes()
    path.write_bytes(b"other")
    try:
        assert "demand_forecast" in ran(pipeline)
    finally:
        path.write_bytes(before)


def test_metrics_can_be_compared_between_revisions(pipeline):
    shown = json.loads(dvc(pipeline, "metrics", "show", "--json"))
    assert set(shown["workspace"]["data"] if "workspace" in shown else shown[""]["data"]) == {
        variant.metrics
        for name in (*stages(ROOT), *by_name(ROOT))
        for variant in find(name, pipeline).variants
        if name != "index"
    }
