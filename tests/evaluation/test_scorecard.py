"""The scorecard repeats what the metrics files say."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from lab.errors import DataError, UsageError
from lab.evaluation import kept, scorecard

from .conftest import METRICS, TASK


def test_a_task_by_hand(root):
    costs = {"demand": {"ridge": {"fit_s": 1.5, "forecast_ms": 0.2}}}
    (row,) = scorecard.tasks({"Demand": TASK}, costs, root).to_dict("records")
    assert row == {
        "study": "demand",
        "model": "ridge",
        "takes": "ridge",
        "metric": "mae_mw",
        "value": 4.0,
        "baseline": "last_week",
        "baseline_takes": "last week",
        "baseline_value": 5.0,
        "skill_percent": pytest.approx(20.0),
        "p_against_rule": 0.01,
        "hindsight": "lstm",
        "hindsight_value": 3.0,
        "fit_s": 1.5,
        "forecast_ms": 0.2,
    }


@pytest.mark.parametrize(
    ("costs", "forecast_ms"),
    [({"ridge": {"forecast_ms": 0.2}, "lstm": {"forecast_ms": 1.0}}, 1.2), ({"ridge": {}}, None)],
    ids=["both timed", "one not timed"],
)
def test_a_model_without_a_file_costs_what_its_members_do(root, costs, forecast_ms):
    task = TASK | {"cost_of": ["ridge", "lstm"]}
    (row,) = scorecard.tasks({"Demand": task}, {"demand": costs}, root).to_dict("records")
    assert row["forecast_ms"] == (None if forecast_ms is None else pytest.approx(forecast_ms))
    assert row["fit_s"] is None


def test_a_baseline_can_be_named(root):
    row = scorecard.tasks({"Demand": TASK | {"baseline": "lstm"}}, root=root).iloc[0]
    assert row["skill_percent"] == pytest.approx(-100 / 3)


def test_a_model_can_be_named_and_costs_may_be_missing(root):
    row = scorecard.tasks({"Demand": TASK | {"model": "lstm"}}, root=root).iloc[0]
    assert row["value"] == 3.0
    assert row[["fit_s", "forecast_ms"]].isna().all()


def test_what_a_task_takes_is_said_by_the_study(root):
    told = METRICS | {"notes": {"takes": "mean of a and b", "baseline_takes": "last week's"}}
    (root / "reports" / "metrics" / "demand.json").write_text(json.dumps(told))
    row = scorecard.tasks({"Demand": TASK}, root=root).iloc[0]
    assert (row["takes"], row["baseline_takes"]) == ("mean of a and b", "last week's")
    own = scorecard.tasks({"Demand": TASK | {"takes": "one of them"}}, root=root).iloc[0]
    assert own["takes"] == "one of them"
    found = kept.notes("demand", root)
    assert (found["takes"], found["use"], found["seen"]) == ("mean of a and b", "", "")


@pytest.mark.parametrize(
    ("lead", "takes", "rule"),
    [
        (7, "XGBoost", "mean of four"),
        (28, "mean of ridge and XGBoost", "last week"),
        (2, "chosen", "best simple rule"),
    ],
    ids=["single", "mean", "not in the table"],
)
def test_what_was_chosen_goes_by_the_name_in_the_table(root, lead, takes, rule):
    rows = {
        "lead [days]": [7, 28],
        "best rule": ["mean_of_four", "last_week"],
        "its MAE [MW]": [5.0, 5.0],
        "choice": ["xgboost", "plain_mean"],
        "ridge [MW]": [4.0, 4.0],
        "xgboost [MW]": [3.0, 4.0],
        "plain_mean [MW]": [3.5, 3.0],
        "p": [0.1, 0.2],
    }
    pd.DataFrame(rows).to_parquet(root / "leads.parquet")
    far = {"best_naive": {"mae_mw": 5.0}, "chosen": {"mae_mw": 3.0}}
    told = METRICS | {"overall": {"next_day": far}}
    (root / "reports" / "metrics" / "demand.json").write_text(json.dumps(told))
    spec = TASK | {"model": "chosen", "baseline": "best_naive"}
    spec |= {"named": {"table": "leads.parquet", "row": lead}}
    row = scorecard.tasks({"far": spec}, root=root).iloc[0]
    assert (row["takes"], row["baseline_takes"]) == (takes, rule)


@pytest.mark.parametrize(
    ("held", "error", "within"),
    [(79.0, 0.6, True), (79.0, 0.4, False), (77.5, 9.0, False), (79.0, None, None)],
    ids=["inside", "beyond two errors", "beyond two points", "no error"],
)
def test_an_interval_is_honest_within_two_errors_and_two_points(root, held, error, within):
    scores = {"mae_mw": 4.0}
    for nominal, inside in ((80, held), (95, 95.0)):
        scores |= {f"coverage_{nominal}_percent": inside, f"width_{nominal}_mw": 7.0}
        scores |= {f"winkler_{nominal}_mw": 9.0}
    if error is not None:
        scores["coverage_80_se_percent"] = error
    told = METRICS | {"overall": {"next_day": {"ridge": scores}}}
    (root / "reports" / "metrics" / "demand.json").write_text(json.dumps(told))
    rows = scorecard.intervals({"Demand": {"study": "demand", "variant": "next_day"}}, root=root)
    first = rows.iloc[0]
    assert first["within"] is within
    assert (first["width"], first["winkler"], first["unit"]) == (7.0, 9.0, "mw")
    assert rows["nominal_percent"].tolist() == [80, 95]


@pytest.mark.parametrize(
    ("rows", "within"), [(5000, True), (5001, False)], ids=["few values", "many values"]
)
def test_points_count_where_many_values_are_scored(root, rows, within):
    scores = {f"coverage_{n}_percent": n - 2.5 for n in (80, 95)}
    scores |= {f"coverage_{n}_se_percent": 9.0 for n in (80, 95)}
    scores |= {f"{kind}_{n}_mw": 7.0 for n in (80, 95) for kind in ("width", "winkler")}
    told = METRICS | {"overall": {"next_day": {"ridge": scores}}}
    (root / "reports" / "metrics" / "demand.json").write_text(json.dumps(told))
    counted = pd.DataFrame(
        {
            "model": ["ridge", "ridge", "ridge", "lstm"],
            "lead_days": [1, 1, 2, 1],
            "rows": [rows - 1000, 1000, 9000, 9000],
        }
    )
    counted.to_parquet(root / "counted.parquet")
    values = {"table": "counted.parquet", "lead_days": 1}
    spec = {"study": "demand", "variant": "next_day", "values": values}
    for one in (spec, spec | {"values": rows}):
        found = scorecard.intervals({"Demand": one}, root=root)
        assert found["within"].tolist() == [within, within]


def test_intervals_of_a_study_by_name_are_those_that_were_kept(root):
    scores = {f"coverage_{n}_percent": float(n) for n in (80, 95)}
    scores |= {f"{kind}_{n}_mw": 7.0 for n in (80, 95) for kind in ("width", "winkler")}
    kept = {"daily": METRICS | {"overall": {"next_day": {"ridge": scores}}}}
    spec = {"study": "daily", "variant": "next_day", "apart": True}
    found = scorecard.intervals({"Daily": spec}, kept, root)
    assert found["study"].tolist() == ["daily", "daily"]
    with pytest.raises(DataError, match="holds no metrics of the study 'daily'"):
        scorecard.intervals({"Daily": spec}, root=root)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"variant": "week"}, "no 'week'; there is next_day"),
        ({"model": "oracle"}, "no 'oracle'; there is ridge, lstm, last_week"),
        ({"metric": "mape"}, "no 'mape'; there is mae_mw"),
    ],
    ids=["variant", "model", "metric"],
)
def test_what_is_not_there_is_told(root, change, words):
    with pytest.raises(UsageError, match=words):
        scorecard.tasks({"Demand": TASK | change}, root=root)


def test_every_task_of_the_study_is_in_the_committed_metrics():
    root = Path(__file__).resolve().parents[2]
    asked = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))["scorecard"]
    costs = kept.costs(root)
    card = scorecard.tasks(asked["tasks"], costs["studies"], root)
    assert card["value"].notna().all()
    held = scorecard.intervals(asked["intervals"], costs["apart"], root)
    assert held["coverage_percent"].notna().all()


def test_the_rule_behind_an_alias_is_named(root):
    scores = METRICS["overall"]["next_day"]
    told = METRICS | {"overall": {"next_day": scores | {"best_naive": dict(scores["last_week"])}}}
    (root / "reports" / "metrics" / "demand.json").write_text(json.dumps(told))
    card = scorecard.tasks({"Demand": TASK | {"baseline": "best_naive"}}, root=root)
    assert card.loc["Demand", "baseline_takes"] == "last week"
