"""Every study as a card: its question, its computed answer, its data, its report."""

import ast
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from lab import paths
from lab.errors import DataError
from lab.report import headline
from lab.report.spacing import unbroken

INDEX = "index"
READERS = ("load", "clean")
WHOLE_REGISTER = "sources"
EVERY_TABLE = "every table of the register"
MARKS = re.compile(r"[*`]|(?<!\w)_|_(?!\w)")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Study:
    """What the index says about one study.

    Attributes
    ----------
    name, title, question : str
        From the notebook's file name and first cell; a variant's values follow the first two.
    data : tuple of str
        Tables that its cells load by name.
    headline : dict or None
        The `headline` of its metrics file; None while it has no result.
    command : str
        What computes it.
    """

    name: str
    title: str
    question: str
    data: tuple[str, ...]
    headline: dict[str, Any] | None
    command: str

    @property
    def sentence(self) -> str:
        """The computed answer, "" while there is none."""
        return str((self.headline or {}).get("sentence") or "")


def studies(root: Path | None = None, order: Sequence[str] = ()) -> list[Study]:
    """Return every study of the project but the index and those that run by name only.

    The index is made by the pipeline of dvc.yaml, which never waits for benchmarks/dvc.yaml.
    A study whose stage has a matrix comes once for each variant.

    Parameters
    ----------
    root : pathlib.Path, optional
        Project root; found from the current folder when omitted.
    order : sequence of str
        Names to put first, in this order; the others follow alphabetically.

    Raises
    ------
    DataError
        If a notebook or a metrics file cannot be read.
    """
    base = root or paths.root()
    apart = {INDEX, *_stages(base / "benchmarks" / "dvc.yaml")}
    stages = _stages(base / "dvc.yaml")
    place = {name: number for number, name in enumerate(order)}
    written = sorted(
        (path for path in (base / "notebooks").glob("*.ipynb") if path.stem not in apart),
        key=lambda path: (place.get(path.stem, len(place)), path.stem),
    )
    return [
        _study(path, base, variant)
        for path in written
        for variant in _variants(stages.get(path.stem))
    ]


def summary(found: Sequence[Study]) -> str:
    """Return one sentence on how many studies there are and how many have a result.

    Examples
    --------
    >>> summary([])
    'No study yet.'
    """
    if not found:
        return "No study yet."
    done = sum(1 for study in found if study.headline)
    noun = "study" if len(found) == 1 else "studies"
    return f"{len(found)} {noun}, {done} with a result."


def cards(found: Iterable[Study]) -> str:
    """Return the studies as HTML; whatever comes from a file is escaped."""
    return '<div class="lab-cards">\n' + "\n".join(_card(study) for study in found) + "\n</div>"


def show(found: Iterable[Study]) -> Any:
    """Return the cards as an object that a notebook displays."""
    from IPython.display import HTML

    return HTML(cards(found))


def _variants(stage: dict[str, Any] | None) -> list[dict[str, str]]:
    """Return the values of each variant of a stage by key; a single empty one without a matrix."""
    matrix = (stage or {}).get("matrix") or {}
    return [
        dict(zip(matrix, map(str, values), strict=True)) for values in product(*matrix.values())
    ]


def _stages(pipeline: Path) -> dict[str, Any]:
    """Return the stages of a dvc.yaml; none without one."""
    if not pipeline.is_file():
        return {}
    return dict((yaml.safe_load(pipeline.read_text(encoding="utf-8")) or {}).get("stages") or {})


def _study(notebook: Path, root: Path, variant: dict[str, str]) -> Study:
    """Read one study from its notebook and, where there is one, its metrics file."""
    name = "_".join([notebook.stem, *variant.values()])
    metrics = root / "reports" / "metrics" / f"{name}.json"
    cells = _json(notebook).get("cells") or []
    first = _source(cells[0]) if cells else ""
    lines = first.strip().splitlines()
    titled = bool(lines) and lines[0].startswith("# ")
    title = lines[0].removeprefix("# ").strip() if titled else notebook.stem.replace("_", " ")
    answer = _json(metrics).get("headline") if metrics.is_file() else None
    return Study(
        name=name,
        title=_prose(title) + (f" ({', '.join(variant.values())})" if variant else ""),
        question=_prose(_first_paragraph(lines[1:] if titled else lines)),
        data=_tables([_source(cell) for cell in cells if cell.get("cell_type") == "code"]),
        headline=answer,
        command=" ".join(
            ["lab run", notebook.stem, *(f"-p {key}={value}" for key, value in variant.items())]
        ),
    )


def _json(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} could not be read as JSON: {error}.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} must hold a JSON object, got {type(content).__name__}.")
    return content


def _source(cell: dict[str, Any]) -> str:
    """Return a cell's source, which a file may hold as text or as lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _first_paragraph(lines: Sequence[str]) -> str:
    """Return the first paragraph after the title."""
    text = "\n".join(lines).strip()
    return " ".join(text.split("\n\n")[0].split())


def _prose(text: str) -> str:
    """Return Markdown without its marks."""
    return MARKS.sub("", LINK.sub(r"\1", text))


def _tables(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the tables that code cells load by name, in their order."""
    names: dict[str, None] = {}
    for call in (call for source in sources for call in _calls(source)):
        function = call.func.attr if isinstance(call.func, ast.Attribute) else call.func
        name = function.id if isinstance(function, ast.Name) else function
        if name == WHOLE_REGISTER:
            names[EVERY_TABLE] = None
        elif name in READERS and call.args and isinstance(call.args[0], ast.Constant):
            names[str(call.args[0].value)] = None
    return (EVERY_TABLE,) if EVERY_TABLE in names else tuple(names)


def _calls(code: str) -> list[ast.Call]:
    """Return the calls in a cell's code; none where it is not plain Python (a magic)."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _card(study: Study) -> str:
    """Return one card."""
    name, title = escape(study.name), escape(study.title)
    head = f'<a href="{name}.html">{title}</a>' if study.headline else title
    command = escape(study.command)
    answer = f'<p class="lab-none">No result yet. <code>{command}</code> computes it.</p>'
    if study.headline:
        sentence = escape(unbroken(study.sentence))
        answer = f'<p class="lab-answer">{sentence}</p>{headline.comparison(study.headline)}'
    data = "".join(f"<li>{escape(table)}</li>" for table in study.data)
    tables = f'<ul class="lab-data" aria-label="Data">{data}</ul>' if data else ""
    return (
        f'<article class="lab-card"><h2>{head}</h2>'
        f'<p class="lab-question">{escape(study.question)}</p>{answer}{tables}</article>'
    )
