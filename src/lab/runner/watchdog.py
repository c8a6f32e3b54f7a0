"""A small process beside a run that ends its kernel when the run itself was killed.

Started as a script with nothing but the standard library. Standard input is a pipe from
the run: each line is the process id of a kernel, `done` takes them back. When the pipe
closes without `done` (the run was killed) or a process of the chain up to dvc is gone,
the kernels' process groups and the run are killed, and what the notebook had shown until
then is rendered to .lab/failed/ before the run's folder is removed.
"""

import contextlib
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

POLL_S = 0.3
# A run that exits closes the pipe a moment before it lets its lock go.
LOCK_TRIES, LOCK_WAIT_S = 20, 0.1


def started(pid: int) -> str:
    """Return what tells this process from a later one with the same id; '' if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self").exists() else _alive(pid)
    return "" if fields[0] == "Z" else fields[19]


def _alive(pid: int) -> str:
    """Fall back on signal 0 where there is no /proc."""
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return "alive"
    return ""


def kill_group(pid: int) -> None:
    """Kill the process group that `pid` leads; nothing if it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def watch(run: int, ancestors: list[int]) -> tuple[list[int], bool]:
    """Wait until the run ends or an ancestor dies.

    Returns the kernels left to kill, and whether the run said that it was done.
    """
    marks = {pid: started(pid) for pid in ancestors}
    kernels: list[int] = []
    finished, pending = False, b""
    while True:
        if select.select([0], [], [], POLL_S)[0]:
            chunk = os.read(0, 4096)
            if not chunk:
                return kernels, finished
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                finished = line == b"done"
                kernels = [] if finished else [*kernels, int(line)]
        if any(started(pid) != mark for pid, mark in marks.items()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(run, signal.SIGKILL)
            return kernels, False


def claim(folder: Path) -> Path | None:
    """Move a dead run's folder aside under its study's lock; None if a new run has it.

    The folder is `.lab/run/<study>`; the lock is the file that the runner locks too.
    """
    lab = folder.parents[1]
    aside = lab / "dead" / f"{folder.name}-{os.getpid()}"
    aside.parent.mkdir(exist_ok=True)
    with (lab / "locks" / f"{folder.name}.lock").open("a") as lock:
        if not _locked(lock.fileno()):
            return None
        try:
            folder.rename(aside)
        except OSError:
            return None
    return aside


def _locked(file: int) -> bool:
    """Take a lock, with some patience; False if another run has it."""
    for _ in range(LOCK_TRIES):
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(LOCK_WAIT_S)
    return False


def bury(folder: Path) -> None:
    """Render what a dead run had shown until it was killed, then remove its folder."""
    aside = claim(folder)
    if aside:
        root = folder.parents[2]
        words = [sys.executable, "-m", "lab.runner.halves", str(aside), str(root)]
        with contextlib.suppress(subprocess.TimeoutExpired):
            quiet = subprocess.DEVNULL
            subprocess.run(words, cwd=root, stdout=quiet, stderr=quiet, timeout=8, check=False)
        shutil.rmtree(aside, ignore_errors=True)


def main(folder: str, run: str, *ancestors: str) -> None:
    """Watch; where the run was killed, kill what is left of it and bury it."""
    kernels, finished = watch(int(run), [int(pid) for pid in ancestors])
    for pid in kernels:
        kill_group(pid)
    if not finished:
        bury(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
