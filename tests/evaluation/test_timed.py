"""Accuracy beside cost, and models that nobody timed."""

import pandas as pd
import pytest

from lab.errors import UsageError
from lab.evaluation import timed

from .conftest import TASK


def test_accuracy_stands_beside_cost(root):
    costs = {"demand": {"ridge": {"fit_s": 1.5}, "lstm": {"forecast_ms": 2.0}, "gru": {}}}
    table = timed.timed_models({"Demand": TASK, "Again": TASK}, costs, root)
    assert list(table["model"]) == ["lstm", "ridge"]
    assert list(table["value"]) == [3.0, 4.0]
    assert table.loc[0, "forecast_ms"] == 2.0
    assert pd.isna(table.loc[0, "fit_s"])


def test_a_saved_model_without_a_time_is_named(root):
    folder = root / "models" / "demand"
    folder.mkdir(parents=True)
    for name in ("ridge.json", "kernel_ridge.json"):
        (folder / name).write_text("{}")
    costs = {"demand": {"ridge": {"forecast_ms": 1.0}, "kernel_ridge": {"fit_s": 1.0}}}
    assert timed.untimed(["demand", "other"], costs, root) == ["kernel ridge (demand)"]


def test_the_slowest_model_counts():
    costs = {"demand": {"ridge": {"ms": 1.0}, "lstm": {"ms": 30.0}, "lasso": {}}}
    assert timed.slowest(costs, "ms") == (30.0, "demand", "lstm")
    with pytest.raises(UsageError, match="No model has a cost 'ms'"):
        timed.slowest({}, "ms")
