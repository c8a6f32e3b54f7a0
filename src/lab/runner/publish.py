"""Move a run's outputs into place, each file the old or the new one at any moment."""

from collections.abc import Sequence
from pathlib import Path

from lab.errors import LabError, UsageError


def check(stage: Path, declared: list[str]) -> None:
    """Hold what was written against what dvc.yaml declares.

    Parameters
    ----------
    stage : pathlib.Path
        Folder that the run wrote its outputs into.
    declared : list of str
        Declared files and folders, relative to the root.

    Raises
    ------
    LabError
        If a declared output was not written.
    UsageError
        If an output was written that the stage does not declare.
    """
    missing = [path for path in declared if not (stage / path).exists()]
    if missing:
        raise LabError(
            f"dvc.yaml declares {_join(missing)}, which the notebook did not write; "
            "nothing was published."
        )
    extra = [path for path in files(stage) if not _is_declared(path, declared)]
    if extra:
        raise UsageError(
            f"The notebook wrote {_join(extra)}, which dvc.yaml does not declare for it; "
            "nothing was published."
        )


def publish(stage: Path, target: Path, declared: Sequence[str] = ()) -> list[str]:
    """Rename every file below `stage` to its place below `target`; return their paths.

    Each file is the old or the new one at any moment. In a declared folder, files that
    this run did not write are removed afterwards.

    Raises
    ------
    UsageError
        If a folder stands where a file is to go; nothing is moved then.
    """
    written = files(stage)
    blocked = [path for path in written if (target / path).is_dir()]
    if blocked:
        raise UsageError(f"{_join(blocked)} is a folder, and a file was to be written there.")
    for path in written:
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        (stage / path).replace(place)
    for folder in declared:
        if (target / folder).is_dir():
            _remove_stale(target, folder, set(written))
    return written


def files(folder: Path) -> list[str]:
    """Return the files below `folder`, relative to it, sorted."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def _is_declared(path: str, declared: list[str]) -> bool:
    return any(path == entry or path.startswith(f"{entry.rstrip('/')}/") for entry in declared)


def _remove_stale(target: Path, folder: str, written: set[str]) -> None:
    for path in files(target / folder):
        if f"{folder.rstrip('/')}/{path}" not in written:
            (target / folder / path).unlink()


def _join(paths: list[str]) -> str:
    return ", ".join(paths)
