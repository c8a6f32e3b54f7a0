"""A pooled model passes; one that looks at a neighbour's future is caught."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.forecast import meters
from lab.forecast.meter_trees import MeterTrees
from lab.forecast.model import CLOCK
from lab.leakage import LeakError, require
from lab.leakage.pooled import check_pooled

ZONE = "Europe/Brussels"
FIRST, LAST = "2016-03-20", "2016-03-28"


def made(values):
    index = pd.date_range("2016-02-28 23:00", periods=35 * 24, freq="h", tz="UTC")
    rng = np.random.default_rng(4)
    loads = pd.DataFrame({n: v + rng.uniform(0, 5, len(index)) for n, v in values.items()}, index)
    return meters.day_tables(loads, pd.DataFrame(index=index), ZONE, set())


class Neighbour:
    """Says of every meter what another one, which it holds on to, will draw."""

    name, levels, layout = "neighbour", (0.5,), CLOCK

    def __init__(self, tables):
        self.days = tables["b"].days["load_w"]
        self.inputs = lambda view: {"day": self.days[(view.date - FIRST_DAY).astype(int)]}

    def fit(self, inputs, target):
        self.mean_ = np.nanmean(target)
        return self

    def predict(self, inputs):
        return inputs["day"][:, :, None]


class Peeking(MeterTrees):
    """Learns from the last value of its target, as if the target's day were no secret."""

    def fit(self, inputs, target):
        self.last_ = target[-1, -1]
        return super().fit(inputs, target)

    def predict(self, inputs):
        return super().predict(inputs) + self.last_


FIRST_DAY = np.datetime64("2016-02-29")


def small(kind=MeterTrees):
    return kind(trees=2, min_rows=5)


def test_an_honest_model_passes_with_a_count():
    tables = made({"a": 10.0, "b": 20.0})
    found = check_pooled(small, tables, {"all": ["a", "b"]}, FIRST, LAST, lead_days=2, issues=2)
    assert found.moved is None
    # Two days of two meters, of which the second has 23 hours, against two fillings.
    assert (found.checks, found.forecasts) == (4, 2 * 2 * (24 + 23))
    assert require(found).startswith("188 forecasts of 1 model compared")


def test_learning_from_what_had_ended_is_no_leak():
    tables = made({"a": 10.0, "b": 20.0})
    assert check_pooled(lambda: small(Peeking), tables, {"all": ["a", "b"]}, FIRST, LAST).moved is (
        None
    )


def test_a_look_at_another_meters_day_is_caught(monkeypatch):
    tables = made({"a": 10.0, "b": 20.0})
    seen = {"tables": tables}
    from lab.leakage import pooled

    honest = pooled._forecast

    def watched(factory, twins, *rest):
        seen["tables"] = twins
        return honest(factory, twins, *rest)

    monkeypatch.setattr(pooled, "_forecast", watched)
    found = check_pooled(
        lambda: Neighbour(seen["tables"]), tables, {"all": ["a", "b"]}, FIRST, LAST
    )
    assert found.checks == 1
    assert found.moved.model == "neighbour (a)"
    with pytest.raises(LeakError, match=r"neighbour \(a\) leaks: its forecast for 2016-03-19"):
        require(found)


def test_without_a_forecast_nothing_can_be_said():
    with pytest.raises(UsageError, match="got none of lightgbm"):
        check_pooled(
            small, made({"a": np.nan, "b": np.nan}), {"all": ["a", "b"]}, FIRST, LAST, issues=1
        )
