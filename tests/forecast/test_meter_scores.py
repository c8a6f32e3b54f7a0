"""Errors of many meters: every number by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.forecast import meter_scores
from lab.forecast.table import QUANTILES, Forecasts

HOURS = pd.date_range("2016-05-01", periods=4, freq="h", tz="UTC")
NAN = float("nan")


def forecast(model, meter, values):
    return Forecasts(
        model=model, series_id=meter, issued_at=HOURS[[0, 0, 0, 0]], valid_at=HOURS,
        day=np.zeros(4, dtype=int), slot=np.arange(4), levels=(0.5,),
        values=np.array(values, dtype=float)[:, None],
    )  # fmt: skip


@pytest.fixture
def loads():
    return pd.DataFrame({"a": [1.0, 2.0, 3.0, NAN], "b": [10.0, 10.0, 10.0, 10.0]}, index=HOURS)


@pytest.fixture
def found():
    """`rule` errs by 1 on a and 4 on b, `other` by 2 on a and by 1 on b, where it has a gap."""
    made = {
        ("a", "rule"): [2, 3, 4, 5],
        ("a", "other"): [3, 4, 5, 6],
        ("b", "rule"): [14, 14, 14, 14],
        ("b", "other"): [9, 9, 9, NAN],
    }
    return {(m, name, 1): forecast(name, m, values) for (m, name), values in made.items()}


def test_flagged_hours_have_no_row_and_gaps_stay_gaps(found, loads):
    errors = meter_scores.absolute_errors(found, loads)
    assert list(errors) == ["meter", "lead_days", "issued_at", "valid_at", "rule", "other"]
    assert errors["meter"].tolist() == ["a"] * 3 + ["b"] * 4
    assert errors["rule"].tolist() == [1, 1, 1, 4, 4, 4, 4]
    assert errors["other"].tolist()[:6] == [2, 2, 2, 1, 1, 1]
    assert np.isnan(errors["other"].iloc[6])


def test_each_meter_has_its_best_rule_and_all_have_one(found, loads):
    errors = meter_scores.absolute_errors(found, loads)
    rules = ["rule", "other"]
    assert meter_scores.best_rules(errors, rules).to_dict() == {("a", 1): "rule", ("b", 1): "other"}
    # Means over meters: (1 + 4) / 2 and (2 + 1) / 2.
    assert meter_scores.best_rule_of_all(errors, rules).to_dict() == {1: "other"}


def test_gains_are_positive_where_the_model_is_better(found, loads):
    errors = meter_scores.absolute_errors(found, loads).dropna()
    gains = meter_scores.gains(errors, ["other"], "rule")["other"]
    assert gains.to_dict() == {("a", 1): -100.0, ("b", 1): 75.0}


def test_a_mean_gain_comes_with_its_error_and_without_its_largest_part():
    places = pd.MultiIndex.from_product([["a", "b", "c"], [1, 7]], names=meter_scores.METER)
    gain = pd.DataFrame({"other": [1.0, 9.0, 2.0, -3.0, 3.0, -3.0]}, index=places)
    found = meter_scores.over_meters(gain, "other")
    assert found["gain_percent"].to_dict() == {1: 2.0, 7: 1.0}
    # Standard deviations 1 and sqrt(48), over three meters.
    assert found["gain_se_percent"].to_numpy() == pytest.approx([3**-0.5, 4.0])
    assert found["meter"].to_dict() == {1: "c", 7: "a"}
    assert found["gain_without_percent"].to_dict() == {1: 1.5, 7: -3.0}


def test_the_gain_of_one_meter_has_no_error():
    places = pd.MultiIndex.from_tuples([("a", 1)], names=meter_scores.METER)
    found = meter_scores.over_meters(pd.DataFrame({"other": [2.0]}, index=places), "other")
    assert found.loc[1, "gain_percent"] == 2.0
    assert found.loc[1, ["gain_se_percent", "gain_without_percent"]].isna().all()


def test_mixtures_are_scored_in_units_of_the_base(found, loads):
    base = {("a", "base", 1): forecast("base", "a", [3, 4, 5, 6])}
    base |= {("b", "base", 1): forecast("base", "b", [12, 12, 12, 12])}
    scores = meter_scores.mixture_scores(found | base, loads, ["rule", "other"], "base", 2)
    assert scores["rule"].tolist() == [0.0, 0.5, 1.0]
    assert scores["other"].tolist() == [1.0, 0.5, 0.0]
    # a: errors 2, 1.5, 1 over 2; b: -1, 1.5, 4 over 2.
    assert scores["relative_mae"].tolist() == [0.75, 0.75, 1.25]
    assert (scores["lead_days"] == 1).all()


def test_a_meter_without_common_hours_does_not_count(found, loads):
    none = loads.assign(a=NAN)
    base = {(m, "base", 1): replace(found[m, "rule", 1], model="base") for m in "ab"}
    scores = meter_scores.mixture_scores(found | base, none, ["rule", "other"], "base", 1)
    assert scores["relative_mae"].tolist() == [0.25, 1.0]


def test_weighted_is_the_mean_and_ignores_members_of_weight_zero(found):
    members = {"rule": found["b", "rule", 1], "other": found["b", "other", 1]}
    mixed = meter_scores.weighted(members, {"rule": 0.25, "other": 0.75}, "mix")
    assert mixed.model == "mix"
    assert mixed.median[:3].tolist() == [10.25] * 3
    assert np.isnan(mixed.median[3])
    alone = meter_scores.weighted(members, {"rule": 1.0, "other": 0.0}, "mix")
    assert alone.median.tolist() == [14.0] * 4


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param({"rule": 0.5}, id="sum"),
        pytest.param({"unknown": 1.0}, id="name"),
    ],
)
def test_impossible_weights_are_refused(found, weights):
    with pytest.raises(UsageError, match=r"must name members \(rule\) and sum to 1"):
        meter_scores.weighted({"rule": found["a", "rule", 1]}, weights, "mix")


@pytest.mark.parametrize(("members", "steps", "count"), [(2, 4, 5), (3, 2, 6), (4, 4, 35)])
def test_mixtures_sum_to_one(members, steps, count):
    found = meter_scores.mixtures([str(n) for n in range(members)], steps)
    assert len(found) == count
    assert all(sum(one.values()) == 1 for one in found)


def test_errors_in_units_of_the_base_of_their_meter(found, loads):
    errors = meter_scores.absolute_errors(found, loads)
    relative = meter_scores.relative_errors(errors, ["rule", "other"], "rule")
    assert relative["rule"].tolist() == [1] * 7
    assert relative["other"].tolist()[:6] == [2, 2, 2, 0.25, 0.25, 0.25]
    assert relative["meter"].tolist() == errors["meter"].tolist()


def quantiles(model, meter, value):
    values = np.full((4, len(QUANTILES)), float(value))
    return replace(forecast(model, meter, [0] * 4), levels=QUANTILES, values=values)


def test_scores_of_many_meters_keep_their_lead(loads):
    parts = [quantiles("m", "a", 3), quantiles("m", "b", 9)]
    scored = meter_scores.scored_by_lead(parts, [1, 7], loads)
    assert scored.groupby("series_id")["lead_days"].first().to_dict() == {"a": 1, "b": 7}
    assert scored["absolute"].tolist()[:3] == [2, 1, 0]
    assert np.isnan(scored["absolute"].iloc[3])
    assert scored["absolute"].tolist()[4:] == [1] * 4


def test_reliability_counts_all_meters_together(loads):
    # Of 3 and 4 measured hours: two and three of `a` at or below 2 and 3, none of `b` below 9.
    parts = [quantiles("m", "a", 2), quantiles("m", "b", 9), quantiles("n", "a", 3)]
    observed = meter_scores.reliability(parts, loads)
    assert observed.loc["m"].tolist() == pytest.approx([2 / 7] * len(QUANTILES))
    assert observed.loc["n"].tolist() == [1] * len(QUANTILES)
