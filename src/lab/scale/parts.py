"""Parts of a fleet of meters: simulated, read, and turned into inputs to learn from.

A part is some dozens of meters in one parquet file; where `lab.backtest.pooled` holds every
input of a few series, a fleet is never held whole. Inputs come from `lab.forecast`'s views
alone: what a model sees of a day is what was known at its midnight. A part's results depend
on nothing but its plan, so they are the same bytes in this process, in another, and on a
cluster.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from lab import simulate
from lab.backtest.conditions import as_sent, check_surroundings
from lab.calendar import holidays_of
from lab.forecast.inputs import Inputs, calendar_columns
from lab.forecast.model import Stacked
from lab.forecast.profile import LEVEL_DAYS
from lab.forecast.view import DayTable, View
from lab.scale.plan import TARGET, Part, Plan
from lab.simulate.meters import COUNTRY, ZONE
from lab.simulate.streams import SAMPLE, stream


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
    found: list[Inputs] = []
    targets = []
    with as_sent(part.surroundings, 1, part.plan.seed):
        inputs = part.plan.model(1).inputs
        for number, table in enumerate(tables(part), part.start):
            chosen = drawn_days(part.plan, table, number)
            found.append(shared_inputs(table, [inputs], chosen.tolist())[0])
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


def tables(part: Part) -> Iterator[DayTable]:
    """Yield one table a meter of the part's file."""
    yield from meter_tables(pd.read_parquet(part.file))


def meter_tables(powers: pd.DataFrame) -> Iterator[DayTable]:
    """Yield one table a meter: its power so far, and the calendar.

    Parameters
    ----------
    powers : pandas.DataFrame
        One column a meter [W], as `lab.simulate.meters` returns.
    """
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
    table: DayTable, functions: Sequence[Callable[[View], Inputs]], days: Iterable[int]
) -> list[Inputs]:
    """Return each function's inputs of the days, stacked; each day's view is made once."""
    views = (table.view(int(day)) for day in days)
    seen = [[function(view) for function in functions] for view in views]
    return [
        {name: np.stack([day[place][name] for day in seen]) for name in seen[0][place]}
        for place in range(len(functions))
    ]
