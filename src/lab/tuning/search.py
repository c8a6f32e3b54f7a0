"""A search for hyperparameters that can be killed and goes on to the same end.

Optuna's tree-structured Parzen estimator proposes, its median rule stops what is behind.
Every trial draws from a seed of its own number, and a finished trial is on disk before the
next begins; thus a search that was interrupted proposes what it would have proposed.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lab import compute, paths
from lab.errors import DataError, LabError, UsageError
from lab.tuning.space import Space

if TYPE_CHECKING:
    import optuna

Values = Mapping[str, float | int]
Report = Callable[[float], None]
Objective = Callable[[dict[str, Any], Report], float]
STARTUP = 8
STATES = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}
# Of a failed trial, in the journal.
REASON = "reason"


@dataclass(frozen=True)
class Search:
    """What a search leaves.

    Attributes
    ----------
    best : dict
        The values with the least loss; those it began with, if nothing was better.
    trials : pandas.DataFrame
        One row a trial in order: `number`, `state` (`complete`, `pruned`, `failed`), `loss`
        (of a pruned trial the last it reported, of a failed one NaN), `best` so far, and a
        column per hyperparameter.
    stopped_early : bool
        True if the time limit came before the last trial.
    """

    best: dict[str, Any]
    trials: pd.DataFrame
    stopped_early: bool

    @property
    def begun(self) -> float:
        """Loss of the values it began with, NaN if that trial failed."""
        return float(self.trials["loss"].iloc[0])

    @property
    def ended(self) -> float:
        """Least loss."""
        return float(self.trials["best"].iloc[-1])

    def sentence(self) -> str:
        """Return how many trials there were, and what the first and the best came to."""
        state = self.trials["state"].value_counts()
        failed = f", {state['failed']} failed" if "failed" in state else ""
        first = f"{self.begun:.3f} at the beginning"
        if math.isnan(self.begun):
            first = "the settings it began with failed"
        end = ", cut short by the time limit." if self.stopped_early else "."
        return (
            f"{len(self.trials)} trials, {state.get('pruned', 0)} stopped{failed}; {first}, "
            f"{self.ended:.3f} at the end{end}"
        )


def search(
    name: str,
    objective: Objective,
    space: Space,
    *,
    start: Values,
    trials: int,
    time_limit_s: float,
    basis: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Search:
    """Minimise an objective over a space.

    Parameters
    ----------
    name : str
        Of the task and model, such as `vic_demand.lightgbm`.
    objective : callable
        Gets values and `report`; returns the loss. Each call of `report(loss_so_far)` may
        stop a trial that is worse than the median of the others at that step. A trial fails,
        and the search goes on, if it raises a `LabError` or its loss is not finite.
    space : mapping
        Name to `Range`.
    start : mapping
        Values tried first, the defaults: nothing worse than them can come out.
    trials : int
        Trials in all, 1 to 100.
    time_limit_s : float
        No trial begins after this many seconds of this call.
    basis : mapping, optional
        Whatever else the losses depend on, as JSON takes it (periods, a hash of the data): a
        search with another basis begins anew.
    folder : path, optional
        Where unfinished searches are kept; `.lab/tuning` of the project by default. A
        finished search leaves nothing there: running it again computes it again.
    clock : callable
        Seconds, monotonic.

    Raises
    ------
    UsageError
        If the number of trials, the time limit or `start` is not allowed.
    DataError
        If every trial failed.

    References
    ----------
    Bergstra et al., Algorithms for hyper-parameter optimization (2011), NeurIPS 24; Akiba et
    al., Optuna (2019), doi:10.1145/3292500.3330701.
    """
    _check(space, start, trials, time_limit_s)
    file = _file(name, space, start, basis, folder)
    study = _study(name, file, start)
    deadline = clock() + time_limit_s
    while (done := len(_finished(study))) < trials and clock() < deadline:
        _one(study, done, objective, space)
    found = Search(_best(study), _table(study, space), done < trials)
    if not found.stopped_early:
        file.unlink(missing_ok=True)
    return found


def _one(study: "optuna.Study", number: int, objective: Objective, space: Space) -> None:
    """Run one trial with the seed of its number."""
    import optuna

    seed = (compute.seed() + number) % 2**31
    study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP)
    study.pruner = optuna.pruners.MedianPruner(n_startup_trials=STARTUP)
    trial = study.ask()
    values = {key: span.suggest(trial, key) for key, span in space.items()}
    steps = iter(range(1_000_000))

    def report(loss: float) -> None:
        trial.report(loss, next(steps))
        if trial.should_prune():
            raise optuna.TrialPruned

    try:
        study.tell(trial, _finite(objective(values, report)))
    except optuna.TrialPruned:
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    except LabError as error:
        # What tells it from a trial that was killed: this one is not repeated.
        trial.set_user_attr(REASON, str(error))
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    except BaseException:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
        raise


def _finite(loss: float) -> float:
    """Return a loss; one that cannot be compared is a failure."""
    if not math.isfinite(loss):
        raise DataError(f"The loss of a trial must be finite, got {loss}.")
    return loss


def _study(name: str, file: Path, start: Values) -> "optuna.Study":
    """Open a search's journal, the trial that a kill left running struck out."""
    import optuna
    from optuna.storages import journal

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    file.parent.mkdir(parents=True, exist_ok=True)
    storage = journal.JournalStorage(journal.JournalFileBackend(str(file)))
    study = optuna.create_study(storage=storage, study_name=name, load_if_exists=True)
    state = optuna.trial.TrialState
    for trial in study.get_trials(states=(state.RUNNING,)):
        study.tell(trial.number, state=state.FAIL)
    if not _finished(study):
        study.enqueue_trial(dict(start), skip_if_exists=False)
    return study


