"""What a mean of members still misses, told from how the members differ from it.

Weights of a mean are positive and sum to one, so it stays among its members. Where two of them
tend to err together, or one always errs half as much the other way, the best answer lies outside:
a regression finds it, held back by a penalty because members differ little from one another.
"""

from dataclasses import dataclass

import numpy as np

from lab.errors import UsageError
from lab.forecast.checks import check_least

NAME = "Stacking"
TINY = 1e-12


@dataclass(frozen=True)
class Stacking:
    """How the errors of the last months move a mean of members.

    Attributes
    ----------
    window_days : int
        Trailing days that are learnt from.
    half_life_days : float
        Within them a day counts half as much with every half-life back.
    penalty : float
        Of the squared coefficients, in units of the members' mean squared difference from the
        mean.
    min_days : int
        With fewer days known nothing moves.

    References
    ----------
    Breiman, Stacked regressions (1996), doi:10.1007/BF00117832; Hoerl, Kennard, Ridge regression
    (1970), doi:10.1080/00401706.1970.10488634.
    """

    window_days: int = 182
    half_life_days: float = 91.0
    penalty: float = 0.3
    min_days: int = 28

    def __post_init__(self) -> None:
        """Refuse impossible settings."""
        check_least(NAME, 1, window_days=self.window_days, min_days=self.min_days)
        if not (self.half_life_days > 0 and self.penalty > 0):
            raise UsageError(
                f"{NAME} needs a half-life and a penalty above 0, got {self.half_life_days} and "
                f"{self.penalty}."
            )


def moved(
    medians: np.ndarray, mean: np.ndarray, actual: np.ndarray, known: np.ndarray, how: Stacking
) -> np.ndarray:
    """Return by how much each issue's mean is moved, shape (issues, slots).

    All slots of a day share one coefficient a member. Large errors count by their size, not by
    its square: each is weighed by the inverse of its size, from the median size on.

    Parameters
    ----------
    medians : numpy.ndarray, shape (members, issues, slots)
    mean, actual : numpy.ndarray, shape (issues, slots)
        NaN where missing.
    known : numpy.ndarray of int, shape (issues,)
        How many issues had come to their end when this one was made.
    how : Stacking
    """
    apart, missed = medians - mean, actual - mean
    found = np.zeros_like(mean)
    for issue, end in enumerate(known):
        begin = max(0, end - how.window_days)
        complete = np.isfinite(missed[begin:end]).all(axis=1)
        complete &= np.isfinite(apart[:, begin:end]).all(axis=(0, 2))
        if complete.sum() >= how.min_days:
            days = begin + np.flatnonzero(complete)
            age = np.repeat(end - 1 - days, mean.shape[1])
            weight = 0.5 ** (age / how.half_life_days)
            rows = apart[:, days].reshape(len(apart), -1).T
            coefficients = _ridge(rows, missed[days].ravel(), weight, how.penalty)
            found[issue] = coefficients @ apart[:, issue]
    return found


def _ridge(rows: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: float) -> np.ndarray:
    """Return coefficients, shape (members,); zero if all members are the mean."""
    size = np.abs(y)
    weighed = rows * (weight / np.maximum(size, max(float(np.median(size)), TINY)))[:, None]
    gram = weighed.T @ rows
    scale = float(np.trace(gram)) / len(gram)
    if not scale > 0:
        return np.zeros(len(gram))
    return np.asarray(np.linalg.solve(gram + penalty * scale * np.eye(len(gram)), weighed.T @ y))
