"""What a pool of series is asked: which of them are fitted together, and what comes of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lab.backtest.cadence import Edge
from lab.backtest.pieces import Done
from lab.errors import UsageError
from lab.forecast.model import Model

Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Task:
    """Fits that belong together: of which series, for which lead, before which days.

    `faults` names the members that are unfit for any model, and why.
    """

    lead: int
    edges: tuple[Edge, ...]
    members: tuple[str, ...]
    faults: Mapping[str, str]

    @property
    def sound(self) -> list[str]:
        """The members that are learnt from and forecast."""
        return [name for name in self.members if name not in self.faults]


@dataclass(frozen=True)
class Block:
    """What a task leaves: rows by series, seconds of one, and why rules stood in."""

    values: Mapping[str, np.ndarray]
    fit_s: float
    predict_s: float
    reasons: Mapping[str, str]


def check_groups(groups: Groups, series: Collection[str]) -> None:
    """Refuse groups that leave a series out, hold one twice, or an unknown one.

    Raises
    ------
    UsageError
    """
    members = sorted(name for group in groups.values() for name in group)
    if members != sorted(series):
        raise UsageError(
            f"The groups must hold each of the {len(series)} series once, got "
            f"{', '.join(members) or 'none'}."
        )


def last_fits(tasks: Sequence[Task]) -> dict[tuple[int, tuple[str, ...]], int]:
    """Return the place among the tasks that are fitted of each lead's and group's last."""
    fits = [task for task in tasks if task.sound]
    return {(task.lead, task.members): number for number, task in enumerate(fits)}


def models_of(
    groups: Groups, last: Mapping[tuple[int, tuple[str, ...]], int], found: Sequence[Done]
) -> dict[tuple[int, str], Model]:
    """Return the models of `last_fits` by lead and group, but for those whose fit failed."""
    names = {tuple(members): name for name, members in groups.items()}
    fits = {(lead, names[members]): found[number] for (lead, members), number in last.items()}
    return {key: done.model for key, done in fits.items() if not done.reason}
