"""Skill against a naive rule, by hand."""

import numpy as np
import pandas as pd
import pytest

from lab.errors import UsageError
from lab.evaluation.skill import best_naive, relative_score, skill


@pytest.fixture
def scores():
    return pd.DataFrame(
        {"mae_mw": [4.0, 5.0, np.nan, 2.0], "rmse_mw": [8.0, 6.0, np.nan, 6.0]},
        index=pd.Index(["yesterday", "last_week", "broken", "ridge"], name="model"),
    )


def test_best_naive_is_the_best_rule_and_no_other_model(scores):
    rules = ["last_week", "broken", "yesterday"]
    assert best_naive(scores, rules, "mae_mw") == "yesterday"
    assert best_naive(scores, rules, "rmse_mw") == "last_week"


def test_skill_by_hand(scores):
    found = skill(scores, "yesterday", unit="mw")
    assert found.columns.tolist() == [
        "rmae_against_yesterday",
        "mae_skill_against_yesterday_percent",
        "rmse_skill_against_yesterday_percent",
    ]
    assert found.loc["ridge"].tolist() == [0.5, 50, 25]
    assert found.loc["yesterday"].tolist() == [1, 0, 0]
    assert found.loc["last_week"].tolist() == [1.25, -25, 25]
    assert found.loc["broken"].isna().all()


def test_skill_by_group_compares_within_the_group():
    index = pd.MultiIndex.from_tuples(
        [("naive", 0), ("naive", 1), ("m", 0), ("m", 1), ("m", 2)], names=["model", "hour"]
    )
    scores = pd.DataFrame({"mae_mw": [4.0, 0.0, 2.0, 1.0, 1.0]}, index=index)
    found = relative_score(scores, "naive", "mae_mw")
    assert found["m", 0] == 0.5
    # A perfect rule, and an hour that the rule has not.
    assert np.isnan(found["m", 1])
    assert np.isnan(found["m", 2])


def test_categories_as_models_are_found(scores):
    scores.index = pd.CategoricalIndex(scores.index, name="model")
    assert relative_score(scores, "yesterday", "mae_mw")["ridge"] == 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: skill(s, "tomorrow", unit="mw"), "Unknown naive rule 'tomorrow'; choose one of"),
        (lambda s: skill(s, "ridge", unit="kw"), "Unknown score 'mae_kw'"),
        (lambda s: best_naive(s, ["tomorrow"], "mae_mw"), "'tomorrow' has no score"),
        (lambda s: best_naive(s, ["broken"], "mae_mw"), "None of the 1 naive rules"),
    ],
    ids=["rule", "metric", "missing rule", "no score"],
)
def test_wrong_names_are_refused(scores, call, message):
    with pytest.raises(UsageError, match=message):
        call(scores)
