"""Work side by side: several models, periods and leads in the processes of this study.

A few long fits are spread one by one; many short ones stay together, since they share the
inputs of their common past. Every part has one thread, wherever it is computed: two processes
of two threads wait for each other on two cores. So results do not depend on the workers.
"""

import pickle
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from lab import compute
from lab.backtest import keys
from lab.backtest.failures import unlearn
from lab.backtest.period import Backtest, Edge, Part, Run, chains
from lab.backtest.progress import Progress
from lab.backtest.units import ONE_AT_A_TIME, check_surroundings, conditions
from lab.backtest.workers import Workers, chosen
from lab.forecast.model import Model

Name = TypeVar("Name", bound=Hashable)
Found = TypeVar("Found")
ONE_THREAD = 1
# Fits of one model that are long enough to be spread if there are no more of them.
FEW = 3


@dataclass(frozen=True)
class Work:
    """One model's backtest.

    Attributes
    ----------
    period : Backtest
    model : Model
        Is left as fitted last, as by `Backtest.run`.
    refit : str
        Cadence.
    window_days : int, optional
        A sliding window.
    """

    period: Backtest
    model: Model
    refit: str = "once"
    window_days: int | None = None


@dataclass(frozen=True)
class Share:
    """Blocks of one work that go to one process, and the conditions to compute them under."""

    name: Any
    content: bytes = field(repr=False)
    edges: tuple[Edge, ...]
    threads: int
    seed: int
    surroundings: Mapping[str, str] = field(repr=False)
    last: bool = True


def run_together(work: Mapping[Name, Work], workers: Workers | None = None) -> dict[Name, Run]:
    """Run several backtests in as many processes as the study has.

    Parameters
    ----------
    work : mapping of Work
        By a name of the caller's choice. The longest should come first.
    workers : Workers, optional
        Those of params.yaml's section `compute` by default.

    Returns
    -------
    dict of Run
        By the same names, in their order. A rule stands in where a model fails; see
        `Backtest.run`.

    Raises
    ------
    UsageError
        If a cadence or a window is impossible.
    DataError
        If a model needs a column that the table lacks; before anything is fitted.
    """
    for one in work.values():
        one.period.check(one.model, one.window_days)
    shares = [share for name, one in work.items() for share in _shares(name, one)]
    progress = Progress(len(shares), what="backtests", unit="parts")
    found = []
    for answer in (workers or chosen()).each(_compute, shares):
        found.append(answer)
        progress.step()
    runs = {}
    for name, group in groupby(zip(shares, found, strict=True), key=lambda pair: pair[0].name):
        answers = [answer for _, answer in group]
        one = work[name]
        runs[name] = one.period.joined(
            one.model, one.period.edges(one.refit), [part for part, _ in answers]
        )
        unlearn(one.model)
        learned = vars(answers[-1][1])
        vars(one.model).update({n: value for n, value in learned.items() if n.endswith("_")})
    return runs


def _shares(name: Any, one: Work) -> Iterator[Share]:
    """Yield the blocks of a work that are computed in one go."""
    linked = chains(one.model, one.period.edges(one.refit))
    if len(linked) > FEW:
        linked = [tuple(edge for chain in linked for edge in chain)]
    content = pickle.dumps((one.period, one.model, one.window_days))
    fixed = (ONE_THREAD, compute.seed(), keys.surroundings())
    for chain in linked:
        yield Share(name, content, chain, *fixed, last=chain is linked[-1])


def _compute(share: Share) -> tuple[Part, Model | None]:
    """Return what a share leaves, and its model if no later fit follows.

    Raises
    ------
    UsageError
        If this process runs other code or other libraries than the one that sent it.
    """
    check_surroundings(share.surroundings)
    with ONE_AT_A_TIME, conditions(share.threads, share.seed):
        # Pickled by the process that sends the work, never read from a file.
        period, model, window_days = pickle.loads(share.content)
        part = period.part(model, share.edges, window_days)
    return part, model if share.last else None


def side_by_side(
    work: Mapping[Name, Callable[[], Found]], workers: Workers | None = None
) -> dict[Name, Found]:
    """Call functions in as many processes as the study has.

    Parameters
    ----------
    work : mapping of callable
        By a name of the caller's choice; what they refer to and return must be picklable. The
        longest should come first.
    workers : Workers, optional
        Those of params.yaml's section `compute` by default.

    Returns
    -------
    dict
        What each returned, by the same names, in their order.
    """
    fixed = (ONE_THREAD, compute.seed(), dict(keys.surroundings()))
    found = (workers or chosen()).each(_call, [(one, *fixed) for one in work.values()])
    return dict(zip(work, found, strict=True))


def _call(sent: tuple[Callable[[], Any], int, int, Mapping[str, str]]) -> Any:
    """Call a function under the conditions that it was sent with."""
    function, threads, seed, surroundings = sent
    check_surroundings(surroundings)
    with ONE_AT_A_TIME, conditions(threads, seed):
        return function()
