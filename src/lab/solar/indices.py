"""Clear-sky indices of days past, and what they say about the target day.

The index is power over what a clear sky would give. The sun's path and the clear sky are
known for any day; the index is known of days that have ended.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

# Below this share of the highest clear-sky power an index is noise.
FAINT_SHARE = 0.03
HIGHEST_INDEX = 1.5
KNOWN = ("elevation", "azimuth", "year_sin", "year_cos")
WINDOWS = (2, 3, 7, 28)
MEDIANS = (3, 5, 7, 14, 28)
# An envelope is what a slot and its neighbours exceed on one of five days.
ENVELOPE_SHARE, ENVELOPE_VALUES, LEAST_ENVELOPE = 0.8, 10, 0.05


@dataclass(frozen=True)
class IndexInputs:
    """What the clear-sky indices of days past say about the target day.

    The view's columns `power`, and, if `weather`, the columns named there, are `past`;
    `clear_w, elevation, azimuth, year_sin, year_cos` are `known_future`.

    Attributes
    ----------
    target : str
        Column of power.
    weather : tuple of str
        Further measured columns, of which figures of the last days are used.
    envelope_days : int
        Days past whose high quantile, slot by slot, corrects the clear-sky power for
        shade, dirt and season; 0 takes it as it is.
    """

    target: str = "power_w"
    weather: tuple[str, ...] = ()
    envelope_days: int = 0

    def __call__(self, view: Any) -> dict[str, np.ndarray]:
        """Return `x` (slots, inputs), `clear` (slots,), `slotwise` and `daily` (slots,)."""
        index = self.indices(view)
        columns = self.columns(view, index)
        return {
            "x": np.stack(list(columns.values()), axis=1),
            "clear": view.future_days["clear_w"] * index.envelope,
            "slotwise": columns["index_1"],
            "daily": np.full(len(index.envelope), index.day(1)),
        }

    def indices(self, view: Any) -> "Indices":
        """Return the indices of the view's past days."""
        past = view.past_days
        return Indices(past[self.target], past["clear_w"], self.envelope_days)

    def names(self, view: Any) -> list[str]:
        """Return the names of the inputs, in the order of `x`."""
        return list(self.columns(view, self.indices(view)))

    def columns(self, view: Any, index: "Indices") -> dict[str, np.ndarray]:
        """Return the inputs by name, shape (slots,) each."""
        slots = len(index.envelope)
        known = {name: view.future_days[name] for name in KNOWN}
        known["slot"] = np.arange(slots, dtype=float)
        past = index.of_days()
        for name in self.weather:
            past |= weather_of_days(name, view.past_days[name])
        return known | {n: np.full(slots, float(v)) for n, v in past.items()} | index.of_slots()


class Indices:
    """Clear-sky indices of the days before an issue, from power and clear-sky power.

    Parameters
    ----------
    power, clear : numpy.ndarray, shape (days, slots)
        The last day is yesterday; power may be missing.
    envelope_days : int
        As in `IndexInputs`.

    Attributes
    ----------
    envelope : numpy.ndarray, shape (slots,)
        What clear-sky power is multiplied with; ones without `envelope_days`.
    each : numpy.ndarray, shape (days, slots)
        The index where power is known and the sky is bright, else NaN.
    """

    def __init__(self, power: np.ndarray, clear: np.ndarray, envelope_days: int = 0) -> None:
        known = np.isfinite(power) & (clear > FAINT_SHARE * clear.max())
        self.envelope = np.ones(clear.shape[1])
        self._set(power, clear, known)
        if envelope_days:
            self.envelope = envelope(self.each[-envelope_days:])
            self._set(power, clear * self.envelope, known)

    def _set(self, power: np.ndarray, clear: np.ndarray, known: np.ndarray) -> None:
        self.power, self.clear = np.where(known, power, 0.0), np.where(known, clear, 0.0)
        ratio = np.divide(self.power, self.clear, out=np.full(power.shape, np.nan), where=known)
        self.each = np.minimum(ratio, HIGHEST_INDEX)

    def of_days(self) -> dict[str, float]:
        """Return the figures that hold for the whole target day, by name."""
        days: dict[str, float] = {f"day_{back}": self.day(back, strict=True) for back in (1, 2)}
        days |= {f"mean_{days}": self.mean(days) for days in WINDOWS}
        days |= {"morning_1": self.part(0), "afternoon_1": self.part(1), "rough_1": self.rough()}
        last = ratios(self.power[-14:].sum(axis=1), self.clear[-14:].sum(axis=1))
        last = last[np.isfinite(last)]
        days["middle_14"] = float(np.median(last)) if len(last) else np.nan
        return days | {"spread_14": float(last.std()) if len(last) else np.nan}

    def of_slots(self) -> dict[str, np.ndarray]:
        """Return the figures of each slot of the day, by name, shape (slots,) each."""
        found = {"index_1": self.slot(1), "slot_7": self.slot(7), "slot_28": self.slot(28)}
        padded = np.pad(found["index_1"], 1, mode="edge")
        found["smooth_1"] = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
        return found | {
            f"median_{days}": spread_out(quantile(self.each[-days:], 0.5)) for days in MEDIANS
        }

    def day(self, back: int, strict: bool = False) -> float:
        """Return the index of the day `back` days ago, or, unless strict, of the last before."""
        usable = self.clear.sum(axis=1) > 0
        days = len(usable) - back
        found = np.flatnonzero(usable[: days + 1])
        if days < 0 or not len(found) or (strict and not usable[days]):
            return np.nan
        return ratio_of(self.power[found[-1]], self.clear[found[-1]])

    def mean(self, days: int) -> float:
        """Return the index of the last days together."""
        return ratio_of(self.power[-days:], self.clear[-days:])

    def part(self, half: int) -> float:
        """Return the index of yesterday's first (0) or second (1) half of clear-sky energy."""
        total = np.cumsum(self.clear[-1])
        first = total <= total[-1] / 2
        rows = first if half == 0 else ~first
        return ratio_of(self.power[-1][rows], self.clear[-1][rows])

    def rough(self) -> float:
        """Return the mean change of yesterday's index from one slot to the next."""
        index = ratios(self.power[-1], self.clear[-1])
        steps = np.abs(np.diff(index))
        steps = steps[np.isfinite(steps)]
        return float(steps.mean()) if len(steps) else np.nan

    def slot(self, days: int) -> np.ndarray:
        """Return each slot's index over the last days, neighbours of a faint slot standing in.

        Shape (slots,). A day without power is passed over; without any, NaN.
        """
        usable = np.flatnonzero(self.clear.sum(axis=1) > 0)[-days:]
        index = ratios(self.power[usable].sum(axis=0), self.clear[usable].sum(axis=0))
        return spread_out(np.minimum(index, HIGHEST_INDEX))


