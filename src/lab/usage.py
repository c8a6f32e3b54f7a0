"""What a process and everything that it has started have used so far."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

PEAK = "VmHWM:"
# A sample takes some 3 ms: less than a hundredth of one core.
SAMPLE_S = 0.5


class Watched:
    """The most memory that a process and its descendants held at once, as sampled.

    Attributes
    ----------
    peak_bytes : int
        Sum over the processes of what each held (resident, shared pages in each) at the
        sample at which it was largest.
    """

    def __init__(self) -> None:
        self.peak_bytes = 0

    def sample(self) -> None:
        """Look once."""
        self.peak_bytes = max(self.peak_bytes, held_bytes())


@contextmanager
def watched(interval_s: float = SAMPLE_S) -> Iterator[Watched]:
    """Sample the memory of this process and its descendants, from a thread, until the end."""
    found, ended = Watched(), threading.Event()

    def look() -> None:
        while not ended.wait(interval_s):
            found.sample()

    found.sample()
    thread = threading.Thread(target=look, name="memory", daemon=True)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def held_bytes() -> int:
    """Return the memory that this process and its living descendants hold now [B]."""
    return sum(_held(process) for process in _family())


def peak_bytes() -> int:
    """Return the sum of the peak memory of this process and its living descendants [B].

    Each process counts with its own peak (resident, shared pages included), and peaks may
    lie at different times, so this is an upper bound of what was taken at once. Where
    the system does not record peaks, a process counts with what it holds now.
    """
    return sum(_peak(process) for process in _family())


def cpu_seconds() -> float:
    """Return the processor time of this process and its living descendants [s]."""
    return sum(_cpu(process) for process in _family())


def _family() -> "Iterator[psutil.Process]":
    import psutil

    here = psutil.Process()
    yield here
    yield from here.children(recursive=True)


def _peak(process: "psutil.Process") -> int:
    """Return one process's peak [B]; 0 if it has just ended."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        recorded = [line for line in status.splitlines() if line.startswith(PEAK)]
    except OSError:
        recorded = []
    if recorded:
        return 1024 * int(recorded[0].split()[1])
    return _held(process)


def _held(process: "psutil.Process") -> int:
    """Return what one process holds now [B]; 0 if it has just ended."""
    import psutil

    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _cpu(process: "psutil.Process") -> float:
    """Return one process's user and system time [s]; 0 if it has just ended."""
    import psutil

    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
