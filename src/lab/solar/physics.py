"""Power from measured weather: physics first, then what a learned adjustment adds."""

from typing import Any, Self

import numpy as np
import pandas as pd

from lab import compute
from lab.errors import DataError, UsageError
from lab.forecast.model import check_fitted
from lab.solar.site import (
    CELL_RISE_K_M2_PER_W,
    REFERENCE_CELL_C,
    Place,
    Plane,
    require,
    require_regular,
    sun,
)

WEATHER = ("ghi_w_per_m2", "ghi_clear_w_per_m2", "temperature_c")
MEASURED = (
    "elevation",
    "ghi_clear",
    "temperature",
    "hour_sin",
    "hour_cos",
    "ghi",
)
ADJUSTED_BY = (
    "elevation",
    "azimuth",
    "clearness",
    "clearness_before",
    "clearness_after",
    "clearness_spread",
    "temperature",
    "temperature_day",
    "temperature_3_days",
    "physics_share",
    "clearness_2_before",
    "clearness_2_after",
    "clearness_day",
    "clearness_yesterday",
)
AROUND = 3
SOLAR_HOUR_DEG = 15.0


def weather_inputs(frame: pd.DataFrame, place: Place, plane: Plane) -> pd.DataFrame:
    """Return what physics and weather say about each power stamp.

    Parameters
    ----------
    frame : pandas.DataFrame
        `WEATHER`, regular UTC index; weather is moved by the plane's offset, linear
        between stamps, so a row looks up to one stamp ahead: an upper bound, no forecast.
    place : Place
    plane : Plane

    Returns
    -------
    pandas.DataFrame
        Inputs of both models, `physics_w` [W] and `day` (sun above the horizon).

    Raises
    ------
    DataError
        If a column is missing, empty or infinite somewhere, or the index is no regular UTC one.
    """
    require(frame, WEATHER)
    require_regular(frame)
    index = pd.DatetimeIndex(frame.index)
    minutes = pd.Timedelta(minutes=plane.offset_minutes)
    sky = sun(index + minutes, place).set_axis(index)
    table = sky[["elevation", "azimuth"]].copy()
    for name, column in zip(("ghi", "ghi_clear", "temperature"), WEATHER, strict=True):
        table[name] = moved(frame[column], minutes)
    table["physics_w"] = plane_power(table, sky, plane)
    table["physics_share"] = table["physics_w"] / (1000 * plane.watts_per_w_per_m2)
    floor = np.maximum(table["ghi_clear"], 20.0)
    table["clearness"] = np.minimum(table["ghi"] / floor, 1.5)
    around = frame["ghi_w_per_m2"] / np.maximum(frame["ghi_clear_w_per_m2"], 20.0)
    table["clearness_spread"] = around.rolling(AROUND, center=True, min_periods=1).std()
    for steps, name in ((1, ""), (2, "_2")):
        table[f"clearness{name}_before"] = around.shift(steps)
        table[f"clearness{name}_after"] = around.shift(-steps)
    for hours, name in (("24h", "day"), ("72h", "3_days")):
        table[f"temperature_{name}"] = frame["temperature_c"].rolling(hours).mean()
    total = frame[["ghi_w_per_m2", "ghi_clear_w_per_m2"]].rolling("24h", center=True).sum()
    table["clearness_day"] = total["ghi_w_per_m2"] / np.maximum(total["ghi_clear_w_per_m2"], 20.0)
    table["clearness_yesterday"] = table["clearness_day"].shift(freq="24h").reindex(index)
    hour = (index.hour + index.minute / 60).to_numpy() + place.longitude / SOLAR_HOUR_DEG
    table["hour_sin"], table["hour_cos"] = np.sin(hour * np.pi / 12), np.cos(hour * np.pi / 12)
    table["day"] = table["elevation"] > 0
    return table


def moved(values: pd.Series, minutes: pd.Timedelta) -> np.ndarray:
    """Return values at the stamps plus `minutes`, linear between stamps, held at the ends."""
    stamps = pd.DatetimeIndex(values.index).as_unit("ns")
    return np.interp((stamps + minutes).asi8, stamps.asi8, values.to_numpy(dtype=float))


def plane_power(table: pd.DataFrame, sky: pd.DataFrame, plane: Plane) -> np.ndarray:
    """Return power [W] from GHI: split into beam and diffuse (Erbs), tilted (Hay-Davies).

    References
    ----------
    Erbs, Klein, Duffie, Estimation of the diffuse radiation fraction (1982),
    doi:10.1016/0038-092X(82)90302-4. Hay, Davies, Calculations of the solar radiation
    incident on an inclined surface (1980).
    """
    from pvlib import irradiance

    index = pd.DatetimeIndex(table.index)
    zenith = 90 - sky["elevation"]
    split = irradiance.erbs(table["ghi"], zenith, index)
    light = irradiance.get_total_irradiance(
        plane.tilt,
        plane.azimuth,
        zenith,
        sky["azimuth"],
        split["dni"],
        table["ghi"],
        split["dhi"],
        dni_extra=irradiance.get_extra_radiation(index),
        model="haydavies",
    )["poa_global"].fillna(0.0)
    warm = table["temperature"] + CELL_RISE_K_M2_PER_W * light - REFERENCE_CELL_C
    power = plane.watts_per_w_per_m2 * light * (1 + plane.per_kelvin * warm)
    return np.maximum(power, 0).to_numpy() * (sky["elevation"] > 0).to_numpy()


