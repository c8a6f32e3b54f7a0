"""Parts of a fleet of meters: the pieces of work that any process can do alone.

A part is some dozens of meters in one parquet file. It is simulated, turned into inputs to
learn from, and forecast by the global model, always by `lab.forecast`'s views: what a model
sees of a day is what was known at its midnight. A part's results depend on nothing but
its plan, so they are the same bytes in this process, in another, and on a cluster.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from lab import simulate
from lab.backtest import Backtest, keys
from lab.backtest.units import ONE_AT_A_TIME, check_surroundings, conditions
from lab.calendar import holidays_of
from lab.errors import UsageError
from lab.forecast.inputs import Inputs, calendar_columns
from lab.forecast.model import Stacked
from lab.forecast.naive import RULES, Naive
from lab.forecast.profile import LEVEL_DAYS, ProfileInputs
from lab.forecast.profile_trees import ProfileTrees
from lab.forecast.table import QUANTILES
from lab.forecast.view import DayTable, View
from lab.simulate.meters import COUNTRY, ZONE
from lab.simulate.streams import SAMPLE, stream

TARGET = "power_w"
LEVELS = QUANTILES
PART = 25
# Intervals that are scored: their share [%] and the places of their two quantiles.
INTERVALS = {80: (0.1, 0.9), 95: (0.025, 0.975)}


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

    def __post_init__(self) -> None:
        """Refuse periods that are out of order or reach beyond the days."""
        begin = pd.Timestamp(self.first)
        choose, test = ((pd.Timestamp(day) - begin).days for day in (self.choose_from, self.test_from))
        if not LEVEL_DAYS + self.learning_days <= choose < test <= self.days - self.origins:
            raise UsageError(
                f"Learning needs {LEVEL_DAYS} days of history and {self.learning_days} to draw from, "
                f"then the choices from {self.choose_from}, then {self.origins} test days from "
                f"{self.test_from}, all within {self.days} days from {self.first}."
            )
        if min(self.origins, self.learning_days) < 1:
            raise UsageError(
                f"Origins and learning_days must be at least 1, got {self.origins} and "
                f"{self.learning_days}."
            )

    @property
    def last(self) -> str:
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


@dataclass(frozen=True)
class Outcome:
    """What the test period of a part came to.

    Attributes
    ----------
    values : numpy.ndarray, shape (meters, rows, levels), float32
        Forecasts [W].
    scores : pandas.DataFrame
        One row a meter.
    inside : numpy.ndarray, shape (intervals, origins)
        Values inside each interval, by issue.
    scored : numpy.ndarray, shape (origins,)
        Values scored, by issue.
    """

    values: np.ndarray
    scores: pd.DataFrame
    inside: np.ndarray
    scored: np.ndarray


def parts(plan: Plan, meters: int, folder: str) -> list[Part]:
    """Return the parts of a fleet; a part's meters are the same in a larger fleet."""
    here = keys.surroundings()
    starts = range(0, meters, PART)
    return [Part(plan, folder, start, min(PART, meters - start), here) for start in starts]


def write(part: Part) -> None:
    """Simulate a part and write its file."""
    check_surroundings(part.surroundings)
    plan = part.plan
    table = simulate.meters(part.count, plan.days, plan.seed, first=plan.first, start=part.start)
    table.to_parquet(part.file, compression="zstd")


def learn(part: Part) -> tuple[Stacked, np.ndarray]:
    """Return inputs and targets of the days drawn from each meter, stacked.

    Returns
    -------
    inputs : mapping of arrays, shapes (meters x days, ...)
        Of the global model.
    target : numpy.ndarray, shape (meters x days, 24), float32
        [W], NaN where missing.
    """
    check_surroundings(part.surroundings)
    found: list[Inputs] = []
    targets = []
    with ONE_AT_A_TIME, conditions(1, part.plan.seed):
        inputs = part.plan.model(1).inputs
        for number, table in enumerate(tables(part), part.start):
            chosen = drawn_days(part.plan, table, number)
            found.append(shared_inputs(table, [inputs], chosen)[0])
            targets.append(table.days[TARGET][chosen])
    stacked = {
        name: np.concatenate([one[name] for one in found]).astype(np.float32) for name in found[0]
    }
    return stacked, np.concatenate(targets).astype(np.float32)


def drawn_days(plan: Plan, table: DayTable, number: int) -> np.ndarray:
    """Return the days that meter `number` is learnt from, ascending."""
    known = np.arange(LEVEL_DAYS, table.position(plan.choose_from))
    draw = stream(plan.seed, SAMPLE, number)
    return np.sort(draw.choice(known, plan.learning_days, replace=False))


