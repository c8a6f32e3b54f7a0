"""What is simulated, learnt and forecast, and how a fleet is cut into parts."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from lab.backtest import keys
from lab.errors import UsageError
from lab.forecast.profile import LEVEL_DAYS
from lab.forecast.profile_trees import ProfileTrees
from lab.forecast.table import QUANTILES

TARGET = "power_w"
LEVELS = QUANTILES


@dataclass(frozen=True)
class Plan:
    """What all parts share.

    Attributes
    ----------
    first : ISO string
        First local day of the simulation.
    days : int
        Days simulated.
    choose_from, test_from : ISO string
        Where the periods of choices and of the test begin; learning ends before the first.
    origins : int
        Days forecast in the test period, one issue each.
    learning_days : int
        Days drawn from every meter to learn from.
    seed : int
        Of the simulation and of the days drawn.
    trees, leaves : int
        Of the model.
    part : int
        Meters of a part.
    """

    first: str
    days: int
    choose_from: str
    test_from: str
    origins: int
    learning_days: int
    seed: int
    trees: int = 100
    leaves: int = 31
    part: int = 25

    def __post_init__(self) -> None:
        """Refuse periods that are out of order or reach beyond the days."""
        begin = pd.Timestamp(self.first)
        choose, test = (
            (pd.Timestamp(day) - begin).days for day in (self.choose_from, self.test_from)
        )
        if not LEVEL_DAYS + self.learning_days <= choose < test <= self.days - self.origins:
            raise UsageError(
                f"Learning needs {LEVEL_DAYS} days of history and {self.learning_days} to draw "
                f"from, then the choices from {self.choose_from}, then {self.origins} test days "
                f"from {self.test_from}, all within {self.days} days from {self.first}."
            )
        if min(self.origins, self.learning_days, self.part) < 1:
            raise UsageError(
                "Origins, learning_days and part must be at least 1, got "
                f"{self.origins}, {self.learning_days} and {self.part}."
            )

    @property
    def choose_to(self) -> str:
        """Last day of the period of choices."""
        return str((pd.Timestamp(self.test_from) - pd.Timedelta(days=1)).date())

    @property
    def test_to(self) -> str:
        """Last day of the test period."""
        last = pd.Timestamp(self.test_from) + pd.Timedelta(days=self.origins - 1)
        return str(last.date())

    def model(self, threads: int) -> ProfileTrees:
        """Return the global model, unfitted."""
        return ProfileTrees(
            TARGET,
            levels=LEVELS,
            trees=self.trees,
            leaves=self.leaves,
            learning_rate=0.08,
            min_rows=200,
            threads=threads,
            year=False,
        )


@dataclass(frozen=True)
class Part:
    """Some meters of the fleet, in one file.

    Attributes
    ----------
    plan : Plan
    folder : str
        Where the files of all parts lie; every worker must reach it.
    start, count : int
        Number of the first meter, and how many.
    surroundings : dict of str
        Code and libraries of the process that plans.
    """

    plan: Plan
    folder: str
    start: int
    count: int
    surroundings: dict[str, str] = field(compare=False, repr=False)

    @property
    def file(self) -> Path:
        """The parquet file of the simulated meters."""
        return Path(self.folder) / f"simulated_meters_{self.start:05d}.parquet"


def cut(plan: Plan, meters: int, folder: str) -> list[Part]:
    """Return the parts of a fleet; a part's meters are the same in a larger fleet."""
    here = keys.surroundings()
    starts = range(0, meters, plan.part)
    return [Part(plan, folder, start, min(plan.part, meters - start), here) for start in starts]
