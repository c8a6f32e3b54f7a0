"""The figure of calibration shows what it is given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lab.evaluation.figures import draw_coverage


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.mark.parametrize("groups", [[3, 7], ["cold", "warm"]], ids=["numbers", "names"])
def test_coverage_draws_both_intervals_of_one_model(groups):
    table = pd.DataFrame(
        {
            "model": ["m"] * 4 + ["other"] * 4,
            "group": groups * 4,
            "nominal_percent": [80.0, 80, 95, 95] * 2,
            "coverage_percent": [81.0, 78, 95, 96, 0, 0, 0, 0],
            "coverage_se_percent": [1.0, np.nan, 0.5, 0.5, 0, 0, 0, 0],
        }
    )
    axis = draw_coverage(table, "group", "group [1]", "m")
    assert [box.get_label() for box in axis.containers] == ["nominal 80 %", "nominal 95 %"]
    points = axis.containers[0].lines[0].get_xydata()
    assert points[:, 1].tolist() == [81, 78]
    assert points[:, 0].tolist() == ([3, 7] if groups == [3, 7] else [0, 1])
    if groups != [3, 7]:
        assert [label.get_text() for label in axis.get_xticklabels()] == groups
