"""Tables for the eye: heads with units, the naive rule by its name."""

import numpy as np
import pandas as pd
import pytest

from lab.evaluation import bootstrap, shown


def test_heads_of_coverage_have_units(scored):
    table = scored({"a": [0.5] * 40})
    found = bootstrap.coverage(table.assign(lead="24 h"), ("lead",), unit="kwh")
    told = shown.coverage(found, {"lead": "ahead"}, "kWh")
    assert told.index.names == ["ahead"]
    assert told.columns.tolist() == [
        "nominal [%]",
        "inside ± s.e. [%]",
        "within 2 s.e.",
        "width ± s.e. [kWh]",
        "Winkler ± s.e. [kWh]",
    ]
    assert told["nominal [%]"].tolist() == [80, 95]
    assert told["inside ± s.e. [%]"].tolist() == ["100.0 ± 0.0"] * 2
    assert told["within 2 s.e."].tolist() == ["no", "no"]
    assert told["width ± s.e. [kWh]"].tolist() == ["2.0 ± 0.0", "4.0 ± 0.0"]


def test_large_numbers_are_shown_without_tenths_and_unknown_errors_not_at_all():
    row = {"nominal_percent": 80.0, "coverage_percent": 81.25, "coverage_se_percent": np.nan}
    row |= {"within_two_se": False, "width_mw": 1234.5, "width_se_mw": 10.3}
    row |= {"winkler_mw": 2000.0, "winkler_se_mw": 99.6}
    told = shown.coverage(pd.DataFrame([row | {"lead": 7}]), {"lead": "lead [days]"}, "MW").loc[7]
    assert told["inside ± s.e. [%]"] == "81.2"
    assert told["width ± s.e. [MW]"] == "1,234 ± 10"
    assert told["Winkler ± s.e. [MW]"] == "2,000 ± 100"


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
