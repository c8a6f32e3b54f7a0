"""Pieces of a backtest that arrays are enough for: several series in one fit, or hourly issues.

A piece is one fit and its forecasts, or all fits of a model that keeps its state. It is the
same work in a thread of this process, in another process and on a Dask cluster, and what is
finished is kept: an interrupted backtest goes on where it was.
"""

import copy
import pickle
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from lab import compute
from lab.backtest import keys, refusals
from lab.backtest.cadence import learn
from lab.backtest.conditions import as_sent
from lab.backtest.failures import failures, reason_of, unlearn
from lab.backtest.progress import Progress
from lab.backtest.store import Store
from lab.backtest.timing import Spent
from lab.backtest.workers import Serial, Threads, Workers, beside

Inputs = dict[str, np.ndarray]


@dataclass(frozen=True)
class Step:
    """A fit and what is asked of it.

    Attributes
    ----------
    inputs, target : dict of arrays, array
        To learn from.
    issues : dict of arrays
        To forecast.
    """

    inputs: Inputs
    target: np.ndarray
    issues: Inputs


@dataclass(frozen=True)
class Piece:
    """Fits of one model that are computed in one go.

    Attributes
    ----------
    model : Model or HourlyModel
        Unfitted; it is copied, not changed.
    steps : callable
        Yields the `Step`s, in order, where there is time and room for their arrays.
    lay : callable
        From the forecasts of all steps, one after the other, to an array of `shape`.
    shape : tuple of int
        Of the result.
    depends : mapping
        What the result depends on beside the model, the seed, the threads and the code.
    """

    model: Any
    steps: Callable[[], Iterator[Step]]
    lay: Callable[[np.ndarray], np.ndarray]
    shape: tuple[int, ...]
    depends: Mapping[str, Any]


@dataclass(frozen=True)
class Done:
    """What a piece leaves.

    Attributes
    ----------
    values : numpy.ndarray
        NaN where the model failed.
    fit_s, predict_s : float
        Wall time [s], of a kept piece as it was when it was computed.
    reason : str
        Why the model failed, or "".
    model : Model or HourlyModel, optional
        As fitted last, of the pieces alone whose model is wanted.
    """

    values: np.ndarray
    fit_s: float = 0.0
    predict_s: float = 0.0
    reason: str = ""
    model: Any = field(default=None, compare=False)


@dataclass(frozen=True)
class Parcel:
    """A piece on its way to another process, with the conditions it must find there."""

    content: bytes
    threads: int
    seed: int
    surroundings: Mapping[str, str]
    forgiving: bool
    fitted: bool


def computed(
    pieces: Sequence[Piece],
    store: Store | None = None,
    *,
    prepare: Callable[[], None],
    fitted: bool | Collection[int] = True,
    forgiving: bool = False,
) -> tuple[list[Done], int]:
    """Compute pieces, but for those that an earlier run has finished.

    Several are computed at a time: in threads of this process, since the libraries that fit
    let go of its lock, or on the Dask cluster that params.yaml names.

    Parameters
    ----------
    pieces : sequence of Piece
    store : Store, optional
        Keeps what is finished, failures too.
    prepare : callable
        Called once before the first step is made, if anything is left to compute.
    fitted : bool or collection of int
        Whose fitted models are wanted, by the number of the piece; true is the last, false
        none. They are computed in any case: a store keeps forecasts, and no fitted model.
    forgiving : bool
        Tell why a model failed instead of raising it.

    Returns
    -------
    done : list of Done
        In the order of the pieces.
    kept : int
        How many were taken from the store.
    """
    wanted = set(range(len(pieces))[-1:] if fitted else ()) if isinstance(fitted, bool) else fitted
    names = [_key(piece) for piece in pieces] if store else []
    found = _kept(pieces, names, store, wanted) if store else {}
    if not forgiving:
        found = {number: done for number, done in found.items() if not done.reason}
    kept = len(found)
    waiting = [number for number in range(len(pieces)) if number not in found]
    if waiting:
        prepare()
    where = beside() if len(waiting) > 1 else Serial()
    progress = Progress(len(pieces), kept)
    results = _each(where, {number: pieces[number] for number in waiting}, wanted, forgiving)
    for number, done in zip(waiting, results, strict=True):
        found[number] = done if number in wanted else replace(done, model=None)
        if store:
            store.put(names[number], done.values, _notes(done))
        if len(pieces) > 1:
            progress.step()
    if store:
        store.prune()
    return [found[number] for number in range(len(pieces))], kept


