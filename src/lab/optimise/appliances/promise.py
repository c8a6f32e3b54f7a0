"""Plans that were announced, and how much of them moves in the next one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.optimise.appliances.appliance import Appliance

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
        When the penalty or the number of slots is negative.
    """

    schedule: pd.DataFrame
    penalty: float
    held: int = 0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.penalty) and self.penalty >= 0):
            raise UsageError(f"The penalty of moving must be 0 or more, got {self.penalty}.")
        if not self.held >= 0:
            raise UsageError(f"The slots that have passed must be 0 or more, got {self.held}.")


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
    """
    share = {}
    for item in appliances:
        was, now = before[item.name].to_numpy(float), after[item.name].to_numpy(float)
        same = float(np.minimum(was, now).sum())
        if was.sum() <= ON_KW:
            share[item.name] = float(now.sum() > ON_KW)
        elif item.kind == "continuous":
            share[item.name] = float(not np.array_equal(was > ON_KW, now > ON_KW))
        else:
            share[item.name] = 1.0 - same / float(was.sum())
    return pd.Series(share, name="moved")
