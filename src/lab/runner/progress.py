"""What a running notebook tells of its long work, on the runner's standard error.

A kernel has no terminal: `lab.backtest.progress` writes its line to the file that
LAB_PROGRESS names, and the runner repeats it beside Papermill's bar of cells.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_S = 5.0


@contextmanager
def repeated(
    path: Path, say: Callable[[str], None] | None = None, interval_s: float = LOOK_S
) -> Iterator[None]:
    """Repeat the line in a file whenever it is a new one, until the end.

    Parameters
    ----------
    path : pathlib.Path
        Where the kernel writes; it need not exist.
    say : callable, optional
        Takes a line; above the bar of cells on standard error by default.
    interval_s : float
        Seconds between two looks, so between two lines at least.
    """
    ended, last = threading.Event(), ""

    def look() -> None:
        nonlocal last
        while not ended.wait(interval_s):
            line = _line(path)
            if line and line != last:
                (say or _above_the_bar)(line)
                last = line

    thread = threading.Thread(target=look, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _line(path: Path) -> str:
    """Return what the kernel told last, "" for nothing."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _above_the_bar(line: str) -> None:
    """Write a line so that the bar of cells stays whole."""
    import sys

    from tqdm import tqdm

    tqdm.write(line, file=sys.stderr)