def leave(model: Any, done: Done) -> None:
    """Leave a model as a piece has fitted it; unfitted, not half fitted, where that failed."""
    if done.reason:
        unlearn(model)
    else:
        vars(model).update(vars(done.model))


def compute_parcel(parcel: Parcel) -> Done:
    """Compute what was sent here; its forecasts are laid out where it came from.

    Raises
    ------
    UsageError
        If this process runs other code or other libraries than the one that sent it.
    """
    with as_sent(parcel.surroundings, parcel.threads, parcel.seed):
        # Pickled by the process that sends the work, never read from a file.
        model, steps = pickle.loads(parcel.content)
        done = _fits(model, steps, parcel.forgiving)
    return done if parcel.fitted else replace(done, model=None)


def _key(piece: Piece) -> str:
    """Return the hash of everything that a piece's result depends on."""
    content = {
        **piece.depends,
        "model": keys.described(piece.model),
        "conditions": [compute.threads(), compute.seed()],
        "surroundings": keys.surroundings(),
    }
    return keys.digest(content)


def _kept(
    pieces: Sequence[Piece], names: Sequence[str], store: Store, wanted: Collection[int]
) -> dict[int, Done]:
    """Return what an earlier run has left, by the number of the piece, but for those wanted."""
    found = {}
    for number, piece in enumerate(pieces):
        if number in wanted:
            continue
        held = store.get(names[number], piece.shape)
        if held and held[1].keys() == _notes(Done(held[0])).keys():
            found[number] = Done(held[0], **held[1])
    return found


def _notes(done: Done) -> dict[str, Any]:
    """Return what is kept beside the values."""
    return {name: getattr(done, name) for name in ("fit_s", "predict_s", "reason")}


def _each(
    workers: Workers, pieces: Mapping[int, Piece], wanted: Collection[int], forgiving: bool
) -> Iterator[Done]:
    """Yield what comes of every piece, in order; only what leaves this process is packed."""
    if isinstance(workers, Serial | Threads):
        yield from workers.each(partial(_computed, forgiving=forgiving), pieces.values())
        return
    parcels = (_packed(piece, forgiving, number in wanted) for number, piece in pieces.items())
    for piece, done in zip(pieces.values(), workers.each(compute_parcel, parcels), strict=True):
        yield _laid(piece, done, forgiving)


def _computed(piece: Piece, forgiving: bool) -> Done:
    """Compute a piece in this process, under its conditions as they are."""
    return _laid(piece, _fits(copy.copy(piece.model), piece.steps(), forgiving), forgiving)


def _packed(piece: Piece, forgiving: bool, fitted: bool) -> Parcel:
    """Return a piece with its arrays and the conditions of this process."""
    content = pickle.dumps((piece.model, list(piece.steps())))
    fixed = (compute.threads(), compute.seed(), keys.surroundings())
    return Parcel(content, *fixed, forgiving, fitted)


def _fits(model: Any, steps: Iterable[Step], forgiving: bool) -> Done:
    """Fit and forecast step by step; the forecasts stand one after the other."""
    found: list[np.ndarray] = []
    spent = Spent()
    try:
        for step in steps:
            with spent.fitting():
                learn(model, step.inputs, step.target, further=bool(found))
            with spent.predicting():
                found.append(model.predict(step.issues))
        refusals.check_numbers(model.name, found)
        return Done(np.concatenate(found), spent.fit_s, spent.predict_s, model=model)
    except failures() as error:
        if not forgiving:
            raise
        return Done(np.empty(0), spent.fit_s, spent.predict_s, reason_of(error), model)


def _laid(piece: Piece, done: Done, forgiving: bool) -> Done:
    """Return the forecasts as the piece lays them out; NaN if the model failed."""
    reason = done.reason
    try:
        if not reason:
            return replace(done, values=piece.lay(done.values))
    except failures() as error:
        if not forgiving:
            raise
        reason = reason_of(error)
    return replace(done, values=np.full(piece.shape, np.nan), reason=reason)
