"""The peak memory of a process and of everything that it has started."""

from pathlib import Path

PEAK = "VmHWM:"


def peak_bytes() -> int:
    """Return the sum of the peak memory of this process and its living descendants [B].

    Each process counts with its own peak (resident, shared pages included), and peaks may
    lie at different times, so this is an upper bound of what was taken at once. Where
    the system does not record peaks, a process counts with what it holds now.
    """
    import psutil

    here = psutil.Process()
    return sum(_peak(process) for process in (here, *here.children(recursive=True)))


def _peak(process: object) -> int:
    """Return one process's peak [B]; 0 if it has just ended."""
    import psutil

    assert isinstance(process, psutil.Process)
    status = Path(f"/proc/{process.pid}/status")
    try:
        lines = status.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith(PEAK):
            return 1024 * int(line.split()[1])
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
