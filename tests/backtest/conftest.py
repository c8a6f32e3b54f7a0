"""Three small series over the clock change of 5 October 2014, the last without logarithms."""

import numpy as np
import pandas as pd
import pytest

from lab.forecast import demand

ZONE = "Australia/Melbourne"


def series(name: str, seed: int, level: float):
    """Return 80 half-hourly days; ridge takes logarithms and fails on a negative level."""
    index = pd.date_range("2014-07-31 14:00", "2014-10-20 13:00", freq="30min", tz="UTC")[:-1]
    hour = index.tz_convert(ZONE).hour.to_numpy()
    rng = np.random.default_rng(seed)
    values = level + 500 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(0, 50, len(index))
    frame = pd.DataFrame({"demand_mw": values, "temperature_c": 15.0}, index=index)
    table = demand.day_table(frame, ZONE, set())
    table.series_id = name
    return table


@pytest.fixture(scope="session")
def tables():
    levels = {"north": 4000.0, "south": 3000.0, "below": -4000.0}
    return {name: series(name, n, level) for n, (name, level) in enumerate(levels.items())}
