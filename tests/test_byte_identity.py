"""Every study, run twice on tiny parameters, gives the same bytes of every output."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from lab.runner import publish, run
from lab.runner.study import by_name, find, stages

ROOT = Path(__file__).resolve().parents[1]
INPUTS = [
    "benchmarks",
    "dvc.yaml",
    "params.yaml",
    "requirements.lock",
    "notebooks",
    "src",
    "templates",
    "data",
]
TINY = yaml.safe_load((ROOT / "tests" / "tiny.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Return a copy of the project that holds inputs and committed metrics only."""
    root = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__")
    for name in INPUTS:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, root / name)
        elif name == "data":
            shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
            shutil.copy(ROOT / "data" / "sources.yaml", root / "data" / "sources.yaml")
        else:
            shutil.copytree(ROOT / name, root / name, ignore=ignore)
    shutil.copytree(ROOT / "reports" / "metrics", root / "reports" / "metrics")
    for seed, name in enumerate(find("benchmark_epf", ROOT).matrix["market"]):
        put_market(root / "data" / "benchmarks" / "epf", name, seed)
    return root


def put_market(folder, name, seed):
    """Put a market of made-up prices where fetched ones lie, the first with forecasts of them."""
    rng = np.random.default_rng(seed)
    index = pd.date_range("2013-01-01", periods=24 * 110, freq="h", name="Date")
    load = 10 + np.sin(index.hour / 4) + np.repeat(rng.normal(0, 1, 110), 24)
    price = (30 + 8 * (load - 10) + rng.normal(0, 3, len(index))).round(2)
    frame = pd.DataFrame({"Price": price, "Exogenous 1": load, "Exogenous 2": 1 - load}, index)
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / f"{name}.csv.gz")
    if seed == 0:
        columns = [f"DNN {n}" for n in range(1, 5)] + ["DNN Ensemble"]
        columns += [f"LEAR {n}" for n in (56, 84, 1092, 1456)] + ["LEAR Ensemble"]
        told = {column: price + rng.normal(0, 4, len(index)) for column in columns}
        beside = pd.DataFrame({"Real price": price} | told, index)
        beside.to_csv(folder / f"published_forecasts_{name}.csv.gz")


def overridden(name):
    """Return the tiny parameters of a study as they would be typed."""
    return [f"{key}={json.dumps(value)}" for key, value in TINY.get(name, {}).items()]


def variants(names):
    """Return the studies of the stages, one for each variant of a matrix."""
    found = [variant for name in names for variant in find(name, ROOT).variants]
    return [pytest.param(variant, id=variant.label) for variant in found]


@pytest.mark.parametrize("study", variants(stages(ROOT)))
def test_two_runs_give_the_same_bytes(copy, study):
    name, overrides = study.name, [*overridden(study.name), *study.overrides]
    first, second = (copy / ".twice" / study.label / turn for turn in ("first", "second"))
    written = run(name, overrides, root=copy, into=first).files
    assert run(name, overrides, root=copy, into=second).files == written
    assert study.report in written
    changed = [p for p in written if (first / p).read_bytes() != (second / p).read_bytes()]
    assert changed == []
    # The next study reads what this one made.
    for folder in ("data", "models", "reports/tables"):
        if (first / folder).is_dir():
            publish.publish(first / folder, copy / folder)


@pytest.mark.parametrize("study", variants(by_name(ROOT)))
def test_a_study_by_name_writes_what_it_declares(copy, study):
    assert study.name in TINY, "it would run for up to an hour"
    overrides = [*overridden(study.name), *study.overrides]
    result = run(study.name, overrides, root=copy, into=copy / ".twice" / study.label)
    assert set(result.files) == set(study.outputs)
