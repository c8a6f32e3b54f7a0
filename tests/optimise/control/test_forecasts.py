import numpy as np
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.control.forecasts import BLOCKS, Reversion, checked, known_level, middles

from .conftest import market_of, noisy  # isort: skip


def test_shares_are_those_of_the_process():
    # Deviations of `noisy` keep 0.9 of themselves every minute.
    found = Reversion.fit(noisy(20, seed=3), (1, 5, 15))
    assert found.shares == pytest.approx((0.9, 0.9**5, 0.9**15), abs=0.02)
    assert found.mean == pytest.approx(0, abs=5e-4)


def test_a_forecast_is_level_mean_and_what_is_left_of_the_deviation():
    market = market_of([0.05, 0.02, 0.03], [0.03, 0.02, 0.02], freq="h")
    found = Reversion((1,), (0.5,), 0.01).ahead(market)
    # 0.01 of the first deviation of 0.02 is the mean; half of the rest is left.
    assert found[:, 0].tolist() == pytest.approx([0.035, 0.025, 0.03])


def test_levels_alone_leave_the_present_deviation_out():
    market = market_of([0.05, 0.02], [0.03, 0.02], freq="h")
    found = Reversion((1,), (0.5,), 0.01).levels_only.ahead(market)
    assert found[:, 0].tolist() == pytest.approx([0.03, 0.03])


def test_no_forecast_moves_with_what_is_not_known():
    market = noisy(3)
    table = market.table.copy()
    now = 1440 + 600  # ten o'clock on the second day: only its own levels are published
    table.iloc[now + 1 :, 0] += 1
    table.iloc[2 * 1440 :, 1] += 1
    later = type(market)(table, market.zone)
    fit = Reversion.fit(market, middles())
    assert np.array_equal(fit.ahead(market)[: now + 1], fit.ahead(later)[: now + 1])
    assert not np.array_equal(fit.ahead(market)[now + 400 :], fit.ahead(later)[now + 400 :])


def test_unpublished_levels_are_those_of_a_day_before():
    market = market_of(np.arange(72.0), freq="h")
    # At noon tomorrow is not known, at one it is; behind the end of the table nothing is.
    assert known_level(market, 24)[[12, 13, 71]].tolist() == [12.0, 37.0, 71.0]
    assert known_level(market, 1)[[22, 23, 71]].tolist() == [23.0, 24.0, 48.0]


def test_a_table_too_short_for_a_day_before_stands_still():
    assert known_level(market_of([1.0, 2.0], freq="h"), 1).tolist() == [2.0, 2.0]


def test_blocks_make_a_day_and_begin_with_the_next_minute():
    assert sum(BLOCKS) == 1439
    assert middles()[:10] == (1, 2, 3, 4, 5, 6, 7, 8, 9, 12)
    assert max(middles()) < 1440


@pytest.mark.parametrize("leads", [(), (0,), (3,)], ids=["none", "now", "longer than the past"])
def test_lead_times_that_cannot_be_fitted_are_refused(leads):
    with pytest.raises(UsageError, match="from 1 to below the 3 steps"):
        Reversion.fit(market_of([1.0, 2.0, 1.0]), leads)


def test_parts_of_steps_are_no_lead_times():
    with pytest.raises(UsageError, match="A lead time must be a whole number, got 1.5"):
        Reversion.fit(market_of([1.0, 2.0, 1.0]), (1, 1.5))


@pytest.mark.parametrize(
    "forecasts", [[1.0, 2.0], [1.0, 2.0, np.nan], 1.0], ids=["two", "nan", "one"]
)
def test_other_than_three_forecasts_are_refused(forecasts):
    with pytest.raises(DataError, match="must be 3 numbers, for 1, 5, 15 minutes ahead"):
        checked(forecasts)
