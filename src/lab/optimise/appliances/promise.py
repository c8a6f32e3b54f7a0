"""Plans that were announced, and how much of them moves in the next one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import setting, whole
from lab.optimise.appliances.appliance import Appliance
from lab.optimise.appliances.site import powers_of

ON_KW = 1e-6


@dataclass(frozen=True)
class Promise:
    """A schedule that was announced, and what moving it costs.

    Attributes
    ----------
    schedule : pandas.DataFrame
        Power by slot and appliance [kW], on the slots of the site.
    penalty : float
        Cost of moving a whole run; a run that is moved in part costs its share [currency].
    held : int
        So many first slots have passed: there everything stays as it was.

    Raises
    ------
    UsageError
        When the penalty is negative, or the number of slots is no whole number from 0 on.
    """

    schedule: pd.DataFrame
    penalty: float
    held: int = 0

    def __post_init__(self) -> None:
        setting(self.penalty, "The penalty of moving", 0)
        whole(self.held, "The number of slots that have passed", 0)


def moved(before: pd.DataFrame, after: pd.DataFrame, appliances: Iterable[Appliance]) -> pd.Series:
    """Return per appliance the share of its promised run that moved, 0 to 1.

    An unbroken run moves as a whole: 0 or 1, as its start stays or not. Of other runs it is the
    share of energy that is no longer taken when it was promised. A run that was not promised
    counts as moved if it is made.

    Parameters
    ----------
    before, after : pandas.DataFrame
        Power by slot and appliance [kW], on the same slots.
    appliances : iterable of Appliance

    Raises
    ------
    DataError
        When a schedule lacks an appliance, or the two have different slots.
    """
    items, share = list(appliances), {}
    names, slots = [item.name for item in items], pd.DatetimeIndex(before.index)
    old, new = powers_of(before, names, slots), powers_of(after, names, slots)
    for item in items:
        was, now = old[item.name], new[item.name]
        same = float(np.minimum(was, now).sum())
        if was.sum() <= ON_KW:
            share[item.name] = float(now.sum() > ON_KW)
        elif item.kind == "continuous":
            share[item.name] = float(not np.array_equal(was > ON_KW, now > ON_KW))
        else:
            share[item.name] = 1.0 - same / float(was.sum())
    return pd.Series(share, name="moved")
