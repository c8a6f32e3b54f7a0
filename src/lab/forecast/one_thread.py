"""One thread for small matrices, also where several fits of a process run at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any


class _Limit:
    """The limit, and how many are within: it belongs to the whole process, not to a thread."""

    def __init__(self) -> None:
        self.lock, self.inside = Lock(), 0
        self.held: Any = None


_LIMIT = _Limit()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread of its own until the last that asked for it is done.

    Small matrices are slower on two threads. `threadpoolctl` alone puts back what it found,
    which is the other's limit where two fits overlap.
    """
    from threadpoolctl import threadpool_limits

    with _LIMIT.lock:
        if not _LIMIT.inside:
            _LIMIT.held = threadpool_limits(1, "blas")
        _LIMIT.inside += 1
    try:
        yield
    finally:
        with _LIMIT.lock:
            _LIMIT.inside -= 1
            if not _LIMIT.inside:
                _LIMIT.held.restore_original_limits()
