"""The generation mix, on SIMULATED columns: no table at hand has generation by source."""

import numpy as np
import pandas as pd
import pytest

from lab import features
from lab.errors import UsageError

ZONE = "Europe/Brussels"
GROUPS = {"renewable": ["wind_mw", "solar_mw"], "fossil": ["gas_mw"], "nuclear": ["nuclear_mw"]}
SPEC = {"families": ["generation"], "generation_columns": GROUPS}


def simulated_mix(**columns) -> pd.DataFrame:
    """Return a simulated hourly mix."""
    rows = len(next(iter(columns.values())))
    return pd.DataFrame(
        columns, index=pd.date_range("2016-01-01", periods=rows, freq="h", tz="UTC"), dtype=float
    )


def test_shares_total_and_residual_by_hand():
    mix = simulated_mix(
        wind_mw=[10, 0, 5], solar_mw=[10, 0, np.nan], gas_mw=[30, 0, 1], nuclear_mw=[50, 0, 1]
    )
    table = features.build(mix, SPEC, zone=ZONE)
    assert table.iloc[0].tolist()[:5] == [0.2, 0.3, 0.5, 100, 80]
    assert table[["renewable_share", "fossil_share", "nuclear_share"]].iloc[1].isna().all()
    assert table["generation_mw"].iloc[1] == 0
    assert table["generation_mw"].isna().tolist() == [False, False, True]


def test_the_change_of_the_renewable_share_over_a_day():
    mix = simulated_mix(
        wind_mw=[10] * 24 + [40], solar_mw=[0] * 25, gas_mw=[90] * 24 + [60], nuclear_mw=[0] * 25
    )
    change = features.build(mix, SPEC, zone=ZONE)["renewable_share_diff_24h"]
    assert change.iloc[-1] == pytest.approx(0.3)
    assert change.isna().sum() == 24


def test_shares_add_up_to_one(simulated):
    table = features.build(simulated(100), {"families": ["generation"]}, zone=ZONE)
    shares = table[["renewable_share", "fossil_share", "nuclear_share"]]
    assert table.shape[1] == 6
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_a_group_without_columns_is_refused():
    spec = {"families": ["generation"], "generation_columns": {"renewable": ["wind_mw"]}}
    with pytest.raises(UsageError, match="got none for fossil, nuclear"):
        features.names(spec)
