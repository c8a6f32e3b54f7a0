"""The leak guard for what is made of forecasts: combination, correction, quantiles.

`check_all` and its kin check models. What is published is made of their forecasts and of
the values measured since, by functions over a whole backtest; this guard checks those:

    result = check_chain(lambda members, actual: calibrate(mean_of(members, "mean"), actual, how),
                         members, actual, days=120)
    outputs.provenance("leak guard, published forecast", leakage.require(result))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.errors import UsageError
from lab.forecast.table import Forecasts, same_rows
from lab.forecast.view import DAY
from lab.leakage.compare import first_moved, moved_at
from lab.leakage.hidden import FILLINGS, filled
from lab.leakage.result import LeakError, Moved, Result
from lab.leakage.suspect import FAILURES

Chain = Callable[..., Forecasts]
FURTHER_DAYS = 7


@dataclass(frozen=True)
class Material:
    """What a chain is made of.

    Attributes
    ----------
    members : list of Forecasts
        Over the same rows.
    actual : numpy.ndarray, shape (rows,)
        Measured values.
    known : list of numpy.ndarray
        Of the first axis rows or issues: what else was known at each issue.
    """

    members: list[Forecasts]
    actual: np.ndarray
    known: list[np.ndarray]

    def run(self, chain: Chain, issue: pd.Timestamp) -> Forecasts:
        """Return what the chain forecasts at one issue."""
        found = chain(self.members, self.actual, *self.known)
        return found.rows(np.asarray(found.issued_at == issue))

    def cut(self, issue: pd.Timestamp, days: int) -> "Material":
        """Return what was issued from some days before an issue to a week after it."""
        first = self.members[0]
        near = (first.issued_at >= issue - days * DAY) & (
            first.issued_at <= issue + FURTHER_DAYS * DAY
        )
        keep = np.asarray(near)
        return Material(
            [member.rows(keep) for member in self.members],
            self.actual[keep],
            [array[self._rows_of(array, keep)] for array in self.known],
        )

    def hidden(self, issue: pd.Timestamp, filling: str, seed: int) -> "Material":
        """Return a copy in which everything unknown at an issue is replaced."""
        rng, first = np.random.default_rng(seed), self.members[0]
        later = np.asarray(first.issued_at > issue)
        return Material(
            [replace(m, values=filled(m.values, later, filling, rng)) for m in self.members],
            filled(self.actual, np.asarray(first.valid_at >= issue), filling, rng),
            [filled(a, self._rows_of(a, later), filling, rng) for a in self.known],
        )

    def _rows_of(self, array: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return a mask of rows as one of the array's own first axis, rows or issues."""
        day = self.members[0].day
        if len(array) == len(rows):
            return rows
        if len(array) == day[-1] + 1:
            return np.asarray(np.bincount(day, rows) > 0)
        raise UsageError(
            f"What was known at each issue needs one entry for each of the {len(rows)} rows or "
            f"{day[-1] + 1} issues, got {len(array)}."
        )


def check_chain(
    chain: Chain,
    members: Sequence[Forecasts],
    actual: np.ndarray,
    *known: np.ndarray,
    days: int,
    first: pd.Timestamp | None = None,
    issues: int = 3,
    seed: int = 0,
) -> Result:
    """Check a chain: does anything not known at an issue move what is published of it?

    Parameters
    ----------
    chain : callable
        From the members' forecasts, the measured values and what else was known to one
        `Forecasts` of the same rows.
    members : sequence of Forecasts
        Over the same rows; those issued later than the issue that is checked are replaced.
    actual : numpy.ndarray, shape (rows,)
        Measured values; those from the issue on are replaced.
    *known : numpy.ndarray, shape (rows, ...) or (issues, ...)
        What else was known at each issue, such as the signs of its difficulty; those of
        later issues are replaced.
    days : int
        The chain is run on so many days before each issue that is checked, and on a week
        after it: enough for its quantiles, for only finite values are compared.
    first : pandas.Timestamp, optional
        Check issues from here on: a study's choices are known from its test on.
    issues : int
        How many are checked: the first with so many days before it, the last, others drawn.
    seed : int
        Of the sample and the noise.

    Raises
    ------
    DataError
        If the members cover different rows.
    UsageError
        If no issue has so many days before it, or the chain gives no finite value.
    LeakError
        If the chain differs between equal runs, so that nothing can be said.
    """
    pattern = same_rows(members)
    material = Material(list(members), np.asarray(actual, dtype=float), list(known))
    checks = values = 0
    name, lead = pattern.model, 1
    for number, issue in enumerate(_sample(pattern.issued_at, first, days, issues, seed)):
        near = material.cut(issue, days)
        old = near.run(chain, issue)
        name, lead = old.model, -((issue - old.valid_at[-1]) // DAY)
        for filling in FILLINGS:
            twin = near.hidden(issue, filling, seed + number)
            moved = _difference(chain, twin, old, filling)
            checks, values = checks + 1, values + int(np.isfinite(old.values).sum())
            if moved and _difference(chain, near, old, filling):
                raise LeakError(
                    f"{name} gives other forecasts when it is made twice of the same values, so "
                    "the leak guard cannot check it; a chain must repeat itself to the bit."
                )
            if moved:
                return Result(name, lead, checks, values, moved)
    if not values:
        raise UsageError(
            f"The leak guard needs forecasts to compare, got none of {name}; give it more days."
        )
    return Result(name, lead, checks, values)


def _sample(
    issued_at: pd.DatetimeIndex, first: pd.Timestamp | None, days: int, count: int, seed: int
) -> list[pd.Timestamp]:
    """Return issues with so many days before them, in order of time.

    Raises
    ------
    UsageError
        If there is none, or none is asked for.
    """
    every = issued_at.unique()
    begin = every[0] + days * DAY
    able = every[every >= (begin if first is None else max(begin, first))]
    if count < 1 or days < 1 or not len(able):
        raise UsageError(
            f"The leak guard needs at least one issue with at least one day before it, got "
            f"{count} issues with {days} days before, of {len(every)} from {every[0]:%Y-%m-%d}."
        )
    drawn = np.random.default_rng(seed).permutation(len(able))
    wanted = dict.fromkeys([0, len(able) - 1, *(int(place) for place in drawn)])
    return [able[place] for place in sorted(list(wanted)[:count])]


def _difference(chain: Chain, twin: Material, old: Forecasts, filling: str) -> Moved | None:
    """Return the first value of an issue that is not the same to the bit on other material."""
    try:
        new = twin.run(chain, old.issued_at[0])
    except FAILURES as error:
        failed = f"{type(error).__name__}: {error}".partition("\n")[0]
        return moved_at(old.model, old, (0, 0), np.nan, filling=filling, error=failed)
    return first_moved(old.model, old, new, filling)
