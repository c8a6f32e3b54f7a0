"""A learnt policy: values of actions in every state, to be asked, saved and loaded."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lab.checks import setting, whole
from lab.errors import DataError, UsageError
from lab.optimise.control.dynamics import ACTIONS, level_of, limits
from lab.optimise.control.environment import check_number, check_soc
from lab.optimise.control.market import HOURS
from lab.optimise.control.q_learning import greedy
from lab.optimise.control.states import Bins
from lab.optimise.storage.battery import Battery

META = b"lab_policy"
STATE = ("level", "price_bin", "hour", "move_bin")


@dataclass(frozen=True)
class Policy:
    """What an agent does in every state.

    Attributes
    ----------
    values : numpy.ndarray, shape (levels, price bins, 24, move bins, 3)
        Value of charging, holding and discharging [USD].
    bins : Bins
    soc_min, soc_max : float
        Limits between which charge levels lie [1].
    hold : int
        Minutes that a decision is kept.
    """

    values: np.ndarray
    bins: Bins
    soc_min: float
    soc_max: float
    hold: int = 1

    def __post_init__(self) -> None:
        wanted = (*self.bins.shape, len(ACTIONS))
        if self.values.ndim != 5 or self.values.shape[1:] != wanted:
            rest = ", ".join(map(str, wanted))
            raise DataError(
                f"The values of a policy must have the shape (levels, {rest}) of its bins, hours "
                f"and actions, got {self.values.shape}."
            )
        if not np.isfinite(self.values).all():
            raise DataError("The values of a policy must be numbers, got some that are not.")
        setting(self.soc_max, "soc_max of a policy", 0, 1)
        setting(self.soc_min, "soc_min of a policy", 0, self.soc_max, open_high=True)
        whole(self.hold, "hold of a policy", 1)

    @classmethod
    def of(
        cls, values: np.ndarray, bins: Bins, soc_min: float, soc_max: float, hold: int = 1
    ) -> "Policy":
        """Return the policy of learnt values, of shape (levels, columns, 3)."""
        shape = (len(values), *bins.shape, len(ACTIONS))
        if values.size != np.prod(shape):
            raise DataError(f"Values of the shape {values.shape} do not fill {shape}.")
        return cls(values.reshape(shape), bins, soc_min, soc_max, hold)

    @property
    def table(self) -> np.ndarray:
        """Best action of every state, shape (levels, columns)."""
        return greedy(self.values).reshape(len(self.values), -1)

    def level(self, soc: float) -> int:
        """Return the number of the charge level of a state of charge, counted from 0."""
        of = limits(
            Battery(1.0, 1.0, soc_min=self.soc_min, soc_max=self.soc_max, soc_start=self.soc_min),
            1.0,
        )
        return int(level_of(soc, of, len(self.values)))

    def action(
        self,
        charge_level: float,
        price: float,
        forecasts: Sequence[float],
        hour: int,
        worth: float = 0.0,
    ) -> tuple[int, np.ndarray]:
        """Return the action of one minute and the values of all three.

        Parameters
        ----------
        charge_level : float
            State of charge [1].
        price : float
            [USD/kWh].
        forecasts : sequence of three float
            1, 5 and 15 minutes ahead [USD/kWh].
        hour : int
            Of the local clock, 0 to 23.
        worth : float
            What stored energy is worth [USD/kWh], for a policy that was taught with it.

        Returns
        -------
        tuple of int and numpy.ndarray
            0 to charge, 1 to hold, 2 to discharge; values of these three [USD].

        Raises
        ------
        DataError
            For a state of charge outside the limits, a price or worth that is no number, other
            than three forecasts, or an hour that the clock does not have.
        """
        check_soc(charge_level, self.soc_min, self.soc_max)
        price, worth = check_number(price, "The price"), check_number(worth, "The worth")
        if not isinstance(hour, int | np.integer) or hour not in range(HOURS):
            raise DataError(f"The hour must be a whole number from 0 to {HOURS - 1}, got {hour!r}.")
        own = self.values[
            (self.level(charge_level), *self.bins.place(price, worth, forecasts, hour))
        ]
        return int(greedy(own)), own.copy()

    def save(self, path: str | Path) -> Path:
        """Write the policy as parquet, one row for each state."""
        cells = np.indices(self.values.shape[:-1]).reshape(len(STATE), -1).astype(np.int16)
        rows = self.values.reshape(-1, len(ACTIONS))
        table = pa.table(dict(zip((*STATE, *ACTIONS), (*cells, *rows.T), strict=True)))
        about = {
            "shape": self.values.shape, "edges": self.bins.edges, "moves": self.bins.moves,
            "shares": self.bins.shares, "soc_min": self.soc_min, "soc_max": self.soc_max,
            "hold": self.hold,
        }  # fmt: skip
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        meta = {META: json.dumps(about, sort_keys=True).encode()}
        pq.write_table(table.replace_schema_metadata(meta), target, compression="zstd")
        return target

    @classmethod
    def load(cls, path: str | Path) -> "Policy":
        """Read a policy that `save` wrote.

        Raises
        ------
        DataError
            If the file is none, or its rows do not fill the shape that it names.
        """
        table, about = _read(Path(path))
        shape = tuple(about["shape"])
        names = table.column_names
        if table.num_rows != np.prod(shape[:-1]) or not {*STATE, *ACTIONS} <= set(names):
            raise DataError(
                f"{Path(path).name} should hold {np.prod(shape[:-1])} states with values of "
                f"{', '.join(ACTIONS)}, got {table.num_rows} rows with {', '.join(names)}."
            )
        rows: pd.DataFrame = table.to_pandas().sort_values(list(STATE), kind="stable")
        values = rows[list(ACTIONS)].to_numpy(float).reshape(shape)
        bins = Bins(tuple(about["edges"]), tuple(about["moves"]), about["shares"])
        return cls(values, bins, about["soc_min"], about["soc_max"], about["hold"])


def _read(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    """Return a policy's rows and what it says of itself."""
    if not path.is_file():
        raise UsageError(f"There is no policy file {path}.")
    try:
        table = pq.read_table(path)
        about = json.loads((table.schema.metadata or {})[META])
    except (pa.ArrowInvalid, KeyError, ValueError):
        raise DataError(f"{path.name} is no policy that `Policy.save` wrote.") from None
    return table, about
