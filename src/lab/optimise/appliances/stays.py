"""Stays of electric cars: sessions cleaned by a stated rule, and the slots they may charge in."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.checks import floats, setting
from lab.errors import DataError
from lab.optimise.appliances.appliance import HOUR
from lab.optimise.appliances.site import equal_steps

NEEDED = ("arrival", "departure", "requested_kwh", "delivered_kwh")


def clean(sessions: pd.DataFrame, power_kw: float) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return what each car needs in its stay, and how many sessions were cleaned.

    The rule: a car needs what it was delivered, but never more than its driver asked for; what
    was delivered beyond is left out. A car that took more than the charger's power allows in
    its stay gets the power that it had. A session that does not end after it began, or took
    nothing, is dropped.

    Parameters
    ----------
    sessions : pandas.DataFrame
        `arrival`, `departure` (UTC), `requested_kwh`, `delivered_kwh`.
    power_kw : float
        Power of a charger [kW].

    Returns
    -------
    pandas.DataFrame
        `arrival`, `departure`, `need_kwh`, `power_kw`, with the index of the sessions.
    dict
        `sessions`, `over_delivered`, `left_out_kwh`, `powerful` and `dropped`.

    Raises
    ------
    DataError
        When a column is missing, a time has no zone, an energy is missing or negative.
    UsageError
        When the power is not positive.
    """
    _check(sessions, power_kw)
    hours = ((sessions["departure"] - sessions["arrival"]) / HOUR).to_numpy(float)
    delivered, asked = (sessions[f"{k}_kwh"].to_numpy(float) for k in ("delivered", "requested"))
    kept = (hours > 0) & (np.minimum(delivered, asked) > 0)
    over = kept & (delivered > asked)
    need = np.minimum(delivered, asked)[kept]
    stays = sessions.loc[kept, ["arrival", "departure"]].assign(need_kwh=need)
    stays["power_kw"] = np.maximum(power_kw, need / hours[kept])
    counts = {
        "sessions": len(sessions),
        "over_delivered": int(over.sum()),
        "left_out_kwh": float((delivered - asked)[over].sum()),
        "powerful": int((stays["power_kw"] > power_kw * (1 + 1e-9)).sum()),
        "dropped": int((~kept).sum()),
    }
    return stays, {name: float(value) for name, value in counts.items()}


@dataclass(frozen=True)
class Stays:
    """Stays and the slots that they cover: one entry per car and slot, in order of both.

    Attributes
    ----------
    table : pandas.DataFrame
        As `clean` returns it.
    index : pandas.DatetimeIndex
        Slots, UTC.
    car, slot : numpy.ndarray of int
        Of each entry.
    most_kwh : numpy.ndarray
        Most that the car can take in the slot, for as long as it is there [kWh].
    """

    table: pd.DataFrame
    index: pd.DatetimeIndex
    car: np.ndarray
    slot: np.ndarray
    most_kwh: np.ndarray

    @property
    def step_h(self) -> float:
        """Length of a slot [h]."""
        return float((self.index[1] - self.index[0]) / HOUR)

    @property
    def need_kwh(self) -> np.ndarray:
        """Of each car [kWh]."""
        return self.table["need_kwh"].to_numpy(float)

    def load_kw(self, energy_kwh: np.ndarray) -> np.ndarray:
        """Return the mean power of the site by slot [kW] from the energy of each entry."""
        return np.bincount(self.slot, energy_kwh, len(self.index)) / self.step_h

    def of_cars(self, energy_kwh: np.ndarray) -> np.ndarray:
        """Return the energy of each car [kWh] from that of each entry."""
        return np.bincount(self.car, energy_kwh, len(self.table))


def spread(stays: pd.DataFrame, index: pd.DatetimeIndex) -> Stays:
    """Return the slots that stays cover.

    Parameters
    ----------
    stays : pandas.DataFrame
        As `clean` returns it.
    index : pandas.DatetimeIndex
        Slots (UTC, equal steps) that hold all stays.

    Raises
    ------
    DataError
        When there is no stay, a time has no zone, steps differ, or a stay reaches beyond the
        slots.
    """
    equal_steps(index, "The slots of a fleet")
    _check_times(stays)
    if not len(stays):
        raise DataError("A fleet needs at least one session that took energy, got none.")
    step = index[1] - index[0]
    begin = ((stays["arrival"] - index[0]) / step).to_numpy(float)
    end = ((stays["departure"] - index[0]) / step).to_numpy(float)
    if begin.min() < 0 or end.max() > len(index) + 1e-9:
        raise DataError(
            f"The stays last from {stays['arrival'].min()} to {stays['departure'].max()}, the "
            f"prices only from {index[0]} to {index[-1] + step}."
        )
    first, last = np.floor(begin).astype(int), np.ceil(end - 1e-9).astype(int)
    count = last - first
    car = np.repeat(np.arange(len(stays)), count)
    slot = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[car]
    there = np.minimum(end[car], slot + 1) - np.maximum(begin[car], slot)
    most = stays["power_kw"].to_numpy(float)[car] * np.maximum(there, 0) * float(step / HOUR)
    return Stays(stays, index, car, slot, most)


def _check(sessions: pd.DataFrame, power_kw: float) -> None:
    """Refuse sessions that say too little."""
    if missing := [name for name in NEEDED if name not in sessions]:
        raise DataError(f"Sessions need {', '.join(NEEDED)}; {', '.join(missing)} missing.")
    setting(power_kw, "The charging power", 0, open_low=True)
    _check_times(sessions)
    for name in NEEDED[2:]:
        bad = pd.Series(~(floats(sessions[name], name) >= 0), sessions.index)
        if bad.any():
            raise DataError(
                f"{name} must be 0 or more in every session, got {sessions.loc[bad, name].iloc[0]} "
                f"in session {bad.idxmax()}."
            )


def _check_times(table: pd.DataFrame) -> None:
    """Refuse times that are text, or that no zone belongs to."""
    for name in NEEDED[:2]:
        if not isinstance(table[name].dtype, pd.DatetimeTZDtype):
            raise DataError(
                f"{name} must be time stamps with a time zone, got {table[name].dtype}."
            )
