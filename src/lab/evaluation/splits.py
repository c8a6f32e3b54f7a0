"""What is chosen on and what is tested on, in the order in which things became known.

A forecast of several days ahead is issued days before the values that it is for. So a test
holds the issues made from its first midnight on, and a choice rests on issues whose values
had all been measured by then: nothing that was known later speaks for what is published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from lab.errors import UsageError

DATES = ("choose_from", "test_from", "test_to")


class Issued(Protocol):
    """Rows with the time of their issue and the time they are for, such as `Forecasts`."""

    @property
    def issued_at(self) -> pd.DatetimeIndex:
        """UTC, one per row."""

    @property
    def valid_at(self) -> pd.DatetimeIndex:
        """UTC, one per row."""


@dataclass(frozen=True)
class Split:
    """A stretch of choices and the test that follows it.

    Attributes
    ----------
    choose_from, test_from, after : pandas.Timestamp
        UTC: the first value of choices, the first issue of the test, and the end of the
        test's last value.

    Raises
    ------
    UsageError
        If they are not in the order of time.
    """

    choose_from: pd.Timestamp
    test_from: pd.Timestamp
    after: pd.Timestamp

    def __post_init__(self) -> None:
        """Refuse a test that does not follow its choices."""
        if not self.choose_from < self.test_from < self.after:
            raise UsageError(
                "Choices must begin before the test and the test before its end, got "
                f"{self.choose_from}, {self.test_from} and {self.after}."
            )

    @classmethod
    def of(cls, choose_from: str, test_from: str, test_to: str, zone: str) -> "Split":
        """Return the split of local days, `test_to` being the test's last one.

        Parameters
        ----------
        choose_from, test_from, test_to : ISO string
        zone : str
            IANA zone.

        Examples
        --------
        >>> str(Split.of("2019-08-01", "2019-10-01", "2019-12-31", "Europe/Brussels").test_from)
        '2019-09-30 22:00:00+00:00'
        """
        after = pd.Timestamp(test_to) + pd.Timedelta(days=1)
        days = (pd.Timestamp(choose_from), pd.Timestamp(test_from), after)
        return cls(*(day.tz_localize(zone).tz_convert("UTC") for day in days))

    def choosing(self, rows: Issued) -> np.ndarray:
        """Return which rows may decide something: those of issues measured before the test.

        Parameters
        ----------
        rows : Issued
            All rows of an issue; one that reaches into the test is left out as a whole.

        Returns
        -------
        numpy.ndarray of bool, shape (rows,)
            A value is measured one step after its time, so at the latest at the first issue
            of the test.
        """
        valid_at = pd.Series(pd.DatetimeIndex(rows.valid_at))
        last = valid_at.groupby(np.asarray(pd.DatetimeIndex(rows.issued_at).asi8)).transform("max")
        return np.asarray((last < self.test_from) & (valid_at >= self.choose_from))

    def testing(self, rows: Issued) -> np.ndarray:
        """Return which rows are tested: those issued from the test's first midnight on."""
        issued_at, valid_at = pd.DatetimeIndex(rows.issued_at), pd.DatetimeIndex(rows.valid_at)
        return np.asarray((issued_at >= self.test_from) & (valid_at < self.after))


def read(periods: Mapping[str, Mapping[str, str]], zone: str) -> dict[str, Split]:
    """Return the splits that a study's parameters name.

    Parameters
    ----------
    periods : mapping
        A name to `choose_from`, `test_from` and `test_to`, ISO dates.
    zone : str
        IANA zone.

    Raises
    ------
    UsageError
        If there is none, one lacks a date or has another key, or its dates are not in order.
    """
    check_given(periods=periods)
    for name, dates in periods.items():
        if not isinstance(dates, Mapping) or set(dates) != set(DATES):
            raise UsageError(
                f"The period {name!r} needs exactly the dates {', '.join(DATES)}, got {dates}."
            )
    return {name: Split.of(**dates, zone=zone) for name, dates in periods.items()}


def check_given(**parameters: object) -> None:
    """Refuse parameters that must not be empty, by their names.

    Raises
    ------
    UsageError

    Examples
    --------
    >>> check_given(lead_days=[1], periods={"2019": {}})
    """
    for name, value in parameters.items():
        if not value:
            raise UsageError(f"The parameter {name} needs at least one entry, got {value!r}.")
