"""The table that `lab list` prints: every study with question, state and last runtime."""

import json
import shutil
import textwrap
from pathlib import Path

from lab.runner.study import Study, find, names, question
from lab.runner.workspace import is_running

AT_WORK = "DVC is at work; what it would run again is unknown until it has ended."


def table(root: Path) -> str:
    """Return one paragraph per study: name, state, last runtime and question.

    A study with a matrix has such a line for each variant. "(by name)" marks those that plain
    `dvc repro` leaves out. While DVC is at work, what only it can tell is "unknown".
    """
    stale = changed(root)
    width = max(60, min(100, shutil.get_terminal_size().columns))
    parts = [_paragraph(find(name, root), stale, width) for name in names(root)]
    return "\n\n".join(parts if stale is not None else [*parts, AT_WORK])


def state(study: Study, stale: set[str] | None) -> str:
    """Return running, failed, not run, unknown, changed or up to date.

    Parameters
    ----------
    study : Study
        The study, or one variant of it.
    stale : set of str, optional
        Stages that DVC would run again, as `changed` gives them; None if it cannot tell.
    """
    if is_running(study.root, study.label):
        return "running"
    if (study.root / ".lab" / "failed" / f"{study.label}.html").is_file():
        return "failed"
    if not (study.root / study.report).is_file():
        return "not run"
    if stale is None:
        return "unknown"
    return "changed" if study.stage_name in stale else "up to date"


def changed(root: Path) -> set[str] | None:
    """Return the stages whose data, code, parameters or outputs differ from dvc.lock.

    None while another process of DVC, such as a `dvc repro`, holds its lock.
    """
    if not (root / "dvc.yaml").is_file():
        return set()
    from dvc.lock import LockError
    from dvc.repo import Repo

    try:
        with Repo(str(root)) as repo:
            return {stage.partition(":")[2] or stage for stage in repo.status()}
    except LockError:
        return None


def runtime(study: Study) -> str:
    """Return the last runtime and peak memory as a stage, like `12.3 s 0.5 GB`; `-` without."""
    record = study.root / ".lab" / "timings" / f"{study.label}.runtime.json"
    if not record.is_file():
        return "-"
    told = json.loads(record.read_text(encoding="utf-8"))
    memory = f" {told['peak_mb'] / 1e3:.1f} GB" if "peak_mb" in told else ""
    return f"{told['seconds']:.1f} s{memory}"


def _paragraph(study: Study, stale: set[str] | None, width: int) -> str:
    title, asked = question(study)
    title += " (by name)" if study.by_name else ""
    heads = [
        f"{one.label:<20} {state(one, stale):<11} {runtime(one):>15}   {title}"
        for one in study.variants
    ]
    head = "\n".join(heads)
    return f"{head}\n{textwrap.fill(asked, width, initial_indent='  ', subsequent_indent='  ')}"
