"""One run of one study, from parameters to published outputs."""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import compute, paths, usage
from lab.errors import LabError, UsageError
from lab.runner import halves, publish
from lab.runner import parameters as parameter_checks
from lab.runner.guard import Guard, guarded
from lab.runner.kernel import execute, spare_the_grammar
from lab.runner.progress import repeated
from lab.runner.render import render
from lab.runner.study import Study, find, names
from lab.runner.workspace import Workspace, locked

# A notebook that ends in one of our own errors exits as that error would.
EXIT_CODES = {kind.__name__: kind.exit_code for kind in LabError.__subclasses__()}


@dataclass(frozen=True)
class Result:
    """What a run left.

    Attributes
    ----------
    study : str
        Name of the study, followed by that of its variant.
    report : pathlib.Path
        The rendered report.
    files : list of str
        Paths of everything written, relative to `folder`.
    folder : pathlib.Path
        The root for a stage, a scratch folder for an experiment.
    seconds : float
        Wall time from the first check to the last rename.
    """

    study: str
    report: Path
    files: list[str]
    folder: Path
    seconds: float


class StudyError(LabError):
    """A notebook that raised or whose kernel died; names cell, error and the half report."""


def run(
    name: str, overrides: Iterable[str] = (), *, root: Path | None = None, into: Path | None = None
) -> Result:
    """Run a study.

    Parameters
    ----------
    name : str
        Name of the study.
    overrides : iterable of str
        `key=value` pairs. Those of the stage's matrix choose a variant; with any other, or
        without a stage in dvc.yaml, the run is an experiment and writes to
        `.lab/scratch/<study>/` only.
    root : path, optional
        Root of the project; found from the current folder when omitted.
    into : path, optional
        Folder to publish into instead of the root.

    Returns
    -------
    Result

    Raises
    ------
    UsageError
        If the study, a parameter or its type is unknown, an input is missing, or a value
        cannot name the variant's outputs; no kernel has started then.
    BusyError
        If the same study, and the same variant of it, is running.
    StudyError
        If a cell raises or the kernel dies; earlier outputs are unchanged.
    """
    begin = time.monotonic()
    root = root or paths.root()
    study = find(name, root)
    overrides = list(overrides)
    values = parameter_checks.resolve(study, overrides)
    study = study.of(values)
    _check_dependencies(study)
    _check_names(study)
    environment = compute.environment(parameter_checks.compute(study))
    experiment = parameter_checks.is_experiment(study, overrides)
    scratch = root / ".lab" / "scratch" / name
    target = into or (scratch if experiment else root)
    with (
        locked(root, study.label) as workspace,
        _runtime_folder(workspace),
        usage.watched() as memory,
    ):
        halves.remember(workspace, study.name, values)
        with guarded(workspace.folder) as guard:
            kept = {paths.TIMINGS_VARIABLE: str(target / ".lab" / "timings")}
            _execute_and_render(study, values, environment | kept, workspace, guard)
        if not experiment:
            _check_outputs(study, workspace)
        files = publish.publish(workspace.stage, target, study.outputs)
    seconds = time.monotonic() - begin
    if target == root:
        halves.place(study).unlink(missing_ok=True)
        _record_time(root, study.label, seconds, memory.peak_bytes)
    return Result(study.label, target / study.report, files, target, seconds)


def _check_dependencies(study: Study) -> None:
    """Refuse a run whose declared inputs are not there."""
    missing = [path for path in study.dependencies if not (study.root / path).exists()]
    if missing:
        raise UsageError(
            f"Study {study.label} reads {', '.join(missing)}, which does not exist; "
            "`dvc repro` makes what other stages write, `lab fetch` brings data/benchmarks."
        )


def _check_names(study: Study) -> None:
    """Refuse values outside the matrix that name outputs as another stage's are named."""
    if study.is_listed:
        return
    every = (find(name, study.root) for name in names(study.root))
    taken = sorted({path for other in every for path in other.outputs} & set(study.outputs))
    if taken:
        raise UsageError(
            f"{' '.join(study.overrides)} is outside the matrix of {study.name} and would write "
            f"{', '.join(taken)}, which another stage declares; choose another name."
        )


def _check_outputs(study: Study, workspace: Workspace) -> None:
    """Refuse outputs that are not those declared; the report is kept like a failed one."""
    try:
        publish.check(workspace.stage, study.outputs)
    except LabError:
        halves.keep(study, workspace.stage / study.report)
        raise


def _execute_and_render(
    study: Study,
    values: Mapping[str, Any],
    environment: Mapping[str, str],
    workspace: Workspace,
    guard: Guard,
) -> None:
    """Execute the notebook and write its report beside the other staged outputs."""
    spare_the_grammar()
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    folders = {
        paths.STAGE_VARIABLE: str(workspace.stage),
        "TMPDIR": str(workspace.tmp),
        "IPYTHONDIR": str(workspace.ipython),
        compute.PROGRESS_VARIABLE: str(workspace.progress),
    }
    try:
        with repeated(workspace.progress):
            notebook = execute(
                study,
                values,
                workspace=workspace,
                environment={**environment, **folders},
                guard=guard,
            )
    except PapermillExecutionError as error:
        raise _failed(study, workspace, values, error.source) from None
    except DeadKernelError:
        raise _failed(study, workspace, values) from None
    render(study, notebook, values, workspace)


def _failed(
    study: Study, workspace: Workspace, values: Mapping[str, Any], source: str = ""
) -> StudyError:
    """Keep the half-executed report and return the error that says where it is."""
    import nbformat

    from lab.report import Failure, find_failure

    notebook = nbformat.read(workspace.notebook, as_version=4)
    dead = Failure("DeadKernelError", "the kernel's process ended before the notebook did", None)
    failure = find_failure(notebook) or dead
    kept = halves.keep(study, render(study, notebook, values, workspace, failure))
    where = f"in cell {failure.cell} ({_first_line(source)})" if failure.cell else "outside a cell"
    error = StudyError(
        f"Study {study.label} failed {where}: {failure.name}: {failure.message}\n"
        f"The report up to there, with the traceback: {kept.relative_to(study.root)}\n"
        "Every earlier output is unchanged."
    )
    error.exit_code = EXIT_CODES.get(failure.name, error.exit_code)
    return error


def _first_line(source: str) -> str:
    """Return the first line of a cell that holds something, shortened."""
    first = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return first[:60]


def _record_time(root: Path, name: str, seconds: float, peak_bytes: int) -> None:
    """Keep the last runtime and peak memory for `lab list`, outside what DVC hashes.

    The peak is that of all processes of the study together, this one and workers included.
    """
    told = {"seconds": round(seconds, 2), "peak_mb": round(peak_bytes / 1e6)}
    target = root / ".lab" / "timings" / f"{name}.runtime.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(told) + "\n", encoding="utf-8")


@contextmanager
def _runtime_folder(workspace: Workspace) -> Iterator[None]:
    """Keep Jupyter's run-time files inside the workspace, where they are swept."""
    before = os.environ.get("JUPYTER_RUNTIME_DIR")
    os.environ["JUPYTER_RUNTIME_DIR"] = str(workspace.runtime)
    try:
        yield
    finally:
        if before is None:
            del os.environ["JUPYTER_RUNTIME_DIR"]
        else:
            os.environ["JUPYTER_RUNTIME_DIR"] = before
