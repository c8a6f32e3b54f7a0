"""A real Dask cluster on this machine: a scheduler and workers, each a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.errors import LabError

START_S = 60
LOCAL = ("--host", "127.0.0.1", "--no-dashboard")
WORKER = ("--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--death-timeout", str(START_S))


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Start a scheduler and workers on loopback, yield the address, end them afterwards.

    Parameters
    ----------
    workers : int
        Processes of one thread each.

    Raises
    ------
    LabError
        If they are not all there within a minute.
    """
    from distributed import Client

    with TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        where = ("--scheduler-file", str(file))
        started = [_start("scheduler", *LOCAL, "--port", "0", *where)]
        try:
            place = ("--local-directory", folder)
            started += [_start("worker", *LOCAL, *WORKER, *place, *where) for _ in range(workers)]
            _await(file, started[0])
            with Client(scheduler_file=str(file), timeout=START_S, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=START_S)
                address = str(client.scheduler.address)
            yield address
        finally:
            for process in reversed(started):
                process.kill()
                process.wait()


def _start(kind: str, *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=quiet, stderr=quiet)


def _await(file: Path, scheduler: "subprocess.Popen[bytes]") -> None:
    """Wait until the scheduler has written its file."""
    end = time.monotonic() + START_S
    while not file.is_file():
        if scheduler.poll() is not None or time.monotonic() > end:
            raise LabError(
                f"The Dask scheduler did not start within {START_S} s on 127.0.0.1; "
                f"its exit code is {scheduler.poll()}."
            )
        time.sleep(0.05)
