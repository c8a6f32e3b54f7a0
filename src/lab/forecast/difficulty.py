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
class Announced:
    """What known days taught of the signs.

    Attributes
    ----------
    mean, scale, weight : numpy.ndarray, shape (signs,)
        A standardised sign times its weight is what it adds to the logarithm of the size.
    """

    mean: np.ndarray
    scale: np.ndarray
    weight: np.ndarray

    def size(self, signs: np.ndarray) -> np.ndarray:
        """Return the error size to expect, from signs (issues, signs): from a third to four."""
        away = np.where(np.isfinite(signs), (signs - self.mean) / self.scale, 0.0)
        # Row by row, not as a matrix product, whose last bits depend on how many rows there are.
        with np.errstate(over="ignore"):
            return np.clip(np.exp((away * self.weight).sum(axis=1)), LEAST, MOST)


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
            block = slice(first, first + self.refresh_days)
            if told := self.announced(daily, signs, known, first):
                size[block] = told.size(signs[block])
        return size

    def announced(
        self, daily: np.ndarray, signs: np.ndarray, known: np.ndarray, issue: int
    ) -> Announced | None:
        """Return what one issue goes by, None while it expects the usual size.

        Parameters
        ----------
        daily, signs, known
            As in `expected`.
        issue : int
            Its number.
        """
        begin = int(np.searchsorted(known, self.min_days))
        if issue < begin:
            return None
        end = known[issue - (issue - begin) % self.refresh_days]
        return self._learnt(daily[:end], signs[:end])

    def _learnt(self, daily: np.ndarray, signs: np.ndarray) -> Announced | None:
        """Learn from known days; None if none of them can be learnt from."""
        rows = np.isfinite(daily) & (daily > 0) & np.isfinite(signs).all(axis=1)
        if not rows.any():
            return None
        mean, spread = signs[rows].mean(axis=0), signs[rows].std(axis=0)
        scale = np.where(spread > 1e-9, spread, 1.0)
        x, y = (signs[rows] - mean) / scale, np.log(daily[rows])
        gram = x.T @ x + self.penalty * np.eye(x.shape[1])
        return Announced(mean, scale, np.linalg.solve(gram, x.T @ (y - y.mean())))


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
