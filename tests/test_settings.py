"""What settings may be, in one sentence each where they may not."""

from dataclasses import dataclass

import pytest

from lab import settings
from lab.errors import UsageError


@dataclass(frozen=True)
class Box:
    width: float
    depth: float = 1.0


def test_a_class_is_built_from_its_settings():
    assert settings.build(Box, {"width": 2.0}, "box") == Box(2.0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"width": 1, "bogus": 1}, "Unknown setting 'bogus' in box; it may hold: width, depth"),
        ({"depth": 1}, r"'width' is missing in box, got \{'depth': 1\}"),
    ],
    ids=["unknown", "missing"],
)
def test_settings_that_a_class_does_not_know_are_refused(given, words):
    with pytest.raises(UsageError, match=words):
        settings.build(Box, given, "box")


LIKE = {
    "zone": "Europe/Brussels",
    "from": "2014-01-01",
    "refit": {"ridge": "weekly"},
    "periods": {"one": {"from": "2014-01-01"}},
    "changes": ["2014-01-01"],
    "mixed": {"zone": "Europe/Brussels", "country": "BE"},
    "label": "a",
}


@pytest.mark.parametrize(
    "value",
    [
        {"zone": "Etc/GMT+7"},
        {"from": None},
        {"refit": {"lstm": "yearly"}},
        {"periods": {"two": {"from": "2015-01-01"}}},
        {"changes": []},
        {"mixed": {"city": "Ghent"}},
        {"label": "2014-13-01"},
    ],
    ids=lambda value: next(iter(value)),
)
def test_values_that_mean_the_same_pass(value):
    settings.check_value(value, LIKE, "study")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"zone": "Mars/Phobos"}, "time zone 'Mars/Phobos' of study.zone; use an IANA name"),
        ({"from": "2014-02-30"}, "study.from must be a day such as .* got '2014-02-30'"),
        ({"from": "20140201"}, "got '20140201'"),
        ({"refit": {"lstm": "hourly"}}, "cadence 'hourly' of study.refit.lstm; choose one of once"),
        ({"periods": {"two": {"from": "soon"}}}, "study.periods.two.from must be a day"),
        ({"changes": ["x"]}, "an element of study.changes must be a day"),
        ({"mixed": {"zone": "x"}}, "time zone 'x' of study.mixed.zone"),
    ],
    ids=["zone", "day", "compact", "cadence", "new key", "list", "mixed"],
)
def test_values_of_another_meaning_are_refused(value, words):
    with pytest.raises(UsageError, match=words):
        settings.check_value(value, LIKE, "study")


@pytest.mark.parametrize(
    "values",
    [
        {"choose_from": "2013-01-01", "test_from": "2014-01-01", "test_to": "2014-01-01"},
        {"test_from": "2014-01-01", "homes_choose_from": "2017-01-01"},
        {"choose_from": "2013-01-01", "test_from": None, "last_day": "2013-01-02"},
    ],
    ids=["one day of test", "prefixes apart", "missing"],
)
def test_days_in_order_pass(values):
    settings.check_order(values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"test_to": "2014-12-31", "test_from": "2030-01-01"},
            "test_from must lie before test_to, got 2030-01-01 and 2014-12-31",
        ),
        ({"choose_from": "2014-01-01", "test_from": "2014-01-01"}, "choose_from must lie before"),
        ({"choose_from": "2015-01-01", "test_to": "2014-01-01"}, "choose_from .* before test_to"),
        (
            {"periods": {"one": {"choose_from": "2015-01-01", "test_from": "2014-01-01"}}},
            "periods.one.choose_from must lie before periods.one.test_from",
        ),
        ({"homes_test_from": "2018-01-01", "homes_last_day": "2017-07-30"}, "homes_last_day"),
    ],
    ids=["test", "same day", "far", "nested", "prefix"],
)
def test_days_out_of_order_are_refused(values, words):
    with pytest.raises(UsageError, match=words):
        settings.check_order(values)