class Boosted:
    """XGBoost on solar inputs, alone or as an adjustment of the physical power.

    Parameters
    ----------
    inputs : sequence of str
        Columns of `weather_inputs`.
    adjusts : bool
        True learns the ratio of power to `physics_w`, weighted by it; False power itself.
    trees, depth : int
    learning_rate : float
    min_rows : float
        Least weight of a leaf, in rows.
    row_share, input_share : float
        Rows that each tree, and inputs that each split sees, drawn at random.
    members : int
        Boosters of different seeds, whose mean is taken.
    bins : int
        Steps into which each input is cut.

    Attributes
    ----------
    boosters_ : list of xgboost.Booster
    peak_ : float
        Highest power of the training part [W]; forecasts end there.
    """

    def __init__(
        self,
        inputs: tuple[str, ...] = MEASURED,
        *,
        adjusts: bool = False,
        trees: int = 100,
        depth: int = 6,
        learning_rate: float = 0.1,
        min_rows: float = 20.0,
        row_share: float = 1.0,
        input_share: float = 1.0,
        members: int = 1,
        bins: int = 256,
    ) -> None:
        if not (0 < row_share <= 1 and 0 < input_share <= 1):
            raise UsageError(
                "Boosting draws shares of rows and inputs above 0 up to 1, got "
                f"{row_share} and {input_share}."
            )
        if min(trees, depth, members) < 1 or bins < 2 or not 0 < learning_rate <= 1:
            raise UsageError(
                "Boosting needs trees, depth and members of at least 1, 2 bins and a rate between "
                f"0 and 1, got {trees}, {depth}, {members}, {bins} and {learning_rate}."
            )
        self.inputs, self.adjusts = tuple(inputs), adjusts
        self.trees, self.depth = trees, depth
        self.learning_rate, self.min_rows = learning_rate, min_rows
        self.row_share, self.input_share = row_share, input_share
        self.members, self.bins = members, bins

    def fit(self, table: pd.DataFrame, power: pd.Series) -> Self:
        """Learn from the daylight rows that have power [W].

        Raises
        ------
        DataError
            If an input is missing, it or power is infinite somewhere, no daylight row has power,
            or power does not change.
        """
        import xgboost

        watts = power.to_numpy(dtype=float)
        if np.isinf(watts).any():
            raise DataError("A solar model needs power that is finite or missing, got infinite.")
        rows, weight = self._chosen(table), self._base(table)
        known = np.isfinite(watts) & table["day"].to_numpy() & (weight > 0)
        watts = watts[known]
        if not known.any() or np.ptp(watts) == 0:
            raise DataError(
                f"A solar model needs daylight rows with changing power, got {known.sum()} rows."
            )
        self.peak_ = float(watts.max())
        learnt = xgboost.DMatrix(
            rows[known],
            watts / weight[known],
            weight=(weight[known] / weight[known].max()) ** 2,
            nthread=1,
        )
        self.boosters_ = [
            xgboost.train(self._settings(member), learnt, self.trees)
            for member in range(self.members)
        ]
        return self

    def predict(self, table: pd.DataFrame) -> np.ndarray:
        """Return power [W], shape (rows,): zero at night, never negative, at most the peak.

        Raises
        ------
        DataError
            If an input is missing, or infinite somewhere.
        UsageError
            If it has not been fitted.
        """
        import xgboost

        check_fitted(self, "boosters_")
        rows = xgboost.DMatrix(self._chosen(table), nthread=1)
        found = np.mean([booster.predict(rows).astype(float) for booster in self.boosters_], axis=0)
        watts = found * self._base(table)
        return np.clip(watts, 0, self.peak_) * table["day"].to_numpy()

    def contributions(self, table: pd.DataFrame) -> np.ndarray:
        """Return each input's SHAP value, shape (rows, inputs + 1), the mean of all rows last.

        In watts, or with `adjusts` in the ratio that multiplies the physical power, before the
        limits of night and peak; a row adds up to the learned value.

        References
        ----------
        Lundberg et al. (2020), doi:10.1038/s42256-019-0138-9.
        """
        import xgboost

        check_fitted(self, "boosters_")
        rows = xgboost.DMatrix(self._chosen(table), nthread=1)
        each = [booster.predict(rows, pred_contribs=True) for booster in self.boosters_]
        return np.asarray(np.mean(each, axis=0, dtype=float))

    def _chosen(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the inputs of a table, in the model's order."""
        needed = (*self.inputs, "day", *(["physics_w"] if self.adjusts else []))
        if missing := [name for name in needed if name not in table.columns]:
            raise DataError(
                f"The solar model needs the input {missing[0]!r}; the table has "
                f"{', '.join(map(str, table))}."
            )
        rows = table[list(self.inputs)].astype(np.float32)
        if endless := [name for name in self.inputs if np.isinf(rows[name]).any()]:
            raise DataError(
                f"The solar model needs inputs that are finite or missing; {endless[0]!r} holds "
                "an infinite value."
            )
        return rows

    def _base(self, table: pd.DataFrame) -> np.ndarray:
        """Return what the learned value is multiplied with: physical power, or 1."""
        return table["physics_w"].to_numpy(dtype=float) if self.adjusts else np.ones(len(table))

    def _settings(self, member: int) -> dict[str, Any]:
        """Return what XGBoost is told, threads and seed included."""
        return {
            "tree_method": "hist",
            "max_bin": self.bins,
            "max_depth": self.depth,
            "eta": self.learning_rate,
            "min_child_weight": self.min_rows * (0.1 if self.adjusts else 1.0),
            "subsample": self.row_share,
            "colsample_bynode": self.input_share,
            # Small trees: a second thread costs more than it saves.
            "nthread": 1,
            "seed": (compute.seed() + member) % 2**31,
        }
