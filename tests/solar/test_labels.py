from lab.solar import labels


def test_headings_carry_units_and_errors():
    found = labels.headings(
        ["winkler_95_w_per_kw", "mae_w_per_kw_se", "crps_w"], "w_per_kw", "W/kW"
    )
    assert found["winkler_95_w_per_kw"] == "winkler 95 % [W/kW]"
    assert found["mae_w_per_kw_se"] == "MAE s.e. [W/kW]"
    assert labels.headings(["crps_w"], "w", "W") == {"crps_w": "CRPS [W]"}


def test_every_shown_model_has_words():
    assert labels.model("combination") == "mean of line and trees"
    assert labels.model("new_one") == "new one"