def forecast(part: Part, model: ProfileTrees) -> Outcome:
    """Forecast every meter's test period, by the global model and by every simple rule."""
    check_surroundings(part.surroundings)
    with ONE_AT_A_TIME, conditions(1, part.plan.seed):
        found = [_forecast_one(table, part.plan, model) for table in tables(part)]
    values, rows, inside, scored = zip(*found, strict=True)
    drawn = simulate.households(part.count, part.plan.seed, start=part.start)
    scores = pd.DataFrame(rows, index=drawn.index)
    scores.insert(0, "cluster", drawn["cluster"])
    return Outcome(np.stack(values), scores, sum(inside), sum(scored))


def tables(part: Part) -> Iterator[DayTable]:
    """Yield one table a meter: its power so far, and the calendar."""
    powers = pd.read_parquet(part.file)
    index = pd.DatetimeIndex(powers.index)
    years = sorted({int(index[0].year) - 1, *map(int, index.year), int(index[-1].year) + 1})
    calendar = calendar_columns(index, ZONE, holidays_of(COUNTRY, None, years))
    knowledge = {TARGET: "past"} | dict.fromkeys(calendar.columns, "known_future")
    for name in powers:
        power = powers[name].rename(TARGET).astype(float)
        yield DayTable(
            pd.concat([power, calendar], axis=1),
            zone=ZONE,
            target=TARGET,
            knowledge=knowledge,
            series_id=str(name),
        )


def shared_inputs(
    table: DayTable, functions: Sequence[Callable[[View], Inputs]], days: Sequence[int]
) -> list[Inputs]:
    """Return each function's inputs of the days, stacked; each day's view is made once."""
    views = (table.view(int(day)) for day in days)
    seen = [[function(view) for function in functions] for view in views]
    return [
        {name: np.stack([day[place][name] for day in seen]) for name in seen[0][place]}
        for place in range(len(functions))
    ]


def _forecast_one(
    table: DayTable, plan: Plan, model: ProfileTrees
) -> tuple[np.ndarray, dict[str, float], np.ndarray, np.ndarray]:
    """Return one meter's forecasts and scores, and its values inside intervals by issue."""
    choices = Backtest(table, plan.choose_from, _day_before(plan.test_from))
    test = Backtest(table, plan.test_from, plan.last)
    rules = [Naive(rule, TARGET) for rule in RULES]
    values = _predicted(test, [model, *rules])
    before, actual = _predicted(choices, rules), test.actual()
    row = {"mean_w": float(np.nanmean(table.flat[TARGET][: table.start[choices.first]]))}
    row |= _errors([*before], choices.actual(), [f"choice_{rule}_mae_w" for rule in RULES])
    medians = [values[0][:, [LEVELS.index(0.5)]], *values[1:]]
    row |= _errors(medians, actual, [f"{name}_mae_w" for name in ("lightgbm", *RULES)])
    inside, scored = _coverage(values[0], actual, table.day[test.table.start[test.first] :])
    return values[0].astype(np.float32), row, inside, scored


def _predicted(period: Backtest, models: Sequence[ProfileTrees | Naive]) -> list[np.ndarray]:
    """Return each model's forecasts of a period, shape (rows, levels)."""
    begin, end = period.first, period.last + 1
    inputs = shared_inputs(period.table, [model.inputs for model in models], range(begin, end))
    return [
        period.rows(model.predict(seen), model.layout, begin, end)
        for model, seen in zip(models, inputs, strict=True)
    ]


def _errors(
    forecasts: Sequence[np.ndarray], actual: np.ndarray, names: Sequence[str]
) -> dict[str, float]:
    """Return mean absolute errors [W] over the hours that all forecasts and the meter have."""
    away = np.abs(np.concatenate(forecasts, axis=1) - actual[:, None])
    away = away[np.isfinite(away).all(axis=1)]
    means = away.mean(axis=0) if len(away) else np.full(len(names), np.nan)
    return dict(zip(names, map(float, means), strict=True))


def _coverage(
    values: np.ndarray, actual: np.ndarray, day: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the values inside each interval and those scored, by issue."""
    issue = day[: len(actual)] - day[0]
    known = np.isfinite(actual) & np.isfinite(values).all(axis=1)
    inside = []
    for low, high in INTERVALS.values():
        above = actual >= values[:, LEVELS.index(low)]
        within = known & above & (actual <= values[:, LEVELS.index(high)])
        inside.append(np.bincount(issue, within))
    return np.array(inside), np.bincount(issue, known)


def _day_before(day: str) -> str:
    return str((pd.Timestamp(day) - pd.Timedelta(days=1)).date())
