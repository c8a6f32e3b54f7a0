"""Many books at once clear like each alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import DataError
from lab.market.hourly import clear_hours
from lab.market.matching import match
from lab.market.order_book import LOTS_PER_KWH, OrderBook


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 6))
def test_rows_clear_like_single_books(seed, bids, offers):
    draw = np.random.default_rng(seed)
    price = [draw.integers(-5, 30, (4, n)) / 100 for n in (bids, offers)]
    kwh = [draw.integers(0, 4, (4, n)).astype(float) for n in (bids, offers)]
    found = clear_hours(price[0], kwh[0], price[1], kwh[1])
    for hour in range(4):
        there = [one[hour] > 0 for one in kwh]
        if not (there[0].any() or there[1].any()):
            assert np.isnan(found.price()[hour])
            continue
        book = OrderBook(
            price[0][hour][there[0]],
            kwh[0][hour][there[0]],
            price[1][hour][there[1]],
            kwh[1][hour][there[1]],
        )
        alone = match(book)
        bought = found.bid_filled_kwh[hour]
        assert bought[there[0]] == pytest.approx(alone.bid_lots / LOTS_PER_KWH, abs=1e-6)
        assert bought[~there[0]].sum() == 0
        sold = found.offer_filled_kwh[hour][there[1]]
        assert sold == pytest.approx(alone.offer_lots / LOTS_PER_KWH, abs=1e-6)
        if alone.lots:
            assert found.low_usd_per_kwh[hour] == alone.low_usd_per_kwh
            assert found.high_usd_per_kwh[hour] == alone.high_usd_per_kwh
        else:
            assert np.isnan(found.low_usd_per_kwh[hour])


def test_bad_hours_are_refused_by_name():
    one = np.ones((1, 2))
    with pytest.raises(
        DataError, match="Quantities of offers must be at least 0, got -1 at position 0, 1"
    ):
        clear_hours(one, one, one, np.array([[1.0, -1.0]]))
    with pytest.raises(DataError, match="Prices of bids must be finite"):
        clear_hours(one * np.nan, one, one, one)
    with pytest.raises(DataError, match="of the same hours, got 1 and 2"):
        clear_hours(one, one, np.ones((2, 2)), np.ones((2, 2)))
    with pytest.raises(DataError, match="Prices and quantities of offers must be hours by orders"):
        clear_hours(one, one, one, np.ones((1, 3)))
    with pytest.raises(DataError, match="Prices of bids must be finite numbers, got others"):
        clear_hours(np.array([["dear", "cheap"]]), one, one, one)


@pytest.mark.parametrize("empty", ["bids", "offers", "both"])
def test_a_side_without_orders_trades_nothing(empty):
    bids, offers = (
        np.ones((3, 0 if empty in (side, "both") else 2)) for side in ("bids", "offers")
    )
    found = clear_hours(bids, bids, offers * 0, offers)
    assert found.bid_filled_kwh.shape == bids.shape
    assert found.offer_filled_kwh.shape == offers.shape
    assert not found.bid_filled_kwh.any()
    assert not found.offer_filled_kwh.any()
    assert np.isnan(found.price()).all()
    assert len(found.price()) == 3


def test_hours_of_more_lots_than_can_be_added_are_refused():
    price, much = np.array([[0.3], [0.3]]), np.array([[1.0], [1e10]])
    with pytest.raises(DataError, match=r"The bids of a book must sum to at most 2\.31e\+09 kWh"):
        clear_hours(price, much, price * 0, np.ones((2, 1)))
    with pytest.raises(DataError, match=r"The offers of a book must .* got 1e\+10 kWh"):
        clear_hours(price, np.ones((2, 1)), price * 0, much)
