"""Seconds are counted, also of what fails."""

import time

import pytest

from lab.backtest.timing import Spent


def test_seconds_add_up_also_where_what_is_timed_fails():
    spent = Spent()
    for _ in range(2):
        with spent.fitting():
            time.sleep(0.01)
    with pytest.raises(ValueError, match="no"), spent.predicting():
        time.sleep(0.01)
        raise ValueError("no")
    assert spent.fit_s >= 0.02
    assert 0.01 <= spent.predict_s < spent.fit_s
