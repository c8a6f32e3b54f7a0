"""Nothing that was known after the first test issue may decide what the test publishes."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.evaluation import splits
from lab.evaluation.splits import Split

DATES = {"choose_from": "2019-08-01", "test_from": "2019-08-11", "test_to": "2019-08-20"}
BRUSSELS = "Europe/Brussels"


def issues_of(lead_days, first="2019-07-25", last="2019-08-25"):
    """One hourly issue per target day, made `lead_days` - 1 days before its midnight."""
    begin = pd.date_range(first, last, freq="D", tz=BRUSSELS).tz_convert("UTC")
    valid_at = begin.repeat(24) + pd.to_timedelta(np.tile(np.arange(24), len(begin)), "h")
    issued_at = begin.repeat(24) - pd.Timedelta(days=lead_days - 1)
    return SimpleNamespace(issued_at=issued_at, valid_at=valid_at)


@pytest.mark.parametrize("lead_days", [1, 2, 3, 7], ids=lambda k: f"{24 * k} h")
def test_every_choice_was_measured_when_the_first_test_issue_was_made(lead_days):
    rows, split = issues_of(lead_days), Split.of(**DATES, zone=BRUSSELS)
    choosing, testing = split.choosing(rows), split.testing(rows)
    measured = rows.valid_at[choosing] + pd.Timedelta(hours=1)
    assert measured.max() <= rows.issued_at[testing].min()
    assert choosing.sum() == 10 * 24
    # The days issued before the choices had ended are neither chosen on nor tested.
    assert testing.sum() == (10 - (lead_days - 1)) * 24
    assert not (choosing & testing).any()


def test_a_test_by_the_time_forecast_would_hold_earlier_issues():
    rows, split = issues_of(7), Split.of(**DATES, zone=BRUSSELS)
    by_value = rows.valid_at >= split.test_from
    assert rows.issued_at[by_value].min() < split.test_from
    assert rows.issued_at[split.testing(rows)].min() == split.test_from


def test_an_issue_that_reaches_into_the_test_decides_nothing():
    hours = pd.date_range("2019-08-10 12:00", periods=24, freq="h", tz=BRUSSELS).tz_convert("UTC")
    rows = SimpleNamespace(issued_at=hours[[0] * 24], valid_at=hours)
    assert not Split.of(**DATES, zone=BRUSSELS).choosing(rows).any()


def test_periods_are_read_by_name():
    found = splits.read({"summer": DATES}, BRUSSELS)
    assert found["summer"].after == pd.Timestamp("2019-08-20 22:00", tz="UTC")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "The parameter periods needs at least one entry, got {}."),
        ({"one": {"test_from": "2019-01-01"}}, "'one' needs exactly the dates choose_from"),
        ({"one": "2019"}, "'one' needs exactly the dates"),
        ({"one": DATES | {"test_from": "2019-08-21"}}, "Choices must begin before the test"),
        ({"one": DATES | {"choose_from": "2019-08-11"}}, "Choices must begin before the test"),
    ],
    ids=["none", "a date missing", "no dates", "test after its end", "no choices"],
)
def test_impossible_periods_are_refused(given, sentence):
    with pytest.raises(UsageError, match=sentence.replace("{}", r"\{\}")):
        splits.read(given, BRUSSELS)


def test_an_empty_list_is_refused_by_its_name():
    splits.check_given(lead_days=[1], ridge_alphas=[0.0])
    with pytest.raises(UsageError, match=r"The parameter ridge_alphas needs .* got \[\]"):
        splits.check_given(lead_days=[1], ridge_alphas=[])
