"""Render what a run executed: the report beside the staged outputs, stderr to a log."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import outputs
from lab.runner.study import Study
from lab.runner.workspace import Workspace

if TYPE_CHECKING:
    from lab.report import Failure


def render(
    study: Study,
    notebook: Any,
    values: Mapping[str, Any],
    workspace: Workspace,
    failed: "Failure | None" = None,
) -> Path:
    """Render an executed notebook to the staged report and return its path.

    Parameters
    ----------
    study : Study
        The study that was run.
    notebook : nbformat.NotebookNode
        As executed, whole or half.
    values : mapping
        The parameters of the run.
    workspace : Workspace
        Where outputs are staged.
    failed : Failure, optional
        What ended the run early.
    """
    from lab.report import render, split_stderr
    from lab.report.provenance import collect

    metrics = workspace.stage / study.metrics
    checks = outputs.statements(workspace.stage)
    (workspace.stage / outputs.STATEMENTS).unlink(missing_ok=True)
    notebook, stderr = split_stderr(notebook)
    _write_log(study, stderr)
    html = render(
        notebook,
        study=study.label,
        root=study.root,
        provenance=collect(study.name, study.root, study.dependencies, values, checks),
        metrics=json.loads(metrics.read_text(encoding="utf-8")) if metrics.is_file() else None,
        failed=failed,
    )
    target = workspace.stage / study.report
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(html, encoding="utf-8")
    return target


def _write_log(study: Study, stderr: str) -> None:
    log = study.root / ".lab" / "logs" / f"{study.label}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(stderr, encoding="utf-8")
