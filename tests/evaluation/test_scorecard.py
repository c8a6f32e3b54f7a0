"""The scorecard repeats what the metrics files say, and judges targets by it alone."""

import json
from pathlib import Path

import pytest
import yaml

from lab.errors import DataError, UsageError
from lab.evaluation import scorecard

METRICS = {
    "headline": {"model": "ridge", "baseline": "last_week"},
    "overall": {
        "next_day": {
            "ridge": {"mae_mw": 4.0, "coverage_80_percent": 79.0, "coverage_95_percent": 96.0},
            "lstm": {"mae_mw": 3.0},
            "last_week": {"mae_mw": 5.0},
        }
    },
}
TASK = {"study": "demand", "variant": "next_day", "metric": "mae_mw"}


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "reports" / "metrics"
    folder.mkdir(parents=True)
    (folder / "demand.json").write_text(json.dumps(METRICS))
    return tmp_path


def test_a_task_by_hand(root):
    costs = {"demand": {"ridge": {"fit_s": 1.5, "forecast_ms": 0.2}}}
    (row,) = scorecard.tasks({"Demand": TASK}, costs, root).to_dict("records")
    assert row == {
        "study": "demand",
        "model": "ridge",
        "metric": "mae_mw",
        "value": 4.0,
        "baseline": "last_week",
        "baseline_value": 5.0,
        "skill_percent": pytest.approx(20.0),
        "hindsight": "lstm",
        "hindsight_value": 3.0,
        "coverage_80_percent": 79.0,
        "coverage_95_percent": 96.0,
        "fit_s": 1.5,
        "forecast_ms": 0.2,
    }


def test_a_baseline_can_be_named(root):
    row = scorecard.tasks({"Demand": TASK | {"baseline": "lstm"}}, root=root).iloc[0]
    assert row["skill_percent"] == pytest.approx(-100 / 3)


def test_a_model_can_be_named_and_costs_may_be_missing(root):
    row = scorecard.tasks({"Demand": TASK | {"model": "lstm"}}, root=root).iloc[0]
    assert row["value"] == 3.0
    assert row[["coverage_80_percent", "fit_s"]].isna().all()


@pytest.mark.parametrize(
    ("limit", "state"),
    [({"most": 4.0}, "reached"), ({"most": 3.9}, "missed"), ({"least": 4.1}, "missed")],
    ids=["at the limit", "above", "below"],
)
def test_targets_are_judged(root, limit, state):
    at = {"study": "demand", "variant": "next_day", "model": "headline", "metric": "mae_mw"}
    row = scorecard.targets({"low": at | limit}, root=root).iloc[0]
    assert (row["measured"], row["state"]) == (4.0, state)


def test_an_open_target_says_why(root):
    row = scorecard.targets({"service": {"open": "no service yet"}}, root=root).iloc[0]
    assert (row["state"], row["reason"]) == ("open", "no service yet")


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


def test_a_target_with_two_limits_is_refused(root):
    with pytest.raises(UsageError, match="one of most, least and open, got most, least"):
        scorecard.targets({"both": {"most": 1, "least": 0}}, root=root)


def test_a_study_that_has_not_run(root):
    with pytest.raises(DataError, match="run `lab run other` first"):
        scorecard.read("other", root)


def test_a_damaged_file(root):
    (root / "reports" / "metrics" / "demand.json").write_text("{")
    with pytest.raises(DataError, match="is not JSON"):
        scorecard.read("demand", root)


def test_costs_are_read_and_missed(root):
    with pytest.raises(DataError, match="run `python benchmarks/costs.py`"):
        scorecard.costs(root)
    file = root / "benchmarks" / "costs.json"
    file.parent.mkdir()
    file.write_text("[")
    with pytest.raises(DataError, match="costs.json is not JSON"):
        scorecard.costs(root)
    file.write_text('{"machine": "a", "studies": {}}')
    assert scorecard.costs(root)["machine"] == "a"


def test_the_slowest_single_model_counts():
    costs = {"demand": {"ridge": {"ms": 1.0}, "lstm": {"ms": 30.0}, "combination": {"ms": 90.0}}}
    row = scorecard.targets({"fast": {"slowest": "ms", "most": 20}}, costs).iloc[0]
    assert (row["measured"], row["study"], row["state"]) == (30.0, "demand", "missed")
    assert row["reason"] == "the slowest is LSTM"
    with pytest.raises(UsageError, match="No model has a cost 'ms'"):
        scorecard.slowest({}, "ms")


def test_every_task_and_target_of_the_study_is_in_the_committed_metrics():
    root = Path(__file__).resolve().parents[2]
    asked = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))["scorecard"]
    costs = scorecard.costs(root)["studies"]
    card = scorecard.tasks(asked["tasks"], costs, root)
    assert card["value"].notna().all()
    checked = scorecard.targets(asked["targets"], costs, root)
    assert set(checked["state"]) <= {"reached", "missed", "open"}
