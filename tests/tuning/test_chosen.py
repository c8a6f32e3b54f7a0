"""Reading chosen hyperparameters: what was tuned, and a sentence for what was not."""

import json

import pytest

from lab import paths
from lab.errors import DataError, UsageError
from lab.tuning import chosen as module
from lab.tuning.chosen import chosen


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "root", lambda: tmp_path)
    (tmp_path / module.FILE).parent.mkdir(parents=True)

    def _write(text):
        (tmp_path / module.FILE).write_text(text)

    return _write


def test_values_come_back(write):
    write(json.dumps({"vic_demand": {"lightgbm": {"trees": 7}}}))
    assert chosen("vic_demand", "lightgbm") == {"trees": 7}


@pytest.mark.parametrize(("task", "model"), [("vic_demand", "dnn"), ("other", "lightgbm")])
def test_what_was_not_tuned_is_refused(write, task, model):
    write(json.dumps({"vic_demand": {"lightgbm": {"trees": 7}}}))
    with pytest.raises(UsageError, match=f"for {task} {model}; there are those of vic_demand lig"):
        chosen(task, model)


def test_without_a_run_it_says_what_to_do(write):
    with pytest.raises(DataError, match="run `lab run model_tuning` first"):
        chosen("vic_demand", "lightgbm")


def test_a_damaged_file_is_told(write):
    write("{")
    with pytest.raises(DataError, match="is not JSON"):
        chosen("vic_demand", "lightgbm")
