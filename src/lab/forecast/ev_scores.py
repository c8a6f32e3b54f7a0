"""What the study of the EV fleet chooses, and its scores over several tests and leads."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lab import metrics, style
from lab.forecast.table import Forecasts, concat

Place = tuple[str, int]
KEYS = ["period", "lead_days"]
BEST = "best_naive"


def mean_error(forecasts: Forecasts, actual: np.ndarray, rows: np.ndarray) -> float:
    """Return the mean absolute error over the rows of a mask, NaN rows passed over."""
    return float(np.nanmean(np.abs(forecasts.median - actual)[rows]))


def errors_of(
    candidates: Mapping[Any, Mapping[int, Forecasts]],
    actual: np.ndarray,
    rows: Mapping[Place, np.ndarray],
) -> pd.DataFrame:
    """Return the mean absolute error of every candidate on the days of choices.

    Parameters
    ----------
    candidates : mapping
        By what may be chosen, and by lead in days.
    actual : numpy.ndarray, shape (rows,)
    rows : mapping of numpy.ndarray
        Rows of choices by test and lead.

    Returns
    -------
    pandas.DataFrame
        One row a candidate, columns `(test, lead)`.
    """
    found = {
        place: {
            name: mean_error(leads[place[1]], actual, mask) for name, leads in candidates.items()
        }
        for place, mask in rows.items()
    }
    return pd.DataFrame(found)


def over_leads(errors: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over leads of what `errors_of` gives, one column a test, in order."""
    names = list(dict.fromkeys(errors.columns.get_level_values(0)))
    return pd.DataFrame({name: errors[name].mean(axis=1) for name in names})


def pinball(forecasts: Forecasts, truth: pd.Series, rows: np.ndarray) -> float:
    """Return the mean pinball loss of the nine quantiles over the rows of a mask."""
    scores = metrics.evaluate(concat([forecasts.rows(rows)]), truth, unit="kwh")
    return float(scores["pinball_kwh"].iloc[0])


def mixture(weights: Mapping[str, float]) -> str:
    """Return what a weighted mean of models takes, in words.

    Examples
    --------
    >>> mixture({"ridge": 0.5, "lightgbm": 0.5}), mixture({"ridge": 0.0, "lightgbm": 1.0})
    ('0.5 of ridge and 0.5 of LightGBM', 'LightGBM alone')
    """
    used = {style.label(model): weight for model, weight in weights.items() if weight}
    if len(used) == 1:
        return f"{next(iter(used))} alone"
    return style.listed(f"{weight:g} of {name}" for name, weight in used.items())


def scored_by_test(
    tables: Mapping[Place, pd.DataFrame], truth: pd.Series, best: Mapping[Place, str]
) -> pd.DataFrame:
    """Return the losses of all tests and leads, the best rule of each among the models.

    Parameters
    ----------
    tables : mapping of pandas.DataFrame
        Forecast tables by test and lead in days; any number of tests, in any order.
    truth : pandas.Series
        Measured values by UTC time.
    best : mapping of str
        The best simple rule by test and lead, a model of its table.

    Returns
    -------
    pandas.DataFrame
        What `lab.metrics.score` gives, with `period` and `lead_days`; the rows of each best
        rule come again as the model `best_naive`.
    """
    parts = []
    for (period, lead), table in tables.items():
        rows = metrics.score(table, truth).assign(period=period, lead_days=lead)
        rows["model"] = rows["model"].astype(str)
        parts += [rows, rows[rows["model"] == best[period, lead]].assign(model=BEST)]
    return pd.concat(parts, ignore_index=True)


def wide(scored: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """Return absolute errors as one row per value and one column per model.

    Parameters
    ----------
    scored : pandas.DataFrame
        What `scored_by_test` returns.
    models : sequence of str

    Returns
    -------
    pandas.DataFrame
        Indexed by `period`, `lead_days`, `issued_at` and `valid_at`; values that one of the
        models lacks have no row.
    """
    rows = scored[scored["model"].isin(list(models))]
    index = [*KEYS, "issued_at", "valid_at"]
    found = rows.pivot(index=index, columns="model", values="absolute")
    return found[list(models)].dropna()
