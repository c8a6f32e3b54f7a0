"""Combinations of models: fixed weights, weights from past errors, averages of quantiles.

The plain mean of medians is `lab.forecast.table.mean_of`, regression on quantiles
`lab.forecast.qra`. Weights that learn use the errors that were known when a forecast was
issued: those of issues whose last value had been measured by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lab.errors import UsageError
from lab.forecast.checks import check_least, check_measured
from lab.forecast.intervals import known_days
from lab.forecast.table import MEDIAN, Forecasts, same_rows

LOSSES = ("absolute", "squared")


@dataclass(frozen=True)
class Trailing:
    """How members are weighted by their past errors.

    Attributes
    ----------
    window_days : int
        Trailing issues whose errors count.
    min_days : int
        With fewer issues known all members weigh the same.
    loss : str
        `absolute` or `squared`: a weight is proportional to one over the mean loss.

    References
    ----------
    Bates, Granger, The combination of forecasts (1969), doi:10.1057/jors.1969.103.
    """

    window_days: int = 90
    min_days: int = 14
    loss: str = "squared"

    def __post_init__(self) -> None:
        """Refuse impossible settings."""
        days = {"window_days": self.window_days, "min_days": self.min_days}
        check_least("Weighting by past errors", 1, **days)
        if self.loss not in LOSSES:
            raise UsageError(f"Unknown loss {self.loss!r}; choose one of {', '.join(LOSSES)}.")


def weighted(members: Sequence[Forecasts], weights: Sequence[float], name: str) -> Forecasts:
    """Return the mean of several models' medians with fixed weights, as a point forecast.

    Parameters
    ----------
    members : sequence of Forecasts
        Over the same rows.
    weights : sequence of float
        One for each member, at least 0, not all 0; only their proportions matter.
    name : str
        Name of the combination.

    Raises
    ------
    DataError
        If there is no member, or the members cover different time stamps.
    UsageError
        If the weights do not fit.
    """
    first = same_rows(members)
    values = share_of(weights, len(members)) @ np.stack([member.median for member in members])
    return replace(first, model=name, levels=(MEDIAN,), values=values[:, None])


def average_quantiles(
    members: Sequence[Forecasts], name: str, weights: Sequence[float] | None = None
) -> Forecasts:
    """Return the average of the quantiles of each level (Vincentisation).

    Averaging quantiles keeps the members' sharpness where averaging their distribution
    functions would widen the result; what does not cross in any member does not cross in
    the average.

    Parameters
    ----------
    members : sequence of Forecasts
        Over the same rows. Levels that not all of them have are left out.
    name : str
        Name of the combination.
    weights : sequence of float, optional
        As in `weighted`; without them all members count the same.

    Returns
    -------
    Forecasts
        NaN where a member is.

    Raises
    ------
    DataError, UsageError
        As `weighted`.

    References
    ----------
    Ratcliff, Group reaction time distributions and an analysis of distribution statistics
    (1979), doi:10.1037/0033-2909.86.3.446; Lichtendahl, Grushka-Cockayne, Winkler, Is it
    better to average probabilities or quantiles? (2013), doi:10.1287/mnsc.1120.1667.
    """
    first = same_rows(members)
    share = share_of(weights, len(members))
    levels = common_levels([member.levels for member in members])
    values = [m.values[:, [m.levels.index(x) for x in levels]] for m in members]
    return replace(first, model=name, levels=levels, values=np.tensordot(share, values, axes=1))


def common_levels(levels: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Return the levels of the first that all the others have too."""
    return tuple(x for x in levels[0] if all(x in other for other in levels))


def weighted_by_errors(
    members: Sequence[Forecasts], actual: np.ndarray, how: Trailing, name: str
) -> Forecasts:
    """Return the mean of several models' medians, weighted by their past errors.

    Parameters
    ----------
    members : sequence of Forecasts
        Consecutive issues over the same rows.
    actual : numpy.ndarray, shape (rows,)
        Measured values, NaN where missing. A row is used only for what was issued after
        the last value of its issue had been measured.
    how : Trailing
    name : str
        Name of the combination.

    Raises
    ------
    DataError
        If there is no member, or the members cover different time stamps.
    UsageError
        If there is not one measured value per row.
    """
    first = same_rows(members)
    share = trailing_weights(members, actual, how)[first.day]
    values = (share * np.stack([m.median for m in members], axis=1)).sum(axis=1)
    return replace(first, model=name, levels=(MEDIAN,), values=values[:, None])


def trailing_weights(members: Sequence[Forecasts], actual: np.ndarray, how: Trailing) -> np.ndarray:
    """Return what each member weighs at each issue, from the errors known then.

    Parameters
    ----------
    members, actual, how
        As in `weighted_by_errors`.

    Returns
    -------
    numpy.ndarray, shape (issues, members)
        At least 0, rows sum to 1. Rows that a member or the actual value lacks count for
        none of them; a member that never erred shares all the weight with its like.

    Raises
    ------
    DataError, UsageError
        As `weighted_by_errors`.
    """
    first = same_rows(members)
    check_measured("Weighting by past errors", first, actual)
    total, count = _issue_losses(members, actual, how.loss)
    known = known_days(first)
    weights = np.full(total.shape, 1 / len(members))
    for issue, end in enumerate(known):
        begin = max(0, end - how.window_days)
        if end - begin >= how.min_days and (rows := count[begin:end].sum()) > 0:
            weights[issue] = _inverse(total[begin:end].sum(axis=0) / rows)
    return weights


def _issue_losses(
    members: Sequence[Forecasts], actual: np.ndarray, loss: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the summed loss of each issue and member, and the rows behind it."""
    day = members[0].day
    errors = np.stack([actual - member.median for member in members], axis=1)
    losses = np.abs(errors) if loss == "absolute" else errors**2
    counted = np.isfinite(losses).all(axis=1)
    issues = int(day.max()) + 1
    total = np.zeros((issues, len(members)))
    np.add.at(total, day[counted], losses[counted])
    return total, np.bincount(day[counted], minlength=issues)


def _inverse(losses: np.ndarray) -> np.ndarray:
    """Return weights proportional to one over the losses; zeros share everything."""
    if (losses == 0).any():
        return np.asarray((losses == 0) / (losses == 0).sum())
    # Relative to the smallest, so that losses near the largest float do not vanish.
    ratio = losses.min() / losses
    return np.asarray(ratio / ratio.sum())


def share_of(weights: Sequence[float] | np.ndarray | None, members: int) -> np.ndarray:
    """Return fixed weights that sum to 1, the same for all members if none are given.

    Raises
    ------
    UsageError
        If they are not one for each member, at least 0 and not all 0.
    """
    weights = np.ones(members) if weights is None else weights
    found = np.asarray(weights, dtype=float)
    fit = found.shape == (members,) and np.isfinite(found).all() and (found >= 0).all()
    if not fit or found.sum() == 0:
        raise UsageError(
            f"A combination of {members} members needs as many weights of at least 0, not "
            f"all of them 0, got {list(weights)}."
        )
    return np.asarray(found / found.sum())
