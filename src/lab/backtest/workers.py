"""Where work is computed: here, in several processes, or on a Dask cluster.

`map` takes the units of a backtest; outcomes come in the order in which they are finished,
each naming its unit. `each` takes any function; results come in the order of the items.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from typing import Any, Protocol

from lab import compute
from lab.backtest.units import Outcome, Unit, compute_unit, forget
from lab.errors import LabError, UsageError

ANSWER_S = 15
# Units sent ahead, per thread of the cluster: enough to keep it busy, few enough to hold.
AHEAD = 3
RETRIES = 3


class Workers(Protocol):
    """Whatever turns units into outcomes."""

    def map(self, units: Iterable[Unit], threads: int) -> Iterator[Outcome]:
        """Yield the outcome of every unit, in any order."""
        ...

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Yield what a function makes of every item, in their order."""
        ...


class Serial:
    """One unit after the other, in this process."""

    def map(self, units: Iterable[Unit], threads: int) -> Iterator[Outcome]:
        """Yield the outcomes in the order of the units."""
        try:
            yield from map(compute_unit, units)
        finally:
            forget()

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Yield the results, each computed when it is asked for."""
        return map(function, items)


@dataclass(frozen=True)
class Threads:
    """Several threads of this process, for functions that let go of its lock.

    Attributes
    ----------
    number : int
        Threads, at least 1.
    """

    number: int

    def map(self, units: Iterable[Unit], threads: int) -> Iterator[Outcome]:
        """Yield the outcomes one after the other: their conditions are the process's."""
        return Serial().map(units, threads)

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Yield the results; the items and they share this process's memory."""
        from joblib import Parallel, delayed

        pool = Parallel(self.number, backend="threading", return_as="generator", batch_size=1)
        yield from pool(delayed(function)(item) for item in items)


@dataclass(frozen=True)
class Processes:
    """Several processes of this machine, through joblib.

    Attributes
    ----------
    number : int
        Processes, at least 1.
    """

    number: int

    def map(self, units: Iterable[Unit], threads: int) -> Iterator[Outcome]:
        """Yield outcomes as they are finished."""
        from joblib import Parallel, delayed, parallel_config

        with parallel_config("loky", n_jobs=self.number, inner_max_num_threads=threads):
            pool = Parallel(return_as="generator_unordered", batch_size=1)
            tasks = (delayed(_compute)(bundle) for bundle in bundles(units))
            for outcomes in pool(tasks):
                yield from outcomes

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Yield the results; each process computes with one thread."""
        from joblib import Parallel, delayed, parallel_config

        with parallel_config("loky", n_jobs=self.number, inner_max_num_threads=1):
            pool = Parallel(return_as="generator", batch_size=1)
            yield from pool(delayed(function)(item) for item in items)


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster, by its scheduler's address.

    Attributes
    ----------
    address : str
        Such as tcp://127.0.0.1:8786.
    """

    address: str

    def map(self, units: Iterable[Unit], threads: int) -> Iterator[Outcome]:
        """Yield outcomes as they are finished; a dying worker's units go to the others.

        Raises
        ------
        UsageError
            If no scheduler answers.
        LabError
            If one unit has ended several workers.
        """
        from distributed import as_completed

        with self._client() as client:
            run, waiting = uuid.uuid4().hex, iter(units)
            first = [_submit(client, run, unit) for unit in islice(waiting, _ahead(client))]
            finished = as_completed(first, loop=client.loop)
            for future in finished:
                yield self._result(future)
                finished.update(_submit(client, run, unit) for unit in islice(waiting, 1))

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Yield the results; a dying worker's items go to the others.

        No more is sent ahead than keeps the cluster busy, so that items may be large.

        Raises
        ------
        UsageError
            If no scheduler answers.
        LabError
            If one item has ended several workers.
        """
        with self._client() as client:
            send = partial(client.submit, function, pure=False, retries=RETRIES)
            waiting = iter(items)
            sent = deque(send(item) for item in islice(waiting, _ahead(client)))
            while sent:
                found = self._result(sent.popleft())
                sent.extend(send(item) for item in islice(waiting, 1))
                yield found

    def _result(self, future: Any) -> Any:
        """Return what a worker has sent back."""
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker as error:
            raise LabError(
                f"One unit of the backtest ended several workers of {self.address}: {error}."
            ) from None

    def _client(self) -> Any:
        """Return a connection to the scheduler."""
        from distributed import Client

        try:
            return Client(self.address, timeout=ANSWER_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"No Dask scheduler answers at {self.address!r} ({error}); start one, or set "
                "compute.scheduler in params.yaml to null."
            ) from None


def bundles(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    """Yield units that go to a process together, in their order: see `Unit.together`."""
    for _, group in groupby(units, key=lambda u: (u.table.digest, u.model.name, u.lead)):
        waiting = list(group)
        size = waiting[0].together
        for begin in range(0, len(waiting), size):
            yield waiting[begin : begin + size]


def chosen() -> Workers:
    """Return the workers that params.yaml names: the cluster, several processes, or none."""
    address, number = compute.scheduler(), compute.workers()
    if address:
        return Cluster(address)
    return Processes(number) if number > 1 else Serial()


def beside() -> Workers:
    """Return the workers of functions that share large arrays: the cluster, or threads here."""
    address = compute.scheduler()
    return Cluster(address) if address else Threads(compute.workers())


def _ahead(client: Any) -> int:
    """Return how many items the cluster is sent before the first result."""
    return AHEAD * max(1, sum(client.nthreads().values()))


def _compute(bundle: list[Unit]) -> list[Outcome]:
    return [compute_unit(unit) for unit in bundle]


def _submit(client: Any, run: str, unit: Unit) -> Any:
    """Send one unit; the scheduler sends it again if its worker dies."""
    key = f"lab-backtest-{run}-{unit.number}"
    return client.submit(compute_unit, unit, key=key, retries=RETRIES, pure=False)
