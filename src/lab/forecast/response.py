"""What log demand owes to calendar and temperature, by linear regression on waves and degrees.

Daily, weekly and yearly Fourier terms, the day's shape by day type and season, flags of
unusual days, and cooling and heating degrees of the moment and of the last 24 hours.
"""

from typing import Any

import numpy as np

from lab.forecast.inputs import CALENDAR, FLAGS, WEEK, cooling, heating

DAILY_ORDER, TYPE_ORDER, SEASON_ORDER, WEEKLY_ORDER, YEARLY_ORDER = 12, 6, 4, 3, 3
RIDGE = 1e-3


def waves(angle: np.ndarray, order: int) -> np.ndarray:
    """Return sines and cosines of multiples of an angle [rad], on a new last axis.

    Examples
    --------
    >>> waves(np.array([0.0]), 2).tolist()
    [[0.0, 0.0, 1.0, 1.0]]
    """
    multiples = angle[..., None] * np.arange(1, order + 1)
    return np.concatenate([np.sin(multiples), np.cos(multiples)], axis=-1)


def calendar_terms(calendar: np.ndarray, slots: int) -> np.ndarray:
    """Return the terms known ahead, shape (days, slots, terms).

    Parameters
    ----------
    calendar : numpy.ndarray, shape (days, flags)
        Columns of `lab.forecast.inputs.CALENDAR`.
    slots : int
        Steps of a day.
    """
    at = dict(zip(CALENDAR, calendar.T, strict=True))
    hour = 2 * np.pi * np.arange(slots) / slots
    daily = waves(hour, min(DAILY_ORDER, (slots - 1) // 2))
    year = waves(at["year_angle"], YEARLY_ORDER)
    week = 2 * np.pi * (at["weekday"][:, None] + np.arange(slots) / slots) / WEEK
    shape = np.concatenate([np.ones((slots, 1)), waves(hour, min(TYPE_ORDER, (slots - 1) // 2))], 1)
    season = waves(hour, min(SEASON_ORDER, (slots - 1) // 2))
    slow = np.concatenate([year[:, [0, YEARLY_ORDER]], at["daylight_saving"][:, None]], axis=1)
    kinds = np.stack([at["day_type"] == 1, at["day_type"] == 2], axis=1).astype(float)
    per_day = np.concatenate([year, np.stack([at[f] for f in FLAGS], axis=1)], axis=1)
    days = len(calendar)
    return np.concatenate(
        [
            np.broadcast_to(daily, (days, *daily.shape)),
            waves(week, WEEKLY_ORDER),
            np.broadcast_to(per_day[:, None], (days, slots, per_day.shape[1])),
            _products(kinds, shape),
            _products(slow, season),
        ],
        axis=2,
    )


def weather_terms(temperature: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return degrees of the moment and of the last 24 hours, shape (days, slots, terms).

    Parameters
    ----------
    temperature, before : numpy.ndarray, shape (days, slots)
        Of the days, and of the days before them [degC].
    """
    slots = temperature.shape[1]
    two_days = np.concatenate([before, temperature], axis=1)
    total = np.cumsum(np.insert(two_days, 0, 0.0, axis=1), axis=1)
    day_long = (total[:, slots + 1 :] - total[:, 1 : slots + 1]) / slots
    return np.stack(
        [
            cooling(temperature),
            cooling(temperature, 26.0),
            heating(temperature),
            cooling(day_long, 18.0),
            cooling(day_long, 23.0),
            heating(day_long),
        ],
        axis=2,
    )


def regress(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return least-squares coefficients, the intercept first, with a slight ridge.

    Parameters
    ----------
    x, y : numpy.ndarray, shapes (rows, terms) and (rows,)
        Rows with anything missing are left out.
    """
    known = np.isfinite(y) & np.isfinite(x).all(axis=1)
    z = np.concatenate([np.ones((int(known.sum()), 1)), x[known]], axis=1)
    gram = z.T @ z
    gram[1:, 1:] += RIDGE * len(z) * np.diag(z[:, 1:].var(axis=0) + 1e-9)
    return np.asarray(np.linalg.solve(gram, z.T @ y[known]))


def _products(per_day: np.ndarray, per_slot: np.ndarray) -> np.ndarray:
    """Return every product of a day's term with a slot's, shape (days, slots, products)."""
    found: Any = per_day[:, None, :, None] * per_slot[None, :, None, :]
    return np.asarray(found.reshape(len(per_day), len(per_slot), -1))
