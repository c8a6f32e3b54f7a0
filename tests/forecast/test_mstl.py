"""MSTL: seasons go on, holidays borrow, gaps are filled."""

import numpy as np
import pytest

from lab.errors import UsageError
from lab.forecast.history import DAY_TYPE, WEEKDAY
from lab.forecast.inputs import CALENDAR
from lab.forecast.mstl import Mstl

WEEK = np.random.default_rng(1).normal(8, 0.1, (7, 24))


def stacked(log, ahead, free=(), ahead_free=False, first=0):
    """One view over days from a weekday on, Monday if not told, and the target day's weekday."""
    calendar = np.zeros((len(log) + 1, len(CALENDAR)))
    calendar[:, WEEKDAY] = (first + np.arange(len(calendar))) % 7
    calendar[list(free), DAY_TYPE] = 2
    calendar[-1, [WEEKDAY, DAY_TYPE]] = ahead, 2 * ahead_free
    return {
        "values": np.exp(log)[None],
        "temperature": np.full((1, *log.shape), np.nan),
        "calendar": calendar[None, :-1],
        "ahead": calendar[None, -1],
        "lead": np.array([1]),
        "last": np.array([len(log)]),
    }


@pytest.fixture(scope="module")
def model():
    noise = np.random.default_rng(0).normal(0, 0.01, (56, 24))
    return Mstl(order=(1, 0, 0), seasonal_order=(0, 0, 0)).fit(
        stacked(np.tile(WEEK, (8, 1)) + noise, 0), np.empty(0)
    )


@pytest.mark.parametrize("ahead", [0, 3], ids=["ends on Sunday", "ends on Wednesday"])
def test_the_seasons_go_on(model, ahead):
    weeks = np.tile(WEEK, (9, 1))
    found = model.predict(stacked(weeks[ahead : ahead + 56], ahead, first=ahead))
    assert np.log(found[0, :, model.levels.index(0.5)]) == pytest.approx(WEEK[ahead], abs=0.03)


def test_a_holiday_ahead_is_a_sunday(model):
    found = model.predict(stacked(np.tile(WEEK, (8, 1)), 0, ahead_free=True))
    assert np.log(found[0, :, model.levels.index(0.5)]) == pytest.approx(WEEK[6], abs=0.03)


def test_a_holiday_and_a_gap_in_the_history_leave_no_trace(model):
    log = np.tile(WEEK, (8, 1))
    untouched = model.predict(stacked(log, 0))
    log[49] += 1.0
    log[40, 3:5] = np.nan
    log[2, 1] = np.nan
    found = model.predict(stacked(log, 0, free=[49]))
    assert found == pytest.approx(untouched, rel=0.02)


def test_too_few_days_give_no_forecast(model):
    log = np.tile(WEEK, (8, 1))
    log[:30] = np.nan
    assert np.isnan(model.predict(stacked(log, 0))).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"history_days": 20}, "of at least 28, got 20 and 182"),
        ({"windows": (10, 7)}, "two odd numbers of at least 3, got \\(10, 7\\)"),
        ({"windows": (7,)}, "two odd numbers"),
        ({"order": (1, 0)}, "three whole numbers"),
    ],
    ids=["history", "even", "one window", "order"],
)
def test_impossible_settings_are_refused(settings, words):
    with pytest.raises(UsageError, match=words):
        Mstl(**settings)
