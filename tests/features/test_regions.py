"""Spreads to a neighbour."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import UsageError

SPEC = {
    "families": ["regions"],
    "target": "price_be_eur_per_mwh",
    "regions": ["price_fr_eur_per_mwh"],
}


def spreads(here, there, **spec) -> pd.DataFrame:
    """Return the regions family of two hourly prices."""
    index = pd.date_range("2016-01-01", periods=len(here), freq="h", tz="UTC")
    table = pd.DataFrame({SPEC["target"]: here, SPEC["regions"][0]: there}, index=index)
    return features.build(table, SPEC | spec, zone="Europe/Brussels")


def test_the_spread_is_here_minus_there():
    table = spreads([30.0, -5.0, np.nan], [20.0, 5.0, 5.0])
    np.testing.assert_array_equal(table.iloc[:, 0], [10, -10, np.nan])
    assert table.columns[0] == "price_be_eur_per_mwh_minus_price_fr_eur_per_mwh"


def test_the_mean_spread_of_a_day_and_the_coupled_share_of_a_week():
    here = np.zeros(168)
    there = np.zeros(168)
    there[-42:] = -4.0  # a quarter of the week, all of the last day
    last = spreads(here, there).iloc[-1]
    assert last.iloc[1] == pytest.approx(4)
    assert last.iloc[2] == pytest.approx(0.75)


def test_an_unknown_price_is_neither_coupled_nor_apart():
    here = np.zeros(168)
    here[:84] = np.nan
    assert np.isnan(spreads(here, np.zeros(168)).iloc[-1, 2])
    assert spreads(here, np.zeros(168), min_share=0.5).iloc[-1, 2] == 1


def test_a_family_without_a_neighbour_is_refused():
    with pytest.raises(UsageError, match="'regions' needs at least one column"):
        features.names({"families": ["regions"]})
