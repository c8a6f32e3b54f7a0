"""Read what studies and `benchmarks/costs.py` left behind: metrics, words and costs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab import paths, style
from lab.errors import DataError, UsageError
from lab.outputs import NOTE_KEYS

COSTS = Path("benchmarks") / "costs.json"


def read(study: str, root: Path | None = None) -> dict[str, Any]:
    """Return a study's metrics file.

    Raises
    ------
    DataError
        If the study has not run, or its file is damaged.
    """
    return _held(Path("reports") / "metrics" / f"{study}.json", f"lab run {study}", root)


def costs(root: Path | None = None) -> dict[str, Any]:
    """Return what `benchmarks/costs.py` measured: `machine`, and `studies` to models.

    It also kept the metrics of the studies by name, under `apart`.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    return {"apart": {}} | _held(COSTS, f"python {COSTS.with_suffix('.py')}", root)


def held_apart(study: str, apart: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the metrics of a study by name, as they were kept.

    Raises
    ------
    DataError
        If they were not.
    """
    if study not in apart:
        raise DataError(
            f"{COSTS} holds no metrics of the study {study!r}; run `lab run {study}`, then "
            f"`python {COSTS.with_suffix('.py')}`."
        )
    return apart[study]


def value(metrics: Mapping[str, Any], variant: str, model: str, metric: str) -> float:
    """Return one number of a metrics file.

    Parameters
    ----------
    metrics : mapping
        As `read` returns it.
    variant, model, metric : str
        Model `headline` stands for the one that the study names.

    Raises
    ------
    UsageError
        If there is no such number; the sentence says what there is.
    """
    at: Any = metrics["overall"]
    name = metrics["headline"]["model"] if model == "headline" else model
    for key in (variant, name, metric):
        if key not in at:
            raise UsageError(f"The metrics hold no {key!r}; there is {', '.join(map(str, at))}.")
        at = at[key]
    return float(at)


def notes(study: str, root: Path | None = None) -> dict[str, str]:
    """Return what a study says of itself in words; a key of which it says nothing is "".

    Returns
    -------
    dict
        `takes`, `baseline_takes`, `use` and `seen`, as `lab.outputs.metrics` writes them;
        the first two fall back to the readable names of the headline's models.
    """
    held = read(study, root)
    told = dict.fromkeys(NOTE_KEYS, "")
    told["takes"] = style.label(held["headline"]["model"])
    told["baseline_takes"] = style.label(held["headline"]["baseline"])
    return told | {key: str(text) for key, text in (held.get("notes") or {}).items()}


def _held(place: Path, command: str, root: Path | None) -> dict[str, Any]:
    """Return the JSON that a command left in the project."""
    try:
        held: dict[str, Any] = json.loads(((root or paths.root()) / place).read_text("utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{place} does not exist; run `{command}` first.") from error
    except ValueError as error:
        raise DataError(f"{place} is not JSON; run `{command}` again.") from error
    return held
