"""Means by month and kind of day, by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lab.evaluation import regimes

TIMES = pd.DatetimeIndex(
    ["2019-10-31 22:00", "2019-10-31 23:00", "2019-11-02 12:00", "2019-11-03 12:00"], tz="UTC"
)


def test_months_and_kinds_are_local():
    months = regimes.months(TIMES, "Europe/Brussels")
    assert months.tolist() == ["October 2019", *["November 2019"] * 3]
    kinds = regimes.kinds_of_day(TIMES, "Europe/Brussels", {date(2019, 11, 1)})
    assert kinds.tolist() == [
        "workdays", "Sundays and free days", "Saturdays", "Sundays and free days",
    ]  # fmt: skip


def test_means_and_gains_by_group():
    losses = pd.DataFrame({"rule": [2.0, 4, 4, 8], "model": [1.0, 3, np.nan, 8]})
    groups = [np.array(["b", "b", "a", "a"]), np.array(["x", "y", "x", "y"])]
    found = regimes.by_regime(losses, groups, ["model"], "rule")
    assert found.index.tolist() == ["b", "a", "x", "y"]
    assert found["rule"].tolist() == [3, 8, 2, 6]
    assert found["model"].tolist() == [2, 8, 1, 5.5]
    assert found["rows"].tolist() == [2, 1, 1, 2]
    assert found.loc["b", "model_gain_percent"] == pytest.approx(100 / 3)
