"""Finished units of work on disk: an interrupted backtest goes on where it was.

One file per unit, named by what its result depends on (`lab.backtest.keys`): numbers and
JSON, nothing that a reader would execute. A file appears complete or not at all; one that
is damaged, or is not what its name says, counts as absent.
"""

import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from lab import compute, paths
from lab.errors import UsageError

DAY_S = 86400.0


class Store:
    """Results by key, under `.lab/backtest` of the project.

    Parameters
    ----------
    folder : path, optional
        Another place.
    max_mb : float
        Beyond this size the files unused for longest are removed [MB].
    max_days : float
        Files unused for longer are removed [days].

    Raises
    ------
    UsageError
        If a limit is not positive.
    """

    def __init__(
        self, folder: Path | None = None, *, max_mb: float = 1000.0, max_days: float = 30.0
    ) -> None:
        if not (max_mb > 0 and max_days > 0):
            raise UsageError(
                f"The limits of a store must be above 0, got {max_mb} MB and {max_days} days."
            )
        self.folder = folder or paths.root() / ".lab" / "backtest"
        self.max_bytes, self.max_s = max_mb * 1e6, max_days * DAY_S

    def path(self, key: str) -> Path:
        """Return where the result of `key` is kept."""
        return self.folder / key[:2] / f"{key}.npz"

    def get(self, key: str, shape: tuple[int, ...]) -> tuple[np.ndarray, dict[str, Any]] | None:
        """Return values of `shape` and notes of a finished unit; None without a sound file."""
        path = self.path(key)
        try:
            with np.load(path, allow_pickle=False) as held:
                notes = json.loads(str(held["notes"]))
                values = held["values"]
            os.utime(path)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        right = isinstance(notes, dict) and notes.pop("key", None) == key
        sound = values.shape == shape and values.dtype == np.float64
        return (values, notes) if right and sound else None

    def put(self, key: str, values: np.ndarray, notes: dict[str, Any]) -> None:
        """Keep a result: written under a temporary name, then renamed."""
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{key}.{os.getpid()}.partial")
        with partial.open("wb") as file:
            np.savez(file, values=values, notes=np.array(json.dumps({**notes, "key": key})))
        partial.replace(path)

    def prune(self) -> int:
        """Remove what is too old, then the oldest until the rest is small enough.

        Returns
        -------
        int
            Number of files removed.
        """
        files = [(p, _state(p)) for p in self.folder.glob("*/*.npz")]
        files += [(p, _state(p)) for p in self.folder.glob("*/.*.partial")]
        newest_first = sorted(files, key=lambda item: -item[1][0])
        total, removed, now = 0.0, 0, time.time()
        for path, (used, size) in newest_first:
            total += size
            abandoned = path.suffix == ".partial" and now - used > DAY_S
            if abandoned or total > self.max_bytes or now - used > self.max_s:
                path.unlink(missing_ok=True)
                removed += 1
        return removed


def chosen_store() -> Store | None:
    """Return the store of this project if LAB_KEEP is set."""
    return Store() if compute.keep() else None


def _state(path: Path) -> tuple[float, int]:
    """Return when a file was last used and its size; (0, 0) if it is gone meanwhile."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return 0.0, 0
    return state.st_mtime, state.st_size
