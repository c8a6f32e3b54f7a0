"""What to expect of the target day's temperature effect, from the effects of the last days.

No weather forecast is known at an issue. The effect of temperature on log demand (cooling
and heating, as regressed) is itself regressed, time of day by time of day, on its latest
values, on the latest temperatures and on the season.
"""

import numpy as np

from lab.forecast import response
from lab.forecast.inputs import CALENDAR

WEEK_DAYS = 7
YEAR_ANGLE = CALENDAR.index("year_angle")
YEAR_WAVES = 2


def predictors(effect: np.ndarray, temperature: np.ndarray, angle: float) -> np.ndarray:
    """Return what is known at an issue, shape (slots, predictors).

    Parameters
    ----------
    effect, temperature : numpy.ndarray, shape (days, slots)
        Of at least eight days up to the issue.
    angle : float
        Of the target day in the year [rad].
    """
    slots = effect.shape[1]
    quarter, hours_3 = slots // 4, max(1, slots // 8)
    last, before = temperature[-1], temperature[-2]
    columns = (
        effect[-1],
        effect[-WEEK_DAYS:].mean(axis=0),
        effect[-1].mean(),
        effect[-1, -hours_3:].mean(),
        last,
        last[-1],
        last.mean(),
        temperature[-WEEK_DAYS:].mean(axis=0),
        (last[-quarter:] - before[-quarter:]).mean(),
        *response.waves(np.array(angle), YEAR_WAVES),
    )
    return np.stack([np.broadcast_to(column, slots) for column in columns], axis=1)


def fit(
    effect: np.ndarray, temperature: np.ndarray, calendar: np.ndarray, lead: int
) -> tuple[np.ndarray, np.ndarray]:
    """Learn to expect the effect `lead` days after the last known day.

    Parameters
    ----------
    effect, temperature : numpy.ndarray, shape (days, slots)
    calendar : numpy.ndarray, shape (days, flags)
    lead : int

    Returns
    -------
    coefficients : numpy.ndarray, shape (slots, predictors + 1)
        Intercept first.
    wrong : numpy.ndarray, shape (slots,)
        Variance of what came minus what was expected.
    """
    days = range(WEEK_DAYS + 1, len(effect) - lead + 1)
    known = [
        predictors(effect[:day], temperature[:day], calendar[day + lead - 1, YEAR_ANGLE])
        for day in days
    ]
    x, came = np.stack(known), effect[days.start + lead - 1 :]
    found = np.stack([response.regress(x[:, s], came[:, s]) for s in range(came.shape[1])])
    return found, np.nanvar(came - expected(x, found), axis=0)


def expected(x: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Return the expected effect, shape (..., slots)."""
    return np.asarray(coefficients[:, 0] + np.einsum("...sp,sp->...s", x, coefficients[:, 1:]))
