"""Auctions: by hand, and what holds for every book."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import SolveError, UsageError
from lab.market import auction, matching
from lab.market.best import best_welfare
from lab.market.matching import allot, match
from lab.market.order_book import OrderBook

CENTS = st.integers(-20, 60).map(lambda cents: cents / 100)
KWH = st.one_of(st.integers(1, 5).map(float), st.floats(0.001, 5.0))
SIDE = st.lists(st.tuples(CENTS, KWH), min_size=0, max_size=9)


def as_book(bids, offers):
    parts = [np.array(side, dtype=float).reshape(-1, 2) for side in (bids, offers)]
    return OrderBook(parts[0][:, 0], parts[0][:, 1], parts[1][:, 0], parts[1][:, 1])


BOOKS = st.tuples(SIDE, SIDE).filter(lambda sides: sides[0] or sides[1]).map(lambda s: as_book(*s))


def test_price_is_the_middle_of_the_interval():
    # Two kWh cross: bids 0.30 and 0.26 meet offers 0.10 and 0.18; 0.16 and 0.28 stay out.
    book = as_book([(0.26, 1), (0.30, 1), (0.16, 1)], [(0.18, 1), (0.10, 1), (0.28, 1)])
    found = auction.uniform_price(book)
    assert (found.quantity_kwh, found.low_usd_per_kwh, found.high_usd_per_kwh) == (2.0, 0.18, 0.26)
    assert found.price_usd_per_kwh == pytest.approx(0.22)
    assert found.bid_filled_kwh.tolist() == [1.0, 1.0, 0.0]
    assert found.welfare_usd == pytest.approx(0.28)
    assert found.buyers_usd == pytest.approx(0.12)
    assert found.sellers_usd == pytest.approx(0.16)


@pytest.mark.parametrize(("share", "price"), [(0.0, 0.18), (1.0, 0.26)], ids=["buyers", "sellers"])
def test_share_moves_the_price_in_the_interval(share, price):
    book = as_book([(0.26, 1), (0.30, 1)], [(0.18, 1), (0.10, 1), (0.28, 1)])
    assert auction.uniform_price(book, share=share).price_usd_per_kwh == pytest.approx(price)


def test_orders_that_are_left_narrow_the_interval():
    # The bid at 0.20 that finds no offer would gain below 0.20; the offer at 0.24 above 0.24.
    book = as_book([(0.30, 1), (0.20, 1)], [(0.10, 1), (0.24, 1)])
    found = match(book)
    assert (found.low_usd_per_kwh, found.high_usd_per_kwh) == (0.20, 0.24)


@pytest.mark.parametrize(
    ("partial", "filled"),
    [("pro_rata", [2.0, 0.625, 1.875]), ("time_priority", [2.0, 1.0, 1.5])],
)
def test_ties_at_the_margin_are_shared_as_stated(partial, filled):
    book = as_book([(0.30, 2), (0.24, 1), (0.24, 3)], [(0.10, 1.5), (0.20, 3)])
    found = auction.uniform_price(book, partial=partial)
    assert found.bid_filled_kwh.tolist() == filled
    assert found.price_usd_per_kwh == 0.24


def test_equal_bid_and_offer_trade():
    assert auction.uniform_price(as_book([(0.2, 1)], [(0.2, 3)])).quantity_kwh == 1.0


def test_negative_prices_clear():
    found = auction.uniform_price(as_book([(-0.02, 1)], [(-0.06, 1)]))
    assert found.price_usd_per_kwh == pytest.approx(-0.04)


@pytest.mark.parametrize(
    ("bids", "offers", "interval"),
    [
        ([(0.1, 1)], [(0.2, 1)], (0.1, 0.2)),
        ([(0.1, 1)], [], (0.1, np.inf)),
        ([], [(0.2, 1)], (-np.inf, 0.2)),
    ],
    ids=["apart", "bids only", "offers only"],
)
@pytest.mark.parametrize("rule", [auction.uniform_price, auction.pay_as_bid])
def test_without_trade_nothing_has_a_price(bids, offers, interval, rule):
    found = rule(as_book(bids, offers))
    assert not found.traded
    assert np.isnan(found.price_usd_per_kwh)
    assert (found.low_usd_per_kwh, found.high_usd_per_kwh) == interval
    assert found.welfare_usd == found.operator_usd == 0
    assert found.table()["filled_kwh"].sum() == 0


def test_pay_as_bid_leaves_the_gain_with_the_operator():
    found = auction.pay_as_bid(as_book([(0.30, 1), (0.26, 1)], [(0.10, 2)]))
    assert found.buyers_usd == found.sellers_usd == 0
    assert found.operator_usd == pytest.approx(found.welfare_usd) == pytest.approx(0.36)
    assert found.price_usd_per_kwh == pytest.approx(0.28)


def test_the_mid_market_rate_rations_the_longer_side_and_keeps_out_who_would_lose():
    book = as_book([(0.30, 2), (0.26, 2), (0.10, 5)], [(0.05, 1), (0.19, 9)])
    found = auction.mid_market_rate(book, 0.30, 0.05)
    assert found.price_usd_per_kwh == pytest.approx(0.175)
    assert found.quantity_kwh == 1.0
    assert found.bid_filled_kwh.tolist() == [0.5, 0.5, 0.0]
    assert found.operator_usd == pytest.approx(0)


def test_bad_settings_are_refused_by_name():
    book = as_book([(0.3, 1)], [(0.1, 1)])
    with pytest.raises(UsageError, match="share must be from 0 to 1, got 1.5"):
        auction.uniform_price(book, share=1.5)
    with pytest.raises(UsageError, match="partial must be one of pro_rata, time_priority, got 'x'"):
        auction.uniform_price(book, partial="x")
    with pytest.raises(
        UsageError, match="feed-in rate must not be above the retail rate, got 0.2 and"
    ):
        auction.mid_market_rate(book, 0.1, 0.2)
    with pytest.raises(UsageError, match="retail_usd_per_kwh must be a finite number, got 'dear'"):
        auction.mid_market_rate(book, "dear", 0.2)
    with pytest.raises(UsageError, match="retail_usd_per_kwh must be a finite number, got inf"):
        auction.mid_market_rate(book, np.inf, 0.2)


@given(st.lists(st.integers(1, 2**40), min_size=1, max_size=8), st.floats(0, 1))
def test_what_is_shared_is_shared_to_the_last_lot(wants, share):
    lots = np.array(wants)
    left = int(lots.sum() * share)
    for partial in ("pro_rata", "time_priority"):
        given_ = allot(lots, left, partial)
        assert given_.sum() == left
        assert (given_ >= 0).all() and (given_ <= lots).all()
    fair = lots * (left / lots.sum())
    assert np.abs(allot(lots, left, "pro_rata") - fair).max() <= len(lots) + 1


@settings(deadline=None, max_examples=150)
@given(BOOKS, st.sampled_from(["pro_rata", "time_priority"]), st.floats(0, 1))
def test_every_clearing_balances_and_nobody_loses(book, partial, share):
    clearings = [
        auction.uniform_price(book, share=share, partial=partial),
        auction.pay_as_bid(book, partial=partial),
        auction.mid_market_rate(book, 0.4, 0.0, partial=partial),
    ]
    for found in clearings:
        assert found.bid_filled_kwh.sum() == pytest.approx(found.offer_filled_kwh.sum(), abs=1e-9)
        assert found.buyers_usd >= -1e-9 and found.sellers_usd >= -1e-9
        parts = found.buyers_usd + found.sellers_usd + found.operator_usd
        assert parts == pytest.approx(found.welfare_usd, abs=1e-9)
    assert clearings[0].operator_usd == pytest.approx(0, abs=1e-9)
    assert clearings[1].operator_usd >= -1e-9
    assert clearings[2].welfare_usd <= clearings[0].welfare_usd + 1e-9


@settings(deadline=None, max_examples=150)
@given(BOOKS)
def test_at_the_price_no_order_wants_anything_else(book):
    found = auction.uniform_price(book)
    if not found.traded:
        best_bid, best_offer = book.bid_usd_per_kwh, book.offer_usd_per_kwh
        assert best_bid.max(initial=-np.inf) < best_offer.min(initial=np.inf)
        return
    price, slack = found.price_usd_per_kwh, 1e-12
    assert found.low_usd_per_kwh <= price <= found.high_usd_per_kwh
    lacking = found.bid_filled_kwh < book.bid_kwh - 1e-9
    assert (book.bid_usd_per_kwh[lacking] <= price + slack).all()
    unsold = found.offer_filled_kwh < book.offer_kwh - 1e-9
    assert (book.offer_usd_per_kwh[unsold] >= price - slack).all()


@settings(deadline=None, max_examples=25)
@given(BOOKS)
def test_clearing_is_the_optimum_of_the_linear_program(book):
    found, best = auction.uniform_price(book), best_welfare(book)
    assert found.welfare_usd == pytest.approx(best.welfare_usd, abs=1e-6)
    if found.traded and found.welfare_usd > 1e-6:
        low, high = found.low_usd_per_kwh, found.high_usd_per_kwh
        assert low - 1e-6 <= best.price_usd_per_kwh <= high + 1e-6


@settings(deadline=None, max_examples=150)
@given(BOOKS)
def test_halving_the_range_of_prices_changes_nothing(book):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "FEW", 0)
        halved = match(book)
        patch.setattr(matching, "FEW", 10**9)
        sorted_ = match(book)
    for field in dataclasses.fields(halved):
        assert np.array_equal(getattr(halved, field.name), getattr(sorted_, field.name))


def test_a_hundred_thousand_orders_clear_like_their_sum():
    draw = np.random.default_rng(5)
    prices = np.round(draw.normal(0.2, 0.1, (2, 50_000)), 3)
    sizes = draw.gamma(2.0, 1.0, (2, 50_000))
    book = OrderBook(prices[0], sizes[0], prices[1] - 0.05, sizes[1])
    found = auction.uniform_price(book)
    wants = sizes[0][prices[0] >= found.price_usd_per_kwh].sum()
    surely = sizes[0][prices[0] > found.price_usd_per_kwh].sum()
    assert surely - 1e-6 <= found.quantity_kwh <= wants + 1e-6


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"bid_filled_kwh": [2.0]}, "orders filled beyond their quantity"),
        ({"bid_filled_kwh": [0.5]}, "more bought than sold"),
        ({"bid_paid_usd_per_kwh": [0.4]}, "an order that loses by its trade"),
        ({"offer_received_usd_per_kwh": [0.25]}, "an operator who pays in"),
    ],
    ids=["beyond", "unbalanced", "loses", "pays in"],
)
def test_the_check_finds_what_is_wrong(changes, what):
    found = auction.uniform_price(as_book([(0.3, 1)], [(0.1, 1)]))
    spoilt = {name: np.array(values) for name, values in changes.items()}
    with pytest.raises(SolveError, match=what):
        auction.check_clearing(dataclasses.replace(found, **spoilt))


@pytest.mark.parametrize(
    "field",
    [
        "bid_filled_kwh",
        "offer_filled_kwh",
        "bid_paid_usd_per_kwh",
        "offer_received_usd_per_kwh",
    ],
)
def test_what_is_no_number_fails_the_check(field):
    found = auction.uniform_price(as_book([(0.3, 1)], [(0.1, 1)]))
    spoilt = dataclasses.replace(found, **{field: np.array([np.nan])})
    with pytest.raises(SolveError, match="The auction with the rule uniform left"):
        auction.check_clearing(spoilt)