def weather_of_days(name: str, values: np.ndarray) -> dict[str, float]:
    """Return yesterday's figures of a weather column, by name.

    Parameters
    ----------
    name : str
    values : numpy.ndarray, shape (days, slots)

    Returns
    -------
    dict
        `<name>_1`, the mean of yesterday, `_change` since the day before, `_unusual`
        against the last 28 days, `_high`, the maximum, and `_late`, the mean of the last
        sixth of the slots known. NaN without values.
    """
    means = means_of(values[-28:])
    last = values[-1][np.isfinite(values[-1])]
    late = last[-max(1, values.shape[1] // 6) :]
    usual = means[np.isfinite(means)]
    return {
        f"{name}_1": float(means[-1]),
        f"{name}_change": float(means[-1] - means[-2:][0]),
        f"{name}_unusual": float(means[-1] - usual.mean()) if len(usual) else np.nan,
        f"{name}_high": float(last.max()) if len(last) else np.nan,
        f"{name}_late": float(late.mean()) if len(late) else np.nan,
    }


def envelope(index: np.ndarray) -> np.ndarray:
    """Return the high quantile of each slot's index and its neighbours', shape (slots,).

    Slots with fewer than 10 values take their neighbours' envelope; without any it is 1.
    """
    pool = np.concatenate([np.roll(index, shift, axis=1) for shift in (-1, 0, 1)])
    high = np.maximum(quantile(pool, ENVELOPE_SHARE), LEAST_ENVELOPE)
    enough = np.isfinite(pool).sum(axis=0) >= ENVELOPE_VALUES
    found = spread_out(np.where(enough, high, np.nan))
    return np.where(np.isfinite(found), found, 1.0)


def quantile(values: np.ndarray, share: float) -> np.ndarray:
    """Return the quantile of each column, NaN left out, linear between values.

    Examples
    --------
    >>> quantile(np.array([[1.0, np.nan], [3.0, np.nan]]), 0.5).tolist()
    [2.0, nan]
    """
    ordered, count = np.sort(values, axis=0), np.isfinite(values).sum(axis=0)
    place = share * np.maximum(count - 1, 0)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    below, above = (np.take_along_axis(ordered, row[None], axis=0)[0] for row in (low, high))
    return np.asarray(below + (place - low) * (above - below))


def spread_out(values: np.ndarray) -> np.ndarray:
    """Return values with gaps filled linearly, the first and last held at the ends."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return np.full(len(values), np.nan)
    return np.interp(np.arange(len(values)), known, values[known])


def ratios(power: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Return power over clear-sky power, NaN where that is zero."""
    return np.divide(power, clear, out=np.full(np.shape(power), np.nan), where=clear > 0)


def ratio_of(power: np.ndarray, clear: np.ndarray) -> float:
    """Return the sum of power over that of clear-sky power, NaN without any."""
    return float(power.sum() / clear.sum()) if clear.sum() > 0 else np.nan


def means_of(values: np.ndarray) -> np.ndarray:
    """Return the mean of each day over known slots, NaN where none is."""
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1)
    return np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
