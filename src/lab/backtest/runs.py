"""What a backtest of one model over one series leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lab.backtest.results import fallen
from lab.forecast.table import Forecasts


@dataclass(frozen=True)
class Run:
    """What a backtest leaves: forecasts, the model as last fitted, and the cost.

    Attributes
    ----------
    forecasts : Forecasts
    refits : list of str
        Local days before which the model was fitted.
    fit_s, predict_s : float
        Wall time [s]; not part of any reproducible output.
    fallbacks : pandas.DataFrame
        A row for every fit in whose place a simple rule stood in, with the columns of
        `lab.backtest.results.FALLBACKS`: its days, the rule, the reason.
        `lab.backtest.said` puts them in a sentence.
    """

    forecasts: Forecasts
    refits: list[str]
    fit_s: float
    predict_s: float
    fallbacks: pd.DataFrame = field(default_factory=fallen)

    @property
    def fitted(self) -> bool:
        """Whether the last fit succeeded; the model was left unfitted if it did not."""
        return self.fallbacks.empty or bool(self.fallbacks["last"].max() < self.refits[-1])


@dataclass(frozen=True)
class Part:
    """What some blocks of a backtest leave.

    Attributes
    ----------
    values : numpy.ndarray, shape (rows, levels)
    fit_s, predict_s : float
        Wall time [s].
    rows : tuple
        Of the table of stand-ins; see `Run.fallbacks`.
    """

    values: np.ndarray
    fit_s: float
    predict_s: float
    rows: tuple[tuple[Any, ...], ...] = ()


def joined(parts: Sequence[Part]) -> Part:
    """Return parts that follow on each other as one."""
    return Part(
        np.concatenate([part.values for part in parts]),
        sum(part.fit_s for part in parts),
        sum(part.predict_s for part in parts),
        tuple(row for part in parts for row in part.rows),
    )
