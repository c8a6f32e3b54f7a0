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
from lab.backtest.cadence import Edge, chains
from lab.backtest.conditions import as_sent
from lab.backtest.failures import unfitted, unlearn
from lab.backtest.period import Backtest
from lab.backtest.progress import Progress
from lab.backtest.runs import Part, Run
from lab.backtest.store import Store, chosen_store
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
    fitted : bool
        False leaves the model unfitted, as by `Backtest.run`.
    """

    period: Backtest
    model: Model
    refit: str = "once"
    window_days: int | None = None
    fitted: bool = True


@dataclass(frozen=True)
class Share:
    """Blocks of one work that go to one process, and the conditions to compute them under."""

    name: Any
    period: bytes = field(repr=False)
    model: bytes = field(repr=False)
    edges: tuple[Edge, ...]
    how: Mapping[str, Any]
    conditions: tuple[Mapping[str, str], int, int] = field(repr=False)


def run_together(
    work: Mapping[Name, Work], workers: Workers | None = None, *, store: Store | None = None
) -> dict[Name, Run]:
    """Run several backtests in as many processes as the study has.

    Parameters
    ----------
    work : mapping of Work
        By a name of the caller's choice. The longest should come first.
    workers : Workers, optional
        Those of params.yaml's section `compute` by default.
    store : Store, optional
        Keeps what is forecast between two refits, so that an interrupted run resumes; where
        LAB_KEEP is set, that of the project by default. Another machine keeps it on its own disk.

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
    store = store or chosen_store()
    packed: dict[int, bytes] = {}
    for one in work.values():
        packed.setdefault(id(one.period), pickle.dumps(one.period))
    shares = [
        share
        for name, one in work.items()
        for share in _shares(name, one, packed[id(one.period)], store)
    ]
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
        learned = vars(answers[-1][1]) if one.fitted else {}
        vars(one.model).update({n: value for n, value in learned.items() if n.endswith("_")})
    if store:
        store.prune()
    return runs


def _shares(name: Any, one: Work, period: bytes, store: Store | None) -> Iterator[Share]:
    """Yield the blocks of a work that go to the same process."""
    linked = chains(one.model, one.period.edges(one.refit))
    if len(linked) > FEW:
        linked = [tuple(edge for chain in linked for edge in chain)]
    model = pickle.dumps(unfitted(one.model))
    fixed = _fixed()
    for chain in linked:
        last = one.fitted and chain is linked[-1]
        how = {"window_days": one.window_days, "store": store, "fitted": last}
        yield Share(name, period, model, chain, how, fixed)


def _compute(share: Share) -> tuple[Part, Model | None]:
    """Return what a share leaves, and its model if it is wanted as fitted.

    Raises
    ------
    UsageError
        If this process runs other code or other libraries than the one that sent it.
    """
    with as_sent(*share.conditions):
        # Pickled by the process that sends the work, never read from a file.
        period, model = pickle.loads(share.period), pickle.loads(share.model)
        part = period.part(model, share.edges, **share.how)
    return part, model if share.how["fitted"] else None


def _fixed() -> tuple[dict[str, str], int, int]:
    """Return the conditions that work is sent with: those of this process, but one thread."""
    return keys.surroundings(), ONE_THREAD, compute.seed()


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
    fixed = _fixed()
    found = (workers or chosen()).each(_call, [(one, fixed) for one in work.values()])
    return dict(zip(work, found, strict=True))


def _call(sent: tuple[Callable[[], Any], tuple[Mapping[str, str], int, int]]) -> Any:
    """Call a function under the conditions that it was sent with."""
    function, fixed = sent
    with as_sent(*fixed):
        return function()
