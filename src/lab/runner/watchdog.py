"""A small process beside a run that ends its kernel when the run itself was killed.

Started as a script with nothing but the standard library. Standard input is a pipe from
the run: each line is the process id of a kernel, `done` takes them back. When the pipe
closes without `done` (the run was killed) or a process of the chain up to dvc is gone,
the kernels' process groups and the run are killed and the run's folder is removed.
"""

import contextlib
import os
import select
import shutil
import signal
import sys
from pathlib import Path

POLL_S = 0.3


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


def watch(run: int, ancestors: list[int]) -> list[int]:
    """Wait until the run ends or an ancestor dies; return the kernels left to kill."""
    marks = {pid: started(pid) for pid in ancestors}
    kernels: list[int] = []
    pending = b""
    while True:
        if select.select([0], [], [], POLL_S)[0]:
            chunk = os.read(0, 4096)
            if not chunk:
                return kernels
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                kernels = [] if line == b"done" else [*kernels, int(line)]
        if any(started(pid) != mark for pid, mark in marks.items()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(run, signal.SIGKILL)
            return kernels


def main(folder: str, run: str, *ancestors: str) -> None:
    """Watch, then kill what is left and remove the run's folder."""
    left = watch(int(run), [int(pid) for pid in ancestors])
    for pid in left:
        kill_group(pid)
    if left:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
