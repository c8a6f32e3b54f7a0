"""Where batteries stand: load, PV, prices, carbon intensity and the connection to the grid."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import floats, setting
from lab.errors import DataError
from lab.settings import check_zone

COLUMNS = ("import_price", "export_price", "load_kw", "pv_kw", "carbon_kg_per_kwh")
NEVER_NEGATIVE = ("load_kw", "pv_kw", "carbon_kg_per_kwh")


@dataclass(frozen=True)
class Site:
    """One connection to the grid with what stands behind it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per step, indexed by the tz-aware begin of the step, equally spaced. Columns
        `import_price` [currency/kWh]; and, where given, `export_price` [currency/kWh] (the import
        price otherwise), `load_kw`, `pv_kw` [kW] and `carbon_kg_per_kwh` [kg/kWh] (0 otherwise).
    import_limit_kw, export_limit_kw : float
        Most power from and to the grid [kW].
    demand_charge_per_kw : float
        Paid for the highest import of each local month [currency/kW].
    clock : str
        IANA zone of local days and months.
    name : str

    Raises
    ------
    DataError
        For a missing or unknown column, a NaN, a negative load, or steps that are not equally
        spaced.
    UsageError
        For a limit or charge below 0, or a clock that is no zone.
    """

    table: pd.DataFrame
    import_limit_kw: float = math.inf
    export_limit_kw: float = math.inf
    demand_charge_per_kw: float = 0.0
    clock: str = "UTC"
    name: str = "site"

    def __post_init__(self) -> None:
        check_zone(self.clock, f"site {self.name!r}")
        object.__setattr__(self, "table", self._checked())
        for item in ("import_limit_kw", "export_limit_kw"):
            if getattr(self, item) != math.inf:
                setting(getattr(self, item), f"{item} of site {self.name!r}", 0)
        setting(self.demand_charge_per_kw, f"demand_charge_per_kw of site {self.name!r}", 0)

    def _checked(self) -> pd.DataFrame:
        """Return the complete table, or refuse it."""
        table = self.table.copy()
        self._check_columns(table.columns)
        self._check_times(table.index)
        table["export_price"] = table.get("export_price", table["import_price"])
        for column in NEVER_NEGATIVE:
            table[column] = table.get(column, 0.0)
        table = table[list(COLUMNS)]
        for column in COLUMNS:
            values = floats(table[column], f"{column} of site {self.name!r}")
            bad = ~np.isfinite(values) | ((values < 0) & (column in NEVER_NEGATIVE))
            if bad.any():
                at = table.index[bad.argmax()]
                raise DataError(
                    f"{column} of site {self.name!r} must be a number"
                    f"{' of at least 0' if column in NEVER_NEGATIVE else ''} in every step, got "
                    f"{values[bad.argmax()]:g} at {at:%Y-%m-%d %H:%M %Z}."
                )
        return table.astype(float)

    def _check_columns(self, names: pd.Index) -> None:
        """Refuse a table without prices, or with a column that nothing would read."""
        if "import_price" not in names:
            raise DataError(
                f"The table of site {self.name!r} needs a column import_price, got "
                f"{', '.join(map(str, names)) or 'none'}."
            )
        unknown = [str(n) for n in names if n not in COLUMNS]
        if unknown:
            raise DataError(
                f"The table of site {self.name!r} has the unknown column {unknown[0]!r}; it may "
                f"hold: {', '.join(COLUMNS)}."
            )

    def _check_times(self, index: pd.Index) -> None:
        """Refuse naive, empty or unequally spaced times."""
        if not isinstance(index, pd.DatetimeIndex) or index.tz is None or len(index) == 0:
            raise DataError(
                f"The table of site {self.name!r} needs one tz-aware time per row and at least "
                f"one row, got {type(index).__name__} of {len(index)}."
            )
        steps = np.unique(np.diff(index.asi8))
        if len(steps) > 1 or (len(steps) == 1 and steps[0] <= 0):
            raise DataError(
                f"The times of site {self.name!r} must be equally spaced and rising, got "
                f"{len(steps)} different steps."
            )

    @property
    def step_h(self) -> float:
        """Length of a step [h]; an hour for a single row."""
        index = self.table.index
        return (index[1] - index[0]) / pd.Timedelta(hours=1) if len(index) > 1 else 1.0

    def array(self, column: str) -> np.ndarray:
        """Return one column as numbers, of shape (steps,)."""
        return self.table[column].to_numpy()

    def day_ends(self) -> np.ndarray:
        """Return a mask, of shape (steps,), that is true in the last step of each local day."""
        return np.append(np.diff(self.codes("day")) != 0, True)

    def codes(self, of: str) -> np.ndarray:
        """Return the number of the local `day` or `month` of each step, from 0."""
        return np.unique(self.local(of), return_inverse=True)[1]

    def local(self, of: str) -> np.ndarray:
        """Return the local `day` or `month` of each step, as numpy.datetime64."""
        naive = self.table.index.tz_convert(self.clock).tz_localize(None)
        return naive.to_numpy().astype(f"datetime64[{'M' if of == 'month' else 'D'}]")
