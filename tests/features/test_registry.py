"""The standard price set, the catalogue, and the table they promise."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import UsageError

ZONE = "Europe/Brussels"


def test_the_standard_price_set_has_73_features():
    counts = features.catalogue().groupby("family", sort=False).size().to_dict()
    assert counts == {
        "temporal": 12,
        "cyclical": 6,
        "lags": 6,
        "rolling": 25,
        "dynamics": 7,
        "weather": 8,
        "generation": 6,
        "seasonal": 3,
    }
    assert len(features.names()) == 73


def test_the_table_is_what_the_names_promise(simulated):
    table = simulated(1200)
    built = features.build(table, zone=ZONE, country="BE")
    assert list(built.columns) == features.names()
    assert built.index.equals(table.index)
    assert built.index.name == "time"
    assert built.iloc[-100:].notna().all(axis=None)


def test_families_come_in_the_order_that_was_asked_for():
    names = features.names({"families": ["cyclical", "lags"], "lags_h": [3, 1]})
    assert names[0] == "sin_day"
    assert names[-2:] == ["price_eur_per_mwh_lag_3h", "price_eur_per_mwh_lag_1h"]


def test_the_catalogue_says_how_far_back_a_feature_looks():
    catalogue = features.catalogue()
    assert catalogue.loc["price_eur_per_mwh_std_12h", "window_h"] == 12
    assert catalogue.loc["price_eur_per_mwh_seasonal", "window_h"] == 840
    assert set(catalogue["knowledge"]) == {"past", "known_future"}
    assert (catalogue["unit"] != "").all()
    assert catalogue.index.is_unique


def test_window_h_is_no_understatement(simulated):
    """Changing a value older than the stated window leaves the feature as it was."""
    table = simulated(1300)
    other = table.copy()
    other.iloc[200:205] = 0.5
    before = features.build(table, zone=ZONE).iloc[-1]
    after = features.build(other, zone=ZONE).iloc[-1]
    # One-pass sums may keep a rounding of what has left the window.
    np.testing.assert_allclose(before, after, rtol=1e-9, atol=1e-9)


def test_a_name_that_two_families_give_is_refused():
    spec = {"families": ["weather", "published"], "published": ["temperature_c"]}
    with pytest.raises(UsageError, match="Two features are called 'temperature_c'"):
        features.names(spec)


def test_the_result_takes_the_type_that_is_asked_for(simulated):
    table = simulated(100)
    small = features.build(table, {"families": ["lags"]}, zone=ZONE, dtype=np.float32)
    full = features.build(table, {"families": ["lags"]}, zone=ZONE)
    assert set(small.dtypes) == {np.dtype("float32")}
    np.testing.assert_array_equal(small, full.astype("float32"))


@pytest.mark.parametrize(
    ("start", "missing"),
    [
        pytest.param("2016-03-20", 0, id="spring"),
        pytest.param("2016-10-22", 0, id="autumn"),
        pytest.param("2016-10-22", 7, id="autumn-with-gaps"),
    ],
)
def test_rows_that_are_missing_change_no_other_lag(simulated, start, missing):
    table = simulated(400, start=start).drop(columns=["soc"])
    drop = table.index[[180, 181, 190, 200, 201, 202, 203][:missing]]
    spec = {"families": ["lags", "temporal"]}
    whole = features.build(table, spec, zone=ZONE, country="BE").drop(index=drop)
    thin = features.build(table.drop(index=drop), spec, zone=ZONE, country="BE")
    known = thin.notna()
    pd.testing.assert_frame_equal(thin, whole.where(known))
    assert known.sum().sum() >= whole.notna().sum().sum() - 6 * missing
