"""A unit: which failures of a fit a rule stands in for."""

import sys
from types import SimpleNamespace

import lightgbm
import numpy as np
import pytest

from lab.backtest.failures import FAILURES, LIBRARY_FAILURES, failures
from lab.backtest.many import backtest_many
from lab.backtest.workers import Serial
from lab.forecast.naive import Naive


class Failing(Naive):
    def __init__(self, error):
        super().__init__("yesterday")
        self.name, self.error = "failing", type(error)

    def fit(self, inputs, target):
        raise self.error("did not fit")


@pytest.mark.parametrize(
    "error",
    [RuntimeError(), ZeroDivisionError(), IndexError(), lightgbm.basic.LightGBMError()],
    ids=lambda error: type(error).__name__,
)
def test_a_fit_that_fails_is_stood_in_for(tables, error):
    one = {"north": tables["north"]}
    models = {"failing": Failing(error)}
    found = backtest_many(one, models, "2014-10-01", "2014-10-02", workers=Serial())
    assert found.fallbacks["reason"].tolist() == ["did not fit"]
    assert np.isfinite(found.forecasts["north", "failing", 1].values).all()


def test_libraries_count_only_where_they_are_loaded(monkeypatch):
    for module, _ in LIBRARY_FAILURES:
        monkeypatch.delitem(sys.modules, module, raising=False)
    assert failures() == FAILURES
    kind = type("XGBoostError", (Exception,), {})
    monkeypatch.setitem(sys.modules, "xgboost.core", SimpleNamespace(XGBoostError=kind))
    assert failures() == (*FAILURES, kind)
    assert TypeError not in failures()
