"""Tables for the eye: heads with units, the naive rule by its name."""

import pytest

from lab.evaluation import bootstrap, shown


def test_heads_of_coverage_have_units(scored):
    table = scored({"a": [0.5] * 40})
    found = bootstrap.coverage(table.assign(lead="24 h"), ("lead",), unit="kwh")
    told = shown.coverage(found, {"lead": "ahead"}, "kWh")
    assert told.index.names == ["ahead"]
    assert told.columns.tolist() == [
        "nominal [%]", "inside [%]", "s.e. [%]", "within 2 s.e.", "width [kWh]", "Winkler [kWh]",
    ]  # fmt: skip
    assert told["nominal [%]"].tolist() == [80, 95]
    assert told["inside [%]"].tolist() == [100, 100]
    assert told["within 2 s.e."].tolist() == ["no", "no"]
    assert told["width [kWh]"].tolist() == [2, 4]


def test_relative_error_carries_the_rule_and_sorts(scored):
    table = scored({"rule": [2, -2] * 20, "model": [1, -1] * 20})
    told = shown.probabilistic(table, "rule", "last week", "W")
    assert told.index.tolist() == ["model", "rule"]
    assert told["rMAE against last week"].tolist() == ["0.500", "1.000"]
    assert told["MAE ± s.e. [W]"].tolist() == ["1.00 ± 0.00", "2.00 ± 0.00"]
    assert told.columns[2:].tolist() == ["pinball loss ± s.e. [W]", "CRPS ± s.e. [W]"]


@pytest.mark.parametrize(
    ("value", "tried", "limits", "expected"),
    [
        (3, [1, 3, 10], [], "inside the grid"),
        (1, [1, 3, 10], [], "at the lower edge of the grid"),
        (10, [1, 3, 10], [], "at the upper edge of the grid"),
        (0.0, [0.0, 0.5], [0, 1], "at the end of what is possible"),
        (0.5, [0.0, 0.5], [0, 1], "at the upper edge of the grid"),
        (7, [7], [], "the only one tried"),
    ],
    ids=["inside", "lower", "upper", "limit", "edge below the limit", "single"],
)
def test_where_a_choice_lies(value, tried, limits, expected):
    assert shown.place(value, tried, limits) == expected
