"""LightGBM's text: a damaged one is refused before the library reads it."""

import lightgbm
import numpy as np
import pytest

from lab.forecast.boosters import booster_of


@pytest.fixture(scope="module")
def text():
    x = np.arange(40.0)[:, None]
    told = {"verbosity": -1, "min_data_in_leaf": 2, "num_threads": 1}
    return lightgbm.train(told, lightgbm.Dataset(x, x[:, 0]), 2).model_to_string()


def test_a_whole_text_is_read(text):
    assert booster_of(text).num_trees() == 2


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda t: "", id="empty"),
        pytest.param(lambda t: t[: len(t) // 3], id="cut off"),
        pytest.param(lambda t: t[4:], id="without a beginning"),
        pytest.param(lambda t: t.replace("max_feature_idx=0\n", ""), id="without a line"),
    ],
)
def test_a_damaged_text_is_refused(text, spoil):
    with pytest.raises(ValueError, match="LightGBM's text is (cut off or )?damaged"):
        booster_of(spoil(text))
