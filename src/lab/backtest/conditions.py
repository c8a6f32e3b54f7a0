"""The conditions under which work is computed, here or elsewhere: code, threads and seed.

Work computes the same bytes in this process, in another and on another machine: it is sent
with its seed and number of threads, and other code than that of the sender is refused.
"""

import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

import numpy as np

from lab.backtest import keys
from lab.compute import THREAD_VARIABLES
from lab.errors import UsageError

# Environment and seeds belong to the whole process: a worker with threads takes turns.
ONE_AT_A_TIME = Lock()


@contextmanager
def as_sent(surroundings: Mapping[str, str], threads: int, seed: int) -> Iterator[None]:
    """Compute what another process has sent under the conditions that it was sent with.

    Raises
    ------
    UsageError
        If this process runs other code or other libraries than the one that sent the work.
    """
    check_surroundings(surroundings)
    with ONE_AT_A_TIME, conditions(threads, seed):
        yield


def check_surroundings(planned: Mapping[str, str]) -> None:
    """Refuse to compute what would differ from the other processes' results.

    Parameters
    ----------
    planned : mapping of str
        `keys.surroundings` of the process that plans.

    Raises
    ------
    UsageError
        If this process runs other code or other libraries.
    """
    here = keys.surroundings()
    unlike = [n for n in {**here, **planned} if here.get(n) != planned.get(n)]
    if unlike:
        name = unlike[0]
        raise UsageError(
            f"A worker must run the same code and libraries as the process that plans the "
            f"backtest; {name} is {here.get(name)!r} there and {planned.get(name)!r} "
            "here. Install the same lock file and start the worker anew."
        )


@contextmanager
def conditions(threads: int, seed: int) -> Iterator[None]:
    """Fix threads and random draws for a while, and put the process back as it was."""
    from threadpoolctl import threadpool_limits

    fixed = dict.fromkeys((*THREAD_VARIABLES, "LAB_THREADS"), str(threads))
    fixed["LAB_SEED"] = str(seed)
    before = {name: os.environ.get(name) for name in fixed}
    drawn, drawn_plainly = np.random.get_state(), random.getstate()
    os.environ.update(fixed)
    np.random.seed(seed % 2**32)
    random.seed(seed)
    try:
        with threadpool_limits(threads):
            yield
    finally:
        np.random.set_state(drawn)
        random.setstate(drawn_plainly)
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
