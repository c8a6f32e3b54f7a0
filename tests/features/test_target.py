"""What is known at t beside the target at t + lead."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import DataError, UsageError

SPEC = {"families": ["lags", "published"], "lags_h": [1], "published": ["load_forecast_mw"]}


def pairs(rows=6, lead_h=2.0, drop=()) -> pd.DataFrame:
    """Pair a price with its value `lead_h` later."""
    index = pd.date_range("2016-01-01", periods=rows, freq="h", tz="UTC")
    table = pd.DataFrame(
        {"price_eur_per_mwh": np.arange(rows) - 2.0, "load_forecast_mw": 100.0 + np.arange(rows)},
        index=index,
    ).drop(index=index[list(drop)])
    built = features.build(table, SPEC, zone="UTC")
    return features.ahead(built, features.catalogue(SPEC), table["price_eur_per_mwh"], lead_h)


def test_the_past_is_read_at_t_and_the_published_at_the_target():
    table = pairs()
    np.testing.assert_array_equal(table["price_eur_per_mwh_lag_1h"], [np.nan, -2, -1, 0])
    assert table["load_forecast_mw"].tolist() == [102, 103, 104, 105]
    assert table["target"].tolist() == [0, 1, 2, 3]


def test_a_target_that_is_missing_costs_its_row_only():
    table = pairs(drop=[3])
    assert table["target"].tolist() == [0, 2]
    assert [stamp.hour for stamp in table.index] == [0, 2]


def test_a_lead_that_is_no_multiple_of_the_step_is_refused():
    with pytest.raises(UsageError, match="multiple of the table's step of 1 h, got 1.5 h"):
        pairs(lead_h=1.5)


def test_a_feature_that_the_catalogue_does_not_know_is_refused():
    index = pd.date_range("2016-01-01", periods=3, freq="h", tz="UTC")
    frame = pd.DataFrame({"mystery": 1.0}, index=index)
    with pytest.raises(DataError, match="got none for 'mystery'"):
        features.ahead(frame, features.catalogue(SPEC), frame["mystery"], 1)
