"""The band of one issue: what past errors make of its quantiles, on its own.

`lab.forecast.intervals.calibrate` works all issues of a backtest out; a `Band` is what it
would do for one of them, small enough to keep with a model.
"""

from dataclasses import dataclass

import numpy as np

from lab.errors import UsageError
from lab.forecast import intervals
from lab.forecast.difficulty import Announced
from lab.forecast.intervals import Calibration
from lab.forecast.table import MEDIAN, QUANTILES, Forecasts


@dataclass(frozen=True)
class Band:
    """How far each quantile lies from the point forecast.

    Attributes
    ----------
    quantiles : numpy.ndarray, shape (slots, levels)
        Of past errors, in units of the error size, at the levels of `QUANTILES`.
    recent : float
        How large errors were of late, 1 meaning as always.
    announced : Announced, optional
        The size that an issue's signs announce; without it they are not asked for.
    """

    quantiles: np.ndarray
    recent: float
    announced: Announced | None = None

    def around(
        self,
        point: np.ndarray,
        slot: np.ndarray,
        day: np.ndarray,
        signs: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the nine quantiles, shape (rows, levels), ascending.

        Parameters
        ----------
        point : numpy.ndarray, shape (rows,)
            In the target's unit.
        slot, day : numpy.ndarray of int, shape (rows,)
            Wall-clock position, and number of the issue, counted from 0.
        signs : numpy.ndarray, shape (issues, signs), optional
            What announces the error size of each issue.

        Raises
        ------
        UsageError
            If the band goes by signs and gets none.
        """
        size = np.ones(1 + int(day.max()))
        if self.announced is not None:
            if signs is None:
                raise UsageError("A band by difficulty needs the signs of each issue, got none.")
            size = self.announced.size(signs)
        start = np.repeat(point[:, None], len(QUANTILES), axis=1)
        shift = self.quantiles[slot] * (size * self.recent)[day][:, None]
        return intervals.shifted(start, shift)


def band_at(
    forecasts: Forecasts,
    actual: np.ndarray,
    how: Calibration,
    issue: int,
    signs: np.ndarray | None = None,
) -> Band:
    """Return the band by which `calibrate` makes the quantiles of one issue.

    Parameters
    ----------
    forecasts, actual, how, signs
        As in `lab.forecast.intervals.calibrate`, but point forecasts alone.
    issue : int
        Its number; what was not known then is not used.

    Raises
    ------
    UsageError
        If the forecasts have quantiles of their own, the issue knows too few days, or a slot
        has no errors.
    """
    if forecasts.levels != (MEDIAN,):
        raise UsageError(
            f"A band lies around point forecasts, got {forecasts.model} with the levels "
            f"{', '.join(map(str, forecasts.levels))}."
        )
    known = intervals.known_days(forecasts)
    first = next((a for a, b in intervals.refreshes(known, how) if a <= issue < b), None)
    if first is None:
        raise UsageError(
            f"A band needs an issue that knows {how.min_days} days, got number {issue} of "
            f"{len(known)}."
        )
    past = intervals.past_errors(forecasts, actual, how, signs)
    quantiles = intervals.quantiles_of(intervals.window(past.pool, known[first], how))
    if not np.isfinite(quantiles).all():
        raise UsageError("A band needs past errors at every slot of the day, got none at some.")
    told = None
    if how.difficulty is not None and signs is not None:
        told = how.difficulty.announced(past.daily, signs, known, issue)
    return Band(quantiles, float(past.recent[issue]), told)
