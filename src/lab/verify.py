"""Show that results reproduce: against the commit, and against themselves."""

import hashlib
import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.errors import UsageError, VerifyError
from lab.runner.run import run
from lab.runner.study import Study, find, stages

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True)
class Move:
    """One value of a metrics file that differs from the committed one."""

    place: str
    committed: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.place}: committed {self.committed!r}, now {self.now!r}{self._percent()}"

    def _percent(self) -> str:
        if not (_is_number(self.committed) and _is_number(self.now) and self.committed):
            return ""
        return f" ({100 * (self.now - self.committed) / abs(self.committed):+.3g} %)"


def against_commit(root: Path, studies: Sequence[str] = ()) -> str:
    """Compare reports/metrics with what git's HEAD holds.

    Every value is held to be identical, but for those of the models that the stage's `meta`
    in dvc.yaml names under `relative_tolerance`: neural networks.

    Parameters
    ----------
    root : pathlib.Path
        Root of the project, a git checkout.
    studies : sequence of str
        Only these; every stage with a metrics file when empty.

    Returns
    -------
    str
        One line per study, and below it each value that moved within its tolerance.

    Raises
    ------
    VerifyError
        If a value moved by more than its stage allows, a metrics file is not committed,
        or an output of a stage was not produced here.
    """
    lines, faults = [], []
    for study in _with_metrics(root, studies):
        allowed = ((study.stage or {}).get("meta") or {}).get("relative_tolerance") or {}
        _check_produced(study)
        moves = list(_compare(study))
        bad = [move for move in moves if not _within(move, allowed)]
        rule = ", ".join(
            [
                "identical",
                *(f"{model} within {100 * share:g} %" for model, share in allowed.items()),
            ]
        )
        lines.append(
            f"{study.label}: {'DIFFERS' if bad else 'ok'} ({rule} required); {_bytes(study)}"
        )
        lines += [f"  {move}" for move in moves]
        faults += [study.label] if bad else []
    text = "\n".join(lines)
    if faults:
        raise VerifyError(f"{text}\nDiffers from the committed metrics: {', '.join(faults)}.")
    return f"{text}\nEvery metric is as committed, within what its stage allows."


def twice(root: Path, studies: Sequence[str] = ()) -> str:
    """Run every stage twice and compare every output's bytes.

    Left out are outputs that a stage's `meta` names under `measured`: they show seconds.

    Raises
    ------
    VerifyError
        If any output differs between the two runs.
    """
    lines, different = [], []
    for study in _chosen(root, studies):
        folders = [root / ".lab" / "verify" / turn for turn in ("first", "second")]
        results = [run(study.name, study.overrides, root=root, into=folder) for folder in folders]
        measured = study.measured
        compared = [path for path in results[0].files if path not in measured]
        changed = [path for path in compared if not _same(path, folders)]
        if results[0].files != results[1].files:
            changed.append("the list of files")
        lines.append(
            f"{study.label}: {len(compared)} outputs, {len(changed)} differ {changed or ''}"
        )
        lines += [f"  {path} shows measured seconds and is not compared" for path in measured]
        different += [f"{study.label}: {path}" for path in changed]
        for folder in folders:
            shutil.rmtree(folder)
    text = "\n".join(lines)
    if different:
        raise VerifyError(f"{text}\nTwo runs differ in {', '.join(different)}.")
    return f"{text}\nTwo runs of each study gave identical bytes of every output."


def _chosen(root: Path, studies: Sequence[str]) -> list[Study]:
    """Return the named studies, or every stage, variant by variant; unknown names are refused."""
    found = (find(name, root) for name in (studies or stages(root)))
    return [variant for study in found for variant in study.variants]


def _with_metrics(root: Path, studies: Sequence[str]) -> list[Study]:
    with_metrics = [study for study in _chosen(root, studies) if study.metrics in study.outputs]
    if not with_metrics:
        raise UsageError("None of the studies has a metrics file, so there is nothing to compare.")
    return with_metrics


def _check_produced(study: Study) -> None:
    """Refuse to compare what was never produced here: git brings metrics along."""
    missing = [path for path in study.outputs if not (study.root / path).exists()]
    if missing:
        verb = "make benchmarks" if study.by_name else "dvc repro"
        raise VerifyError(
            f"{study.label} has not run here: {missing[0]} does not exist; run `{verb}` first."
        )


def _compare(study: Study) -> Iterator[Move]:
    """Yield every value that differs between the committed metrics and those on disk."""
    committed = json.loads(_at_head(study.root, study.metrics))
    now = json.loads((study.root / study.metrics).read_text(encoding="utf-8"))
    yield from _differences(committed, now, "")


def _differences(old: Any, new: Any, place: str) -> Iterator[Move]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _differences(old.get(key), new.get(key), f"{place}.{key}".lstrip("."))
    elif old != new:
        yield Move(place, old, new)


def _within(move: Move, allowed: Mapping[str, float]) -> bool:
    """Tell whether a value belongs to a model with a tolerance, and stays within it.

    Sentences may name such a model: their words must be the same, their numbers as near.
    """
    _, _, model, *_ = [*move.place.split("."), "", "", ""]
    if allowed and isinstance(move.committed, str) and isinstance(move.now, str):
        return _alike(move.committed, move.now, max(allowed.values()))
    return (
        _is_number(move.committed)
        and _is_number(move.now)
        and math.isclose(move.committed, move.now, rel_tol=allowed.get(model, 0.0), abs_tol=0.0)
    )


def _alike(old: str, new: str, share: float) -> bool:
    """Tell whether two sentences have the same words, and numbers within a share."""
    if NUMBER.sub("", old) != NUMBER.sub("", new):
        return False
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    each = ((float(a.replace(",", "")), float(b.replace(",", "")), a) for a, b in pairs)
    # A rounded number may also move by one in its last digit.
    return all(abs(b - a) <= max(share * abs(a), 1.01 * _last_digit(text)) for a, b, text in each)


def _last_digit(number: str) -> float:
    """Return what one in the last digit of a number in words is worth."""
    return float(10.0 ** -len(number.partition(".")[2]))


def _at_head(root: Path, path: str) -> str:
    """Return a file as git's HEAD holds it."""
    shown = subprocess.run(
        ["git", "show", f"HEAD:./{path}"], cwd=root, capture_output=True, text=True, check=False
    )
    if shown.returncode:
        raise VerifyError(f"{path} is not in git's HEAD; commit it so that runs can be compared.")
    return shown.stdout


def _bytes(study: Study) -> str:
    """Say how many outputs have the very bytes that the committed dvc.lock records."""
    try:
        lock = yaml.safe_load(_at_head(study.root, study.lock))
    except VerifyError:
        return f"no {study.lock} committed"
    recorded = (lock.get("stages") or {}).get(study.stage_name, {}).get("outs", [])
    same = [out["path"] for out in recorded if _md5(study.root / out["path"]) == out.get("md5")]
    return f"{len(same)} of {len(recorded)} outputs have the bytes of the committed {study.lock}"


def _md5(path: Path) -> str | None:
    if not path.is_file():
        return None
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _same(path: str, folders: list[Path]) -> bool:
    first, second = (folder / path for folder in folders)
    return second.is_file() and first.read_bytes() == second.read_bytes()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
