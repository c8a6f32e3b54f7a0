"""Targets are judged by what was measured, and what was not measured is open."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from lab.errors import UsageError
from lab.evaluation import kept, scorecard, targets
from lab.runner.study import stages

PART = {"study": "demand", "variant": "next_day", "model": "headline", "metric": "mae_mw"}
NO_INTERVALS = pd.DataFrame(columns=["task", "nominal_percent", "coverage_percent", "within"])


def judged(spec, root=None, costs=None, intervals=NO_INTERVALS, **more):
    held = {"studies": {}, "stages": {}} | (costs or {})
    known = targets.Known(held, intervals, root=root, **more)
    return targets.judge({"target": spec}, known).loc["target"]


@pytest.mark.parametrize(
    ("limits", "state"),
    [
        ({"must": [4.0]}, "must reached"),
        ({"must": [4.5], "aim": [3.9]}, "must reached"),
        ({"must": [4.5], "aim": [4.0]}, "aim reached"),
        ({"must": [3.9], "aim": [3.0]}, "missed"),
    ],
    ids=["at the limit", "aim missed", "aim at the limit", "must missed"],
)
def test_a_number_is_held_against_must_and_aim(root, limits, state):
    row = judged({"parts": [PART], "counts": "most", "unit": "MW"} | limits, root)
    assert (row["measured"], row["verdict"]) == ("4 MW", state)
    assert row["must"] == f"≤ {limits['must'][0]:g} MW"


def test_percent_saved_and_parts_that_ask_for_nothing(root):
    saving = PART | {"baseline": "last_week"}
    spec = {"parts": [saving, PART], "must": [15, 4], "aim": [19, None]}
    row = judged(spec, root)
    assert (row["measured"], row["verdict"]) == ("20; 4", "aim reached")
    assert (row["must"], row["aim"]) == ("≥ 15; 4", "≥ 19")


def test_points_above_another_model_and_large_limits(root):
    spec = {"parts": [PART | {"over": "last_week"}, PART], "must": [-1, None], "aim": [0, 12_345.6]}
    row = judged(spec, root)
    assert (row["measured"], row["verdict"]) == ("-1; 4", "must reached")
    assert (row["must"], row["aim"]) == ("≥ -1", "≥ 0; 12,346")


def test_a_miss_says_how_many_reach_it_and_what_shows_why(root):
    spec = {"parts": [PART] * 3, "must": [4, 5, 5], "shown_by": [PART | {"says": "bound"}]}
    row = judged(spec | {"must": [5, 4, 5]}, root)
    assert (row["verdict"], row["remark"]) == ("missed", "Reached by 1 of 3. bound: 4.")
    same = judged(spec | {"must": [3, 3, 3], "unit": "%"}, root)
    assert (same["must"], same["verdict"]) == ("≥ 3 % each", "must reached")


def test_the_slowest_model_counts_and_an_untimed_one_leaves_it_open():
    costs = {"studies": {"demand": {"ridge": {"ms": 1.0}, "lstm": {"ms": 30.0}, "naive": {}}}}
    spec = {"cost": "ms", "counts": "most", "unit": "ms", "must": [100], "aim": [20]}
    row = judged(spec, costs=costs)
    assert (row["measured"], row["verdict"]) == ("30 ms", "must reached")
    assert row["remark"] == "2 timed; the slowest is LSTM (demand)."
    row = judged(spec, costs=costs, untimed=["naive (demand)"])
    assert row["verdict"] == "open"
    assert row["remark"].endswith("Saved but not timed: naive (demand).")


def test_stages_by_their_largest_and_their_sum():
    told = {"a": {"seconds": 60.0, "peak_mb": 1500}, "b": {"seconds": 90.0}}
    costs = {"stages": told}
    spec = {"stages": "seconds", "of": "sum", "counts": "most", "unit": "min", "must": [12]}
    row = judged(spec, costs=costs, stages=["a", "b"])
    assert (row["measured"], row["verdict"]) == ("2.5 min", "must reached")
    spec = {"stages": "peak_mb", "of": "largest", "counts": "most", "unit": "GB", "must": [4]}
    row = judged(spec, costs=costs, stages=["a", "b"])
    assert (row["measured"], row["verdict"]) == ("1.5 GB", "open")
    assert row["remark"] == "1 stages; the largest is a. Not measured: b."
    assert judged(spec, costs=costs, stages=["c"])["remark"] == "No stage was measured."
    spec = {"stages": "seconds", "of": "sum", "only": ["a"], "counts": "most", "must": [1]}
    assert judged(spec, costs=costs, stages=["a", "b"])["measured"] == "1"


def test_a_distance_from_what_is_nominal_in_points(root):
    near = PART | {"nominal": 3, "points": True}
    row = judged({"parts": [near, near], "counts": "most", "must": [1, 0.9]}, root)
    assert (row["measured"], row["verdict"]) == ("1; 1", "missed")


@pytest.mark.parametrize(
    ("within", "state", "measured"),
    [
        ([True, True], "must reached", "2 of 2"),
        ([True, False], "missed", "1 of 2"),
        ([True, None], "open", "1 of 2"),
    ],
    ids=["all", "one outside", "one without an error"],
)
def test_intervals_of_every_study(within, state, measured):
    table = pd.DataFrame(
        {"task": ["a", "b"], "nominal_percent": 95, "coverage_percent": [96.0, 91.0]}
    ).assign(within=pd.Series(within, dtype=object))
    row = judged({"intervals": "errors", "asks": "within"}, intervals=table)
    assert (row["measured"], row["verdict"], row["must"]) == (measured, state, "within")
    least = judged({"intervals": "least", "unit": "%", "must": [90]}, intervals=table)
    assert (least["measured"], least["verdict"]) == ("91 %", "must reached")
    assert least["remark"] == "2 intervals; least in: b."


def test_a_study_by_name_is_judged_by_what_was_kept_of_it():
    scores = {"area": 2400000.0, "coverage_80_percent": 84.0, "coverage_80_se_percent": 2.0}
    kept = {"daily": {"headline": {"model": "mean"}, "overall": {"utc": {"mean": scores}}}}
    part = {"study": "daily", "variant": "utc", "model": "headline", "apart": True}
    held = part | {"metric": "coverage_80_percent", "nominal": 80}
    spec = {"parts": [held, part | {"metric": "area"}], "counts": "most", "must": [2, 2832564]}
    row = judged(spec, costs={"apart": kept})
    assert (row["measured"], row["verdict"]) == ("2; 2,400,000", "must reached")
    assert judged(spec | {"must": [1.9, None]}, costs={"apart": kept})["verdict"] == "missed"
    row = judged(spec)
    assert (row["measured"], row["verdict"]) == ("", "open")
    assert row["remark"] == "Nothing is kept of daily: run it, then benchmarks/costs.py."


def test_what_is_open():
    row = judged({"open": "no service yet"})
    assert (row["verdict"], row["remark"]) == ("open", "no service yet.")


def test_a_target_of_two_kinds_is_refused():
    with pytest.raises(UsageError, match="must have one of .* got cost, open"):
        judged({"open": "a", "cost": "b"})


def test_the_study_judges_every_default_stage_and_every_figure_of_the_committed_metrics():
    root = Path(__file__).resolve().parents[2]
    asked = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))["scorecard"]
    assert asked["stages"] == list(stages(root))
    costs = kept.costs(root)
    held = scorecard.intervals(asked["intervals"], costs["apart"], root)
    known = targets.Known(costs, held, stages=asked["stages"], root=root)
    states = {targets.AIM, targets.MUST, targets.MISSED, targets.OPEN}
    for name in ("figures", "decisions", "targets"):
        assert set(targets.judge(asked[name], known)["verdict"]) <= states
