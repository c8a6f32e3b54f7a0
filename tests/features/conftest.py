"""One simulated table that has a column for every family."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

ZONE = "Europe/Brussels"


@pytest.fixture(scope="session")
def simulated() -> Callable[..., pd.DataFrame]:
    """Return a maker of SIMULATED tables: prices, neighbour, mix, weather, battery."""

    def make(
        rows: int = 1000, step: str = "1h", start: str = "2016-02-20", seed: int = 1
    ) -> pd.DataFrame:
        noise = np.random.default_rng(seed)
        index = pd.date_range(start, periods=rows, freq=step, tz="UTC", name="time")
        price = noise.normal(30, 25, rows)  # often negative
        price[rows // 3 : rows // 3 + 3] = np.nan
        return pd.DataFrame(
            {
                "price_eur_per_mwh": price,
                "price_fr_eur_per_mwh": np.where(noise.random(rows) < 0.5, price, price + 3.0),
                "load_forecast_mw": noise.normal(9000, 500, rows),
                "temperature_c": noise.normal(12, 10, rows),
                "humidity": noise.uniform(0, 1, rows),
                "wind_speed_m_per_s": noise.uniform(0, 15, rows),
                "ghi_w_per_m2": noise.uniform(0, 900, rows),
                "renewable_mw": noise.uniform(0, 4000, rows),
                "fossil_mw": noise.uniform(0, 4000, rows),
                "nuclear_mw": noise.uniform(2000, 5000, rows),
                "soc": noise.uniform(0, 1, rows),
            },
            index=index,
        )

    return make
