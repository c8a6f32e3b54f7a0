"""Time and memory of a fleet's forecasts, each measured in a fresh process.

    python -m lab.scale.costs REQUEST.json

is that process: it simulates a number of meters, draws what there is to learn from, fits
one model for all, forecasts every meter, and writes what it cost beside the request.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from lab import compute, paths, usage
from lab.backtest.workers import Cluster, Processes, Serial, Workers
from lab.errors import LabError, UsageError
from lab.forecast.profile_trees import ProfileTrees
from lab.scale import forecasts, parts
from lab.scale.forecasts import INTERVALS, Outcome
from lab.scale.loopback import cluster
from lab.scale.plan import Part, Plan, cut

WAYS = ("serial", "processes", "dask")
STAGES = ("simulate", "features", "train", "calibrate", "forecast")
REQUEST, COSTS, SCORES, ISSUES = "request.json", "costs.json", "scores.parquet", "issues.parquet"


@dataclass(frozen=True)
class Measured:
    """What one fresh process has measured.

    Attributes
    ----------
    meters : int
    way : str
        One of `WAYS`.
    seconds : dict of float
        Wall time of each of `STAGES` [s].
    total_s : float
        From the process's start to its end, workers and imports included [s].
    peak_gb : float
        Of the process and its workers, an upper bound [GB].
    cpu_s : float
        Processor time of all of them [s]; it moves less than wall time where the machine
        is busy with other work.
    learnt, forecasts : int
        Rows that the model learnt from, and hours that were forecast.
    rule : str
        The best simple rule of the period of choices.
    digest : str
        SHA-256 of every forecast's bytes.
    scores : pandas.DataFrame
        One row a meter, `simulated_meter_00000_w` and so on.
    issues : pandas.DataFrame
        One row an issue: values scored, and inside each interval.
    """

    meters: int
    way: str
    seconds: dict[str, float]
    total_s: float
    peak_gb: float
    cpu_s: float
    learnt: int
    forecasts: int
    rule: str
    digest: str
    scores: pd.DataFrame
    issues: pd.DataFrame


def measure(plan: Plan, meters: int, way: str = "processes") -> Measured:
    """Run a fleet from simulation to forecasts in a fresh process.

    Parameters
    ----------
    plan : Plan
    meters : int
        At least 1.
    way : str
        `serial`, `processes` (joblib, `compute.workers` of params.yaml) or `dask`: the
        cluster of `compute.scheduler`, which must reach this machine's files, or else
        a scheduler and `compute.workers` processes started on loopback.

    Raises
    ------
    UsageError
        If the number or the way is impossible.
    LabError
        If the process fails.
    """
    if meters < 1 or way not in WAYS:
        raise UsageError(
            f"A measurement needs at least one meter and one of {', '.join(WAYS)}, got {meters} "
            f"and {way!r}."
        )
    with TemporaryDirectory(prefix="simulated_meters_") as folder:
        request = Path(folder) / REQUEST
        asked = {"plan": asdict(plan), "meters": meters, "way": way}
        request.write_text(json.dumps(asked), encoding="utf-8")
        begin = time.perf_counter()
        command = [sys.executable, "-m", "lab.scale.costs", str(request)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        total_s = time.perf_counter() - begin
        if ran.returncode:
            last = (ran.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise LabError(f"Forecasting {meters} simulated meters ({way}) failed: {last}")
        costs = json.loads((Path(folder) / COSTS).read_text(encoding="utf-8"))
        scores = pd.read_parquet(Path(folder) / SCORES)
        issues = pd.read_parquet(Path(folder) / ISSUES)
    return Measured(meters=meters, way=way, total_s=total_s, scores=scores, issues=issues, **costs)


def keep_costs(study: str, runs: Sequence[Measured]) -> Path:
    """Write what runs cost to `lab.paths.timings()`, .lab/timings of a stage; return the file."""
    target = paths.timings() / f"{study}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    costs = [
        {
            "meters": run.meters,
            "way": run.way,
            **{f"{stage}_s": round(run.seconds[stage], 3) for stage in STAGES},
            "total_s": round(run.total_s, 3),
            "cpu_s": round(run.cpu_s, 3),
            "peak_gb": round(run.peak_gb, 4),
        }
        for run in runs
    ]
    partial_file = target.with_suffix(".partial")
    partial_file.write_text(json.dumps(costs, indent=2) + "\n", encoding="utf-8")
    return partial_file.replace(target)


def answer(request: Path) -> None:
    """Do what a request asks, in this process, and write the costs beside it."""
    asked = json.loads(request.read_text(encoding="utf-8"))
    plan = Plan(**asked["plan"])
    with workers(asked["way"]) as pool:
        costs, outcomes = _through(plan, asked["meters"], str(request.parent), pool)
        costs["peak_gb"] = usage.peak_bytes() / 1e9
        costs["cpu_s"] = usage.cpu_seconds()
    pd.concat([one.scores for one in outcomes]).to_parquet(request.parent / SCORES)
    _issues(outcomes).to_parquet(request.parent / ISSUES)
    (request.parent / COSTS).write_text(json.dumps(costs), encoding="utf-8")


@contextmanager
def workers(way: str) -> Iterator[Workers]:
    """Yield the workers of one of `WAYS`."""
    number, address = compute.workers(), compute.scheduler()
    if way != "dask":
        yield Processes(number) if way == "processes" and number > 1 else Serial()
    elif address:
        yield Cluster(address)
    else:
        with cluster(number) as started:
            yield Cluster(started)


def _through(
    plan: Plan, meters: int, folder: str, pool: Workers
) -> tuple[dict[str, Any], list[Outcome]]:
    """Go through all stages; return what they cost and what came out."""
    pieces = cut(plan, meters, folder)
    seconds: dict[str, float] = {}
    with _timed(seconds, "simulate"):
        list(pool.each(parts.write, pieces))
    with _timed(seconds, "features"):
        inputs, target = _stacked(pieces, pool)
    with _timed(seconds, "train"):
        model = _fitted(plan, inputs, target)
    learnt = int(target.size)
    del inputs, target
    with _timed(seconds, "calibrate"):
        found = list(pool.each(partial(forecasts.choose, model=model), pieces))
        shift, rule = forecasts.chosen(found)
    with _timed(seconds, "forecast"):
        final = partial(forecasts.forecast, model=model, shift=shift)
        outcomes = list(pool.each(final, pieces))
    digest = hashlib.sha256(b"".join(one.values.tobytes() for one in outcomes)).hexdigest()
    count = sum(one.values.shape[0] * one.values.shape[1] for one in outcomes)
    costs = {"learnt": learnt, "forecasts": count, "digest": digest, "rule": rule}
    return {"seconds": seconds, **costs}, outcomes


def _stacked(pieces: list[Part], pool: Workers) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return what all parts give to learn from."""
    inputs, targets = zip(*pool.each(parts.learn, pieces), strict=True)
    together = {name: np.concatenate([one[name] for one in inputs]) for name in inputs[0]}
    return together, np.concatenate(targets)


def _fitted(plan: Plan, inputs: dict[str, np.ndarray], target: np.ndarray) -> ProfileTrees:
    """Return the global model, which forecasts with one thread wherever it is sent."""
    model = plan.model(compute.threads()).fit(inputs, target)
    model.threads = 1
    return model


def _issues(outcomes: list[Outcome]) -> pd.DataFrame:
    """Return values scored and inside each interval, by issue."""
    inside = np.sum([one.inside for one in outcomes], axis=0)
    columns = {f"inside_{n}": row for n, row in zip(INTERVALS, inside, strict=True)}
    return pd.DataFrame({"scored": np.sum([one.scored for one in outcomes], axis=0), **columns})


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - begin


if __name__ == "__main__":
    answer(Path(sys.argv[1]))
