"""The score of a backtest while it runs."""

import numpy as np
import pytest

from lab.backtest import Backtest, stepwise
from lab.errors import DataError
from lab.forecast.naive import Naive


@pytest.fixture(scope="module")
def period(tables):
    return Backtest(tables["north"], "2014-09-29", "2014-10-19")


def test_it_is_the_score_of_the_whole_backtest(period):
    run = period.run(Naive("yesterday"), "weekly")
    whole = np.abs(run.forecasts.median - period.actual()).mean()
    told = []
    found = stepwise.score(period, Naive("yesterday"), "weekly", report=told.append)
    assert found == pytest.approx(whole, rel=1e-12)
    assert len(told) == len(run.refits) == 3
    assert told[-1] == found


def test_percentages_by_hand():
    assert stepwise.percentage(np.array([10.0]), np.array([9.0])).tolist() == pytest.approx([10.0])


def test_what_report_raises_ends_it(period):
    def stop(loss):
        raise StopIteration

    with pytest.raises(StopIteration):
        stepwise.score(period, Naive("yesterday"), "weekly", report=stop)


def test_nothing_to_score_is_told(period):
    with pytest.raises(DataError, match="No row of the period"):
        stepwise.score(
            period, Naive("yesterday"), "once", lambda actual, median: np.full(len(actual), np.nan)
        )
