"""Choices and scores over any number of tests and leads."""

import numpy as np
import pandas as pd
import pytest

from lab.forecast import ev_scores
from lab.forecast.table import QUANTILES, Forecasts, concat

TIMES = pd.date_range("2019-10-01", periods=48, freq="h", tz="UTC")
TRUTH = pd.Series(0.0, index=TIMES)


def forecasts_of(model, value, times=TIMES):
    """A forecast of `value` throughout, one issue a day at midnight."""
    day = np.arange(len(times)) // 24
    values = np.full((len(times), len(QUANTILES)), float(value))
    return Forecasts(
        model, "s", pd.DatetimeIndex(times[24 * day]), times, day, np.arange(len(times)) % 24,
        QUANTILES, values,
    )  # fmt: skip


def test_errors_of_candidates_by_test_and_lead():
    actual = np.zeros(48)
    early, late = np.arange(48) < 24, np.arange(48) >= 24
    candidates = {
        "near": {1: forecasts_of("m", 1), 2: forecasts_of("m", 2)},
        "far": {1: forecasts_of("m", 3), 2: forecasts_of("m", -5)},
    }
    rows = {("b", 1): early, ("b", 2): early, ("a", 1): late, ("a", 2): late}
    found = ev_scores.errors_of(candidates, actual, rows)
    assert found["b", 2].to_dict() == {"near": 2, "far": 5}
    mean = ev_scores.over_leads(found)
    assert mean.columns.tolist() == ["b", "a"]
    assert mean["a"].to_dict() == {"near": 1.5, "far": 4}


def test_missing_values_are_passed_over():
    actual = np.where(np.arange(48) == 0, np.nan, 0.0)
    assert ev_scores.mean_error(forecasts_of("m", 2), actual, np.full(48, True)) == 2


def test_pinball_of_the_rows_asked_for():
    own = forecasts_of("m", 2)
    own.values[24:] = 0
    rows = np.arange(48) < 24
    expected = np.mean([2 * (1 - level) for level in QUANTILES])
    assert ev_scores.pinball(own, TRUTH, rows) == pytest.approx(expected)
    assert ev_scores.pinball(own, TRUTH, ~rows) == 0


def test_three_tests_in_any_order_keep_their_names_and_best_rules():
    tables, best = {}, {}
    for number, name in enumerate(["late", "early", "middle"]):
        part = [forecasts_of("x", number + 1), forecasts_of("y", 7)]
        tables[name, 1] = concat(part)
        best[name, 1] = "x" if name != "middle" else "y"
    scored = ev_scores.scored_by_test(tables, TRUTH, best)
    means = scored.groupby(["model", "period"])["absolute"].mean()
    assert means["best_naive"].to_dict() == {"late": 1, "early": 2, "middle": 7}
    assert means["x"].to_dict() == {"late": 1, "early": 2, "middle": 3}
    assert set(scored["lead_days"]) == {1}


def test_wide_errors_leave_out_what_a_model_lacks():
    lacking = forecasts_of("y", 2)
    lacking.values[:24] = np.nan
    table = concat([forecasts_of("x", 1), lacking])
    scored = ev_scores.scored_by_test({("one", 1): table}, TRUTH, {("one", 1): "x"})
    found = ev_scores.wide(scored, ["x", "y", "best_naive"])
    assert len(found) == 24
    assert found.mean().to_dict() == {"x": 1, "y": 2, "best_naive": 1}
    assert found.index.names == ["period", "lead_days", "issued_at", "valid_at"]
