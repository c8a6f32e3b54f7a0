"""Names and numbers for readers."""

import pytest

from lab.solar import labels


def test_headings_carry_units_and_errors():
    found = labels.headings(
        ["winkler_95_w_per_kw", "mae_w_per_kw_se", "crps_w"], "w_per_kw", "W/kW"
    )
    assert found["winkler_95_w_per_kw"] == "Winkler 95 % [W/kW]"
    assert found["mae_w_per_kw_se"] == "± MAE [W/kW]"
    assert labels.headings(["crps_w"], "w", "W") == {"crps_w": "CRPS [W]"}


def test_every_shown_model_has_words():
    assert labels.model("combination") == "mean of line and trees"
    assert labels.model("new_one") == "new one"
    assert labels.model("xgboost without radiation") == "XGBoost without radiation"


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (-0.00459, 0.00012, ("-0.00459", "0.00012")),
        (1234.5, 56.0, ("1234", "56")),
        (2.5, 0.0, ("2.5", "0")),
        (2.5, float("nan"), ("2.5", "nan")),
    ],
    ids=["small", "large", "no error", "unknown error"],
)
def test_an_estimate_has_the_digits_of_its_error(value, error, said):
    assert labels.estimate(value, error) == said


def test_parts_of_a_site_have_words():
    assert labels.part("watts_per_w_per_m2") == "power per radiation on the plane"
    assert labels.part("temperature_factor") == "temperature factor"
