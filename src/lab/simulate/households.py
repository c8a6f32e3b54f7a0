"""Simulated households: what each one is like, drawn once and fixed for all its days.

A household belongs to a cluster of behaviour, which gives it a shape of the workday and
one of the free day; sizes, shift of the clock and the answer to weather are its own. The
numbers are plausible for western Europe and fitted to no data set.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.simulate.streams import HOUSEHOLD, stream

Bumps = tuple[tuple[float, float, float], ...]
HOURS = np.arange(24)


@dataclass(frozen=True)
class Cluster:
    """Households of like behaviour.

    Attributes
    ----------
    share : float
        Of all households, 0 to 1.
    workday, free_day : tuple of (hour, width [h], height)
        Bumps of activity around the local clock; they wrap at midnight.
    """

    share: float
    workday: Bumps
    free_day: Bumps


CLUSTERS = {
    "commuters": Cluster(
        0.34,
        ((7.0, 1.0, 0.9), (19.0, 2.0, 1.6)),
        ((10.0, 2.2, 1.0), (13.0, 2.0, 0.7), (19.0, 2.3, 1.4)),
    ),
    "families": Cluster(
        0.26,
        ((7.0, 1.2, 1.3), (12.5, 1.5, 0.4), (18.0, 2.4, 1.9)),
        ((9.5, 2.0, 1.4), (13.0, 2.2, 1.1), (18.5, 2.5, 1.6)),
    ),
    "at_home": Cluster(
        0.24,
        ((8.5, 1.8, 0.8), (12.0, 1.6, 1.1), (18.0, 2.6, 1.1)),
        ((9.0, 1.9, 0.8), (12.0, 1.6, 1.2), (18.0, 2.6, 1.1)),
    ),
    "late_evenings": Cluster(
        0.10,
        ((9.0, 1.5, 0.5), (22.0, 2.6, 1.7)),
        ((12.5, 2.5, 0.8), (22.5, 3.0, 1.6)),
    ),
    "night_storage": Cluster(
        0.06,
        ((2.5, 2.0, 2.6), (7.0, 1.2, 0.6), (19.0, 2.0, 1.0)),
        ((2.5, 2.0, 2.6), (11.0, 2.5, 0.7), (19.0, 2.2, 1.0)),
    ),
}


def households(count: int, seed: int, *, start: int = 0) -> pd.DataFrame:
    """Draw simulated households.

    Parameters
    ----------
    count : int
        How many, at least 1.
    seed : int
        Of the simulation.
    start : int
        Number of the first; household i is the same whatever `start` and `count`.

    Returns
    -------
    pandas.DataFrame, shape (count, 8)
        Index `simulated_meter_00000_w` and so on. Columns cluster, base_w (always on),
        activity_w (per unit of activity), shift_h (of the day), width (of the bumps,
        relative), heating_w_per_k (below 15 degC), cooling_w_per_k (above 23 degC),
        winter (more activity at midwinter, relative).

    Raises
    ------
    UsageError
        If the count is below 1, or the start or the seed is negative.
    """
    if count < 1 or start < 0:
        raise UsageError(
            f"Simulated meters need a count from 1 and a start from 0, got {count} and {start}."
        )
    rows = [_household(stream(seed, HOUSEHOLD, start + i)) for i in range(count)]
    names = [f"simulated_meter_{start + i:05d}_w" for i in range(count)]
    return pd.DataFrame(rows, index=pd.Index(names, name="series_id"))


def activity(drawn: pd.DataFrame) -> np.ndarray:
    """Return activity by the local clock, shape (households, 2, 24): workday and free day."""
    found = np.empty((len(drawn), 2, len(HOURS)))
    for cluster, rows in drawn.groupby("cluster").indices.items():
        shape = CLUSTERS[str(cluster)]
        shift = drawn["shift_h"].to_numpy()[rows, None]
        width = drawn["width"].to_numpy()[rows, None]
        found[rows, 0] = _curve(shape.workday, shift, width)
        found[rows, 1] = _curve(shape.free_day, shift, width)
    return found


def _household(draw: np.random.Generator) -> dict[str, object]:
    """Draw one household, each property in a fixed order."""
    shares = [cluster.share for cluster in CLUSTERS.values()]
    return {
        "cluster": str(draw.choice(list(CLUSTERS), p=shares)),
        "base_w": draw.lognormal(np.log(110), 0.5),
        "activity_w": draw.lognormal(np.log(260), 0.5),
        "shift_h": draw.normal(0, 0.8),
        "width": draw.lognormal(0, 0.2),
        "heating_w_per_k": draw.gamma(2.0, 22.0) * (draw.random() < 0.3),
        "cooling_w_per_k": draw.gamma(2.0, 25.0) * (draw.random() < 0.15),
        "winter": draw.uniform(0.0, 0.5),
    }


def _curve(bumps: Bumps, shift: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return the sum of bumps over 24 hours, shape (households, 24)."""
    total = np.zeros((len(shift), len(HOURS)))
    for hour, spread, height in bumps:
        away = np.abs(HOURS - hour - shift) % 24
        away = np.minimum(away, 24 - away)
        total += height * np.exp(-0.5 * (away / (spread * width)) ** 2)
    return total