def _finished(study: "optuna.Study") -> list["optuna.trial.FrozenTrial"]:
    """Return the trials that count, in order."""
    import optuna

    state = optuna.trial.TrialState
    trials = study.get_trials(deepcopy=False, states=(state.COMPLETE, state.PRUNED, state.FAIL))
    return [one for one in trials if one.state != state.FAIL or REASON in one.user_attrs]


def _best(study: "optuna.Study") -> dict[str, Any]:
    """Return the values of the least loss, the first of several."""
    finished = _finished(study)
    complete = [t for t in finished if t.value is not None and t.state.name == "COMPLETE"]
    reasons = [t.user_attrs[REASON] for t in finished if REASON in t.user_attrs]
    if reasons and not complete:
        raise DataError(f"No trial of the search was completed; the last failed: {reasons[-1]}")
    if not complete:
        raise UsageError(
            "The search ended before its first trial did; allow it more time (time_limit_s)."
        )
    return dict(min(complete, key=lambda t: (t.value, t.number)).params)


def _table(study: "optuna.Study", space: Space) -> pd.DataFrame:
    """Return the trials as a table."""
    rows = []
    for number, trial in enumerate(_finished(study)):
        state = STATES[trial.state.name]
        rows.append({"number": number, "state": state, "loss": _loss(trial), **trial.params})
    table = pd.DataFrame(rows, columns=["number", "state", "loss", *space])
    best = table["loss"].where(table["state"] == "complete").cummin().ffill()
    table.insert(3, "best", best)
    return table


def _loss(trial: "optuna.trial.FrozenTrial") -> float:
    """Return what a trial came to, or had come to when it was stopped; NaN if it failed."""
    told = trial.intermediate_values
    if STATES[trial.state.name] == "pruned":
        return told[max(told)]
    return math.nan if trial.value is None else trial.value


def _file(
    name: str, space: Space, start: Values, basis: Mapping[str, Any] | None, folder: Path | None
) -> Path:
    """Return the journal of a search, named by what its trials depend on."""
    told = {
        "name": name,
        "space": {key: [r.kind, r.low, r.high] for key, r in space.items()},
        "start": dict(start),
        "basis": dict(basis or {}),
        "seed": compute.seed(),
        "threads": compute.threads(),
    }
    key = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    return (folder or paths.root() / ".lab" / "tuning") / f"{name}-{key}.journal"


def _check(space: Space, start: Values, trials: int, time_limit_s: float) -> None:
    """Refuse a search that cannot begin."""
    if not 1 <= trials <= 100:
        raise UsageError(f"A search takes 1 to 100 trials, got {trials}.")
    if not time_limit_s > 0:
        raise UsageError(f"time_limit_s must be above 0, got {time_limit_s}.")
    if set(start) != set(space):
        raise UsageError(
            f"The values to begin with must name {', '.join(space)}, got {', '.join(start)}."
        )
    for name, value in start.items():
        if not space[name].holds(value):
            low, high = space[name].low, space[name].high
            raise UsageError(f"{name} begins at {value}, outside its range {low} to {high}.")
