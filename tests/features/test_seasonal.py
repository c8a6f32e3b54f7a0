"""The trailing decomposition: it adds up, finds a weekly pattern, follows the clock."""

import numpy as np
import pandas as pd
import pytest

from lab import features

PRICE = "price_eur_per_mwh"
ZONE = "Europe/Brussels"


def parts(values, start="2016-01-01", step="1h", **spec) -> pd.DataFrame:
    """Return trend, seasonal and remainder without the column's name before them."""
    index = pd.date_range(start, periods=len(values), freq=step, tz="UTC")
    table = features.build(
        pd.DataFrame({PRICE: values}, index=index), {"families": ["seasonal"], **spec}, zone=ZONE
    )
    return table.rename(columns=lambda name: name.removeprefix(f"{PRICE}_"))


def test_the_parts_add_up(simulated):
    price = simulated(1500)[PRICE]
    table = parts(price.to_numpy())
    whole = table.sum(axis=1, skipna=False)
    known = whole.notna().to_numpy()
    assert known.sum() > 300
    np.testing.assert_allclose(whole[known], price.to_numpy()[known])


def test_a_pure_weekly_pattern_leaves_no_remainder():
    week = np.random.default_rng(0).normal(30, 10, 168)
    table = parts(np.tile(week, 8)).iloc[-168:]
    np.testing.assert_allclose(table["trend"], week.mean())
    np.testing.assert_allclose(table["seasonal"], week - week.mean(), atol=1e-9)
    np.testing.assert_allclose(table["remainder"], 0, atol=1e-9)


@pytest.mark.parametrize(
    ("start", "change"),
    [
        pytest.param("2016-02-14 23:00", "2016-03-27 01:00", id="spring"),
        pytest.param("2016-09-18 22:00", "2016-10-30 01:00", id="autumn"),
    ],
)
def test_a_pattern_by_the_local_clock_survives_the_change_of_the_clock(start, change):
    index = pd.date_range(start, periods=24 * 60, freq="h", tz="UTC")
    noon = (index.tz_convert(ZONE).hour == 12).astype(float)
    table = parts(np.asarray(noon), start)
    after = index > pd.Timestamp(change, tz="UTC")
    nights = table[after & (noon == 0)]["seasonal"].dropna()
    noons = table[after & (noon == 1)]["seasonal"].dropna()
    assert len(noons) >= 13
    assert noons.min() > 0.9
    assert nights.max() < 0.1


def test_nothing_is_said_before_five_weeks_are_known():
    table = parts(np.ones(168 * 6), min_share=1.0)
    assert table["trend"].isna().sum() == 167
    assert table["seasonal"].isna().sum() == 167 + 4 * 168


def test_one_missing_week_of_four_is_too_many_by_default_and_not_at_half():
    values = np.tile(np.arange(168.0), 7)
    values[168 * 4 + 20] = np.nan
    row = 168 * 5 + 20
    assert np.isnan(parts(values)["seasonal"].iloc[row])
    assert np.isfinite(parts(values, min_share=0.5)["seasonal"].iloc[row])


def test_one_spike_does_not_come_back_in_the_weeks_after_it():
    values = np.tile(np.arange(168.0), 9)
    values[168 * 5 + 20] = 3000.0
    table = parts(values)
    later = [168 * week + 20 for week in (6, 7, 8)]
    assert table["seasonal"].iloc[later].max() < 0  # as every early hour of this week
    assert table["remainder"].iloc[168 * 5 + 20] > 2900


def test_the_median_of_an_odd_number_of_weeks_is_the_middle_one():
    level = np.repeat([0.0, 0.0, np.nan, 3.0, 30.0, 0.0, 0.0], 168)
    table = parts(level, min_share=0.2)
    detrended = level - table["trend"].to_numpy()
    row = 168 * 6 + 100
    weeks = detrended[[row - 168 * week for week in (1, 2, 3, 4)]]
    assert np.isfinite(weeks).sum() == 3
    assert table["seasonal"].iloc[row] == np.nanmedian(weeks)
