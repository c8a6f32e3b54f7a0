"""What studies left behind is read as it is; what is missing or damaged is told."""

import pytest

from lab.errors import DataError
from lab.evaluation import kept


def test_a_study_that_has_not_run(root):
    with pytest.raises(DataError, match="run `lab run other` first"):
        kept.read("other", root)


def test_a_damaged_file(root):
    (root / "reports" / "metrics" / "demand.json").write_text("{")
    with pytest.raises(DataError, match="is not JSON"):
        kept.read("demand", root)


def test_costs_are_read_and_missed(root):
    with pytest.raises(DataError, match="run `python benchmarks/costs.py`"):
        kept.costs(root)
    file = root / "benchmarks" / "costs.json"
    file.parent.mkdir()
    file.write_text("[")
    with pytest.raises(DataError, match="costs.json is not JSON"):
        kept.costs(root)
    file.write_text('{"machine": "a", "studies": {}}')
    assert kept.costs(root)["machine"] == "a"
