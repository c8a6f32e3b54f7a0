"""Write a study's results: tables as parquet, plots as CSV, metrics as canonical JSON.

Everything goes to `lab.paths.output`, so a stage, an experiment and a notebook run
by hand each write to their own place and nothing is published half-written.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import paths
from lab.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

HEADLINE_KEYS = ("model", "metric", "value", "unit", "baseline", "baseline_value", "sentence")
NOTE_KEYS = ("takes", "baseline_takes", "use", "seen")
SIGNIFICANT_DIGITS = 8
STATEMENTS = ".provenance.json"


def table(frame: "pd.DataFrame", path: str | Path) -> Path:
    """Write a table as parquet (zstd) to the declared output `path`; return where it went."""
    target = paths.output(path)
    frame.to_parquet(target, compression="zstd")
    return target


def plot(frame: "pd.DataFrame", path: str | Path) -> Path:
    """Write a small table as CSV to the declared plot `path`, for `dvc plots`.

    Numbers keep six significant digits; the index becomes the first columns.
    """
    target = paths.output(path)
    frame.to_csv(target, float_format="%.6g", lineterminator="\n")
    return target


def metrics(
    study: str,
    headline: Mapping[str, Any],
    overall: Mapping[str, Mapping[str, Mapping[str, float]]],
    notes: Mapping[str, str] | None = None,
) -> Path:
    """Write reports/metrics/<study>.json, the file that reviews and CI compare.

    Parameters
    ----------
    study : str
        Name of the study.
    headline : mapping
        Exactly the keys model, metric, value, unit, baseline, baseline_value, sentence.
    overall : mapping
        `{variant: {model: {metric: value}}}`; percentages end in `_percent`, seconds in
        `_s`. NaN and infinity become null.
    notes : mapping, optional
        What a reader of several studies needs beside the numbers, each in words: what the
        model of the headline `takes` (its members), what its baseline is (`baseline_takes`),
        which model to `use` and why, and how far the test was `seen` when anything was set.

    Raises
    ------
    UsageError
        If the headline lacks a key or holds an unknown one, or a note is unknown or empty.
    """
    if set(headline) != set(HEADLINE_KEYS):
        raise UsageError(
            f"The headline of {study} must have the keys {', '.join(HEADLINE_KEYS)}, "
            f"got {', '.join(map(str, headline))}."
        )
    told = dict(notes or {})
    if not set(told) <= set(NOTE_KEYS) or not all(text.strip() for text in told.values()):
        raise UsageError(
            f"The notes of {study} must be sentences under {', '.join(NOTE_KEYS)}, got {told}."
        )
    target = paths.output(f"reports/metrics/{study}.json")
    content = {
        "headline": {key: _plain(headline[key]) for key in HEADLINE_KEYS},
        **({"notes": {key: told[key] for key in NOTE_KEYS if key in told}} if told else {}),
        "overall": _plain(overall),
    }
    target.write_text(
        json.dumps(content, indent=2, sort_keys=False, allow_nan=False, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
    return target


def provenance(name: str, sentence: str) -> Path:
    """State a check that the study made of itself, as a line of its provenance table.

    It goes to the report alone: the runner takes the file away before it publishes.

    Parameters
    ----------
    name : str
        What was checked, for instance "leak guard"; stated again, it replaces the line.
    sentence : str
        The outcome, in one line that is the same in every run.

    Raises
    ------
    UsageError
        If the name or the sentence is empty or has more than one line.
    """
    for text in (name, sentence):
        if not text.strip() or "\n" in text.strip():
            raise UsageError(f"A provenance line is a name and one sentence, got {text!r}.")
    target = paths.output(STATEMENTS)
    lines = statements(target.parent) | {name.strip(): sentence.strip()}
    target.write_text(
        json.dumps(lines, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return target


def statements(stage: Path) -> dict[str, str]:
    """Return the provenance lines that a study wrote into its staging folder, by name."""
    path = stage / STATEMENTS
    if not path.is_file():
        return {}
    return {str(k): str(v) for k, v in json.loads(path.read_text(encoding="utf-8")).items()}


def _plain(value: Any) -> Any:
    """Turn numpy scalars, NaN and nested mappings into what JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
    return value
