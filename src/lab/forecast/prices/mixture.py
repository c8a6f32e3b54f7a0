"""A mixture of families of models, hour by hour: who was right of late, and what all missed.

Families weigh the same before anything is known, whatever their number of members; then every
member's weight follows its errors of the last weeks at that hour. A regression of what their mean
missed on how members differ from it leads out of the members' range, and what the mixture itself
lately missed at an hour is put right in part. Prices may be negative or zero: all is done in
their unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lab.errors import UsageError
from lab.forecast.checks import check_least, check_measured
from lab.forecast.intervals import known_days
from lab.forecast.prices.stacking import Stacking, moved
from lab.forecast.table import MEDIAN, Forecasts, same_rows

NAME = "A mixture of families"


@dataclass(frozen=True)
class Recent:
    """How a mixture follows the errors of the last weeks.

    Attributes
    ----------
    window_days : int
        Trailing days whose errors weigh the members.
    power : float
        Weights go with the mean absolute error to the power of minus this; 0 keeps them.
    correction_days : int
        Trailing days of whose errors the median is put right.
    correction_share : float
        Of that median, from 0 to 1.
    min_days : int
        With fewer days known nothing moves.
    stacking : Stacking, optional
        None: the mean of the members is not moved by their differences.

    References
    ----------
    Bates, Granger, The combination of forecasts (1969), doi:10.1057/jors.1969.103.
    """

    window_days: int = 56
    power: float = 4.0
    correction_days: int = 28
    correction_share: float = 0.3
    min_days: int = 14
    stacking: Stacking | None = None

    def __post_init__(self) -> None:
        """Refuse impossible settings."""
        days = {"window_days": self.window_days, "correction_days": self.correction_days}
        check_least(NAME, 1, **days, min_days=self.min_days)
        if self.power < 0 or not 0 <= self.correction_share <= 1:
            raise UsageError(
                f"{NAME} needs a power of at least 0 and a share from 0 to 1, got {self.power} "
                f"and {self.correction_share}."
            )


def mixed(
    families: Mapping[str, Sequence[Forecasts]], actual: np.ndarray, how: Recent, name: str
) -> Forecasts:
    """Return the mixture of families as a point forecast.

    Parameters
    ----------
    families : mapping of sequence of Forecasts
        Members over the same rows, consecutive daily issues.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing. A row is used only for what was issued after its
        whole day had ended.
    how : Recent
    name : str

    Returns
    -------
    Forecasts
        NaN where a member is.

    Raises
    ------
    DataError
        If there is no member, or the members cover different time stamps.
    UsageError
        If there is not one measured value per row.
    """
    members = [member for family in families.values() for member in family]
    first = same_rows(members)
    medians = np.stack([_by_day(first, member.median) for member in members])
    mean = (weights(families, actual, how) * medians).sum(axis=0)
    truth, known = _by_day(first, actual), known_days(first)
    if how.stacking:
        mean = mean + moved(medians, mean, truth, known, how.stacking)
    values = mean + _missed(truth - mean, known, how)
    return replace(
        first, model=name, levels=(MEDIAN,), values=values[first.day, first.slot][:, None]
    )


def weights(
    families: Mapping[str, Sequence[Forecasts]], actual: np.ndarray, how: Recent
) -> np.ndarray:
    """Return what each member weighs, shape (members, issues, slots); they sum to 1.

    Parameters, and what is refused, are those of `mixed`.
    """
    members = [member for family in families.values() for member in family]
    first = same_rows(members)
    check_measured(NAME, first, actual)
    shares = np.concatenate([np.full(len(f), 1 / len(f)) for f in families.values()])
    medians = np.stack([_by_day(first, member.median) for member in members])
    errors = np.abs(_by_day(first, actual) - medians)
    return _weights(errors, shares, known_days(first), how)


def _weights(errors: np.ndarray, shares: np.ndarray, known: np.ndarray, how: Recent) -> np.ndarray:
    """Return weights from absolute errors, shape (members, issues, slots)."""
    found = np.empty_like(errors)
    found[:] = (shares / shares.sum())[:, None, None]
    for issue, end in enumerate(known):
        past = errors[:, max(0, end - how.window_days) : end]
        past = past[:, np.isfinite(past).all(axis=(0, 2))]
        if past.shape[1] >= how.min_days:
            size = _smooth(past.mean(axis=1))
            least = size.min(axis=0)
            ratio = np.where(least > 0, least, 1.0) / np.where(size > 0, size, 1.0)
            # Of what never erred nothing is better: all that never did share the weight.
            ratio = np.where(least > 0, ratio, size == 0)
            weight = shares[:, None] * ratio**how.power
            found[:, issue] = weight / weight.sum(axis=0)
    return found


def _missed(errors: np.ndarray, known: np.ndarray, how: Recent) -> np.ndarray:
    """Return by how much each issue is moved, shape (issues, slots)."""
    moved = np.zeros_like(errors)
    for issue, end in enumerate(known):
        past = errors[max(0, end - how.correction_days) : end]
        past = past[np.isfinite(past).all(axis=1)]
        if len(past) >= how.min_days:
            moved[issue] = how.correction_share * _smooth(np.median(past, axis=0))
    return moved


def _smooth(values: np.ndarray) -> np.ndarray:
    """Return the mean of each slot and its neighbours, the last slot beside the first."""
    return np.asarray((values + np.roll(values, 1, axis=-1) + np.roll(values, -1, axis=-1)) / 3)


def _by_day(forecasts: Forecasts, values: np.ndarray) -> np.ndarray:
    """Return rows as (issues, slots); NaN where a day has no such slot."""
    laid = np.full((int(forecasts.day.max()) + 1, int(forecasts.slot.max()) + 1), np.nan)
    laid[forecasts.day, forecasts.slot] = values
    return laid
