"""How far a long backtest is: a line that renews itself on a terminal, a log elsewhere.

In a notebook that the runner executes the line goes to the runner, which repeats it.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from lab.compute import PROGRESS_VARIABLE

LOG = logging.getLogger("lab.backtest")
REDRAW_S, TELL_S, LOG_S = 0.2, 1.0, 30.0


class Progress:
    """Counts units of work; says how many, at which rate, and how long the rest takes.

    Parameters
    ----------
    total : int
        Units in all.
    kept : int
        Units that an earlier run has finished; they do not count for the rate.
    stream : file, optional
        Standard error by default. If it is no terminal, a line goes to the logger
        `lab.backtest` every half minute instead, and nothing to the stream; under the
        runner it goes to the file that LAB_PROGRESS names every second.
    clock : callable, optional
        Seconds, monotonic.
    what, unit : str
        What is counted, and its units, as the line names them.
    """

    def __init__(
        self,
        total: int,
        kept: int = 0,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        what: str = "backtest",
        unit: str = "units",
    ) -> None:
        self.what, self.unit = what, unit
        self.total, self.kept, self.done = total, kept, kept
        self.stream = stream or sys.stderr
        self.terminal = self.stream.isatty()
        told = os.environ.get(PROGRESS_VARIABLE)
        self.file = Path(told) if told else None
        self.clock = clock
        self.begun = self.shown = clock()

    def step(self) -> None:
        """Count one finished unit; show it unless the last line is quite new."""
        self.done += 1
        last = self.done == self.total
        wait_s = REDRAW_S if self.terminal else TELL_S if self.file else LOG_S
        if last or self.clock() - self.shown >= wait_s:
            self.shown = self.clock()
            self._show(last)

    def reach(self, done: int) -> None:
        """Count units as finished up to so many, if they are not yet."""
        while self.done < done:
            self.step()

    def line(self) -> str:
        """Return what stands on the line now."""
        elapsed = max(self.clock() - self.begun, 1e-9)
        rate = (self.done - self.kept) / elapsed
        text = f"{self.what}: {self.done} of {self.total} {self.unit}"
        if self.kept:
            text += f" ({self.kept} kept from before)"
        if not rate:
            return text
        return f"{text}, {rate:.1f}/s, {_duration((self.total - self.done) / rate)} left"

    def _show(self, last: bool) -> None:
        if self.terminal:
            self.stream.write(f"\r{self.line()}\033[K" + ("\n" if last else ""))
            self.stream.flush()
        elif self.file:
            self.file.write_text(self.line() + "\n", encoding="utf-8")
        else:
            LOG.info(self.line())


def _duration(seconds: float) -> str:
    """Return a duration as `1 h 02 min`, `3 min 05 s` or `7 s`."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
