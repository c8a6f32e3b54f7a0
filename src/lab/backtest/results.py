"""What a backtest of many series leaves: forecasts, what stood in, and the cost."""

from dataclasses import dataclass, field

import pandas as pd

from lab.forecast.model import Model
from lab.forecast.table import Forecasts

FALLBACKS = ("series_id", "model", "lead_days", "first", "last", "rule", "reason")
COSTS = ("series_id", "model", "lead_days", "fit_s", "predict_s")


@dataclass(frozen=True)
class Results:
    """Forecasts in the order series, model, lead, whatever was finished first.

    Attributes
    ----------
    forecasts : dict of Forecasts
        By series, model and lead.
    fallbacks : pandas.DataFrame
        A row for every unit in which a simple rule stood in for a model: its days, the
        rule, the reason.
    costs : pandas.DataFrame
        Wall time [s] of fits and forecasts by series, model and lead, no part of any
        reproducible output; a kept unit's as it was when it was computed.
    kept : int
        Units that were taken from the store.
    models : dict of Model
        As fitted last, by lead and group; of a pool's run that is asked for them.
    """

    forecasts: dict[tuple[str, str, int], Forecasts]
    fallbacks: pd.DataFrame
    costs: pd.DataFrame
    kept: int
    models: dict[tuple[int, str], Model] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        """Return all forecasts as one table with the columns of the forecast table.

        A point model has the median alone; its other quantiles are missing.
        """
        tables = [one.to_table() for one in self.forecasts.values()]
        for column, place in (("series_id", 0), ("model", 1)):
            names = list(dict.fromkeys(key[place] for key in self.forecasts))
            for one in tables:
                one[column] = one[column].cat.set_categories(names)
        return pd.concat(tables, ignore_index=True)
