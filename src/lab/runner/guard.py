"""End a run cleanly, whoever kills it: signals to us, SIGKILL to us, the death of dvc."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lab.runner import watchdog

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Guard:
    """Knows the kernels of a run and ends them when the run is told to stop.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder; when the run is killed, the watchdog renders what is in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kernels: list[int] = []
        self._dog: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the watchdog process, outside our process group."""
        command = [
            sys.executable,
            "-I",
            "-S",
            watchdog.__file__,
            str(self.folder),
            str(os.getpid()),
        ]
        self._dog = subprocess.Popen(
            [*command, *map(str, _dvc_ancestors())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self, kernel: int) -> None:
        """Take responsibility for a kernel, the leader of its own process group."""
        self._kernels.append(kernel)
        self._tell(str(kernel))

    def end(self) -> None:
        """Let the watchdog go; kill what the kernels may have left behind."""
        self._kill_kernels()
        if self._dog and self._dog.stdin:
            self._tell("done")
            self._dog.stdin.close()
            self._dog.wait(timeout=10)

    def stop(self, number: int) -> None:
        """Kill the kernels and exit with the code shells expect after a signal.

        The watchdog sees the exit and renders the half-executed report.
        """
        self._kill_kernels()
        sys.stderr.write(
            f"\nStopped by {signal.Signals(number).name}; every earlier output is unchanged, "
            f"the report up to there goes to .lab/failed/{self.folder.name}.html.\n"
        )
        sys.stderr.flush()
        os._exit(128 + number)

    def handle(self, number: int, frame: FrameType | None = None) -> None:
        """Stop, as a handler for `signal.signal`."""
        self.stop(number)

    def _kill_kernels(self) -> None:
        for pid in self._kernels:
            watchdog.kill_group(pid)
        self._kernels.clear()

    def _tell(self, line: str) -> None:
        if self._dog and self._dog.stdin:
            try:
                self._dog.stdin.write(f"{line}\n".encode())
                self._dog.stdin.flush()
            except BrokenPipeError:
                self._dog = None


@contextmanager
def guarded(folder: Path) -> Iterator[Guard]:
    """Yield a guard that owns the signals and a watchdog for the time of a run."""
    guard = Guard(folder)
    guard.start()
    before = {number: signal.signal(number, guard.handle) for number in SIGNALS}
    try:
        yield guard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        guard.end()


def _dvc_ancestors() -> list[int]:
    """Return the processes from our parent up to dvc, if dvc started us; else none.

    DVC names the stage in DVC_STAGE. The chain ends at the outermost process whose
    command line names dvc, so the shell between us and dvc counts too.
    """
    if "DVC_STAGE" not in os.environ:
        return []
    import psutil

    chain, last = [], 0
    for parent in psutil.Process().parents():
        chain.append(parent.pid)
        try:
            words = parent.cmdline()[:3]
        except psutil.Error:
            break
        if any(Path(word).name == "dvc" for word in words):
            last = len(chain)
    return chain[:last]
