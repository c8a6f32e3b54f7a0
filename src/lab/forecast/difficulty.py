"""How large an error an issue has to expect, from what was known when it was issued.

Errors of a demand forecast are not the same on every day: before a hot day, or where the
members of a combination disagree, they are several times as large as on a mild one. A
ridge regression of the logarithm of each day's mean absolute error, fitted anew as days
become known, gives intervals the width that the day deserves.
"""

from dataclasses import dataclass

import numpy as np

from lab.errors import UsageError

LEAST, MOST = 1 / 3, 4.0


@dataclass(frozen=True)
class Difficulty:
    """How the expected error size is worked out.

    Parameters
    ----------
    penalty : float
        Of the ridge, on standardised signs, above 0.
    min_days : int
        Days known before anything but 1 is said.
    refresh_days : int
        Days between two fits.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, Distribution-free predictive inference for
    regression (2018), doi:10.1080/01621459.2017.1307116 (locally weighted conformal).
    """

    penalty: float = 30.0
    min_days: int = 60
    refresh_days: int = 7

    def __post_init__(self) -> None:
        """Refuse an impossible setting."""
        if not self.penalty > 0 or min(self.min_days, self.refresh_days) < 1:
            raise UsageError(
                "Difficulty needs a penalty above 0 and min_days and refresh_days of at least 1, "
                f"got {self.penalty}, {self.min_days} and {self.refresh_days}."
            )

    def expected(self, daily: np.ndarray, signs: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return the expected error size of each issue, 1 being the usual one.

        Parameters
        ----------
        daily : numpy.ndarray, shape (issues,)
            Mean absolute error of each day; NaN where unknown.
        signs : numpy.ndarray, shape (issues, signs)
            What was known at each issue.
        known : numpy.ndarray of int, shape (issues,)
            How many days had ended at each issue (`lab.forecast.intervals.known_days`).

        Returns
        -------
        numpy.ndarray, shape (issues,)
            From a third to four; only errors of the days known at an issue enter its value.

        Raises
        ------
        UsageError
            If the arrays do not fit together.
        """
        if not len(daily) == len(signs) == len(known):
            raise UsageError(
                f"Errors, signs and known days must be of the same issues, got {len(daily)}, "
                f"{len(signs)} and {len(known)}."
            )
        size = np.ones(len(daily))
        begin = int(np.searchsorted(known, self.min_days))
        for first in range(begin, len(daily), self.refresh_days):
            last = min(len(daily), first + self.refresh_days)
            told = self._fit(daily[: known[first]], signs[: known[first]], signs[first:last])
            size[first:last] = told
        return size

    def _fit(self, daily: np.ndarray, signs: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Learn from known days; return what to expect of others."""
        rows = np.isfinite(daily) & (daily > 0) & np.isfinite(signs).all(axis=1)
        if not rows.any():
            return np.ones(len(wanted))
        mean, spread = signs[rows].mean(axis=0), signs[rows].std(axis=0)
        scale = np.where(spread > 1e-9, spread, 1.0)
        x, y = (signs[rows] - mean) / scale, np.log(daily[rows])
        gram = x.T @ x + self.penalty * np.eye(x.shape[1])
        weight = np.linalg.solve(gram, x.T @ (y - y.mean()))
        away = np.where(np.isfinite(wanted), (wanted - mean) / scale, 0.0) @ weight
        return np.clip(np.exp(away), LEAST, MOST)


def disagreement(members: list[np.ndarray], day: np.ndarray) -> np.ndarray:
    """Return how far the members of a combination lie apart on each day.

    Parameters
    ----------
    members : list of numpy.ndarray, shape (rows,)
        Medians of the same rows, in one positive unit.
    day : numpy.ndarray of int, shape (rows,)
        Number of the issue of each row.

    Returns
    -------
    numpy.ndarray, shape (issues,)
        Logarithm of the mean over the day of the standard deviation relative to the mean.
    """
    stacked = np.stack(members)
    apart = stacked.std(axis=0) / np.abs(stacked.mean(axis=0))
    total = np.bincount(day, weights=apart)
    return np.asarray(np.log(np.maximum(total / np.bincount(day), 1e-6)))
