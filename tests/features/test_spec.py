"""Every wrong value in a spec ends in one sentence that names the key and the value."""

import pytest

from lab import features
from lab.errors import UsageError


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param({"window_h": [3]}, "Unknown key 'window_h'.*target, families", id="key"),
        pytest.param({"lags_h": "24"}, "lags_h must be a list .*, got '24'", id="text"),
        pytest.param({"lags_h": 24}, "lags_h must be a list .*, got 24", id="number"),
        pytest.param({"lags_h": [0]}, "positive numbers of hours, got \\[0\\]", id="zero"),
        pytest.param({"rolling_h": [-3]}, "positive numbers", id="negative"),
        pytest.param({"rolling_h": [True]}, "positive numbers", id="bool"),
        pytest.param({"rolling_h": [float("nan")]}, "positive numbers", id="nan"),
        pytest.param({"rolling_h": [float("inf")]}, "positive numbers", id="infinite"),
        pytest.param({"rolling_h": ["3"]}, "positive numbers", id="text-inside"),
        pytest.param({"differences_h": [1, 1]}, "same entry twice", id="twice"),
        pytest.param({"families": "lags"}, "families must be a list of names", id="family-text"),
        pytest.param({"families": [3]}, "families must be a list of names", id="family-number"),
        pytest.param({"families": ["lag"]}, "Unknown feature family 'lag'; choose", id="family"),
        pytest.param({"target": 3}, "target must be the name of a column, got 3", id="target"),
        pytest.param({"peak_hours": [20, 8]}, "two clock hours in order", id="peak-order"),
        pytest.param({"peak_hours": [8]}, "two clock hours in order", id="peak-one"),
        pytest.param({"peak_hours": [8.5, 20]}, "two clock hours in order", id="peak-half"),
        pytest.param({"min_share": 0}, "min_share must be a number from", id="share-zero"),
        pytest.param({"min_share": 1.1}, "min_share must be a number from", id="share-large"),
        pytest.param({"heating_base_c": "15"}, "heating_base_c must be a number", id="base"),
        pytest.param({"weather_columns": {"wind": 1}}, "weather_columns.wind must be", id="role"),
        pytest.param({"battery": {"soc": "soc"}}, "must map soc and capacity_kwh", id="battery"),
        pytest.param(
            {"battery": {"soc": "soc", "capacity_kwh": 0}}, "battery.capacity_kwh", id="capacity"
        ),
        pytest.param(["lags"], "must be a mapping, got \\['lags'\\]", id="list"),
    ],
)
def test_a_wrong_value_is_one_sentence(spec, message):
    with pytest.raises(UsageError, match=message) as caught:
        features.features_of(spec)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_spec_passes_through_and_nothing_gives_the_defaults():
    spec = features.Spec.of({"lags_h": [1]})
    assert features.Spec.of(spec) is spec
    assert features.Spec.of(None) == features.Spec.of({}) == features.Spec()
    assert spec.lags_h == (1,)
