"""The folders of a run under .lab/, the lock of a study, and the sweeping of dead runs."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lab.errors import BusyError

# Longer than a watchdog takes to render what a killed run left.
RESCUE_S = 60


@dataclass(frozen=True)
class Workspace:
    """Folders of one run: everything it writes before it is published.

    Attributes
    ----------
    folder : pathlib.Path
        `.lab/run/<study>`, with a variant's values in its name; removed when the run ends.
    """

    folder: Path

    @property
    def stage(self) -> Path:
        """Where cells write outputs."""
        return self.folder / "stage"

    @property
    def tmp(self) -> Path:
        """TMPDIR of the kernel."""
        return self.folder / "tmp"

    @property
    def ipython(self) -> Path:
        """IPYTHONDIR of the kernel."""
        return self.folder / "ipython"

    @property
    def runtime(self) -> Path:
        """Where the kernel's connection file lives."""
        return self.folder / "runtime"

    @property
    def notebook(self) -> Path:
        """The notebook as executed so far."""
        return self.folder / "notebook.ipynb"

    @property
    def progress(self) -> Path:
        """Where the kernel tells how far its long work is."""
        return self.folder / "progress"

    def create(self) -> None:
        """Make the folders, empty."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in (self.stage, self.tmp, self.ipython, self.runtime):
            folder.mkdir(parents=True)

    def remove(self) -> None:
        """Remove everything the run left."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def locked(root: Path, study: str) -> Iterator[Workspace]:
    """Hold the lock of `study`, sweep dead runs, and yield a fresh workspace.

    The operating system drops the lock with the process that holds it, so a killed run
    never blocks the next one.

    Raises
    ------
    BusyError
        If another process runs the same study now.
    """
    lock = _lock(root, study)
    try:
        # The watchdog of a run just killed holds it for a moment.
        lock.acquire(timeout=0.5)
    except Timeout:
        raise BusyError(f"Study {study!r} is being run by another process; wait for it.") from None
    workspace = Workspace(root / ".lab" / "run" / study)
    try:
        sweep(root, but=study)
        workspace.create()
        yield workspace
    finally:
        workspace.remove()
        lock.release()


def sweep(root: Path, but: str) -> None:
    """Remove the folders of runs whose process is gone."""
    for folder in (root / ".lab" / "run").glob("*"):
        if folder.name != but and not is_running(root, folder.name):
            shutil.rmtree(folder, ignore_errors=True)
    for folder in (root / ".lab" / "dead").glob("*"):
        if time.time() - folder.stat().st_mtime > RESCUE_S:
            shutil.rmtree(folder, ignore_errors=True)


def is_running(root: Path, study: str) -> bool:
    """Tell whether some process holds the lock of `study`."""
    lock = _lock(root, study)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _lock(root: Path, study: str) -> FileLock:
    folder = root / ".lab" / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{study}.lock")
