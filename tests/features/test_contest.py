"""The contest against simple rules: who is told what, and how sure a gain is."""

import numpy as np
import pandas as pd
import pytest

from lab.features import Preprocessor
from lab.features.contest import (
    LAST_WEEK,
    MIXED,
    TODAY,
    Contest,
    contest,
    day_ahead_pairs,
    saving,
    simple_rules,
    split_at,
)

ZONE = "Europe/Brussels"


@pytest.fixture
def price() -> pd.Series:
    """Return three weeks of prices that count the hours, from a local Monday's midnight."""
    index = pd.date_range("2016-02-01", periods=21 * 24, freq="h", tz=ZONE).tz_convert("UTC")
    return pd.Series(np.arange(len(index), dtype="float64"), index=index)


@pytest.mark.parametrize(
    ("weekday", "rule"),
    [(0, LAST_WEEK), (1, TODAY), (4, TODAY), (5, LAST_WEEK), (6, LAST_WEEK)],
    ids=["monday", "tuesday", "friday", "saturday", "sunday"],
)
def test_the_benchmarks_rule_follows_the_day_that_is_told(price, weekday, rule):
    rules = simple_rules(price, price.index, 24, ZONE)
    told = (rules.index + pd.Timedelta("24h")).tz_convert(ZONE).day_of_week == weekday
    assert told.any()
    assert rules.loc[told, MIXED].equals(rules.loc[told, rule].rename(MIXED))


def test_last_week_lies_a_week_before_the_hour_that_is_told(price):
    rules = simple_rules(price, price.index, 24, ZONE)
    assert rules.index[0] == price.index[6 * 24]  # told: the first hour of the second week
    assert (rules[TODAY] - rules[LAST_WEEK]).unique().tolist() == [6 * 24]


def test_the_parts_share_no_hour_and_training_ends_before_the_day(price):
    train, test = split_at(price.to_frame("target"), "2016-02-15", 24, ZONE)
    cut = pd.Timestamp("2016-02-15", tz=ZONE)
    assert train.index[-1] == cut - pd.Timedelta("25h")
    assert test.index[0] == cut


@pytest.mark.parametrize(
    ("start", "hours_of_the_day_before"), [("2016-03-25", 23), ("2016-10-28", 25)]
)
def test_pairs_cross_one_midnight_on_clock_changes(start, hours_of_the_day_before):
    index = pd.date_range(start, periods=5 * 24, freq="h", tz=ZONE).tz_convert("UTC")
    built = pd.DataFrame({"says": 1.0}, index=index)
    catalogue = pd.DataFrame({"knowledge": ["past"]}, index=["says"])
    pairs = day_ahead_pairs(built, catalogue, pd.Series(1.0, index=index), 24, ZONE)
    first, then = (
        pd.Series(times.tz_convert(ZONE).date)
        for times in (pairs.index, pairs.index + pd.Timedelta("24h"))
    )
    assert ((pd.to_datetime(then) - pd.to_datetime(first)).dt.days == 1).all()
    change = pd.Timestamp(start).date() + pd.Timedelta(days=2)
    # 24 h later an hour of the long day may still be the same day; then it is no pair.
    assert (first == change).sum() == min(hours_of_the_day_before, 24)


@pytest.fixture
def parts() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return training part, test part and two rules; a feature holds what today's lacks."""
    noise = np.random.default_rng(0)
    index = pd.date_range("2016-01-01", periods=900, freq="h", tz="UTC")
    table = pd.DataFrame(noise.normal(size=(900, 2)), index=index, columns=["says", "noise"])
    today = pd.Series(noise.normal(40, 20, 900), index=index)
    table["target"] = today + 3 * table["says"]
    return table.iloc[:500], table.iloc[500:], pd.DataFrame({"worse": today + 50, "today": today})


def test_the_family_that_knows_wins_and_the_other_adds_nothing(parts):
    groups = {"knows": ["says"], "noise": ["noise"]}
    found = contest(*parts, groups, Preprocessor)
    assert found.baseline == "today"
    assert list(found.told) == ["worse", "today", "knows", "noise"]
    assert found.result.loc["knows", "mae"] < 0.1
    assert found.result.loc["noise", "mae"] == pytest.approx(
        found.result.loc["today", "mae"], rel=0.02
    )


def test_the_baseline_is_chosen_on_the_training_part_only(parts):
    train, test, rules = parts
    rules = rules.copy()
    rules.loc[test.index, "worse"] = test["target"]
    found = contest(train, test, rules, {"knows": ["says"]}, Preprocessor)
    assert found.baseline == "today"
    assert found.result.loc["worse", "mae"] == 0


def test_rows_that_a_rule_cannot_tell_are_left_out(parts):
    train, test, rules = parts
    found = contest(train, test, rules.drop(test.index[:7]), {"knows": ["says"]}, Preprocessor)
    assert found.told.index[0] == test.index[7]


def told_by(saved: list[float]) -> Contest:
    """Return a contest with one hour a week, in which `model` saves so much against the rule."""
    index = pd.date_range("2016-01-01", periods=len(saved), freq="7D", tz="UTC")
    told = pd.DataFrame({"rule": 10.0, "model": 10.0 - np.array(saved)}, index=index)
    test = pd.DataFrame({"target": 0.0}, index=index)
    return Contest(test, test, told, "rule", told, pd.DataFrame())


def test_saving_by_hand():
    mean, error = saving(told_by([1.0, 2.0, 3.0]), "model")
    assert mean == pytest.approx(2)
    assert error == pytest.approx(1 / np.sqrt(3))  # standard deviation 1, three weeks


def test_a_loss_is_negative_and_one_week_has_no_error():
    mean, error = saving(told_by([-1.5]), "model")
    assert mean == pytest.approx(-1.5)
    assert np.isnan(error)


def test_hours_of_one_week_count_as_one_observation():
    few = told_by([1.0, 2.0, 3.0])
    index = [time + pd.Timedelta(hours=h) for time in few.told.index for h in range(24)]
    many = few.told.reindex(index, method="ffill")
    test = pd.DataFrame({"target": 0.0}, index=many.index)
    assert saving(Contest(test, test, many, "rule", many, few.result), "model") == pytest.approx(
        saving(few, "model")
    )
