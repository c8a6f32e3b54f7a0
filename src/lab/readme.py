"""The README's table of studies, written from notebooks and metrics, never typed."""

import json
import re
from pathlib import Path

from lab.errors import UsageError
from lab.runner.study import find, names, question

BEGIN, END = "<!-- studies: written by `lab sync` -->", "<!-- end of studies -->"
HEAD = "| study | question | headline |\n|---|---|---|\n"


def table(root: Path) -> str:
    """Return the table of studies as markdown: name, first question, computed headline.

    First those of the default pipeline, then those that run by name, marked so. A study
    without a metrics file stands there with its question only, one with a matrix with the
    headline of each variant that has run.
    """
    rows = []
    for name in names(root):
        study = find(name, root)
        if name == "index":
            continue
        paths = [path for one in study.variants if (path := root / one.metrics).is_file()]
        sentence = " ".join(_sentence(path) for path in paths)
        shown = f"`{name}` *by name*" if study.by_name else f"`{name}`"
        first = question(study)[1].partition("?")
        cells = (shown, first[0] + first[1], sentence)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return HEAD + "\n".join(rows)


def _sentence(metrics: Path) -> str:
    return str(json.loads(metrics.read_text(encoding="utf-8"))["headline"]["sentence"])


def update(root: Path) -> bool:
    """Write the table into README.md between its two marks; return whether it changed.

    Raises
    ------
    UsageError
        If README.md lacks the marks.
    """
    path = root / "README.md"
    if not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise UsageError(f"README.md must hold the lines {BEGIN!r} and {END!r}.")
    body = f"{BEGIN}\n{table(root)}\n{END}"
    new = re.sub(re.escape(BEGIN) + r".*?" + re.escape(END), lambda _: body, text, flags=re.DOTALL)
    if new != text:
        path.write_text(new, encoding="utf-8")
    return new != text
