"""Reports: an executed notebook becomes one self-contained, byte-stable HTML page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.report.canonical import Failure, canonicalise, find_failure, split_stderr
from lab.report.sanitise import plain

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from lab.report.provenance import Row

__all__ = ["Failure", "canonicalise", "find_failure", "plain", "render", "split_stderr"]


def render(
    notebook: "NotebookNode",
    *,
    study: str,
    root: Path,
    provenance: "Sequence[Row]",
    metrics: Mapping[str, Any] | None = None,
    failed: Failure | None = None,
) -> str:
    """Return the report of an executed notebook as the text of one HTML file.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The executed notebook, version 4; it is not changed.
    study : str
        Name of the study, for the title and the links.
    root : pathlib.Path
        Project root; holds templates/report, and is cut out of every path shown.
    provenance : sequence of lab.report.provenance.Row
        What the run was made of, shown at the end.
    metrics : mapping, optional
        Content of reports/metrics/<study>.json, shown as the headline.
    failed : Failure, optional
        What went wrong; the page then opens with a banner and unfolds the failed cell.

    Returns
    -------
    str
        HTML that loads nothing from anywhere; equal arguments give equal text.
    """
    # nbconvert costs half a second to import: only those who render pay for it.
    from lab.report.exporter import export

    return export(
        notebook,
        study=study,
        root=Path(root),
        provenance=provenance,
        metrics=metrics,
        failed=failed,
    )
