"""Where things are: the project root, and where a running study may write."""

import os
from pathlib import Path

from lab.errors import UsageError

MARKER = "params.yaml"
STAGE_VARIABLE, TIMINGS_VARIABLE = "LAB_STAGE", "LAB_TIMINGS"


def root(start: Path | str | None = None, *, strict: bool = False) -> Path:
    """Return the project root: the nearest folder upwards that holds params.yaml.

    Parameters
    ----------
    start : path, optional
        Folder to search from; the current folder when omitted.
    strict : bool
        Search only; without it a notebook opened outside any project falls back to the
        checkout that `lab` is installed from.

    Returns
    -------
    pathlib.Path
        Absolute path.

    Raises
    ------
    UsageError
        If neither the search nor the fallback finds a params.yaml.
    """
    folder = Path(start or Path.cwd()).resolve()
    fallback = () if strict else (Path(__file__).resolve().parents[2],)
    for candidate in (folder, *folder.parents, *fallback):
        if (candidate / MARKER).is_file():
            return candidate
    raise UsageError(
        f"No lab project found: neither {folder} nor a folder above it holds {MARKER}; "
        "change into a checkout of lab."
    )


def staging() -> Path:
    """Return the folder that outputs of the running study are written into.

    The runner names it for its kernel; a notebook run by hand gets
    `.lab/scratch/by-hand`, so that it never overwrites a stage's outputs.
    """
    named = os.environ.get(STAGE_VARIABLE)
    return Path(named) if named else root() / ".lab" / "scratch" / "by-hand"


def timings() -> Path:
    """Return the folder that the running study leaves its seconds in, outside every hash.

    Only a stage's are those of the project: an experiment and a notebook by hand keep theirs
    beside their other outputs.
    """
    named = os.environ.get(TIMINGS_VARIABLE)
    return Path(named) if named else staging() / ".lab" / "timings"


def output(path: str | Path) -> Path:
    """Return where to write the output declared as `path` (relative to the root).

    The parent folder exists afterwards. The runner moves the file to its declared
    place once the whole study has succeeded.

    Raises
    ------
    UsageError
        If `path` is absolute or leads out of the project.
    """
    relative = Path(path)
    if relative.is_absolute() or ".." in relative.parts:
        raise UsageError(
            f"An output must be a path inside the project, relative to its root, got {str(path)!r}."
        )
    target = staging() / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
