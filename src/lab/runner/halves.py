"""The half-executed report of a run that failed or was killed, under .lab/failed/."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.runner.kernel import spare_the_grammar
from lab.runner.render import render
from lab.runner.study import Study, find
from lab.runner.workspace import Workspace

NOTE = "run.json"


def place(study: Study) -> Path:
    """Return where the half report of a study is kept."""
    return study.root / ".lab" / "failed" / f"{study.label}.html"


def keep(study: Study, report: Path) -> Path:
    """Move a staged report to where failed ones are kept; return its new path."""
    kept = place(study)
    kept.parent.mkdir(parents=True, exist_ok=True)
    return report.replace(kept)


def remember(workspace: Workspace, study: str, values: Mapping[str, Any]) -> None:
    """Note in the run's folder what it is, for whoever finds the folder after a kill."""
    note = {"study": study, "parameters": dict(values)}
    (workspace.folder / NOTE).write_text(json.dumps(note), encoding="utf-8")


def rescue(folder: Path, root: Path) -> Path | None:
    """Render what a killed run left in its folder; None if no cell had been saved yet.

    Parameters
    ----------
    folder : pathlib.Path
        The dead run's folder, with its notebook as executed so far.
    root : pathlib.Path
        Root of the project.
    """
    workspace = Workspace(folder)
    if not workspace.notebook.is_file():
        return None
    spare_the_grammar()
    import nbformat

    from lab.report import Failure

    note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
    study = find(note["study"], root).of(note["parameters"])
    notebook = nbformat.read(workspace.notebook, as_version=4)
    killed = Failure("Killed", "the run was stopped before the notebook ended", None)
    return keep(study, render(study, notebook, note["parameters"], workspace, killed))


if __name__ == "__main__":
    rescue(Path(sys.argv[1]), Path(sys.argv[2]))
