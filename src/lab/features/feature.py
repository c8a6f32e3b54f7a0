"""What a feature is: a name, where it belongs, when it is known, and how it is computed."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lab.features.grid import Grid

PAST, KNOWN_FUTURE, STATIC = "past", "known_future", "static"


@dataclass(frozen=True)
class Feature:
    """One column of the feature table.

    Attributes
    ----------
    name : str
        Column name, with its unit where it has one.
    family : str
        Family it belongs to.
    unit : str
        Unit, "1" for shares, flags and numbers.
    knowledge : str
        `past`: known once t is over. `known_future`: known long before t (calendar,
        published forecasts). `static`: the same at all times.
    meaning : str
        One phrase for the reader.
    compute : callable
        Takes the `Grid`, gives one float for each of its steps.
    window_h : float
        How far back it looks [h]; 0 if it needs only t itself.
    """

    name: str
    family: str
    unit: str
    knowledge: str
    meaning: str
    compute: Callable[[Grid], np.ndarray] = field(repr=False, compare=False)
    window_h: float = 0.0


def hours_text(hours: float) -> str:
    """Write a duration for a column name: `24h`, `15min` where hours are not whole.

    Examples
    --------
    >>> hours_text(24), hours_text(0.25)
    ('24h', '15min')
    """
    if float(hours).is_integer():
        return f"{int(hours)}h"
    return f"{hours * 60:g}min"


UNITS = {
    "_eur_per_mwh": "EUR/MWh",
    "_usd_per_mwh": "USD/MWh",
    "_usd_per_kwh": "USD/kWh",
    "_kg_per_kwh": "kg/kWh",
    "_w_per_m2": "W/m2",
    "_m_per_s": "m/s",
    "_mwh": "MWh",
    "_kwh": "kWh",
    "_mw": "MW",
    "_kw": "kW",
    "_w": "W",
    "_c": "degC",
}


def unit_of(column: str) -> str:
    """Return the unit that a column name ends with, "1" if it names none.

    Examples
    --------
    >>> unit_of("price_eur_per_mwh"), unit_of("humidity")
    ('EUR/MWh', '1')
    """
    return next((unit for ending, unit in UNITS.items() if column.endswith(ending)), "1")
