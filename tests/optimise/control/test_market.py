import numpy as np
import pandas as pd
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.control.market import Market

from .conftest import market_of  # isort: skip


def test_prices_come_in_usd_per_kwh_with_local_hours_and_days():
    index = pd.date_range("2024-05-06 03:00", periods=4, freq="h", tz="UTC")
    prices = pd.Series([10.0, 20, -30, 40], index)
    market = Market.of(prices, prices + 1, "America/Chicago")
    assert market.price.tolist() == [0.01, 0.02, -0.03, 0.04]
    assert market.level.tolist() == pytest.approx([0.011, 0.021, -0.029, 0.041])
    assert market.hour.tolist() == [22, 23, 0, 1]
    assert market.day.tolist() == [0, 0, 1, 1]
    assert (len(market), market.step_h) == (4, 1.0)


@pytest.mark.parametrize(
    ("day", "hours"), [("2024-03-10", 23), ("2024-11-03", 25)], ids=["spring", "autumn"]
)
def test_a_day_of_a_clock_change_is_one_day(day, hours):
    market = market_of(np.ones(hours + 24), begin=day, zone="America/Chicago", freq="h")
    assert len(market.days(1, 1)) == hours
    assert len(market.days(2, 2)) == 24
    assert (market.hour[:2].tolist(), market.hour[hours]) == ([0, 1], 0)


def test_tomorrow_is_known_from_one_o_clock_on():
    market = market_of(np.ones(72), freq="h")
    known = market.known_until
    assert known[[0, 12, 13, 23, 24, 37, 71]].tolist() == [24, 24, 48, 48, 48, 72, 72]


def test_a_single_minute_is_a_market():
    assert market_of([0.1]).step_h == pytest.approx(1 / 60)


BAD = {
    "nan": (lambda t: t.assign(price=[1.0, np.nan, np.nan]), "price must be .* 2 that .*06 00:01"),
    "text": (lambda t: t.assign(price=["1", "a", "2"]), "price must be finite numbers, got others"),
    "infinite": (lambda t: t.assign(level=[1.0, 2.0, np.inf]), "level must be a number"),
    "empty": (lambda t: t.iloc[:0], "at least one row, got DatetimeIndex of 0"),
    "naive": (lambda t: t.tz_localize(None), "tz-aware"),
    "missing": (lambda t: t.drop(columns="level"), "lacks level"),
    "uneven": (lambda t: t.iloc[[0, 2, 1]], "equally spaced and rising"),
    "falling": (lambda t: t.iloc[::-1], "equally spaced and rising"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "words"), BAD.values(), ids=BAD)
def test_bad_prices_are_refused(spoil, words):
    with pytest.raises(DataError, match=words):
        Market(spoil(market_of([1.0, 2.0, 3.0]).table))


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (1, 3)])
def test_days_that_are_not_there_are_refused(first, last):
    with pytest.raises(UsageError, match="from 1 to 2 and be in order"):
        market_of(np.ones(48), freq="h").days(first, last)


@pytest.mark.parametrize(("first", "last"), [(1.5, 2), (1, "2"), (float("nan"), 1)])
def test_parts_of_days_are_refused(first, last):
    with pytest.raises(UsageError, match="The (first|last) day must be a whole number, got"):
        market_of(np.ones(48), freq="h").days(first, last)


def test_a_zone_that_there_is_not_is_refused():
    with pytest.raises(UsageError, match="Unknown time zone 'Mars/Utopia' of a market"):
        Market(market_of([1.0]).table, "Mars/Utopia")


def test_prices_in_text_are_refused():
    prices = pd.Series(["dear"], market_of([1.0]).table.index)
    with pytest.raises(DataError, match="The price must be finite numbers, got others"):
        Market.of(prices, prices, "UTC")
