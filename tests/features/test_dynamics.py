"""Differences, symmetric change, momentum and volatility."""

import numpy as np
import pandas as pd
import pytest

from lab import features

NAN = np.nan
PRICE = "price_eur_per_mwh"


def dynamics(values, **spec) -> pd.DataFrame:
    """Return the dynamics of hourly prices."""
    index = pd.date_range("2016-03-20", periods=len(values), freq="h", tz="UTC")
    table = pd.DataFrame({PRICE: np.asarray(values, dtype=float)}, index=index)
    return features.build(table, {"families": ["dynamics"], **spec}, zone="Europe/Brussels")


def test_the_standard_seven():
    assert features.names({"families": ["dynamics"]}) == [
        f"{PRICE}_diff_1h",
        f"{PRICE}_diff_24h",
        f"{PRICE}_diff_168h",
        f"{PRICE}_symmetric_change_24h",
        f"{PRICE}_momentum",
        f"{PRICE}_volatility_24h",
        f"{PRICE}_volatility_168h",
    ]


def test_differences_against_an_hour_a_day_and_a_week_ago():
    table = dynamics(np.arange(200.0) ** 2)
    assert table[f"{PRICE}_diff_1h"].iloc[10] == 100 - 81
    assert table[f"{PRICE}_diff_24h"].iloc[30] == 900 - 36
    assert table[f"{PRICE}_diff_168h"].iloc[170] == 170**2 - 4
    assert table[f"{PRICE}_diff_168h"].isna().sum() == 168


def test_more_differences_on_request():
    table = dynamics([5.0, NAN, 9.0], differences_h=[2])
    np.testing.assert_array_equal(table[f"{PRICE}_diff_2h"], [NAN, NAN, 4])


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        pytest.param(10.0, 30.0, 1.0, id="rise"),
        pytest.param(-10.0, 10.0, 2.0, id="through-zero"),
        pytest.param(0.0, 0.0, 0.0, id="both-zero"),
        pytest.param(-10.0, -30.0, -1.0, id="negative"),
        pytest.param(NAN, 5.0, NAN, id="unknown"),
    ],
)
def test_the_symmetric_change_is_defined_for_every_price(then, now, change):
    table = dynamics([then] + [1.0] * 23 + [now])
    np.testing.assert_equal(table[f"{PRICE}_symmetric_change_24h"].iloc[-1], change)


def test_momentum_is_the_day_against_the_week():
    table = dynamics([0.0] * 144 + [7.0] * 24)
    assert table[f"{PRICE}_momentum"].iloc[-1] == pytest.approx(7 - 1)


def test_volatility_is_the_spread_of_hourly_changes():
    zigzag = dynamics([0.0, 2.0] * 20)
    steady = dynamics(np.arange(40.0))
    # Changes alternate +2 and -2: 24 of them have variance 4 x 24 / 23.
    assert zigzag[f"{PRICE}_volatility_24h"].iloc[-1] == pytest.approx(2 * np.sqrt(24 / 23))
    assert steady[f"{PRICE}_volatility_24h"].iloc[-1] == 0
