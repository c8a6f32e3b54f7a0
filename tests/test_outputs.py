import json

import numpy as np
import pandas as pd
import pytest

from lab import outputs
from lab.errors import UsageError

HEADLINE = {
    "model": "ridge",
    "metric": "mape_percent",
    "value": np.float64(1 / 3),
    "unit": "%",
    "baseline": "naive",
    "baseline_value": float("nan"),
    "sentence": "Größer als <b>.",
}


def test_metrics_are_canonical_json(project):
    path = outputs.metrics("tiny", HEADLINE, {"all": {"ridge": {"n": np.int64(3), "x": np.inf}}})
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    assert content["headline"]["value"] == 0.33333333
    assert content["headline"]["baseline_value"] is None
    assert content["overall"] == {"all": {"ridge": {"n": 3, "x": None}}}
    assert list(content["headline"]) == list(outputs.HEADLINE_KEYS)
    assert text.endswith("}\n")
    assert "Größer" in text


def test_a_headline_without_a_baseline_is_refused(project):
    headline = {key: value for key, value in HEADLINE.items() if key != "baseline"}
    with pytest.raises(UsageError, match="headline of tiny must have the keys model, metric"):
        outputs.metrics("tiny", headline, {})


def test_a_table_keeps_its_index_and_zone(project):
    index = pd.date_range("2014-10-05", periods=3, freq="30min", tz="UTC", name="time")
    frame = pd.DataFrame({"demand_mw": [1.0, np.nan, -3.0]}, index=index)
    path = outputs.table(frame, "data/clean/t.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame, check_freq=False)


def test_a_plot_is_a_small_csv(project):
    frame = pd.DataFrame({"ridge": [1 / 3, 2.0]}, index=pd.Index([0.5, 1.0], name="lead_time_h"))
    path = outputs.plot(frame, "reports/plots/p.csv")
    assert path.read_bytes() == b"lead_time_h,ridge\n0.5,0.333333\n1,2\n"


def test_provenance_lines_are_kept_by_name_and_stated_anew(project):
    outputs.provenance("range check", "None out of range.")
    outputs.provenance("leak guard", "1 moved.")
    path = outputs.provenance("leak guard", " none moved \n")
    assert outputs.statements(path.parent) == {
        "leak guard": "none moved",
        "range check": "None out of range.",
    }
    assert path.read_text(encoding="utf-8").index("leak") < path.read_text().index("range")


def test_a_study_that_states_nothing_has_no_lines(tmp_path):
    assert outputs.statements(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "Fine."), ("guard", "  "), ("guard", "Two\nlines.")]
)
def test_a_provenance_line_is_a_name_and_one_line(project, name, sentence):
    with pytest.raises(UsageError, match="is a name and one sentence, got"):
        outputs.provenance(name, sentence)


def test_metrics_keep_notes_in_their_order(project):
    told = {"seen": "Nothing was.", "takes": "ridge and trees"}
    path = outputs.metrics("tiny", HEADLINE, {}, told)
    assert list(json.loads(path.read_text())["notes"].items()) == [
        ("takes", "ridge and trees"),
        ("seen", "Nothing was."),
    ]


@pytest.mark.parametrize("told", [{"hint": "x"}, {"use": " "}], ids=["unknown note", "empty note"])
def test_metrics_refuse_other_notes(project, told):
    with pytest.raises(UsageError, match="notes of tiny must be sentences under takes"):
        outputs.metrics("tiny", HEADLINE, {}, told)
